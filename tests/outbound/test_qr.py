"""QR codes: every way they leave the house is read back by a decoder, also when the picture is a poor one."""

import io
import re
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from feedback.outbound import qr
from feedback.outbound.qr import Level

CODE = "7K3M9PXA"
BASE = "https://feedback.example.org"
RECEIPT = "ABCD-EFGH-JKMN-PQRS-TVWX-YZ01"
LINK = f"{BASE}/r#{RECEIPT}"
LEVELS: tuple[Level, ...] = ("L", "M", "Q", "H")


def read(picture: Image.Image, *, inverted: bool = False) -> list[str]:
    """The texts of the QR codes in a picture."""
    found = zxingcpp.read_barcodes(picture.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode, try_invert=inverted)
    return [code.text for code in found]


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def drawn(rows: qr.Matrix, module: int = 8) -> Image.Image:
    picture = Image.new("L", (len(rows[0]), len(rows)), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            picture.putpixel((x, y), 0 if dark else 255)
    return picture.resize((picture.width * module, picture.height * module), Image.Resampling.NEAREST)


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def version(rows: qr.Matrix) -> int:
    return (len(rows) - 2 * qr.QUIET - 17) // 4


def test_an_address_without_a_path_is_written_in_capitals() -> None:
    assert qr.address(BASE, CODE) == "HTTPS://FEEDBACK.EXAMPLE.ORG/Q/7K3M9PXA"
    assert qr.address("http://192.168.1.20:8000/", CODE) == "HTTP://192.168.1.20:8000/Q/7K3M9PXA"


@pytest.mark.parametrize("base", ["https://example.org/feedback", "https://grüße.example", "http://[::1]:8000"])
def test_an_address_that_capitals_could_break_or_the_alphabet_lacks_stays_as_it_is(base: str) -> None:
    assert qr.address(base, CODE) == f"{base}/q/{CODE}"


@pytest.mark.parametrize("level", LEVELS)
def test_capitals_make_the_code_smaller(level: Level) -> None:
    base = "https://comment.example.org"
    compact = qr.matrix(qr.address(base, CODE), level)
    plain = qr.matrix(qr.address(base, CODE).lower(), level)
    assert version(compact) < version(plain)


def test_the_compact_alphabet_is_what_the_code_itself_says() -> None:
    # Read without error correction from the first data bits: mode 0010 is alphanumeric (ISO/IEC 18004, 7.4.1).
    rows = [row[qr.QUIET : -qr.QUIET] for row in qr.matrix(qr.address(BASE, CODE), "M")][qr.QUIET : -qr.QUIET]
    corner = [(len(rows) - 1 - up, len(rows) - 1 - left) for up in (0, 1) for left in (0, 1)]
    bits = [rows[y][x] ^ ((y // 2 + x // 3) % 2 == 0) for y, x in corner]
    assert bits == [False, False, True, False]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("text", [qr.address(BASE, CODE), LINK, f"{BASE}/feedback/q/{CODE}"])
def test_the_png_reads_back(text: str, level: Level) -> None:
    picture = opened(qr.png(text, level=level, module=6))
    assert picture.mode == "1"
    assert read(picture) == [text]


def test_the_quiet_zone_is_four_modules_wide() -> None:
    picture = opened(qr.png(qr.address(BASE, CODE), level="Q", module=10))
    dark = Image.eval(picture.convert("L"), lambda value: 255 - value).getbbox()
    assert dark == (40, 40, picture.width - 40, picture.height - 40)


@pytest.mark.parametrize("degrees", [-23, -7, 4, 45, 180])
def test_a_turned_code_reads_back(degrees: int) -> None:
    picture = opened(qr.png(qr.address(BASE, CODE), level="Q")).convert("L")
    turned = picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert read(turned) == [qr.address(BASE, CODE)]


@pytest.mark.parametrize("radius", [2, 5])
def test_a_blurred_code_reads_back(radius: int) -> None:
    picture = opened(qr.png(qr.address(BASE, CODE), level="Q")).convert("L")
    assert read(picture.filter(ImageFilter.GaussianBlur(radius))) == [qr.address(BASE, CODE)]


def test_a_code_seen_from_the_side_and_small_reads_back() -> None:
    picture = ImageOps.expand(opened(qr.png(qr.address(BASE, CODE), level="Q")).convert("L"), 100, fill=255)
    tilt = (1.1, 0.3, -140.0, 0.05, 1.2, -60.0, 0.0002, 0.0005)  # as a phone held over a table sees it
    seen = picture.transform(picture.size, Image.Transform.PERSPECTIVE, tilt, fillcolor=255)
    poor = seen.filter(ImageFilter.GaussianBlur(2)).rotate(5, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    small = poor.resize((poor.width // 3, poor.height // 3), Image.Resampling.BICUBIC)
    assert read(small) == [qr.address(BASE, CODE)]


def test_the_svg_is_the_same_code_in_one_path() -> None:
    text = qr.address(BASE, CODE)
    svg = parsed(qr.svg(text, level="Q", title="Table 4"))
    rows = qr.matrix(text, "Q")
    (path,) = svg.findall("{*}path")
    found = [[False] * len(rows) for _ in rows]
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path.attrib["d"]):
        for column in range(int(x), int(x) + int(length)):
            found[int(y)][column] = True
    assert found == rows
    assert re.sub(r"M\d+ \d+h(\d+)v1h-\1z", "", path.attrib["d"]) == ""
    assert read(drawn(found)) == [text]


def test_the_svg_scans_in_the_dark_and_needs_no_style() -> None:
    source = qr.svg(LINK, level="M", title="R")
    svg = parsed(source)
    size = str(len(qr.matrix(LINK, "M")))
    ground = svg.find("{*}rect")
    assert ground is not None and ground.attrib == {"width": size, "height": size, "fill": "#fff"}
    assert svg.attrib["viewBox"] == f"0 0 {size} {size}"
    assert svg.attrib["role"] == "img" and svg.attrib["shape-rendering"] == "crispEdges"
    assert "style" not in source


def test_the_title_of_an_svg_is_kept_as_text() -> None:
    svg = parsed(qr.svg(LINK, level="M", title="<script>&\x0b Ω سلام"))
    assert svg.findtext("{*}title") == "<script>& Ω سلام"


def test_the_picture_of_a_receipt_reads_back_and_fits_a_phone() -> None:
    picture = opened(qr.receipt_image(LINK, RECEIPT, "Garden House"))
    assert picture.width == 1080 and picture.height < 2000
    assert read(picture) == [LINK]
    assert read(picture.resize((360, picture.height // 3), Image.Resampling.BILINEAR)) == [LINK]


def test_a_caption_in_another_script_is_left_out_rather_than_drawn_as_boxes() -> None:
    without = qr.receipt_image(LINK, RECEIPT, "")
    assert qr.receipt_image(LINK, RECEIPT, "مطعم الحديقة") == without
    assert qr.receipt_image(LINK, RECEIPT, "花园") == without
    assert qr.receipt_image(LINK, RECEIPT, "Garden House") != without


def test_long_names_stay_within_the_picture() -> None:
    host = "a-very-long-name-of-a-host." * 7 + "example"
    picture = opened(qr.receipt_image(f"https://{host}/r#{RECEIPT}", RECEIPT, "A name that goes on " * 9))
    dark = Image.eval(picture, lambda value: 255 - value).getbbox()
    assert dark is not None
    left, _, right, _ = dark
    assert left >= 40 and right <= 1040


@pytest.mark.parametrize("coloured", [True, False])
def test_the_terminal_shows_a_code_that_reads_back(coloured: bool) -> None:
    text = qr.address("http://192.168.1.20:8000", CODE)
    printed = re.sub(r"\x1b\[[\d;]*m", "", qr.terminal(text, coloured=coloured))
    ink = {"█": (True, True), "▀": (True, False), "▄": (False, True), " ": (False, False)}
    rows = [[ink[sign][half] for sign in line] for line in printed.splitlines() for half in (0, 1)]
    picture = drawn(rows if coloured else [[not dark for dark in row] for row in rows])
    assert read(picture) == [text]
    assert max(map(len, printed.splitlines())) <= 80
