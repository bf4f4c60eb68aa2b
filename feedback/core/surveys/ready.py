"""Ready surveys to begin with, one JSON file each in library/, in the languages the product speaks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from feedback.core.surveys.design import Design, Texts, numbered, read
from feedback.core.surveys.model import Audience

FOLDER = Path(__file__).parent / "library"
ORDER = ("restaurant", "hotel", "clinic", "training", "delivery", "event", "staff_pulse", "friends_and_family")


@dataclass(frozen=True, slots=True)
class Ready:
    """A survey that can be taken as it is or changed."""

    name: str
    about: Texts
    audience: Audience
    design: Design


@lru_cache(maxsize=1)
def library() -> Mapping[str, Ready]:
    """All of them by name, in the order they are offered in."""
    return {name: _ready(name) for name in ORDER}


def _ready(name: str) -> Ready:
    document = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return Ready(name, document["about"], Audience(document["audience"]), numbered(read(document)))
