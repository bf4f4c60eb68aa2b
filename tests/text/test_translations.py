"""Translations: complete and sound in every language we ship. How catalogues are read is tested apart."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from gettext import c2py
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from feedback.text import available
from feedback.text.catalog import FOLDER

ROOT = Path(__file__).parent.parent.parent
LANGUAGES = [tag for tag in available() if tag != "en"]
PLACEHOLDER = re.compile(r"%\((\w+)\)([a-z])")
MARKUP = re.compile(r"<[^>]*>|&#?\w+;")
QUOTED = re.compile(r"“([^”]+)”|press (\w+) again")
ENOUGH = 1001  # numbers of things, to learn which plural form stands for which

Key = tuple[str | None, str]
Texts = dict[Key, tuple[str, ...]]


@pytest.fixture(scope="module")
def texts() -> Texts:
    """Every text in code and templates that is to be translated, found as translators find them."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]["mappings"]
    methods = [(mapping.pop("pattern"), mapping.pop("method")) for mapping in mappings]
    options = {pattern: mapping for (pattern, _), mapping in zip(methods, mappings, strict=True)}
    keywords = {**DEFAULT_KEYWORDS, "later": None}
    found: Texts = {}
    for folder in ("feedback", "templates"):
        for _, _, text, _, context in extract_from_dir(ROOT / folder, methods, options, keywords):
            forms = several(text)
            found[context, forms[0]] = max(found.get((context, forms[0]), ()), forms, key=len)
    return found


def catalogue(tag: str) -> Catalog:
    """The catalogue of a language as its translators wrote it."""
    name = tag.replace("-", "_")
    with (FOLDER / name / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return read_po(source, locale=name, abort_invalid=True)


def several(text: str | Iterable[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def faults(catalog: Catalog, texts: Texts) -> list[str]:
    """What is wrong with a catalogue that is to translate `texts`, one sentence a fault."""
    messages = {(message.context, several(message.id)[0]): message for message in catalog if message.id}
    found = [f"not in the catalogue: {key}" for key in texts.keys() - messages.keys()]
    found += [f"no longer used: {key}" for key in (messages.keys() - texts.keys()) | catalog.obsolete.keys()]
    forms_of = c2py(catalog.plural_expr)
    numbers = Counter(forms_of(n) for n in range(ENOUGH))
    for key in messages.keys() & texts.keys():
        if several(messages[key].id) != texts[key]:
            found.append(f"another plural in English: {key}")
        found += [f"{fault}: {key}" for fault in message_faults(messages[key], catalog.num_plurals, numbers)]
    return sorted(found)


def message_faults(message: Message, num_plurals: int, numbers: Counter[int]) -> Iterator[str]:
    originals, forms = several(message.id), several(message.string or "")
    if message.fuzzy:
        yield "fuzzy"
    if len(forms) != (num_plurals if message.pluralizable else 1):
        yield f"{len(forms)} forms"
    for n, form in enumerate(forms):
        if not form.strip():
            yield "empty"
            continue
        optional = {("num", "s")} if message.pluralizable and numbers[n] == 1 else set()
        yield from form_faults(originals, form, optional)


def form_faults(originals: tuple[str, ...], form: str, optional: set[tuple[str, str]]) -> Iterator[str]:
    needed, used = set(PLACEHOLDER.findall("".join(originals))), set(PLACEHOLDER.findall(form))
    if not needed - optional <= used <= needed:
        yield f"other placeholders, {sorted(used ^ needed)}"
    if "%" in PLACEHOLDER.sub("", form).replace("%%", ""):
        yield "a percent sign that is not doubled"
    else:
        assert form % dict.fromkeys((name for name, _ in used), 1)
    if edges(form) != edges(originals[-1]):
        yield "other spaces around it"
    if not set(MARKUP.findall(form)) <= set(MARKUP.findall("".join(originals))):
        yield "markup of its own"


def edges(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def test_the_texts_are_found(texts: Texts) -> None:
    kinds = {(None, "Say thanks"), (None, "Password"), ("rating", "Good"), (None, "Your receipt from %(name)s")}
    assert kinds <= texts.keys()
    assert texts[None, "%(num)s case"] == ("%(num)s case", "%(num)s cases")


def test_german_and_arabic_are_shipped() -> None:
    assert {"ar", "de"} <= set(LANGUAGES)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_text_is_translated_and_sound(tag: str, texts: Texts) -> None:
    assert faults(catalogue(tag), texts) == []


@pytest.mark.parametrize("tag", LANGUAGES)
def test_plurals_are_counted_as_the_language_does(tag: str) -> None:
    catalog, usual = catalogue(tag), get_plural(tag.replace("-", "_"))
    ours, theirs = c2py(catalog.plural_expr), c2py(usual.plural_expr)
    pairs = {(ours(n), theirs(n)) for n in range(ENOUGH)}  # the forms may stand in another order
    assert len(pairs) == len({form for form, _ in pairs}) == catalog.num_plurals == usual.num_plurals


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_text_that_quotes_a_label_quotes_it_as_the_page_has_it(tag: str) -> None:
    catalog = catalogue(tag)
    messages = [message for message in catalog if isinstance(message.id, str) and QUOTED.search(message.id)]
    quotes = [(message, one or other) for message in messages for one, other in QUOTED.findall(message.id)]
    labels = [(message, catalog.get(label)) for message, label in quotes]
    assert messages
    assert [message.string for message, label in labels if label and label.string not in message.string] == []


@pytest.mark.parametrize(
    ("text", "translation", "fault"),
    [
        ("Send", "", "empty"),
        ("Send", "Absenden ", "other spaces around it"),
        ("Send", "<b>Absenden</b>", "markup of its own"),
        ("Send", "Zu 100 % absenden", "a percent sign that is not doubled"),
        ("Hello %(name)s,", "Guten Tag,", "other placeholders, [('name', 's')]"),
        ("Hello %(name)s,", "Guten Tag %(nmae)s,", "other placeholders, [('name', 's'), ('nmae', 's')]"),
        (("%(num)s case", "%(num)s cases"), ("%(num)s Vorgang", "Vorgänge"), "other placeholders, [('num', 's')]"),
        (("%(num)s case", "%(num)s cases"), ("%(num)s Vorgang",), "1 forms"),
        (("%(num)s case", "%(num)s cases"), ("ein Vorgang", "%(num)s Vorgänge"), None),
    ],
)
def test_a_fault_is_found(text: str | tuple[str, ...], translation: str | tuple[str, ...], fault: str | None) -> None:
    catalog = Catalog(locale="de")
    catalog.add(text, translation)
    key = (None, several(text)[0])
    assert faults(catalog, {key: several(text)}) == ([f"{fault}: {key}"] if fault else [])


def test_what_is_missing_fuzzy_or_no_longer_used_is_found() -> None:
    catalog = Catalog(locale="de")
    catalog.add("Send", "Absenden", flags=["fuzzy"])
    catalog.add("Old", "Alt")
    assert faults(catalog, {(None, "Send"): ("Send",), ("kind", "New"): ("New",)}) == [
        "fuzzy: (None, 'Send')",
        "no longer used: (None, 'Old')",
        "not in the catalogue: ('kind', 'New')",
    ]
