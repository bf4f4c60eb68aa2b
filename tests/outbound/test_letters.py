"""The letter book and its JSON: every letter, in any script, in order, and nothing that is not theirs."""

import base64
import io
import json
import unicodedata
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from PIL import Image, ImageFont

from feedback.core.letters import Letter
from feedback.core.signing import canonical, key_of
from feedback.outbound import letters, press
from feedback.outbound.letters import Book, pdf, written
from feedback.text import speaking

KEY, KEYS_URL = key_of("secret"), "https://praise.example/.well-known/firsthand-keys.json"
FIRST = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)
PICTURE = io.BytesIO()
Image.new("RGB", (300, 60), "red").save(PICTURE, "PNG")


def letter(words: str, n: int = 0, **more: object) -> Letter:
    given = {"language": "en", "rating": 5, "described_as": "", "department": "Kitchen", "place": "Terrace"}
    return Letter(id=n + 1, at=FIRST + timedelta(days=n), words=words, **given | more)  # type: ignore[arg-type]


def book(*them: Letter, **more: object) -> Book:
    given = {"name": "Maria Lopez", "organisation": "Finch and Fern", "accent": "#2f6b4f", "zone": "Europe/Berlin"}
    return Book(letters=them, made_at=FIRST, key=KEY, **{"keys_url": KEYS_URL} | given | more)  # type: ignore[arg-type]


def texts(made: bytes) -> list[str]:
    """The text of each page, soft hyphens and places to part taken out."""
    document = pypdfium2.PdfDocument(made)
    found = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    return [
        text.replace("\ufffe", "").replace("\u00ad", "").replace("\u200b", "").replace("\r\n", "\n") for text in found
    ]


def test_the_title_page_says_whose_from_where_when_and_how_many() -> None:
    cover, page = texts(pdf(book(letter("So kind"), letter("Lovely", 30), logo=PICTURE.getvalue())))
    for said in ("Letters to", "Maria Lopez", "Finch and Fern", "2 letters", "January 6, 2026 to February 5, 2026"):
        assert said in " ".join(cover.split())
    assert "January 6, 2026 · Terrace" in page and "So kind" in page and "Lovely" in page
    assert page.rstrip().endswith("1")


@pytest.mark.parametrize("tag", ["en", "de"])
def test_the_title_page_names_the_key_that_signs_the_json_and_nothing_is_embedded(tag: str) -> None:
    with speaking(tag):
        made = pdf(book(letter("So kind")))
    cover = texts(made)[0].replace("\n", "").replace(" ", "")
    assert KEY.id in cover and KEYS_URL in cover
    assert b"/EmbeddedFile" not in made and b"/JavaScript" not in made


def test_one_letter_and_none_have_their_book_too() -> None:
    cover, page = texts(pdf(book(letter(""))))
    assert "1 letter\nJanuary 6, 2026" in cover and "No words, just thanks" in page
    (cover,) = texts(pdf(book()))
    assert "0 letters" in cover


SCRIPTS = {
    "ar": "شكرا جزيلا",
    "he": "תודה רבה",
    "zh": "谢谢你",
    "ja": "ありがとう",
    "ko": "감사합니다",
    "hi": "धन्यवाद",
    "th": "ขอบคุณมาก",
    "ru": "Спасибо",
    "el": "Ευχαριστώ",
    "vi": "cảm ơn",
    "en": "Thank you ❤️👍🏽🌻",
}


FAMILIES = ("NotoSans", "NotoEmoji")


def has(font: ImageFont.FreeTypeFont, sign: str) -> bool:
    """Whether a font draws that sign as anything but the box that stands for what it lacks."""
    return bytes(font.getmask(sign)) != bytes(font.getmask("\U000f0000"))


@pytest.mark.parametrize("tag", SCRIPTS)
def test_every_script_is_drawn_in_a_font_that_has_it(tag: str) -> None:
    found = [path for path in press.FONTS.iterdir() if path.name.startswith(FAMILIES) and path.suffix != ".txt"]
    fonts = [ImageFont.truetype(str(path), 24) for path in found]
    source = letters.SOURCE.read_text(encoding="utf-8")
    assert all(f'"{name}' in source for name in {str(font.getname()[0]) for font in fonts})
    signs = [sign for sign in SCRIPTS[tag] if not sign.isspace() and unicodedata.category(sign) not in ("Mn", "Cf")]
    assert [sign for sign in signs if not any(has(font, sign) for font in fonts)] == []
    assert not any(has(font, "\u09ac") for font in fonts)  # Bengali is none of ours: a box, and said so
    assert "empty box" in texts(pdf(book(letter("\u09ac"))))[0]


