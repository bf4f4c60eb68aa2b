"""Screens that hang for months: how they learn that they were drawn by an older version of the house."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import current_app


@lru_cache(maxsize=8)
def version(drawn: tuple[str, ...]) -> str:
    """What stands for the files under static/ that a screen is drawn with; another one once any of them changed."""
    folder = Path(current_app.static_folder or "")
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in drawn)).hexdigest()[:16]
