"""Three hundred files that nobody should hand in, made by program: bombs, polyglots, metadata, torn and mislabelled.

Every one that has room for it carries CANARY where a reader would not look; nothing that is served may hold it.
"""

import io
import random
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

CANARY = b"CANARY-7f3a-52.5200N-13.4050E"
COUNT = 300
BOUNDARY = b"----firsthand-hostile"
FORM = f"multipart/form-data; boundary={BOUNDARY.decode()}"
BEHIND = {
    "html": b"<html><script>alert('" + CANARY + b"')</script></html>",
    "zip": b"PK\x03\x04\x14\0\0\0\0\0" + CANARY + b"PK\x05\x06" + bytes(18),
    "js": b"*/=1;alert('" + CANARY + b"');/*",
    "pdf": b"%PDF-1.7\n1 0 obj<</JS(" + CANARY + b")>>endobj\n%%EOF",
    "php": b"<?php system('" + CANARY + b"'); ?>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>' + CANARY + b"</script></svg>",
}
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="' + CANARY + b'"/>'
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>' + CANARY + b"</exif:GPSLatitude></x:xmpmeta>"
OTHERS = {
    "svg": SVG,
    "svg behind a mark": b"\xef\xbb\xbf \n" + SVG,
    "html": BEHIND["html"],
    "pdf": BEHIND["pdf"],
    "zip": BEHIND["zip"],
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + CANARY * 9,
    "avif": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + CANARY * 9,
    "film": b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + CANARY * 9,
    "program": b"MZ\x90\0" + CANARY * 9,
    "elf": b"\x7fELF\x02\x01\x01" + CANARY * 9,
    "words": CANARY,
    "nothing": b"",
    "one byte": b"\xff",
    "the first bytes of a jpeg": b"\xff\xd8\xff",
    "the first bytes of a png": b"\x89PNG\r\n\x1a\n",
    "the first bytes of a gif": b"GIF89a",
    "the first bytes of a webp": b"RIFF\x10\0\0\0WEBP",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n" + CANARY,
    "a jpeg that is a drawing": b"\xff\xd8\xff" + SVG,
    "a gif that is a page": b"GIF89a" + BEHIND["html"],
}


@dataclass(frozen=True, slots=True)
class Hostile:
    """One file as it is handed in: what it says it is, and what it is."""

    name: str
    data: bytes
    filename: str = "photo.jpg"
    mimetype: str = "image/jpeg"


@cache
def files() -> tuple[Hostile, ...]:
    """All three hundred, the same each time."""
    made = [*bombs(), *polyglots(), *metadata(), *mislabelled(), *sizes(), *films(), *colours(), *torn()]
    dice = random.Random(7)
    made += [flipped(made[n % len(made)], dice, n) for n in range(COUNT - len(made))]
    assert len(made) == COUNT and len({one.name for one in made}) == COUNT
    return tuple(made)


