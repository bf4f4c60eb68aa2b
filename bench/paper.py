"""A thousand business cards: ours, and by the usual recipe of qrcode pictures in reportlab; every code read again."""

import io
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import pypdfium2
import qrcode
import zxingcpp
from PIL import Image, ImageFilter
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from feedback.core.posters import shipped
from feedback.crockford import ALPHABET
from feedback.outbound.posters import Sign, Wish, pdf

CARDS = 1000
BASE = "https://feedback.shop.example"
DPI = 150


@dataclass(frozen=True, slots=True)
class Paper:
    """Seconds for the file, ours and the usual one; how many codes are read from ours, clean and photocopied."""

    cards: int
    seconds: float
    usual_seconds: float
    read: int
    read_from_copy: int


def measured(tell: Callable[[str], None]) -> Paper:
    """Make both files one after the other, then read ours as printed and as photocopied."""
    draw = random.Random(1)
    signs = [Sign(f"Person {n}", "Garden shop", "".join(draw.choices(ALPHABET, k=8))) for n in range(CARDS)]
    wish = Wish("cards-a4", [shipped()["en"]], "Finch and Fern", "#2f6b4f", BASE)
    began = time.perf_counter()
    made = pdf(signs, wish)
    ours = time.perf_counter() - began
    tell(f"{CARDS} cards in {ours:.1f} s; now by the usual recipe")
    began = time.perf_counter()
    _usual(signs)
    usual = time.perf_counter() - began
    tell("reading every code again")
    wanted, clean, copied = {sign.code for sign in signs}, set(), set()
    for page in _pages(made):
        clean |= _read(page)
        copied |= _read(_photocopied(page))
    return Paper(CARDS, ours, usual, len(wanted & clean), len(wanted & copied))


def lines(found: Paper) -> Iterator[str]:
    """The figures for a reader."""
    times = found.usual_seconds / found.seconds
    yield f"{found.cards} business cards: {found.seconds:.1f} s (wanted at most 6)"
    yield f"  the usual recipe takes {found.usual_seconds:.1f} s, {times:.1f} times as long"
    yield f"  codes read at {DPI} dpi: {found.read}, from a grey photocopy: {found.read_from_copy} (wanted 99 %)"


def as_json(found: Paper) -> dict[str, object]:
    """The figures for build/bench.json."""
    return asdict(found)


def _usual(signs: list[Sign]) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(210 * mm, 297 * mm))
    for number, sign in enumerate(signs):
        place = number % 10
        if number and not place:
            canvas.showPage()
        x, y = (20 + place % 2 * 85) * mm, (231 - place // 2 * 55) * mm
        picture = io.BytesIO()
        qrcode.make(f"{BASE}/q/{sign.code}", error_correction=qrcode.constants.ERROR_CORRECT_Q).save(picture, "PNG")
        canvas.drawImage(ImageReader(picture), x, y, 41 * mm, 41 * mm)
        canvas.drawString(x + 44 * mm, y + 20 * mm, sign.name)
    canvas.save()
    return out.getvalue()


def _pages(made: bytes) -> Iterator[Image.Image]:
    document = pypdfium2.PdfDocument(made)
    for page in document:
        yield page.render(scale=DPI / 72).to_pil().convert("L")
    document.close()


def _read(page: Image.Image) -> set[str]:
    return {found.text.rpartition("/")[2] for found in zxingcpp.read_barcodes(page)}


def _photocopied(page: Image.Image) -> Image.Image:
    """Grey, blurred, noisy and ten degrees askew."""
    askew = page.rotate(10, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
    grey = askew.filter(ImageFilter.GaussianBlur(1)).point(lambda shade: int(shade * 0.7 + 40))
    return Image.blend(grey, Image.effect_noise(grey.size, 60), 0.2)
