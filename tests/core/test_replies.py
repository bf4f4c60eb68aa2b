"""Reply templates: placeholders filled in as plain text, kept with every change in the log, ours as a start."""

import pytest
from sqlalchemy import select

from feedback.core import replies
from feedback.core.audit import Entry
from feedback.core.cases import Says
from feedback.core.organisation import Organisation
from feedback.core.replies import MOST, Meanwhile, ReplyTemplate, Template, TooMany, Wrong, fill, unknown
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.story import at_once

THANKS = Template("Thanks", Says.REPLIED, {"en": "Dear {customer}", "de": "Guten Tag, {customer}"})


def make(store: Store, cast: Cast, wanted: Template = THANKS) -> int:
    with store.write() as session:
        return replies.make(session, wanted, BEGINNING, by_id=cast.anna)


def acts(store: Store) -> list[tuple[str, str]]:
    with store.read() as session:
        found = session.scalars(select(Entry).where(Entry.noun == "reply").order_by(Entry.id))
        return [(entry.act, entry.details["name"]) for entry in found]


def test_values_are_put_in_as_they_are_and_once() -> None:
    text = "{customer}, { Staff } {staff} {unknown} {"
    assert fill(text, {"customer": "{staff} <b>", "staff": "Sam"}) == "{staff} <b>, Sam Sam {unknown} {"


def test_what_is_no_placeholder_is_found() -> None:
    assert unknown("{customer} {Place} {when} {when} {} }{") == ("{when}", "{}")


def test_a_template_is_kept_changed_and_taken_away(store: Store, cast: Cast) -> None:
    number = make(store, cast, Template(" Many  thanks ", Says.ASKED, {"en": "Hello\r\n", "de": "  ", "ar": "x"}))
    with store.read() as session:
        assert replies.one(session, number) == Template("Many thanks", Says.ASKED, {"en": "Hello", "ar": "x"}, number)
    for is_new in (True, False):
        with store.write() as session:
            known = replies.one(session, number)
            assert replies.change(session, known, THANKS, BEGINNING, mark=known.mark, by_id=cast.anna) is is_new
    with store.read() as session:
        assert [(t.name, t.says, t.texts) for t in replies.all_of(session)] == [("Thanks", "replied", THANKS.texts)]
    for name in ("Thanks", None):
        with store.write() as session:
            assert replies.remove(session, number, BEGINNING, by_id=cast.anna) == name
    with store.write() as session:
        assert replies.one(session, number) is None
    assert acts(store) == [("made", "Many thanks"), ("changed", "Thanks"), ("removed", "Thanks")]


def test_what_is_wrong_is_not_kept(store: Store, cast: Cast) -> None:
    for wanted, problems in (
        (Template(" ", Says.ASKED, {"en": "x"}), {"name": "name_missing"}),
        (Template("x", Says.ASKED, {"en": " "}), {"texts": "no_text"}),
        (Template("x", Says.ASKED, {"en": "x", "de": "{kunde}"}), {"de": "unknown_placeholder"}),
    ):
        with pytest.raises(Wrong) as error:
            make(store, cast, wanted)
        assert error.value.problems == problems and acts(store) == []


def test_the_same_sent_twice_is_one_and_of_two_who_change_it_the_second_is_told(store: Store, cast: Cast) -> None:
    number = make(store, cast)
    assert make(store, cast) == number
    with store.read() as session:
        shown = replies.one(session, number)
    assert shown

    def change(text: str) -> None:
        with store.write() as session:
            wanted = Template("Thanks", Says.REPLIED, {"en": text})
            replies.change(session, shown, wanted, BEGINNING, mark=shown.mark, by_id=cast.anna)

    change("One")
    change("One")
    with pytest.raises(Meanwhile):
        change("Another")
    with store.write() as session:
        replies.remove(session, number, BEGINNING, by_id=cast.anna)
    with pytest.raises(Meanwhile):
        change("One")


def test_there_is_an_end_to_them(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.add_all(ReplyTemplate(id=n, name="x", says="asked") for n in range(1, MOST + 1))
    with pytest.raises(TooMany):
        make(store, cast)


def test_ours_come_once_in_the_languages_spoken(store: Store, cast: Cast) -> None:
    with store.write() as session:
        organisation = session.get_one(Organisation, 1)
        organisation.language, organisation.languages = "de", ["de", "ar"]
    counts: list[int] = []

    def start() -> None:
        with store.write() as session:
            counts.append(replies.start_with_ours(session, BEGINNING, by_id=cast.anna))

    at_once(start, start)
    assert sorted(counts) == [0, len(replies.SHIPPED)]
    with store.read() as session:
        kept = replies.all_of(session)
    assert {t.name for t in kept} == {ours.names["de"] for ours in replies.SHIPPED}
    assert all(set(t.texts) == {"de", "ar"} for t in kept)


def test_what_is_shipped_has_the_same_placeholders_in_every_language() -> None:
    assert {"en", "de", "ar"} == replies.LANGUAGES
    for ours in replies.SHIPPED:
        assert set(ours.names) == set(ours.texts) == replies.LANGUAGES
        assert all(unknown(text) == () for text in ours.texts.values())
        used = {
            tag: {name for name in replies.PLACEHOLDERS if f"{{{name}}}" in text} for tag, text in ours.texts.items()
        }
        assert used["en"] == used["de"] == used["ar"]


@pytest.mark.parametrize(("wanted", "own", "language"), [("de", "en", "de"), ("ar", "en", "en"), ("ar", "fr", "en")])
def test_the_text_is_the_customers_else_the_organisations_else_any(wanted: str, own: str, language: str) -> None:
    assert THANKS.text_for(wanted, own) == (THANKS.texts[language], language)
