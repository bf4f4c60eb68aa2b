"""The demo's rows by their names, while they are being made."""

from dataclasses import dataclass, field

from feedback.core.accounts import Account
from feedback.core.links import Link
from feedback.core.people import Department, Person, Place, Topic


@dataclass(slots=True)
class Shop:
    """Everything and everyone of the shop that things can be said about."""

    departments: dict[str, Department] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    topics: dict[str, Topic] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)  # by the name of what they point at
