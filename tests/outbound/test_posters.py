"""Print: every format holds its codes, readable from the paper, in any script, however long the names."""

import io
import re
from collections.abc import Iterator

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from feedback.core.posters import shipped
from feedback.outbound.posters import FORMATS, Sign, Wish, pdf, preview
from feedback.outbound.press import FONTS

LONGEST = "Department of everything that can be said at some length " * 4
NAMES = ("Maria Lind", "مريم الحداد", "鈴木 花子", "Ελένη Παππά", "Наталья", "किरण", LONGEST[:200])


def wish(kind: str, *languages: str, **more: object) -> Wish:
    words = [shipped()[language] for language in languages or ("en",)]
    given = {"organisation": "Finch and Fern", "accent": "#2f6b4f", "base_url": "https://feedback.shop.example"}
    return Wish(kind, words, **given | more)  # type: ignore[arg-type]


def signs(count: int) -> list[Sign]:
    return [Sign(NAMES[n % len(NAMES)], "Garden shop", f"7K3M{n:04d}") for n in range(count)]


def pages(made: bytes, dpi: int = 150) -> Iterator[Image.Image]:
    document = pypdfium2.PdfDocument(made)
    for page in document:
        yield page.render(scale=dpi / 72).to_pil().convert("L")
    document.close()


def read(page: Image.Image) -> list[str]:
    return [
        found.text.rpartition("/")[2] for found in zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
    ]


def photocopied(page: Image.Image) -> Image.Image:
    """Grey, blurred, noisy and ten degrees askew."""
    askew = page.rotate(10, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
    grey = askew.filter(ImageFilter.GaussianBlur(1)).point(lambda shade: int(shade * 0.7 + 40))
    return Image.blend(grey, Image.effect_noise(grey.size, 60), 0.2)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_code_is_read_from_every_format(kind: str) -> None:
    many = FORMATS[kind].columns * FORMATS[kind].rows + 1
    made = list(pages(pdf(signs(many), wish(kind, "en", "ar", "zh"))))
    assert len(made) == 2
    found = [code for page in made for code in read(page)]
    assert set(found) == {sign.code for sign in signs(many)}
    assert len(found) == many * (2 if kind == "tent" else 1)


def test_every_code_of_a_photocopy_is_read() -> None:
    for kind in ("cards-a4", "cards-letter", "stickers"):
        copies = [photocopied(page) for page in pages(pdf(signs(42), wish(kind)))]
        assert {code for copy in copies for code in read(copy)} == {sign.code for sign in signs(42)}


@pytest.mark.parametrize("kind", FORMATS)
def test_the_paper_has_the_size_of_its_format(kind: str) -> None:
    page = pypdfium2.PdfDocument(pdf(signs(1), wish(kind)))[0]
    assert tuple(side / 72 * 25.4 for side in page.get_size()) == pytest.approx(FORMATS[kind].page, abs=0.1)


def test_marks_stand_outside_of_what_is_cut_out() -> None:
    page = pypdfium2.PdfDocument(pdf(signs(1), wish("a5", marks=True)))[0]
    assert [round(side / 72 * 25.4) for side in page.get_size()] == [160, 222]
    assert set(read(next(pages(pdf(signs(10), wish("cards-a4", marks=True)))))) == {sign.code for sign in signs(10)}


def test_the_code_grows_with_the_distance_as_far_as_there_is_room() -> None:
    widths = []
    for distance in (0, 1.2, 1.4, 9):
        (page,) = pages(pdf(signs(1), wish("a4", distance=distance)))
        corners = zxingcpp.read_barcodes(page)[0].position
        widths.append((corners.top_right.x - corners.top_left.x) / 150 * 25.4)
    assert widths == sorted(widths) and widths[0] < widths[1] < widths[2]
    assert widths[3] == pytest.approx(FORMATS["a4"].most_qr, abs=0.5)


@pytest.mark.parametrize("language", shipped())
def test_every_language_is_set_in_fonts_that_have_its_letters(language: str) -> None:
    """Typst uses no font of the machine; what ours lack would be left out of the text of the page."""
    page = pypdfium2.PdfDocument(pdf([Sign("A", "", "7K3M0000")], wish("a4", language)))[0]
    said = page.get_textpage().get_text_range()
    assert "\ufffd" not in said and "\0" not in said
    if language in ("en", "de", "fr", "es", "ru", "el", "zh", "ja", "ko"):  # others are shaped beyond their letters
        plain = "".join(said.split())
        assert "".join(shipped()[language].call.split()) in plain
        assert "".join(shipped()[language].why.split()) in plain.replace("\u2010", "-")


def test_the_preview_is_the_first_page() -> None:
    picture = Image.open(io.BytesIO(preview(signs(25), wish("cards-a4"), width=1240)))
    assert picture.width == pytest.approx(1240, abs=2)
    assert set(read(picture.convert("L"))) == {sign.code for sign in signs(10)}


def logo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "#b03020").save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_logo_in_the_middle_leaves_the_code_readable(kind: str) -> None:
    (page, *_) = pages(pdf(signs(3), wish(kind, logo=logo(), logo_in_code=True)))
    assert signs(1)[0].code in read(page)
    (page, *_) = pages(pdf(signs(3), wish(kind, "ar", logo=logo())))
    assert signs(1)[0].code in read(page)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    "name", ["W" * 200, "م" * 200, "王" * 200, "ภาษาไทย" * 28, "Fußbodenschleifmaschinenverleiher " * 5]
)
def test_the_longest_names_stay_within_their_piece(kind: str, name: str) -> None:
    """What runs over would leave ink outside of the pieces, or over the code, which would then not be read."""
    languages = ("ar", "de", "th")
    given = wish(kind, *languages, organisation=name, distance=20)
    (page,) = pages(pdf([Sign(name, name, "7K3M0001")], given))
    assert set(read(page)) == {"7K3M0001"}
    plain = (
        (0, 0, 12, page.height),
        (page.width - 12, 0, page.width, page.height),
        (0, page.height - 12, page.width, page.height),
    )
    assert all(page.crop(edge).getextrema()[0] > 100 for edge in plain)  # fold marks are grey


def test_bleed_and_marks_make_the_page_larger_than_the_piece() -> None:
    page = pypdfium2.PdfDocument(pdf(signs(1), wish("a5", marks=True, bleed=True)))[0]
    assert [round(side / 72 * 25.4) for side in page.get_size()] == [148 + 18, 210 + 18]
    page = pypdfium2.PdfDocument(pdf(signs(1), wish("stickers", bleed=True)))[0]
    assert [round(side / 72 * 25.4) for side in page.get_size()] == [210, 297]


def test_text_is_never_markup() -> None:
    page = pypdfium2.PdfDocument(pdf([Sign("#panic() $x$ *b*", "@ref <a>", "7K3M0000")], wish("a4")))[0]
    said = page.get_textpage().get_text_range()
    assert "#panic() $x$ *b*" in said and "@ref <a>" in said


def test_print_uses_no_font_but_ours() -> None:
    """The same paper everywhere, whatever the machine has."""
    made = pdf([Sign("Maria", "", "7K3M0000")], wish("a4", "en", "ar", "zh"))
    used = set(re.findall(rb"/FontName */[A-Z]{6}[+]([A-Za-z0-9-]+)", made))
    assert used <= {font.stem.encode() for font in FONTS.iterdir()} | {b"NotoSerifCJKsc-Bold", b"NotoSansCJKsc-Regular"}


def test_fonts_come_with_their_licence() -> None:
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert sum(font.stat().st_size for font in FONTS.iterdir()) < 12_000_000
