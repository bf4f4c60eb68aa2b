"""Tests of Firsthand, arranged like the house they test; each says in its name what it expects."""
