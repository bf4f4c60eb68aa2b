"""What is printed of praise beside the book: a wall to pin up, a certificate, slips for a shift; laid out by sheet.typ.

A sheet says what it is given, in the language spoken now; who may have it printed is asked before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from feedback import text
from feedback.outbound import press
from feedback.text import gettext as _
from feedback.text import ngettext

SOURCE = Path(__file__).with_name("sheet.typ")
SIZES = ((90, 3), (260, 2), (700, 1))  # signs up to which words are set in that one of POINTS; longer ones in the first
POINTS = {"wall": (10.5, 12, 14, 19), "certificate": (12, 16, 21, 28), "slips": (10.5, 12, 14, 17)}
WHOLE = 1200  # signs that surely fit a page together


@dataclass(frozen=True, slots=True)
class Head:
    """Whose sheet it is."""

    organisation: str
    accent: str
    logo: bytes | None = None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One letter: the customer's words, their language, and what stands under them."""

    words: str
    language: str
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slip:
    """One person's letters, and how many more they find inside."""

    name: str
    leaves: Sequence[Leaf]
    more: int = 0


def wall(head: Head, title: str, leaves: Sequence[Leaf]) -> bytes:
    """A sheet in A4 to pin up, in two columns."""
    foot = _("What customers wrote, shown as they and those they wrote of allowed.")
    return _printed(head, "wall", {"title": title, "letters": [_told(leaf, "wall") for leaf in leaves], "foot": foot})


def certificate(head: Head, name: str, leaf: Leaf) -> bytes:
    """One letter on a page in A4, to be framed."""
    told = {"title": name, "name": press.named(name), "lead": _("A customer wrote to")}
    return _printed(head, "certificate", told | {"letters": [_told(leaf, "certificate")]})


def slips(head: Head, title: str, them: Sequence[Slip]) -> bytes:
    """One slip for each person, to be cut apart and handed out."""
    return _printed(head, "slips", {"title": title, "slips": [_slip(one) for one in them]})


def _printed(head: Head, kind: str, told: dict[str, object]) -> bytes:
    language = text.current()
    return press.printed(
        SOURCE,
        {
            **press.speech(language.tag),
            "kind": kind,
            "dir": language.direction,
            "accent": head.accent,
            "logo": press.picture(head.logo) if head.logo else None,
            "organisation": press.named(head.organisation),
            **told,
        },
    )


def _slip(one: Slip) -> dict[str, object]:
    more = ngettext("And %(num)s more letter inside.", "And %(num)s more letters inside.", one.more)
    return {
        "name": press.named(one.name),
        "letters": [_told(leaf, "slips") for leaf in one.leaves],
        "more": more % {"num": text.number(one.more)} if one.more else "",
        "is-long": sum(len(leaf.words) for leaf in one.leaves) > WHOLE,
    }


def _told(leaf: Leaf, kind: str) -> dict[str, object]:
    paragraphs = press.paragraphs(leaf.words)
    size = next((place for most, place in SIZES if len(leaf.words) <= most), 0)
    return {
        **press.speech(leaf.language),
        "about": [press.named(fact) for fact in leaf.about if fact],
        "paragraphs": paragraphs or [{"text": _("No words, just thanks"), "dir": text.current().direction}],
        "is-empty": not paragraphs,
        "size": POINTS[kind][size],
        "is-long": len(leaf.words) > WHOLE,
    }
