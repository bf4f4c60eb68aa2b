"""A backup: a tar file with a copy of the SQLite database, pictures and the secret key, for its owner's eyes only."""

import io
import os
import re
import shutil
import tarfile
from contextlib import closing, suppress
from pathlib import Path
from typing import IO, Any

from feedback import migrations
from feedback.cli.errand import Trouble
from feedback.db import sqlite

DATABASE, SECRET, PICTURES = "firsthand.db", "secret_key", "files"  # names inside the file
PICTURE = re.compile(rf"{PICTURES}/[0-9]{{1,19}}")
LONGEST_SECRET = 4096
WAIT = 30  # seconds for a writer to finish
MARGIN = 1000  # changes of the organisation that others could make while a backup is put in its place


def copy(source: Path, target: Path) -> None:
    """Copy a whole database as it is at one moment, while others read and write. Raises Trouble."""
    try:
        with closing(_opened(source)) as old, closing(_opened(target)) as new:
            old.backup(new)
    except sqlite.DatabaseError as error:
        raise Trouble(f"{source} cannot be copied: {error}") from error
    _check_pages(target)
    _settle(target)


def pack(folder: Path, secret: str, target: Path, pictures: Path) -> None:
    """Write the copy in `folder`, what lies in `pictures` and the secret to `target`, wholly or not at all.

    A picture is on disk before a row names it, so that the copy, made first, names none that is not there yet.
    """
    draft = folder / "draft.tar"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        with tarfile.open(fileobj=out, mode="w") as tar:
            tar.add(folder / DATABASE, DATABASE, filter=_private)
            entry = _private(tarfile.TarInfo(SECRET))
            entry.size = len(secret.encode())
            tar.addfile(entry, io.BytesIO(secret.encode()))
            for picture in sorted(pictures.glob("*")):
                with suppress(FileNotFoundError):  # one that nothing named was tidied away meanwhile
                    tar.add(picture, f"{PICTURES}/{picture.name}", filter=_private)
        out.flush()
        os.fsync(out.fileno())
    draft.rename(target)
    _settle(target.parent)


def unpack(file: Path, folder: Path) -> str:
    """Put the database and the pictures of a backup into `folder`; the secret key that came with it. Raises Trouble."""
    try:
        with tarfile.open(file, "r:") as tar:
            secret = _member(tar, SECRET).read(LONGEST_SECRET).decode().strip()
            with _member(tar, DATABASE) as packed, (folder / DATABASE).open("wb") as out:
                shutil.copyfileobj(packed, out)
            (folder / PICTURES).mkdir(exist_ok=True)
            for name in filter(PICTURE.fullmatch, tar.getnames()):
                with _member(tar, name) as packed, (folder / name).open("wb") as out:
                    shutil.copyfileobj(packed, out)
    except (tarfile.TarError, KeyError, UnicodeDecodeError) as error:
        raise Trouble(f"{file} is no backup made by this command") from error
    if not secret:
        raise Trouble(f"{file} holds no secret key, without which its receipts and passwords open nothing")
    _check_version(folder / DATABASE)
    _check_pages(folder / DATABASE)
    return secret


def outdate(database: Path, seen: int) -> None:
    """Raise the organisation's version past `seen` and whatever is changed until the copy takes its place.

    Running processes compare only for equality, and would show what they prepared of the organisation as it was.
    """
    with closing(_opened(database)) as connection:
        connection.execute("UPDATE organisation SET version = max(version, ?) + ?", (seen, MARGIN))


def keep_pictures(folder: Path, pictures: Path) -> None:
    """Move the pictures of an unpacked backup to those of the installation, on disk before the rows that name them."""
    pictures.mkdir(mode=0o750, exist_ok=True)
    for picture in (folder / PICTURES).iterdir():
        with picture.open("rb+") as written:
            os.fchmod(written.fileno(), 0o640)
            os.fsync(written.fileno())
        shutil.move(picture, pictures / picture.name)
    _settle(pictures)


def keep_secret(secret: str, data_dir: Path) -> None:
    """Make `secret` the key of the installation."""
    draft = data_dir / f".{SECRET}.restored"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(secret)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(data_dir / SECRET)
    _settle(data_dir)


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    found = tar.extractfile(name)
    if found is None:
        raise KeyError(name)
    return found


def _check_version(database: Path) -> None:
    """A backup of a newer version would be read wrongly by this one. Raises Trouble."""
    try:
        with closing(_opened(database)) as connection:
            (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite.DatabaseError, TypeError) as error:
        raise Trouble("the database in this backup is not one of Firsthand") from error
    if version not in migrations.versions():
        raise Trouble("this backup was made by a newer version of Firsthand; install that one first")


def _check_pages(database: Path) -> None:
    """Raises Trouble where the file cannot be read from end to end."""
    try:
        with closing(_opened(database)) as connection:
            found = connection.execute("PRAGMA quick_check").fetchone()
    except sqlite.DatabaseError as error:
        raise Trouble(f"{database.name} is damaged: {error}") from error
    if found != ("ok",):
        raise Trouble(f"{database.name} is damaged: {found[0]}")


def _opened(database: Path) -> Any:
    return sqlite.connect(str(database), timeout=WAIT, isolation_level=None)


def _private(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.mode, entry.uid, entry.gid, entry.uname, entry.gname = 0o600, 0, 0, "", ""
    return entry


def _settle(path: Path) -> None:
    """Make sure that a file, or what a folder lists, survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