def a_dozen() -> tuple[Hostile, ...]:
    """Of each sort one or two, without making all the others."""
    wanted = (
        (polyglots, "JPEG and html behind it"), (polyglots, "PNG and zip behind it"), (polyglots, "svg in a chunk of its own"),
        (metadata, "JPEG with place and camera, turned 6"), (metadata, "WEBP with a profile"),
        (mislabelled, "svg that says it is a jpeg"), (mislabelled, "heic that says it is a jpeg"),
        (mislabelled, "nothing that says it is a jpeg"), (films, "film as GIF"), (colours, "jpeg in CMYK"),
        (colours, "png in I;16"), (torn, "JPEG, 9 sixteenths of it"),
    )  # fmt: skip
    return tuple(next(one for one in sort() if one.name == name) for sort, name in wanted)


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    """A picture as a file of that kind."""
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *, depth: int = 1, colour: int = 0, before: bytes = b"", rows: int = -1) -> bytes:
    """A PNG of zeros that is small to send and large to decode; with `rows` of what its header promises."""
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    squeeze, row = zlib.compressobj(9), b"\0" * ((width * bits + 7) // 8 + 1)
    body = b"".join(squeeze.compress(row) for _ in range(height if rows < 0 else rows)) + squeeze.flush()
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    colours = chunk(b"PLTE", b"\0\0\0\xff\xff\xff") if colour == 3 else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + before + colours + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@cache
def scene(size: tuple[int, int] = (240, 160)) -> Image.Image:
    """A picture with something on it."""
    return Image.merge(
        "RGB",
        [Image.radial_gradient("L").resize(size), Image.linear_gradient("L").resize(size)] * 1
        + [Image.new("L", size, 90)],
    )


def jpeg(**how: Any) -> bytes:
    return saved(scene(), "JPEG", **how)


def bombs() -> Iterator[Hostile]:
    for side in (6_325, 10_000, 20_000, 30_000):
        yield Hostile(f"bomb of {side} pixels a side", png(side, side), "bomb.png", "image/png")
    for width, height in ((65_535, 65_535), (2**31 - 1, 1), (1, 2**31 - 1), (2**31 - 1, 2**31 - 1), (2**32 - 1, 9)):
        yield Hostile(
            f"png that says {width} by {height}", png(width, height, rows=0) if width < 2**20 else head(width, height)
        )
    for name, colour, depth in (("grey", 0, 16), ("colour", 2, 8), ("clear", 6, 8), ("deep", 6, 16), ("palette", 3, 8)):
        yield Hostile(f"bomb that is just small enough, {name}", png(6_324, 6_324, colour=colour, depth=depth))
    squeezed = zlib.compress(b"A" * 200_000_000, 9)
    yield Hostile("words that swell in a png", png(9, 9, before=chunk(b"zTXt", b"k\0\0" + squeezed)))
    yield Hostile("a profile that swells in a png", png(9, 9, before=chunk(b"iCCP", b"k\0\0" + squeezed)))
    yield Hostile("words that swell, in many tongues", png(9, 9, before=chunk(b"iTXt", b"k\0\1\0\0\0" + squeezed)))
    yield Hostile("ten thousand chunks", png(9, 9, before=chunk(b"tEXt", b"k\0" + CANARY) * 10_000))
    for width, height in ((65_500, 65_500), (65_535, 600), (60_000, 20_000)):
        data = bytearray(jpeg())
        at = data.index(b"\xff\xc0")
        data[at + 5 : at + 9] = struct.pack(">HH", height, width)
        yield Hostile(f"jpeg that says {width} by {height}", bytes(data))
    for width, height in ((65_535, 65_535), (60_000, 600)):
        data = bytearray(saved(scene(), "GIF"))
        data[6:10] = struct.pack("<HH", width, height)
        yield Hostile(f"gif on a screen of {width} by {height}", bytes(data), "film.gif", "image/gif")
    yield Hostile(
        "webp as large as one can be", saved(Image.new("RGB", (16_383, 2_400)), "WEBP"), "x.webp", "image/webp"
    )
    yield Hostile("jpeg drawn in a hundred passes", passes(), "slow.jpg")
    yield Hostile("more than eight megabytes", jpeg() + CANARY * 300_000)


def head(width: int, height: int) -> bytes:
    """A PNG that is hardly more than its promise."""
    told = struct.pack(">IIBBBBB", width & 0xFFFFFFFF, height & 0xFFFFFFFF, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", told) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")


def passes() -> bytes:
    """A progressive JPEG whose last pass comes again and again."""
    data = saved(scene((1600, 1200)), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * 100 + data[-2:]


def polyglots() -> Iterator[Hostile]:
    for kind in ("PNG", "JPEG", "GIF", "WEBP"):
        whole = saved(scene(), kind)
        for what, behind in BEHIND.items():
            yield Hostile(f"{kind} and {what} behind it", whole + behind, f"photo.{what}", f"image/{kind.lower()}")
    for what, inside in BEHIND.items():
        yield Hostile(f"{what} in the comment of a jpeg", jpeg(comment=inside))
        told = PngInfo()
        told.add_text("Comment", inside.decode("latin-1"))
        yield Hostile(f"{what} in the words of a png", saved(scene(), "PNG", pnginfo=told), "x.php.png", "image/png")
        yield Hostile(f"{what} in a chunk of its own", png(9, 9, before=chunk(b"teSt", inside)), "x.html", "text/html")
    yield Hostile("a gif that is a script", saved(scene(), "GIF", comment=BEHIND["js"]), "x.js", "text/javascript")
    pixels = (BEHIND["html"] * 9)[: 3 * 9 * 9]
    yield Hostile("a page in the pixels", saved(Image.frombytes("RGB", (9, 9), pixels), "PNG"), "x.png", "image/png")


def metadata() -> Iterator[Hostile]:
    exif = Image.Exif()
    exif[0x010F] = exif[0x010E] = CANARY.decode()
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0), 29: CANARY.decode()}
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + CANARY
    for turn in range(9):
        exif[0x0112] = turn
        for kind in ("JPEG", "PNG", "WEBP"):
            yield Hostile(f"{kind} with place and camera, turned {turn}", saved(scene(), kind, exif=exif))
    for kind in ("JPEG", "PNG", "WEBP"):
        yield Hostile(f"{kind} with a profile", saved(scene(), kind, icc_profile=profile))
        yield Hostile(f"{kind} with a profile that is none", saved(scene(), kind, icc_profile=CANARY * 40))
    yield Hostile("JPEG with xmp", saved(scene(), "JPEG", xmp=XMP))
    yield Hostile("WEBP with xmp", saved(scene(), "WEBP", xmp=XMP))
    told = PngInfo()
    told.add_itxt("XML:com.adobe.xmp", XMP.decode())
    told.add_text("Author", CANARY.decode(), zip=True)
    yield Hostile("PNG with xmp", saved(scene(), "PNG", pnginfo=told))
    whole = jpeg()
    for number in range(1, 16):
        part = b"\xff" + bytes([0xE0 + number]) + struct.pack(">H", len(CANARY) + 2) + CANARY
        yield Hostile(f"JPEG with CANARY in APP{number}", whole[:2] + part + whole[2:])
    small = saved(Image.new("RGB", (16, 16), "red"), "JPEG", comment=CANARY)
    exif[0x927C] = small
    yield Hostile("JPEG with a preview", saved(scene(), "JPEG", exif=exif))
    yield Hostile(
        "JPEG with a second picture", saved(scene(), "MPO", save_all=True, append_images=[scene()], exif=exif)
    )
    yield Hostile("GIF with a comment", saved(scene(), "GIF", comment=CANARY * 9), "x.gif", "image/gif")


