"""Translations, read from the .po files the first time a language is spoken; nothing is compiled."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from gettext import c2py
from pathlib import Path

from babel.messages.pofile import read_po

from feedback.text.languages import PSEUDO, current

FOLDER = Path(__file__).parent.parent / "translations"
Key = tuple[str | None, str]
ACCENTED = str.maketrans("aeiouyAEIOUYcdnsz", "áéíóúýÁÉÍÓÚÝçďñšž")


@dataclass(frozen=True, slots=True)
class Catalog:
    """All texts of one language: (context, English) to the translation in each plural form."""

    texts: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    form_of: Callable[[int], int] = field(default=lambda n: int(n != 1))

    def one(self, context: str | None, text: str) -> str:
        """The translation of `text`, or `text` itself where there is none."""
        return self.texts.get((context, text), (text,))[0] or text

    def many(self, context: str | None, one: str, many: str, n: int) -> str:
        """The translation in the plural form that `n` takes."""
        forms = self.texts.get((context, one))
        if not forms or not all(forms):
            return one if n == 1 else many
        return forms[min(self.form_of(n), len(forms) - 1)]


class PseudoCatalog(Catalog):
    """Marks every text that went through gettext, so that what did not can be seen."""

    def one(self, context: str | None, text: str) -> str:
        return f"[{_accented(text)}]"

    def many(self, context: str | None, one: str, many: str, n: int) -> str:
        return f"[{_accented(one if n == 1 else many)}]"


@cache
def available() -> tuple[str, ...]:
    """The tags of all languages there are translations for, English first."""
    return (
        "en",
        *sorted(folder.name.replace("_", "-") for folder in FOLDER.iterdir() if (folder / "LC_MESSAGES").is_dir()),
    )


def gettext(text: str) -> str:
    """`text` in the language spoken now."""
    return _catalog(current().tag).one(None, text)


def pgettext(context: str, text: str) -> str:
    """`text` in the language spoken now, as it is meant in `context`."""
    return _catalog(current().tag).one(context, text)


def ngettext(one: str, many: str, n: int) -> str:
    """The text for `n` things in the language spoken now; `%(num)s` stays to be filled in."""
    return _catalog(current().tag).many(None, one, many, n)


def npgettext(context: str, one: str, many: str, n: int) -> str:
    """As ngettext, as it is meant in `context`."""
    return _catalog(current().tag).many(context, one, many, n)


@lru_cache(maxsize=64)
def _catalog(tag: str) -> Catalog:
    if tag == PSEUDO:
        return PseudoCatalog()
    file = FOLDER / tag.replace("-", "_") / "LC_MESSAGES" / "messages.po"
    if not file.exists():
        return Catalog()
    with file.open("rb") as source:
        read = read_po(source, locale=tag.replace("-", "_"))
    texts = {(message.context, _first(message.id)): _forms(message.string or "") for message in read if message.id}
    return Catalog(texts, c2py(read.plural_expr))


def _first(text: str | list[str] | tuple[str, ...]) -> str:
    return text if isinstance(text, str) else text[0]


def _forms(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _accented(text: str) -> str:
    """Accents on all letters but those of %(placeholders)s, which have to stay as they are."""
    parts = text.replace("%%", "\0").split("%(")
    rest = [part.split(")", 1) for part in parts[1:]]
    marked = parts[0].translate(ACCENTED) + "".join(
        f"%({name}){after[:1]}{after[1:].translate(ACCENTED)}" for name, after in rest
    )
    return marked.replace("\0", "%%")
