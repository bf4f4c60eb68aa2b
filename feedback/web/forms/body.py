"""The one input edge of customers' forms: bytes in, clean text out, with a note of what was not text.

Werkzeug would turn bad bytes into an empty form or literal percent signs, and takes the first of two values;
here every value is either kept exactly or reported.
"""

from dataclasses import dataclass, field
from typing import IO
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData
from werkzeug.wrappers import Request

LARGEST = 2 * 1024 * 1024
MOST_FIELDS = 200
DRAINED = 16 * 1024 * 1024  # of a body that is too large, read and thrown away so that the answer is heard


@dataclass(slots=True)
class Sent:
    """What a form sent: the values of each name, as far as they are text, and the names with a problem."""

    values: dict[str, list[str]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)

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


def read(request: Request) -> Sent:
    """What `request` sent. Raises RequestEntityTooLarge or UnsupportedMediaType, and what `arrival` does."""
    kind, options = parse_options_header(request.headers.get("Content-Type", ""))
    if kind not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        raise UnsupportedMediaType
    body = _bytes(request)
    if kind == "application/x-www-form-urlencoded":
        return _urlencoded(body)
    try:
        return _multipart(body, options["boundary"].encode("latin-1"))
    except (KeyError, ValueError) as error:
        raise UnsupportedMediaType from error


def _bytes(request: Request) -> bytes:
    stream: IO[bytes] = request.environ["wsgi.input"]
    length = request.content_length  # None where the body comes in chunks, or where there is none
    if length is None and "chunked" not in request.headers.get("Transfer-Encoding", "").lower():
        return b""
    body = stream.read(min(length, LARGEST + 1) if length is not None else LARGEST + 1)
    if (length or len(body)) > LARGEST:
        _drain(stream, min((length or DRAINED) - len(body), DRAINED))
        raise RequestEntityTooLarge
    return body


def _drain(stream: IO[bytes], left: int) -> None:
    while left > 0 and (piece := stream.read(min(left, 65536))):
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


def _multipart(body: bytes, boundary: bytes) -> Sent:
    decoder = MultipartDecoder(boundary, max_form_memory_size=LARGEST, max_parts=MOST_FIELDS)
    decoder.receive_data(body)
    decoder.receive_data(None)
    sent, name, value, is_file = Sent(), "", b"", False
    while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
        if isinstance(event, Field | File):
            name, value, is_file = event.name or "", b"", isinstance(event, File) and bool(event.filename)
        elif isinstance(event, Data):
            value += event.data
            if event.more_data:
                continue
            if is_file:
                sent.files.add(name)
            else:
                sent.add(name, value)
    return sent