def mislabelled() -> Iterator[Hostile]:
    for name, data in OTHERS.items():
        yield Hostile(f"{name} that says it is a jpeg", data)
    for kind in ("TIFF", "BMP", "ICO", "PPM", "TGA", "JPEG2000", "PCX", "PDF", "EPS"):
        data = saved(scene(), kind)
        yield Hostile(f"{kind} that says it is a png", data, "photo.png", "image/png")
    for kind, filename in (("PNG", "photo.jpg"), ("JPEG", "photo.svg"), ("GIF", "photo.exe"), ("WEBP", "photo")):
        yield Hostile(f"{kind} called {filename}", saved(scene(), kind), filename, "application/octet-stream")
    for filename in (
        "../../../../etc/passwd",
        "C:\\autoexec.bat",
        "a\0b.jpg",
        "x" * 900 + ".jpg",
        '"; rm -rf /".jpg',
        "٭.jpg",
    ):
        yield Hostile(f"a name like {filename[:20]!r}", jpeg(comment=CANARY), filename)


def sizes() -> Iterator[Hostile]:
    for width, height in ((1, 1), (1, 65_500), (65_500, 1), (2, 16_000), (16_000, 2), (4_000, 3_000)):
        yield Hostile(f"jpeg of {width} by {height}", saved(Image.new("RGB", (width, height)), "JPEG", comment=CANARY))
    for width, height in ((0, 0), (0, 9), (9, 0)):
        yield Hostile(f"png of {width} by {height}", head(width, height))
    noise = Image.effect_noise((3_400, 2_500), 120).convert("RGB")
    yield Hostile("a photo of almost eight megabytes", saved(noise, "JPEG", quality=93, comment=CANARY))


