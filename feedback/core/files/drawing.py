"""Drawing what people hand in anew, in a child process with limits: what comes out is a picture and nothing else.

Few are drawn at a time, because each can take much memory and a processor for seconds.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MOST_BYTES = 8 * 1024 * 1024
LOGO, PHOTO, PORTRAIT = 1024, 1600, 320  # pixels on the longest side, as kept; a portrait is square
PATIENCE = 15.0  # seconds until a picture that is still being read is given up; its processor time ends before
AT_ONCE = 1  # pictures that one process draws: each can take hundreds of megabytes
IN_LINE = 4  # threads that may be about it; the others are for those who bring none
TURN = 10.0  # seconds for one's turn to come
DRAWING, LINE = threading.BoundedSemaphore(AT_ONCE), threading.BoundedSemaphore(IN_LINE)
HEAD = 4096  # bytes that tell what a file is
MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
REDRAW = Path(__file__).with_name("redraw.py")


class Unusable(Exception):
    """What was handed in cannot be kept as a picture; `problem` is one of PROBLEMS."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


PROBLEMS = ("too_large", "drawing", "no_picture", "too_many_pixels", "damaged", "busy")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture drawn anew: 'png' or 'jpeg', sides in pixels, and its bytes."""

    format: str
    width: int
    height: int
    data: bytes


def prepared(data: bytes, *, longest: int, square: bool = False, flat: bool = False) -> Picture:
    """The picture in `data`, its longest side at most `longest` pixels; with `square` its middle. Raises Unusable.

    `flat` makes a JPEG of it, whatever it was. Takes up to PATIENCE seconds once its turn has come (else "busy"), and
    is done before any turn to write is asked for.
    """
    _check(data[:HEAD], len(data))
    return _redrawn(data, longest, square=square, flat=flat)


def photo(file: IO[bytes]) -> Picture:
    """The photo in `file`, which lies on disk: nobody but the child that draws it reads it whole. Raises Unusable."""
    file.flush()
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    _check(file.read(HEAD), size)
    os.lseek(file.fileno(), 0, os.SEEK_SET)  # where the child begins; what Python holds back of it is not asked again
    return _redrawn(file, PHOTO, flat=True)


def _check(head: bytes, size: int) -> None:
    """Raises Unusable for what is no picture by its size and first bytes."""
    if size > MOST_BYTES:
        raise Unusable("too_large")
    if _is_drawing(head):
        raise Unusable("drawing")
    if not head.startswith(MAGIC) and not (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        raise Unusable("no_picture")


def _is_drawing(head: bytes) -> bool:
    """Whether it is an SVG, which is a program as much as a picture."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith(b"<") and b"<svg" in start


@contextmanager
def _turn() -> Iterator[None]:
    """One's turn to draw. Raises Unusable where too many wait for it already, or it does not come."""
    if not LINE.acquire(blocking=False):
        raise Unusable("busy")
    try:
        if not DRAWING.acquire(timeout=TURN):
            raise Unusable("busy")
        try:
            yield
        finally:
            DRAWING.release()
    finally:
        LINE.release()


def _redrawn(source: bytes | IO[bytes], longest: int, *, square: bool = False, flat: bool = False) -> Picture:
    """What a child process makes of it: whatever a picture does to its reader, it does not do it here."""
    command = [
        sys.executable,
        "-I",
        str(REDRAW),
        str(longest),
        *(["square"] if square else []),
        *(["flat"] if flat else []),
    ]
    given, stream = (source, None) if isinstance(source, bytes) else (None, source)
    try:
        with _turn():
            done = subprocess.run(  # noqa: S603
                command, input=given, stdin=stream, capture_output=True, timeout=PATIENCE, check=False
            )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise Unusable("busy") from error  # a picture that takes too much itself is stopped by its processor time
    told, _, drawn = done.stdout.partition(b"\n")
    words = told.decode("ascii", "replace").split()
    if done.returncode or not words:
        raise Unusable("damaged")
    if words[0] in PROBLEMS:
        raise Unusable(words[0])
    return Picture(words[0], int(words[1]), int(words[2]), drawn)
