"""Printed codes: what stands on them, laid out by sheet.typ beside this file; which ones is decided above."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from feedback.core.links import CODE_LENGTH
from feedback.core.posters import Words
from feedback.outbound import press, qr
from feedback.outbound.posters.formats import FORMATS, PER_DISTANCE, Format
from feedback.text import known

__all__ = ["FORMATS", "Format", "Sign", "Wish", "pdf", "preview"]

SOURCE = Path(__file__).with_name("sheet.typ")
SMALLEST = 0.75  # of the usual width: codes get no smaller, however near they are scanned
BLEED, MARKS = 3.0, 6.0  # millimetres
PHRASE = re.compile(
    "([,;.!?\u060c\u061b\u061f] |[\uff0c\u3001\u3002\uff01\uff1f])(?=.)"
)  # where a call would rather part: it ends a clause


@dataclass(frozen=True, slots=True)
class Sign:
    """One code to print: what its form is about, and the code."""

    name: str
    under: str
    code: str


@dataclass(frozen=True, slots=True)
class Wish:
    """How codes are to be printed, for whom."""

    format: str
    words: Sequence[Words]  # one to three languages, the first one leads
    organisation: str
    accent: str
    base_url: str
    distance: float = 0  # metres between code and phone; 0 for what suits the format
    marks: bool = False
    bleed: bool = False
    logo: bytes | None = None  # PNG, JPEG or WebP
    logo_in_code: bool = False


def pdf(signs: Sequence[Sign], wish: Wish) -> bytes:
    """All `signs` as one PDF."""
    return _compiled(signs, wish, "pdf")


def preview(signs: Sequence[Sign], wish: Wish, *, width: int = 600) -> bytes:
    """The first page as a PNG about `width` pixels wide."""
    form = FORMATS[wish.format]
    first = signs[: form.columns * form.rows]
    return _compiled(first, wish, "png", ppi=width / (form.page[0] / 25.4))


def code_width(wish: Wish) -> float:
    """How wide the code is without its quiet zone, in millimetres: what the distance asks, as far as there is room."""
    usual, most = FORMATS[wish.format].widths(len(wish.words))
    wanted = wish.distance * 1000 / PER_DISTANCE or usual
    return min(max(wanted, usual * SMALLEST), most)


def short_address(base_url: str, code: str) -> str:
    """What someone types who cannot scan."""
    parts = urlsplit(base_url)
    return f"{parts.netloc}{parts.path.rstrip('/')}/q/{code}"


def _compiled(signs: Sequence[Sign], wish: Wish, kind: Literal["pdf", "png"], ppi: float | None = None) -> bytes:
    return press.printed(SOURCE, _data(signs, wish), kind, ppi=ppi, tags=False)


def _data(signs: Sequence[Sign], wish: Wish) -> dict[str, object]:
    form, first = FORMATS[wish.format], wish.words[0].language
    in_code = wish.logo is not None and wish.logo_in_code
    level: qr.Level = "H" if in_code else "Q"
    return {
        "title": wish.organisation,
        "lang": first.partition("-")[0],
        "region": press.REGIONS.get(first),
        "dir": known(first).direction,
        "organisation": press.named(wish.organisation),
        "accent": wish.accent,
        "bleed": BLEED if wish.bleed and form.grid is None else 0,
        "marks": MARKS if wish.marks else 0,
        "logo": press.picture(wish.logo) if wish.logo else None,
        "in-code": in_code,
        "shape": _shape(wish),
        "words": [_spoken(words) for words in wish.words],
        "modules": len(qr.matrix(qr.address(wish.base_url, "0" * CODE_LENGTH), level)),
        "cards": [_item(sign, wish.base_url, level) for sign in signs],
    }


def _shape(wish: Wish) -> dict[str, object]:
    form = FORMATS[wish.format]
    return {
        "width": form.width,
        "height": form.height,
        "margin": form.margin,
        "ribbon": form.ribbon,
        "code": code_width(wish),
        "lies": form.lies,
        "folds": form.folds,
        "grid": asdict(form.grid) if form.grid else None,
        "type": asdict(form.type),
    }


def _spoken(words: Words) -> dict[str, str | None]:
    language = known(words.language)
    return {
        "lang": words.language.partition("-")[0],
        "region": press.REGIONS.get(words.language),
        "dir": language.direction,
        "call": PHRASE.sub("\\1\n", press.breakable(words.call), count=1),
        "hint": press.breakable(words.hint),
        "why": press.breakable(words.why),
    }


def _item(sign: Sign, base_url: str, level: qr.Level) -> dict[str, object]:
    rows = qr.matrix(qr.address(base_url, sign.code), level)
    return {
        "name": press.named(sign.name),
        "under": press.named(sign.under),
        "address": short_address(base_url, sign.code).replace("/", "/\u200b"),  # no hyphen, which would be typed
        "svg": _drawn(rows),
    }


def _drawn(rows: qr.Matrix) -> str:
    size = len(rows)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path d="{qr.path(rows)}"/></svg>'
