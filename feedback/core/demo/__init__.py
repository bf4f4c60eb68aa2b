"""A demo organisation that looks alive: an invented shop, its people, and what its customers said in 90 days."""

from feedback.core.demo.making import OtherData, demo
from feedback.core.demo.telling import Description, description

__all__ = ["Description", "OtherData", "demo", "description"]