def films() -> Iterator[Hostile]:
    frames = [Image.new("RGB", (90, 60), (n, 255 - n, 90)) for n in range(0, 250, 10)]
    for kind in ("GIF", "WEBP", "PNG"):
        yield Hostile(f"film as {kind}", saved(frames[0], kind, save_all=True, append_images=frames[1:]))
    yield Hostile("film of thousands", saved(frames[0], "GIF", save_all=True, append_images=frames * 80))
    yield Hostile("film with a comment", saved(frames[0], "GIF", save_all=True, append_images=frames, comment=CANARY))


def colours() -> Iterator[Hostile]:
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        image = scene().convert(mode) if mode != "I;16" else Image.new("I;16", (90, 60), 40_000)
        yield Hostile(f"png in {mode}", saved(image, "PNG"))
    yield Hostile("png in P, seen through", saved(scene().convert("P"), "PNG", transparency=b"\0\x80\xff"))
    yield Hostile("jpeg in CMYK", saved(scene().convert("CMYK"), "JPEG", comment=CANARY))
    yield Hostile("jpeg in grey", saved(scene().convert("L"), "JPEG", comment=CANARY))
    yield Hostile("jpeg in passes", jpeg(progressive=True, comment=CANARY))
    for colour in (2, 6):
        yield Hostile(f"png of sixteen bits, {colour}", png(60, 40, depth=16, colour=colour))
    yield Hostile("webp without loss", saved(scene().convert("RGBA"), "WEBP", lossless=True))


def torn() -> Iterator[Hostile]:
    for kind in ("JPEG", "PNG", "GIF", "WEBP"):
        whole = saved(scene(), kind)
        for part in range(1, 16):
            yield Hostile(f"{kind}, {part} sixteenths of it", whole[: len(whole) * part // 16])


def flipped(one: Hostile, dice: random.Random, number: int) -> Hostile:
    """The same with a few bits the other way round."""
    data = bytearray(one.data[:200_000])
    for _ in range(min(len(data), 6)):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return Hostile(f"{number}: {one.name}, bits flipped", bytes(data), one.filename, one.mimetype)


def form(fields: Mapping[str, str], photos: Iterable[Hostile | bytes], *, name: str = "photo") -> bytes:
    """A form as a browser sends it (FORM), whatever its files are called; bytes alone are an ordinary photo's."""
    parts = [
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (BOUNDARY, key.encode(), value.encode())
        for key, value in fields.items()
    ]
    parts += [
        b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: %s\r\n\r\n%s\r\n'
        % (BOUNDARY, name.encode(), one.filename.replace('"', "%22").encode(), one.mimetype.encode(), one.data)
        for one in (Hostile("", one) if isinstance(one, bytes) else one for one in photos)
    ]
    return b"".join(parts) + b"--%s--\r\n" % BOUNDARY


def faults(original: bytes, served: bytes) -> list[str]:
    """What is wrong with a picture as it is served, nothing for a bare JPEG: metadata, something behind it, CANARY."""
    found = ["it is the file itself"] if served == original else []
    if any(sign in served for sign in (CANARY, b"<script", b"<?php", b"%PDF")):
        found.append("something was carried along")
    if not served.startswith(b"\xff\xd8"):
        return [*found, "it is no JPEG"]
    at = 2
    while served[at] == 0xFF and served[at + 1] != 0xDA:
        if served[at + 1] == 0xFE or 0xE1 <= served[at + 1] <= 0xEF:
            found.append(f"metadata in segment {served[at + 1]:x}")
        at += 2 + int.from_bytes(served[at + 2 : at + 4])
    if served.find(b"\xff\xd9", at) != len(served) - 2:
        found.append("something stands behind its end")
    Image.open(io.BytesIO(served)).load()
    return found
