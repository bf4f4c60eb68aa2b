"""A prepared page: all of it but the token rendered and compressed once, the token put in per request."""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.http import parse_accept_header

SLOT = "{{token}}"  # stands in the rendered page where the token belongs
GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"  # RFC 1952: deflate, no name, no time
HeaderList = list[tuple[str, str]]
STORED = b"\0"  # RFC 1951: a block that is not the last, stored as it is


@dataclass(frozen=True, slots=True)
class Page:
    """The two halves of a page around its token, plain and deflated, with the headers of both."""

    before: bytes
    after: bytes
    headers: HeaderList
    gzip_headers: HeaderList
    deflated_before: bytes
    deflated_after: bytes

    def answer(self, token: bytes, accepted: str) -> tuple[bytes, HeaderList]:
        """Body and headers for someone whose Accept-Encoding header is `accepted`."""
        is_small = _takes_gzip(accepted)
        body = self.gzipped(token) if is_small else self.plain(token)
        return body, [*(self.gzip_headers if is_small else self.headers), ("Content-Length", str(len(body)))]

    def plain(self, token: bytes) -> bytes:
        """The page as it is."""
        return self.before + token + self.after

    def gzipped(self, token: bytes) -> bytes:
        """The page for those who accept gzip: both halves deflated before, the token stored between them."""
        size = len(token)
        stored = STORED + struct.pack("<HH", size, size ^ 0xFFFF) + token
        whole = self.plain(token)
        tail = struct.pack("<LL", zlib.crc32(whole), len(whole))
        return b"".join((GZIP_HEADER, self.deflated_before, stored, self.deflated_after, tail))


def prepare(html: str, headers: Mapping[str, str]) -> Page:
    """The page around the last SLOT in `html`, to be sent with `headers`; one before it is somebody's name."""
    before, after = (half.encode() for half in html.rsplit(SLOT, 1))
    first, last = _deflater(), _deflater()
    return Page(
        before=before,
        after=after,
        headers=list(headers.items()),
        gzip_headers=[*headers.items(), ("Content-Encoding", "gzip")],
        deflated_before=first.compress(before) + first.flush(zlib.Z_FULL_FLUSH),
        deflated_after=last.compress(after) + last.flush(zlib.Z_FINISH),
    )


def _takes_gzip(accepted: str) -> bool:
    return "gzip" in accepted and ("q=0" not in accepted or parse_accept_header(accepted)["gzip"] > 0)


def _deflater() -> "zlib._Compress":
    return zlib.compressobj(level=9, wbits=-zlib.MAX_WBITS)
