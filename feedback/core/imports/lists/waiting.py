"""Files between their preview and the word to take them: in the data folder, for their uploader, for an hour."""

import os
import re
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

FOLDER = "uploads"
KEPT = timedelta(hours=1)
TOKEN = re.compile(r"[\w-]{22}")


class Waiting:
    """The files that wait in one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / FOLDER

    def put(self, data: bytes, noun: str, person_id: int, at: datetime) -> str:
        """Keep a file; the token it is found again by, by that person alone."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self.forget(at)
        token = secrets.token_urlsafe(16)
        file = self._file(token, noun, person_id)
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(data)
        os.utime(file, (at.timestamp(), at.timestamp()))
        return token

    def get(self, token: str, noun: str, person_id: int, at: datetime) -> bytes | None:
        """The file of that token, None where it is not that person's or has waited too long."""
        if not TOKEN.fullmatch(token):
            return None
        file = self._file(token, noun, person_id)
        try:
            return file.read_bytes() if file.stat().st_mtime > (at - KEPT).timestamp() else None
        except FileNotFoundError:
            return None

    def drop(self, token: str, noun: str, person_id: int) -> None:
        """Delete a file that is done with."""
        self._file(token, noun, person_id).unlink(missing_ok=True)

    def forget(self, at: datetime) -> None:
        """Delete what has waited too long."""
        with suppress(FileNotFoundError):
            for file in list(self._folder.iterdir()):
                with suppress(FileNotFoundError):  # another process was quicker
                    if file.stat().st_mtime <= (at - KEPT).timestamp():
                        file.unlink()

    def _file(self, token: str, noun: str, person_id: int) -> Path:
        return self._folder / f"{noun}-{person_id}-{token}.csv"
