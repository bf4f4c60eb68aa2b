"""The templates that come with Firsthand; an organisation starts with them if it likes, and changes them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from feedback.core.cases import Says

FILE = Path(__file__).with_name("shipped.toml")


@dataclass(frozen=True, slots=True)
class Shipped:
    """One template in every language it is shipped in."""

    says: Says
    names: Mapping[str, str]
    texts: Mapping[str, str]


def _read() -> tuple[Shipped, ...]:
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(Shipped(Says(entry["says"]), entry["name"], entry["text"]) for entry in found.values())


SHIPPED = _read()
LANGUAGES = frozenset.intersection(*(frozenset(ours.texts) for ours in SHIPPED))
