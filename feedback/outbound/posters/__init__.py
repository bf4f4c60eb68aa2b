"""Print: posters, tents, badges, cards and stickers with codes on them, laid out by Typst into one PDF."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import typst

from feedback.core.posters import Words
from feedback.outbound import qr

HERE = Path(__file__).parent
FONTS = HERE.parent.parent.parent / "static" / "fonts"
PER_DISTANCE = 10  # a code is scanned from ten times its width
MARKS = 6.0  # millimetres around the sheet for crop marks


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of print; all measures in millimetres. `qr` is the width of the code unless a distance asks for more."""

    page: tuple[float, float]
    design: str
    qr: float
    most_qr: float
    columns: int = 1
    rows: int = 1
    cell: tuple[float, float] = (0, 0)
    left: float = 0
    top: float = 0
    gap: tuple[float, float] = (0, 0)
    why: bool = True

    @property
    def distance(self) -> float:
        """From how many metres its largest code is scanned."""
        return self.most_qr * PER_DISTANCE / 1000


def _single(width: float, height: float, design: str, qr: float, most: float) -> Format:
    return Format((width, height), design, qr, most, cell=(width, height))


FORMATS = {
    "a4": _single(210, 297, "upright", 110, 148),
    "letter": _single(215.9, 279.4, "upright", 104, 139),
    "a5": _single(148, 210, "upright", 78, 105),
    "tent": _single(210, 297, "tent", 105, 115),
    "badge": _single(86, 54, "lying", 40, 41),
    "cards-a4": Format((210, 297), "lying", 41, 42, 2, 5, (85, 55), 20, 11, why=False),
    "cards-letter": Format((215.9, 279.4), "lying", 38, 38.8, 2, 5, (88.9, 50.8), 19.05, 12.7, why=False),
    "stickers": Format((210, 297), "lying", 29, 29, 3, 7, (63.5, 38.1), 7.25, 15.15, (2.5, 0), why=False),
}


@dataclass(frozen=True, slots=True)
class Sign:
    """One code to print: whose it is, where, and the code of its link."""

    name: str
    under: str
    code: str


@dataclass(frozen=True, slots=True)
class Wish:
    """How signs are to be printed; `distance` in metres is from where they should be scanned, 0 for the usual."""

    format: str
    words: Sequence[Words]
    organisation: str
    accent: str
    base_url: str
    distance: float = 0
    marks: bool = False


def pdf(signs: Sequence[Sign], wish: Wish) -> bytes:
    """All signs in one PDF, in their order."""
    return _compiled(signs, wish, "pdf")


def preview(signs: Sequence[Sign], wish: Wish, *, width: int = 600) -> bytes:
    """The first page as a PNG of about `width` pixels."""
    kind = FORMATS[wish.format]
    first = signs[: kind.columns * kind.rows]
    return _compiled(first, wish, "png", ppi=width / (kind.page[0] / 25.4))


def _compiled(signs: Sequence[Sign], wish: Wish, output: Literal["pdf", "png"], ppi: float | None = None) -> bytes:
    told = {
        "format": asdict(_measures(wish)),
        "words": [asdict(words) for words in wish.words],
        "organisation": wish.organisation,
        "accent": wish.accent,
        "marks": wish.marks,
        "items": [_item(sign, wish.base_url) for sign in signs],
    }
    return typst.compile(
        str(HERE / "sheet.typ"),
        format=output,
        ppi=ppi,
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(told)},
    )


def _measures(wish: Wish) -> Format:
    """The format with its code as large as the distance asks, as far as there is room; marks need an edge."""
    kind = FORMATS[wish.format]
    wanted = max(kind.qr, wish.distance * 1000 / PER_DISTANCE)
    kind = replace(kind, qr=min(wanted, kind.most_qr))
    if wish.marks and kind.columns * kind.rows == 1:
        page = (kind.page[0] + 2 * MARKS, kind.page[1] + 2 * MARKS)
        kind = replace(kind, page=page, left=MARKS, top=MARKS)
    return kind


def _item(sign: Sign, base_url: str) -> dict[str, str]:
    address = f"{base_url.partition('://')[2]}/q/{sign.code}"
    picture = qr.svg(qr.address(base_url, sign.code), level="Q", title="")
    return {"name": sign.name, "under": sign.under, "typed": address, "svg": picture}
