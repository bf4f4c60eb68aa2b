"""What customers of the demo's shop said, read from words.toml beside this file; placing it is left to others."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from feedback.core.submissions import Kind

FILE = Path(__file__).with_name("words.toml")


class Stage(StrEnum):
    """How far the demo's people have come with a case."""

    NEW = "new"
    UNDER_WAY = "under way"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Said:
    """One submission, with names instead of ids."""

    days: int
    kind: Kind
    where: str
    words: str = ""
    person: str = ""
    described: str = ""
    topic: str = ""
    rating: int | None = None
    language: str = "en"
    stage: Stage = Stage.DONE
    handler: str = ""
    note: str = ""
    contact: tuple[str, str] = ("", "")
    may_share: bool = False
    favourite: bool = False
    thanked: str | None = None
    line: str = ""
    beyond: bool = False
    brought: bool = False
    noted: str | None = None
    giver_noted: str | None = None


@lru_cache
def said() -> tuple[Said, ...]:
    """Everything that was said, newest first."""
    with FILE.open("rb") as source:
        rows = tomllib.load(source)["said"]
    return tuple(
        Said(**row | {"kind": Kind(row["kind"]), "stage": Stage(row.get("stage", Stage.DONE))}) for row in rows
    )
