"""Pictures people hand in: checked, re-encoded without metadata, kept as files beside the database.

The bytes lie in the data folder under `files/<id>`, on disk before the row that names them commits. A file without a
row, and a row that nothing points to, stay until `tidy` finds them; `jobs` calls it.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary, String, delete, exists, inspect, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core.files.drawing import (
    LOGO,
    MOST_BYTES,
    PHOTO,
    PORTRAIT,
    PROBLEMS,
    Picture,
    Unusable,
    photo,
    prepared,
)
from feedback.core.organisation import Organisation
from feedback.db import Base, StoreError, StoreFull, id_key, moment, new_id, table_of

__all__ = [
    "LOGO",
    "MOST_BYTES",
    "PHOTO",
    "PORTRAIT",
    "PROBLEMS",
    "File",
    "Picture",
    "Unusable",
    "discard",
    "keep",
    "laid",
    "logo",
    "logo_bytes",
    "path_of",
    "photo",
    "prepared",
    "put",
    "put_all",
    "read",
    "tidy",
]
UNUSED = timedelta(days=1)  # so that what is just being handed in is not taken for something left behind
MIMETYPES = {"png": "image/png", "jpeg": "image/jpeg"}


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


def keep(session: Session, folder: Path, picture: Picture, at: datetime) -> File:
    """Put `picture` on disk in the data folder `folder`, and add the row that names it."""
    file = put(folder, picture, at)
    session.add(file)
    session.flush()  # a row that points at it may be written in the same breath
    return file


def put(folder: Path, picture: Picture, at: datetime) -> File:
    """Put `picture` on disk in the data folder `folder`; the row that will name it is not written yet.

    Raises StoreFull where there is no room.
    """
    file = File(
        id=new_id(at),
        format=picture.format,
        width=picture.width,
        height=picture.height,
        size=len(picture.data),
        sha256=hashlib.sha256(picture.data).digest(),
        made_at=at,
    )
    try:
        while not _write(path_of(folder, file), picture.data):
            file.id = new_id(at)
    except OSError as error:
        raise StoreFull from error
    return file


def put_all(folder: Path, pictures: Iterable[Picture], at: datetime) -> list[File]:
    """As put(), all of them or none."""
    laid: list[File] = []
    try:
        for picture in pictures:
            laid.append(put(folder, picture, at))
    except StoreFull:
        discard(folder, laid)
        raise
    return laid


@contextmanager
def laid(folder: Path, pictures: Iterable[Picture], at: datetime) -> Iterator[list[File]]:
    """`pictures` on disk for the length of a write: those whose rows it did not add are off it again afterwards."""
    photos = put_all(folder, pictures, at)
    try:
        yield photos
    except StoreError:
        raise  # it may have been kept for all we know; where it was not, tidy finds them
    except BaseException:
        discard(folder, photos)
        raise
    discard(folder, (photo for photo in photos if inspect(photo).transient))


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


def _write(path: Path, data: bytes) -> bool:
    """The bytes, their name and their folder's name are on disk on return; False where the name was taken."""
    if not path.parent.exists():
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        _sync(path.parent.parent)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    except FileExistsError:  # another process drew the same id in the same millisecond
        return False
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
    _sync(path.parent)
    return True


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
