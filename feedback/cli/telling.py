"""Lines for the terminal about a demo: where its codes lead, and who can sign in."""

from collections.abc import Iterable, Sequence

from feedback.core.demo import Description
from feedback.outbound import qr


def links_of(made: Description) -> list[str]:
    """A line for each printed code."""
    base_url = made["base_url"]
    return table((link["points_at"], link["name"], f"{base_url}/q/{link['code'].lower()}") for link in made["links"])


def sign_ins_of(made: Description) -> list[str]:
    """A line for each person who can sign in, under a heading."""
    people = [person for person in made["people"] if person["email"]]
    rows = ((p["email"] or "", p["password"] or "", p["role"], p["department"]) for p in people)
    return table([("sign in as", "password", "role", "department"), *rows])


def place_address(made: Description) -> str:
    """What the QR code of the demo's place says."""
    code = next(link["code"] for link in made["links"] if link["points_at"] == "place")
    return qr.address(made["base_url"], code)


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """The rows as lines, each column as wide as its longest text."""
    kept = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*kept, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in kept]
