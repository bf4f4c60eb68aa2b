"""The one input edge of customers' forms: bytes in, clean text out, with a note of what was not text.

Werkzeug would turn bad bytes into an empty form or literal percent signs, and takes the first of two values;
here every value is either kept exactly or reported. Photos are laid on disk piece by piece, under no name, while they
come in; what becomes of them is for `pictures` to say.
"""

import hashlib
import itertools
import re
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData
from werkzeug.wrappers import Request

from feedback.core.attachments import MOST
from feedback.core.files import MOST_BYTES
from feedback.db import StoreFull
from feedback.web.forms import arrival

LARGEST = 2 * 1024 * 1024  # of all that is not a photo
WITH_PHOTOS = 30 * 1024 * 1024  # with room for a photo that is told to be too large; what the proxies in deploy/ let in
MOST_FIELDS = 200
DRAINED = 16 * 1024 * 1024  # of a body that is too large, read and thrown away so that the answer is heard
PIECE = 64 * 1024
PHOTO = "photo"
BARE = re.compile(
    rb'Content-Disposition: form-data; name="(\w{1,64})"(; filename=""\r\nContent-Type: application/octet-stream)?',
    re.ASCII,
)  # the head of a field, or of a file that nobody chose


@dataclass(slots=True)
class Sent:
    """What a form sent: the values of each name, as far as they are text, and the names with a problem."""

    values: dict[str, list[str]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    photos: list["Upload"] = field(default_factory=list)

    def one(self, name: str) -> str:
        """The value of `name`, or "" where it was not sent."""
        return self.values.get(name, [""])[0]

    def add(self, name: str, raw: bytes) -> None:
        """Take one value; NUL and what is not UTF-8 is left out and reported."""
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = raw.decode(errors="replace")
            self.problems.setdefault(name, "not_text")
        if "\0" in text:
            text = text.replace("\0", "")
            self.problems.setdefault(name, "not_text")
        self.values.setdefault(name, []).append(text.replace("\r\n", "\n"))
        if len(self.values[name]) > 1:
            self.problems.setdefault(name, "one_value")

    def add_photo(self, photo: "Upload") -> None:
        """Take one photo; one too many, or one that is too large, is reported and not kept."""
        if photo.size > MOST_BYTES:
            self.problems.setdefault(PHOTO, "photo_too_large")
        elif len(self.photos) == MOST:
            self.problems.setdefault(PHOTO, "too_many_photos")
        else:
            self.photos.append(photo)


class Upload:
    """One photo as it comes in: in a file without a name, which is gone with this object. Raises StoreFull."""

    def __init__(self) -> None:
        self.size = 0
        self._hash = hashlib.sha256()
        with _room():
            self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        weakref.finalize(self, self.file.close)

    def take(self, piece: bytes) -> None:
        """One more piece of it; of what is too large only its size is of interest."""
        self.size += len(piece)
        if self.size <= MOST_BYTES:
            self._hash.update(piece)
            with _room():
                self.file.write(piece)

    @property
    def digest(self) -> str:
        """What tells it from any other photo."""
        return self._hash.hexdigest()


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreFull from error


def read(request: Request, *, photos: bool = False) -> Sent:
    """What `request` sent, with its photos where they are asked for.

    Raises RequestEntityTooLarge, UnsupportedMediaType or StoreFull, and what `arrival` does.
    """
    kind, options = parse_options_header(request.headers.get("Content-Type", ""))
    if kind not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        raise UnsupportedMediaType
    length = request.content_length  # None where the body comes in chunks, or where there is none
    if length is None and "chunked" not in request.headers.get("Transfer-Encoding", "").lower():
        length = 0
    is_multipart = kind == "multipart/form-data"
    most = WITH_PHOTOS if is_multipart and photos else LARGEST
    with arrival.turn(request.environ["wsgi.input"], is_large=length is None or length > LARGEST) as stream:
        pieces = _pieces(stream, length, most)
        if not is_multipart:
            return _urlencoded(b"".join(pieces))
        try:
            return _multipart(pieces, options["boundary"].encode("latin-1"), photos=photos)
        except (KeyError, ValueError) as error:
            raise UnsupportedMediaType from error
        except RequestEntityTooLarge:
            _drain(stream, DRAINED)
            raise


def _pieces(stream: IO[bytes], length: int | None, most: int) -> Iterator[bytes]:
    """The body, piece by piece. Raises RequestEntityTooLarge once it is."""
    left = most if length is None else length
    if left > most:
        _drain(stream, min(left, DRAINED))
        raise RequestEntityTooLarge
    while left > 0 and (piece := stream.read(min(left, PIECE))):
        left -= len(piece)
        yield piece
    if length is None and left == 0 and stream.read(1):
        raise RequestEntityTooLarge


def _drain(stream: IO[bytes], left: int) -> None:
    while left > 0 and (piece := stream.read(min(left, PIECE))):
        left -= len(piece)


def _urlencoded(body: bytes) -> Sent:
    sent = Sent()
    pairs = body.split(b"&")
    if len(pairs) > MOST_FIELDS:
        raise RequestEntityTooLarge  # rather than lose what stands behind them
    for pair in pairs:
        if pair:
            name, _, value = pair.replace(b"+", b" ").partition(b"=")
            sent.add(unquote_to_bytes(name).decode(errors="replace"), unquote_to_bytes(value))
    return sent


def _multipart(pieces: Iterator[bytes], boundary: bytes, *, photos: bool) -> Sent:
    first = next(pieces, b"")
    if sent := _plain(first, boundary):
        return sent
    parts = Parts(boundary, photos=photos)
    for piece in itertools.chain((first,), pieces):
        parts.feed(piece)
    parts.feed(None)
    return parts.sent


def _plain(body: bytes, boundary: bytes) -> Sent | None:
    """A body as browsers write it when no photo was chosen, read ten times as fast; None where it is anything else."""
    line = b"--" + boundary
    if not body.startswith(line + b"\r\n") or not body.endswith(b"\r\n" + line + b"--\r\n"):
        return None
    parts = body[len(line) + 2 : -len(line) - 6].split(b"\r\n" + line + b"\r\n")
    fields = [(BARE.fullmatch(head), value) for head, _, value in (part.partition(b"\r\n\r\n") for part in parts)]
    if len(fields) > MOST_FIELDS:
        return None
    sent = Sent()
    for match, value in fields:
        if match is None or (match[2] and value):
            return None
        sent.add(match[1].decode(), value)
    return sent


class Parts:
    """The parts of a multipart body, while it comes in. Raises RequestEntityTooLarge, ValueError or StoreFull."""

    def __init__(self, boundary: bytes, *, photos: bool) -> None:
        self.sent = Sent()
        self._decoder = MultipartDecoder(boundary, max_form_memory_size=LARGEST, max_parts=MOST_FIELDS)
        self._takes_photos = photos
        self._beside = 0  # bytes so far that are no photo's
        self._name, self._value, self._is_file = "", bytearray(), False
        self._photo: Upload | None = None

    def feed(self, piece: bytes | None) -> None:
        """The next piece; None at the end."""
        self._decoder.receive_data(piece)
        self._beside += len(piece or b"")
        while not isinstance(event := self._decoder.next_event(), Epilogue | NeedData):
            if isinstance(event, Field | File):
                self._begin(event)
            elif isinstance(event, Data):
                self._take(event)
        if self._beside > LARGEST:
            raise RequestEntityTooLarge

    def _begin(self, part: Field | File) -> None:
        self._name, self._value = part.name or "", bytearray()
        self._is_file = isinstance(part, File) and bool(part.filename)  # an empty one says that none was chosen
        takes = self._takes_photos and self._is_file and self._name == PHOTO
        self._photo = Upload() if takes else None

    def _take(self, data: Data) -> None:
        if self._photo:
            self._photo.take(data.data)
            self._beside -= len(data.data)
        elif not self._is_file:
            self._value += data.data
        if not data.more_data:
            self._end()

    def _end(self) -> None:
        if self._photo:
            self.sent.add_photo(self._photo)
        elif self._is_file:
            self.sent.files.add(self._name)
        else:
            self.sent.add(self._name, bytes(self._value))