def test_words_stand_whole_on_one_page_and_longer_ones_on_several() -> None:
    many = [letter(f"Letter {n} " + "with some words " * 20 + f"end {n}", n) for n in range(12)]
    pages = texts(pdf(book(*many)))
    for n in range(12):
        (page,) = [page for page in pages if f"Letter {n} " in page.replace("\n", " ")]
        assert f"end {n}" in page.replace("\n", " ")
    long = texts(pdf(book(letter("word " * 1000))))
    assert sum(page.count("word ") + page.count("word\n") for page in long[1:]) == 1000 and len(long) > 2


@pytest.mark.parametrize(
    "words", ["x" * 5000, "!" * 5000, "1" * 5000, "ي" * 5000, "漢" * 5000, "a\u00a0" * 2500, "a\n" * 2500]
)
def test_nothing_runs_out_of_the_page(words: str) -> None:
    document = pypdfium2.PdfDocument(pdf(book(letter(words))))
    inked = 0
    for page in document:
        width, height = page.get_size()
        boxes = [page.get_textpage().get_charbox(n) for n in range(0, page.get_textpage().count_chars(), 7)]
        assert all(left >= 45 and right <= width - 45 and low >= 20 and high <= height - 40
                   for left, low, right, high in boxes if right > left)  # fmt: skip
        inked += len(boxes)
    assert len(document) > 2 and inked


def test_markup_stays_words() -> None:
    words = '#image("/etc/passwd") *bold* $x$ <b>'
    assert words in texts(pdf(book(letter(words))))[1].replace("\n", "")


def test_several_years_have_their_headings() -> None:
    pages = texts(pdf(book(letter("first"), letter("second", 400))))
    assert "2026\n" in pages[1] and "2027\n" in pages[1] + pages[-1]
    assert not texts(pdf(book(letter("first"))))[1].startswith("2026\n")


@pytest.mark.parametrize("tag", ["de", "ar", "xx"])
def test_the_book_speaks_the_language_of_its_reader(tag: str) -> None:
    with speaking(tag):
        assert len(texts(pdf(book(letter("So kind", language="x" * 35), name="مريم")))) == 2


def test_two_thousand_letters_are_one_book() -> None:
    made = pdf(book(*(letter(f"Letter {n}: thank you", n % 300) for n in range(2000))))
    pages = texts(made)
    assert sum(page.count("thank you") for page in pages) == 2000


def test_the_json_is_whole_and_plain() -> None:
    words = 'Grüße 漢 شكرا \u202e "x" \r\n\0 ❤️'
    made = written(
        book(letter(words, topics=("Cold food",), described_as="tall"), letter("", 1, rating=None, place=None))
    )
    whole = json.loads(made.decode("utf-8"))
    told, signature = whole["signed"], whole["signature"]
    assert set(whole) == {"signed", "signature"} and "Grüße" in made.decode("utf-8")
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(signature["public_key"]))
    public.verify(base64.b64decode(signature["value"]), canonical(told))
    assert (signature["algorithm"], signature["key"]) == ("Ed25519", KEY.id)
    assert (signature["published_at"], public.public_bytes_raw()) == (KEYS_URL, KEY.public)
    found = told.pop("letters")
    assert told == {
        "format": "firsthand-letters/2",
        "organisation": "Finch and Fern",
        "person": "Maria Lopez",
        "made_at": "2026-01-05T23:30:00+00:00",
        "count": 2,
    }
    assert found[0] == {
        "id": "1",
        "written_at": "2026-01-05T23:30:00+00:00",
        "words": words,
        "language": "en",
        "rating": 5,
        "place": "Terrace",
        "department": "Kitchen",
        "topics": ["Cold food"],
        "described_as": "tall",
    }
    assert (found[1]["words"], found[1]["rating"], found[1]["place"], found[1]["topics"]) == (
        "",
        None,
        None,
        [],
    )
