"""Texts from .po files: the right one, the right plural, and English where there is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from feedback.text import available, catalog, gettext, ngettext, npgettext, pgettext, speaking

POLISH = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);\\n"

msgid "Send"
msgstr "Wyślij"

msgctxt "status"
msgid "Closed"
msgstr "Zamknięte"

msgid "Closed"
msgstr "Nieczynne"

msgid "Empty"
msgstr ""

#, fuzzy
msgid "Guessed"
msgstr "Zgadnięte"

msgid "%(num)s letter"
msgid_plural "%(num)s letters"
msgstr[0] "%(num)s list"
msgstr[1] "%(num)s listy"
msgstr[2] "%(num)s listów"

msgid "%(num)s case"
msgid_plural "%(num)s cases"
msgstr[0] "%(num)s sprawa"
msgstr[1] ""
msgstr[2] ""

msgctxt "counted"
msgid "one"
msgid_plural "many"
msgstr[0] "jeden"
msgstr[1] "kilka"
msgstr[2] "wiele"
"""


@pytest.fixture(autouse=True)
def polish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue of the test's own."""
    file = tmp_path / "pl" / "LC_MESSAGES" / "messages.po"
    file.parent.mkdir(parents=True)
    file.write_text(POLISH, encoding="utf-8")
    (tmp_path / "notes").mkdir()
    monkeypatch.setattr(catalog, "FOLDER", tmp_path)
    for kept in (catalog._catalog, catalog.available):
        kept.cache_clear()
    yield
    for kept in (catalog._catalog, catalog.available):
        kept.cache_clear()


def test_texts_are_translated_by_context() -> None:
    assert gettext("Closed") == "Closed"
    with speaking("pl"):
        assert gettext("Send") == "Wyślij"
        assert gettext("Closed") == "Nieczynne"
        assert pgettext("status", "Closed") == "Zamknięte"


def test_what_has_no_translation_stays_english() -> None:
    with speaking("pl"):
        assert gettext("Unheard of") == "Unheard of"
        assert gettext("Empty") == "Empty"
        assert pgettext("other", "Closed") == "Closed"
        assert gettext("") == ""
    with speaking("fr"):
        assert gettext("Send") == "Send"


@pytest.mark.parametrize(
    ("n", "text"), [(1, "list"), (2, "listy"), (5, "listów"), (0, "listów"), (22, "listy"), (112, "listów")]
)
def test_each_number_has_its_plural(n: int, text: str) -> None:
    with speaking("pl"):
        assert ngettext("%(num)s letter", "%(num)s letters", n) % {"num": n} == f"{n} {text}"


def test_a_plural_with_gaps_stays_english_as_a_whole() -> None:
    with speaking("pl"):
        assert ngettext("%(num)s case", "%(num)s cases", 1) == "%(num)s case"
        assert ngettext("%(num)s case", "%(num)s cases", 5) == "%(num)s cases"


def test_a_plural_has_its_context_too() -> None:
    with speaking("pl"):
        assert npgettext("counted", "one", "many", 3) == "kilka"
        assert npgettext("other", "one", "many", 3) == "many"
    assert npgettext("counted", "one", "many", 1) == "one"


def test_folders_without_texts_are_no_languages() -> None:
    assert available() == ("en", "pl")


def test_the_made_up_language_marks_all_and_keeps_placeholders() -> None:
    with speaking("qps"):
        assert gettext("Send %(name)s 100%% done") == "[Séñď %(name)s 100%% ďóñé]"
        assert ngettext("%(num)s day", "%(num)s days", 2) == "[%(num)s ďáýš]"
        assert pgettext("any", "plain") == "[pláíñ]"
        assert gettext("%(a)s%(b)s") % {"a": 1, "b": 2} == "[12]"
