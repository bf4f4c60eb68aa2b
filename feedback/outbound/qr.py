"""QR codes of links and receipts: for pages, files, phones and terminals; posters are laid out elsewhere."""

import io
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q

Level = Literal["L", "M", "Q", "H"]
Matrix = list[list[bool]]

CORRECTION = {"L": ERROR_CORRECT_L, "M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q, "H": ERROR_CORRECT_H}
QUIET = 4  # light modules around the code (ISO/IEC 18004)
MASK = 4  # the best on average for our addresses; looking for the best of each takes six times as long
ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

WIDTH = 1080  # pixels of the picture of a receipt: as wide as a phone's screen
MARGIN = 72
LARGE, SMALL, SMALLEST = 112, 46, 28  # pixels of its type


def address(base_url: str, code: str) -> str:
    """What the QR code of a link says: in capitals where that lets it use its compact alphabet."""
    base_url = base_url.rstrip("/")
    capitals = f"{base_url}/Q/{code}".upper()
    if not urlsplit(base_url).path and ALPHANUMERIC.issuperset(capitals):
        return capitals
    return f"{base_url}/q/{code}"


def matrix(text: str, level: Level) -> Matrix:
    """The modules of the code, row by row, True for dark, with the quiet zone around them."""
    code = QRCode(error_correction=CORRECTION[level], border=QUIET, mask_pattern=MASK)
    code.add_data(text)
    return [[bool(dark) for dark in row] for row in code.get_matrix()]


def svg(text: str, *, level: Level, title: str) -> str:
    """The code as an SVG document whose unit is one module; black on white in dark mode too."""
    rows = matrix(text, level)
    size = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" '
        'shape-rendering="crispEdges">'
        f"<title>{escape(NOT_XML.sub('', title))}</title>"
        f'<rect width="{size}" height="{size}" fill="#fff"/><path fill="#000" d="{path(rows)}"/></svg>'
    )


def path(rows: Matrix) -> str:
    """The dark modules as the data of one SVG path, a rectangle for each run."""
    return "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in _runs(rows))


def png(text: str, *, level: Level, module: int = 12) -> bytes:
    """The code as a PNG of one bit a pixel, each module `module` pixels wide."""
    return _saved(_picture(matrix(text, level), module))


def receipt_image(link: str, receipt: str, caption: str) -> bytes:
    """A PNG to keep on a phone: the QR code of `link`, the receipt in type, where to type it, and `caption`.

    Pillow's own font has plain Latin letters only: a caption with any other is left out.
    """
    rows = matrix(link, "M")
    code = _picture(rows, (WIDTH - 2 * MARGIN) // len(rows)).convert("L")
    halves = _halves(receipt)
    size = min(_fitting(half, LARGE)[1].size for half in halves)
    lines = [_fitting(half, int(size)) for half in halves] + [_fitting(_printed(link), SMALL)]
    if _is_drawable(caption):
        lines.append(_fitting(" ".join(caption.split()), SMALL))
    height = MARGIN + code.height + sum(_height(font) for _, font in lines) + MARGIN
    paper = Image.new("L", (WIDTH, height), 255)
    paper.paste(code, ((WIDTH - code.width) // 2, MARGIN // 2))
    pen, y = ImageDraw.Draw(paper), MARGIN // 2 + code.height + MARGIN // 2
    for line, font in lines:
        pen.text((WIDTH / 2, y), line, fill=0, font=font, anchor="ma")
        y += _height(font)
    return _saved(paper)


def terminal(text: str, *, coloured: bool = False) -> str:
    """The code in half blocks, two rows of modules to a line.

    Without colours light modules are what gets printed, as fits light type on a dark ground;
    `coloured` adds the codes that make it black on white on any terminal that knows them.
    """
    rows = matrix(text, "L")
    pairs = zip(rows[::2], [*rows[1::2], [False] * len(rows)], strict=False)
    blocks = "█▀▄ " if coloured else " ▄▀█"  # both dark, upper dark, lower dark, both light
    lines = ("".join(blocks[2 * (not one) + (not two)] for one, two in zip(*pair, strict=True)) for pair in pairs)
    return "\n".join(f"\x1b[30;107m{line}\x1b[0m" if coloured else line for line in lines)


def _runs(rows: Matrix) -> Iterator[tuple[int, int, int]]:
    """Every run of dark modules as column, row and length."""
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            end = x
            while row[end]:  # the quiet zone ends it at the latest
                end += 1
            if end > x:
                yield x, y, end - x
            x = end + 1


def _picture(rows: Matrix, module: int) -> Image.Image:
    size = len(rows)
    picture = Image.new("1", (size, size))
    picture.putdata([not dark for row in rows for dark in row])
    return picture.resize((size * module, size * module), Image.Resampling.NEAREST)


def _saved(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _halves(receipt: str) -> tuple[str, str]:
    """The receipt in two lines of three groups."""
    groups = receipt.split("-")
    return "-".join(groups[:3]), "-".join(groups[3:])


def _printed(link: str) -> str:
    """Host and path of the link in ASCII: what someone types who cannot scan."""
    parts = urlsplit(link)
    return parts.netloc.rpartition("@")[2].encode("idna").decode("ascii") + parts.path


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType; install it as a wheel from PyPI")
    return font


def _fitting(line: str, size: int) -> tuple[str, ImageFont.FreeTypeFont]:
    """The line in the largest type up to `size` that fits the width; cut where even the smallest does not."""
    widest = WIDTH - 2 * MARGIN
    length = _font(size).getlength(line)
    size = max(SMALLEST, min(size, int(size * widest / max(length, 1))))
    font = _font(size)
    while font.getlength(line) > widest:
        line = line.rstrip("…")[:-1] + "…"
    return line, font


def _height(font: ImageFont.FreeTypeFont) -> int:
    return round(font.size * 1.4)


def _is_drawable(text: str) -> bool:
    """Whether the font has a shape for every letter; what it lacks looks like a code point that never exists."""
    font = _font(SMALL)
    missing = bytes(font.getmask("\uffff"))
    return bool(text.strip()) and all(bytes(font.getmask(sign)) != missing for sign in set(text) - {" "})
