"""Pictures people hand in: checked, re-encoded without metadata, kept as files beside the database.

The bytes lie in the data folder under `files/<id>`, on disk before the row that names them commits. A file without a
row, and a row that nothing points to, stay until `tidy` finds them; `jobs` calls it.
"""

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary, String, delete, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core.organisation import Organisation
from feedback.db import Base, id_key, moment, new_id, table_of

MOST_BYTES = 8 * 1024 * 1024
LOGO, PHOTO, PORTRAIT = 1024, 1600, 320  # pixels on the longest side, as kept; a portrait is square
PATIENCE = 15.0  # seconds until a picture that is still being read is given up
AT_ONCE, IN_LINE = 1, 4  # pictures a process draws at a time, and threads that may be about it: each can take much memory
TURN = 10.0  # seconds for one's turn to come
DRAWING, LINE = threading.BoundedSemaphore(AT_ONCE), threading.BoundedSemaphore(IN_LINE)
HEAD = 4096  # bytes that tell what a file is
UNUSED = timedelta(days=1)  # so that what is just being handed in is not taken for something left behind
MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
MIMETYPES = {"png": "image/png", "jpeg": "image/jpeg"}
REDRAW = Path(__file__).with_name("redraw.py")


class Unusable(Exception):
    """What was handed in cannot be kept as a picture; `problem` is one of PROBLEMS."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


PROBLEMS = ("too_large", "drawing", "no_picture", "too_many_pixels", "damaged", "busy")


class File(Base):
    """One picture as it was re-encoded; the bytes lie in the data folder under its id."""

    __tablename__ = "file"
    __table_args__ = (CheckConstraint("width > 0 and height > 0 and size > 0", name="measures"),)

    id: Mapped[id_key]
    format: Mapped[str] = mapped_column(String(8))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    made_at: Mapped[moment]

    @property
    def mimetype(self) -> str:
        """As an answer names it."""
        return MIMETYPES[self.format]


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


def keep(session: Session, folder: Path, picture: Picture, at: datetime) -> File:
    """Put `picture` on disk in the data folder `folder`, and add the row that names it."""
    file = put(folder, picture, at)
    session.add(file)
    session.flush()  # a row that points at it may be written in the same breath
    return file


def put(folder: Path, picture: Picture, at: datetime) -> File:
    """Put `picture` on disk in the data folder `folder`; the row that will name it is not written yet."""
    file = File(
        id=new_id(at),
        format=picture.format,
        width=picture.width,
        height=picture.height,
        size=len(picture.data),
        sha256=hashlib.sha256(picture.data).digest(),
        made_at=at,
    )
    _write(path_of(folder, file), picture.data)
    return file


def discard(folder: Path, unkept: Iterable[File]) -> None:
    """Take off the disk what no row came to name; never what may have been kept although an error was told."""
    for file in unkept:
        path_of(folder, file).unlink(missing_ok=True)


def path_of(folder: Path, file: File) -> Path:
    """Where the bytes of `file` lie in the data folder `folder`."""
    return folder / "files" / str(file.id)


def read(folder: Path, file: File) -> bytes | None:
    """The bytes of `file`; None where they are gone from the data folder."""
    try:
        return path_of(folder, file).read_bytes()
    except FileNotFoundError:
        return None


def logo(session: Session) -> File | None:
    """The organisation's logo."""
    return session.scalar(select(File).join(Organisation, Organisation.logo_id == File.id))


def logo_bytes(session: Session, folder: Path) -> bytes | None:
    """The organisation's logo itself; None without one."""
    found = logo(session)
    return read(folder, found) if found else None


def tidy(session: Session, folder: Path, at: datetime) -> int:
    """Forget pictures that nothing points to any more, and files that no row names; the number of these.

    The files go only when their rows are gone for good: with the next call.
    """
    left = {path for path in (folder / "files").glob("*") if path.stat().st_mtime < (at - UNUSED).timestamp()}
    named = {str(id) for id in session.scalars(select(File.id))} if left else set()
    gone = [path for path in left if path.name not in named]
    for path in gone:
        path.unlink(missing_ok=True)
    unused = [~exists().where(column == File.id) for column in _pointing()]
    session.execute(delete(File).where(File.made_at < at - UNUSED, *unused))
    return len(gone)


def _pointing() -> Iterator[Column[int]]:
    """Every column of any table that refers to a file."""
    own = table_of(File).c.id
    for table in Base.metadata.tables.values():
        yield from (key.parent for key in table.foreign_keys if key.column is own)


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
    command = [sys.executable, "-I", str(REDRAW), str(longest), *(["square"] if square else []), *(["flat"] if flat else [])]
    given = {"input": source} if isinstance(source, bytes) else {"stdin": source}
    try:
        with _turn():
            done = subprocess.run(command, **given, capture_output=True, timeout=PATIENCE, check=False)  # type: ignore[call-overload]  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise Unusable("damaged") from error
    except OSError as error:  # no process to be had at this moment
        raise Unusable("busy") from error
    told, _, drawn = done.stdout.partition(b"\n")
    words = told.decode("ascii", "replace").split()
    if done.returncode or not words:
        raise Unusable("damaged")
    if words[0] in PROBLEMS:
        raise Unusable(words[0])
    return Picture(words[0], int(words[1]), int(words[2]), drawn)


def _write(path: Path, data: bytes) -> None:
    """The bytes, their name and their folder's name are on disk on return."""
    if not path.parent.exists():
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        _sync(path.parent.parent)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
