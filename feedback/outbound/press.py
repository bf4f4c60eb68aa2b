"""What everything printed shares: our fonts, which way a text runs, where long words part, and Typst itself."""

import base64
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Literal, cast

import typst
from PIL import Image

FONTS = Path(__file__).parents[2] / "static" / "fonts"
LONGEST_WORD, SYLLABLE = 20, 10  # signs; where a word may be parted that no line would hold
HYPHEN, BREAK = "\u00ad", "\u200b"
ANYWHERE = "\u0e00-\u0e7f\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U0001f000-\U0003fffd"
SPACES = " \t\n\u1680\u2000-\u2006\u2008-\u200b\u205f"  # at which a line can end, as it cannot at a no-break space
UNBROKEN = re.compile(f"[^{SPACES}{ANYWHERE}\u00ad]{{{LONGEST_WORD + 1},}}")
NOT_DRAWN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f]")
REGIONS = {"zh": "CN", "ja": "JP", "ko": "KR"}  # whose shapes of the characters they share are meant


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """Ours alone, whatever the machine has, so that print looks the same everywhere."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


def direction(text: str) -> str:
    """The way a name runs: that of its first letter that has one (Unicode Bidirectional Algorithm, P2)."""
    kinds = (unicodedata.bidirectional(sign) for sign in text)
    return next(("rtl" if kind in ("R", "AL") else "ltr" for kind in kinds if kind in ("R", "AL", "L")), "ltr")


def breakable(text: str) -> str:
    """The text with places to part what no line would hold: soft hyphens between letters, nothing to see elsewhere.

    Signs of scripts that part anywhere, like Thai and Han, need none.
    """
    return UNBROKEN.sub(_parted, text)


def _parted(found: re.Match[str]) -> str:
    pieces, before = [""], ""
    for sign in found[0]:
        kind = unicodedata.category(sign)
        if len(pieces[-1]) >= SYLLABLE and kind[0] != "M" and kind != "Cf" and unicodedata.category(before) != "Cf":
            pieces += [HYPHEN if kind[0] == unicodedata.category(before)[0] == "L" else BREAK, ""]
        pieces[-1] += sign
        before = sign
    return "".join(pieces)


def named(text: str) -> dict[str, str]:
    """A name in one line, and the way it runs."""
    return {"text": breakable(" ".join(text.split())), "dir": direction(text)}


def paragraphs(words: str) -> list[dict[str, str]]:
    """Each line of `words` that has anything to be set in it, and the way it runs."""
    return [{"text": breakable(line), "dir": direction(line)} for line in _lines(words)]


def _lines(words: str) -> Iterator[str]:
    for line in words.splitlines():
        tidy = NOT_DRAWN.sub("", line.replace("\t", " ")).strip()
        if any(unicodedata.category(sign)[0] not in "ZC" for sign in tidy):
            yield tidy


def speech(tag: str) -> dict[str, str | None]:
    """The language of a tag as Typst takes it, and the region whose shapes of characters are meant."""
    primary = tag.partition("-")[0]
    is_code = primary.isascii() and primary.isalpha() and 2 <= len(primary) <= 3
    return {"lang": primary.lower() if is_code else "en", "region": REGIONS.get(primary)}


def printed(
    source: Path,
    data: Mapping[str, object],
    kind: Literal["pdf", "png"] = "pdf",
    *,
    ppi: float | None = None,
    tags: bool = True,
) -> bytes:
    """What Typst makes of `source`, to which `data` is handed as JSON: a PDF, or its first page as a PNG.

    `tags` tell screen readers what is what in a PDF; `ppi` are the pixels of a PNG per inch.
    """
    told = json.dumps(data, ensure_ascii=False)
    compiler = typst.Compiler(font_paths=fonts(), sys_inputs={"data": told})
    made = compiler.compile(source.read_bytes(), format=kind, ppi=ppi, pdf_tags=tags)
    return cast(bytes, made[0] if isinstance(made, list) else made)


def picture(logo: bytes) -> str:
    """The logo inside an SVG, as Typst takes what is handed over as text."""
    with Image.open(BytesIO(logo)) as picture:
        kind = escape(Image.MIME[picture.format or "PNG"])
        width, height = picture.size
    inside = base64.b64encode(logo).decode("ascii")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:{kind};base64,{inside}"/></svg>'
    )
