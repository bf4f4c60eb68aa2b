"""Pictures: what is taken, what is refused with which name, and what is on disk when the row is."""

import io
import struct
import time
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import select

from feedback.core import files
from feedback.core.files import File, Unusable, drawing
from feedback.core.organisation import Organisation
from feedback.db import Store
from tests.factories import BEGINNING, Cast

QUICK = 5.0  # seconds


def saved(image: Image.Image, kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)  # type: ignore[arg-type]
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(side: int, depth: int = 1) -> bytes:
    """A PNG of side × side that is small to send and large to decode."""
    squeeze, row = zlib.compressobj(9), b"\0" * (side * depth // 8 + 1)
    body = b"".join(squeeze.compress(row) for _ in range(side)) + squeeze.flush()
    head = struct.pack(">IIBBBBB", side, side, min(depth, 8), 2 if depth > 8 else 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def shown(picture: files.Picture) -> Image.Image:
    image = Image.open(io.BytesIO(picture.data))
    image.load()
    return image


@pytest.mark.parametrize(("kind", "becomes"), [("PNG", "png"), ("GIF", "png"), ("JPEG", "jpeg"), ("WEBP", "jpeg")])
def test_pictures_of_four_formats_are_drawn_anew(kind: str, becomes: str) -> None:
    data = saved(Image.new("RGB", (60, 30), (140, 48, 48)), kind)
    picture = files.prepared(data, longest=1024)
    image = shown(picture)
    assert (picture.format, picture.width, picture.height) == (becomes, 60, 30)
    assert (image.format or "").lower() == becomes and image.size == (60, 30)
    red, green, blue = image.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
    assert abs(red - 140) < 8 and abs(green - 48) < 8 and abs(blue - 48) < 8


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_a_png_becomes_plain_colour(mode: str) -> None:
    assert shown(files.prepared(saved(Image.new(mode, (8, 8)), "PNG"), longest=64)).mode in ("RGB", "RGBA")


def test_sixteen_bits_keep_their_greys() -> None:
    image = shown(files.prepared(saved(Image.new("I;16", (8, 8), 32768), "PNG"), longest=64))
    assert image.convert("L").getpixel((3, 3)) in (127, 128)


def test_a_cmyk_photo_is_red_where_it_was_red() -> None:
    picture = files.prepared(saved(Image.new("CMYK", (40, 40), (0, 255, 255, 0)), "JPEG"), longest=64)
    red, green, blue = shown(picture).getpixel((20, 20))  # type: ignore[misc]
    assert red > 200 and green < 60 and blue < 60


def test_transparency_stays() -> None:
    for kind in ("PNG", "WEBP"):
        image = shown(files.prepared(saved(Image.new("RGBA", (10, 10), (1, 2, 3, 0)), kind), longest=64))
        assert image.getpixel((5, 5))[3] == 0, kind  # type: ignore[index]


@pytest.mark.parametrize(("size", "becomes"), [((3000, 1000), (1024, 341)), ((20, 4000), (5, 1024)), ((9, 9), (9, 9))])
def test_the_longest_side_is_bounded_and_nothing_is_blown_up(size: tuple[int, int], becomes: tuple[int, int]) -> None:
    picture = files.prepared(saved(Image.new("RGB", size), "PNG"), longest=1024)
    assert (picture.width, picture.height) == becomes


@pytest.mark.parametrize(("size", "side"), [((900, 600), 320), ((600, 4000), 320), ((200, 50), 50), ((60, 900), 60)])
def test_a_portrait_is_the_square_in_the_middle(size: tuple[int, int], side: int) -> None:
    image = Image.new("RGB", size, "blue")
    short, left, top = min(size), (size[0] - min(size)) // 2, (size[1] - min(size)) // 2
    image.paste("red", (left, top, left + short, top + short))
    drawn = shown(files.prepared(saved(image, "PNG"), longest=320, square=True))
    assert drawn.size == (side, side) and drawn.format == "JPEG"
    red, _green, blue = drawn.getpixel((side // 2, side // 2))  # type: ignore[misc]
    assert red > 200 and blue < 60


def test_what_could_be_seen_through_in_a_portrait_is_white() -> None:
    for mode, clear in (("RGBA", (1, 2, 3, 0)), ("LA", (9, 0))):
        drawn = shown(files.prepared(saved(Image.new(mode, (40, 60), clear), "PNG"), longest=320, square=True))
        assert min(drawn.getpixel((20, 20))) > 250  # type: ignore[arg-type]


def test_only_the_first_picture_of_a_film_is_taken() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    image = shown(files.prepared(data, longest=64))
    assert getattr(image, "n_frames", 1) == 1 and image.convert("RGB").getpixel((5, 5)) == (255, 0, 0)


def test_metadata_is_gone_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8825] = 6, "Secret camera", {2: (52.0, 31.0, 0.0)}
    photo = files.prepared(saved(Image.new("RGB", (60, 30)), "JPEG", exif=exif, comment=b"Secret"), longest=800)
    assert (photo.width, photo.height) == (30, 60)
    told = PngInfo()
    told.add_text("Author", "Secret author")
    logo = files.prepared(saved(Image.new("RGB", (9, 9)), "PNG", pnginfo=told, exif=exif), longest=800)
    for picture in (photo, logo):
        assert b"Secret" not in picture.data and not shown(picture).getexif()
        assert not {"icc_profile", "comment", "Author", "exif"} & set(shown(picture).info)


SVG = b'<?xml version="1.0"?>\n<!-- logo --><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PNG = saved(Image.effect_noise((200, 200), 80), "PNG")
REFUSED = {
    "a drawing with a script": (SVG, "drawing"),
    "a drawing behind a byte order mark": (b"\xef\xbb\xbf  " + SVG, "drawing"),
    "a bomb of 20,000 by 20,000": (bomb(20_000), "too_many_pixels"),
    "one pixel too many": (bomb(6_325), "too_many_pixels"),
    "more than 8 MB": (PNG + b"\0" * files.MOST_BYTES, "too_large"),
    "nothing": (b"", "no_picture"),
    "words": (b"hello", "no_picture"),
    "a PDF": (b"%PDF-1.7\n", "no_picture"),
    "a TIFF": (saved(Image.new("RGB", (9, 9)), "TIFF"), "no_picture"),
    "half a picture": (PNG[: len(PNG) // 2], "damaged"),
    "a head without a body": (PNG[:20], "damaged"),
    "another format behind the first bytes": (b"\xff\xd8\xff" + SVG, "damaged"),
    "a header of no size": (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)), "damaged"),
}


@pytest.mark.parametrize(("data", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_picture_for_us_is_refused_by_name_and_quickly(data: bytes, problem: str) -> None:
    begun = time.monotonic()
    with pytest.raises(Unusable) as refused:
        files.prepared(data, longest=1024)
    assert refused.value.problem == problem and problem in files.PROBLEMS
    assert time.monotonic() - begun < QUICK


def test_the_largest_that_is_taken_is_done_in_time() -> None:
    begun = time.monotonic()
    picture = files.prepared(bomb(6_324, depth=24), longest=1024)
    assert (picture.width, picture.height) == (1024, 1024)
    assert time.monotonic() - begun < drawing.PATIENCE


def test_a_reader_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "PATIENCE", 0.001)
    with pytest.raises(Unusable, match="busy"):
        files.prepared(PNG, longest=64)


def test_what_is_kept_is_on_disk_with_its_row(store: Store, tmp_path: Path) -> None:
    picture = files.prepared(PNG, longest=100)
    with store.write() as session:
        file = files.keep(session, tmp_path, picture, BEGINNING)
        assert files.path_of(tmp_path, file).read_bytes() == picture.data
    with store.read() as session:
        kept = session.scalars(select(File)).one()
        assert (kept.width, kept.height, kept.size, kept.mimetype) == (100, 100, len(picture.data), "image/png")
        assert files.read(tmp_path, kept) == picture.data
    assert files.path_of(tmp_path, kept).stat().st_mode & 0o777 == 0o640
    files.path_of(tmp_path, kept).unlink()
    assert files.read(tmp_path, kept) is None


def test_it_is_synced_before_the_row(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = files.os.fsync
    monkeypatch.setattr(files.os, "fsync", lambda what: (synced.append("sync"), real(what))[1])
    picture = files.prepared(PNG, longest=10)
    with store.write() as session:
        files.keep(session, tmp_path, picture, BEGINNING)
        assert len(synced) == 3  # the data folder, in which a folder is new; the bytes; the name of the file


def test_what_nothing_points_to_is_tidied_away_in_two_steps(store: Store, cast: Cast, tmp_path: Path) -> None:
    picture = files.prepared(PNG, longest=10)
    with store.write() as session:
        used, unused, fresh = (
            files.keep(session, tmp_path, picture, at) for at in (BEGINNING, BEGINNING, BEGINNING + timedelta(days=9))
        )
        session.get_one(Organisation, 1).logo_id = used.id
    later = BEGINNING + timedelta(days=9, hours=1)
    for file in (used, unused):
        at = BEGINNING.timestamp()
        files.os.utime(files.path_of(tmp_path, file), (at, at))
    for removed in (0, 1, 0):
        with store.write() as session:
            assert files.tidy(session, tmp_path, later) == removed
    with store.read() as session:
        assert set(session.scalars(select(File.id))) == {used.id, fresh.id}
    assert {path.name for path in (tmp_path / "files").iterdir()} == {str(used.id), str(fresh.id)}
