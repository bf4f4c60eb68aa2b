"""Which language is spoken now, and which of ours suits what a browser asks for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

PSEUDO = "qps"  # a made-up language in which every translated text stands in brackets
LONGEST_HEADER = 200
RENAMED = {"iw": "he", "in": "id", "ji": "yi", "no": "nb"}  # what browsers still send for these


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages: its tag (BCP 47), its own name, and the way it runs."""

    tag: str
    name: str
    direction: str
    locale: Locale


_spoken: ContextVar[str] = ContextVar("language", default="en")


@contextmanager
def speaking(tag: str) -> Iterator[None]:
    """Within the block texts, dates and numbers are in that language."""
    token = _spoken.set(tag)
    try:
        yield
    finally:
        _spoken.reset(token)


def speak(tag: str) -> None:
    """From now on in this thread's context texts are in that language."""
    _spoken.set(tag)


def current() -> Language:
    """The language spoken now."""
    return known(_spoken.get())


@lru_cache(maxsize=256)
def known(tag: str) -> Language:
    """The language of a tag; one that Babel does not know speaks English."""
    try:
        locale = Locale.parse("en" if tag == PSEUDO else tag, sep="-")
    except (UnknownLocaleError, ValueError):
        tag, locale = "en", Locale("en")
    name = str(locale.get_language_name(str(locale))).capitalize()
    return Language(tag, name if tag != PSEUDO else "[Ƥşḗŭḓǿ]", locale.text_direction, locale)


def language_of(header: str, offered: Sequence[str]) -> str | None:
    """The tag among `offered` that suits an Accept-Language header best, or None where none does."""
    return _matched(header[:LONGEST_HEADER], tuple(offered))


@lru_cache(maxsize=1024)
def _matched(header: str, offered: tuple[str, ...]) -> str | None:
    for wanted, quality in parse_accept_header(header, LanguageAccept):
        if quality <= 0 or wanted == "*":
            continue
        likely = _likely(wanted)
        same = [tag for tag in offered if _likely(tag)[:2] == likely[:2]]
        if same:
            return next((tag for tag in same if _likely(tag) == likely), same[0])
    return None


def _likely(tag: str) -> tuple[str, str, str]:
    """Language, script and territory of a tag, the missing ones as CLDR's likely subtags add them."""
    parts = tag.replace("_", "-").split("-")
    language = RENAMED.get(parts[0].lower(), parts[0].lower())
    script = next((part.title() for part in parts[1:] if len(part) == 4), "")
    territory = next((part.upper() for part in parts[1:] if len(part) in (2, 3)), "")
    likely = get_global("likely_subtags")
    keys = (f"{language}_{script}_{territory}", f"{language}_{territory}", f"{language}_{script}", language)
    found = next((likely[key] for key in keys if key in likely), f"{language}__")
    added = [*found.split("_"), "", ""]
    return language, script or added[1], territory or added[2]
