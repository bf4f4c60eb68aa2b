"""The rooms, named after who walks in, and what they share: language, sessions, security, errors."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from feedback.config import Settings
from feedback.core.limits import Salts
from feedback.core.links.counting import Tally
from feedback.db import Store

NAME = "firsthand"


@dataclass(frozen=True, slots=True)
class House:
    """What a running application holds: its settings, its store, the day's salt, and looks not kept yet."""

    settings: Settings
    store: Store
    salts: Salts
    tally: Tally


def house() -> House:
    """The house of the application that answers this request."""
    return cast(House, current_app.extensions[NAME])
