"""Crockford's base32 (crockford.com/base32.html): codes that people read aloud and type without mistakes."""

from base64 import b32encode

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
HYPHENS = "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2212"  # what a hyphen becomes when a program makes texts prettier
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1"} | dict.fromkeys(HYPHENS))
_OURS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET.encode())
_LETTERS = frozenset(ALPHABET)


def encode(data: bytes, length: int) -> str:
    """The first `length` × 5 bits of `data` as `length` characters; data must hold that many bits."""
    if len(data) * 8 < length * 5:
        raise ValueError(f"{len(data) * 8} bits do not fill {length} characters")
    return b32encode(data)[:length].translate(_OURS).decode()


def normal(text: str, length: int) -> str | None:
    """`text` as typed (any case, spaces, hyphens, O for 0, I or L for 1) in its one form, or None."""
    meant = beginning(text, length)
    return meant if meant and len(meant) == length else None


def beginning(text: str, length: int) -> str | None:
    """As normal(), where only the first characters of the code were typed; None where no code begins so."""
    if len(text) > 4 * length:
        return None
    meant = "".join(text.split()).upper().translate(_MEANT)
    return meant if 0 < len(meant) <= length and _LETTERS.issuperset(meant) else None
