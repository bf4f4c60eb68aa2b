"""Measurements on this machine: how fast, how big, how safe against being killed. Nothing here is a timed test."""
