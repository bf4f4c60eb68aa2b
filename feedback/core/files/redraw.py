"""One picture from standard input, drawn anew on standard output; a process of its own, within limits.

Run as a script that imports nothing of ours. The first line of what it prints is the format and both sides in pixels,
with the bytes behind it; or the name of a problem, alone.
"""

import io
import resource
import sys
from contextlib import suppress

from PIL import Image, ImageCms, ImageOps

MOST_PIXELS = 40_000_000  # read from the header, before anything is decoded
MEMORY = 1 << 30  # bytes of address space; 40 million pixels in four colours and Pillow itself need half of it
SMOOTH = ("L", "RGB", "RGBA", "CMYK")  # what can be made smaller as it is
SECONDS = 8  # of processor time
QUALITY = 86


def limited() -> None:
    """Give this process no more than one picture needs: no file to write, no core to leave behind."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(OSError, ValueError):  # not every system has each of them
            resource.setrlimit(what, (most, most))


def drawn(data: bytes, longest: int, *, square: bool, flat: bool) -> bytes:
    """The answer for the picture in `data`; with `square` its middle, `flat` (as that is) without transparency."""
    Image.MAX_IMAGE_PIXELS = None  # ours is the bound, and it is an error rather than a warning
    source = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP", "GIF"))
    if source.width * source.height > MOST_PIXELS:
        return b"too_many_pixels"
    source.draft("RGB", (longest * 2, longest * 2))  # a JPEG is read no larger than it needs to be
    source.load()
    is_photo = square or flat or source.format in ("JPEG", "MPO", "WEBP")
    if source.mode in SMOOTH and not square and "transparency" not in source.info:
        source.thumbnail((longest, longest), Image.Resampling.LANCZOS)  # before it is copied again and again
    image = _plain(ImageOps.exif_transpose(source))
    if square:
        image = _middle(image, min(longest, *image.size))
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    if flat:
        image = _on_white(image)
    if is_photo and image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    kind = "JPEG" if is_photo and image.mode != "RGBA" else "PNG"
    image.info.clear()
    out = io.BytesIO()
    image.save(out, kind, optimize=True, quality=QUALITY)
    return f"{kind.lower()} {image.width} {image.height}\n".encode() + out.getvalue()


def _middle(image: Image.Image, side: int) -> Image.Image:
    """The largest square in the middle, `side` pixels wide; what could be seen through is white."""
    return _on_white(ImageOps.fit(image, (side, side), Image.Resampling.LANCZOS))


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def _plain(image: Image.Image) -> Image.Image:
    """In the web's own colours, RGB with or without transparency, whatever it came in."""
    is_clear = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    if image.mode.startswith("I"):  # sixteen bits a grey: the upper eight
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "RGBA", "CMYK"):
        image = _in_srgb(image, profile)
    return image.convert("RGBA" if is_clear else "RGB")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode=mode) or image
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # a colour a shade off is better than no picture


def main() -> None:
    """Read, draw, answer; whatever a broken picture raises is one problem."""
    limited()  # after Pillow's own libraries are in, before a byte of the picture
    data = sys.stdin.buffer.read()
    try:
        answer = drawn(data, int(sys.argv[1]), square="square" in sys.argv[2:], flat="flat" in sys.argv[2:])
    except Exception:  # Pillow raises whatever its decoders do, MemoryError among it
        answer = b"damaged"
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
