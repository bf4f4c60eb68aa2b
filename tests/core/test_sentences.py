"""Sentences: cut with care and never changed, and the one that stands for a month."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.core import favourites, sentences
from feedback.core.praise import Praise
from feedback.core.sentences import TOO_LONG, Sentence, Words, pick, split
from feedback.db import Store
from tests.factories import Cast
from tests.story import arrives, concern, viewer

OCTOBER, NOVEMBER = datetime(2025, 10, 1, tzinfo=UTC), datetime(2025, 11, 1, tzinfo=UTC)
FITS = "You carried my bag through the rain, all the way."
OTHER = "You knew my name after one visit, which is rare."


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", []),
        (" \n ", []),
        ("Thank you", ["Thank you"]),
        ("Thank you, Dr. Lopez! So kind.", ["Thank you, Dr. Lopez!", "So kind."]),
        ("It cost 12.99 at www.shop.example today. Fine.", ["It cost 12.99 at www.shop.example today.", "Fine."]),
        ("Fruit, e.g. Pears, was fresh. J. Smith", ["Fruit, e.g. Pears, was fresh.", "J. Smith"]),
        ("Es war am 3. Mai, z. B. um zehn. Danke!", ["Es war am 3. Mai, z. B. um zehn.", "Danke!"]),
        ("You were great... really. Wait… What?", ["You were great... really.", "Wait…", "What?"]),
        ("»Toll!« sagte sie. »Ja.« Bis bald.", ["»Toll!« sagte sie.", "»Ja.«", "Bis bald."]),
        ("Wow!!! 😊👍🏽 See you", ["Wow!!! 😊👍🏽", "See you"]),
        ("great service. thanks maria", ["great service.", "thanks maria"]),
        ("Dear Maria,\r\nyou helped me.\n\nTom", ["Dear Maria,", "you helped me.", "Tom"]),
        ("好吃！谢谢你。下次再来", ["好吃！", "谢谢你。", "下次再来"]),
        ("「おいしい。」と言った。また来ます", ["「おいしい。」", "と言った。", "また来ます"]),
        ("المتجر جميل؟ نعم. شكرا۔ سأعود", ["المتجر جميل؟", "نعم.", "شكرا۔", "سأعود"]),
        ("बहुत अच्छा। धन्यवाद।", ["बहुत अच्छा।", "धन्यवाद।"]),
    ],
)  # fmt: skip
def test_a_text_is_cut_where_its_sentences_end(text: str, wanted: list[str]) -> None:
    assert split(text) == wanted


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.text(alphabet=st.sampled_from(list("aB3 .!?…\"'»«)\n\t😊؟。،é")), max_size=40))
def test_nothing_is_changed_lost_or_told_twice(text: str) -> None:
    at = 0
    for sentence in split(text):
        found = text.index(sentence, at)
        assert not text[at:found].strip()
        at = found + len(sentence)
    assert not text[at:].strip()


def test_a_favourites_sentence_comes_first() -> None:
    letters = [Words(3, FITS), Words(2, "Thank you."), Words(1, "Thanks.", is_favourite=True)]
    assert pick(letters) == (1, "Thanks.")


def test_else_the_length_that_suits_best_and_the_newest_of_those() -> None:
    long = f"{'You were so very kind to us ' * 7}all day."
    assert pick([Words(3, "Thank you!"), Words(2, f"Hi. {FITS} {OTHER}"), Words(1, OTHER)]) == (2, FITS)
    assert pick([Words(2, "Thank you!"), Words(1, long)]) == (2, "Thank you!")
    assert pick([Words(2, "Ta."), Words(1, "Thank you!")]) == (1, "Thank you!")
    assert pick([Words(2, "短い。"), Words(1, "short.")]) == (2, "短い。")


def test_what_is_no_sentence_or_no_line_stands_for_nothing() -> None:
    assert pick([]) is None
    assert pick([Words(1, ""), Words(2, "😊"), Words(3, "!!! 5"), Words(4, "word " * TOO_LONG)]) is None


def said(store: Store, who: int) -> Sentence | None:
    with store.read() as session:
        return sentences.of_the_month(session, viewer(store, who), NOVEMBER, OCTOBER)


def thanks(store: Store, code: str, day: int, month: int, message: str, **more: object) -> int:
    at = datetime(2025, month, day, tzinfo=UTC)
    return arrives(store, code, kind="compliment", message=message, at=at, **more)


def test_it_is_of_this_month_else_of_the_last_and_never_older(store: Store, cast: Cast) -> None:
    thanks(store, cast.maria_link, 30, 9, FITS)
    assert said(store, cast.maria) is None
    thanks(store, cast.maria_link, 31, 10, OTHER)
    found = said(store, cast.maria)
    assert found and (found.text, found.is_of_this_month) == (OTHER, False)
    thanks(store, cast.maria_link, 1, 11, "Thanks.")
    found = said(store, cast.maria)
    assert found and (found.text, found.is_of_this_month) == ("Thanks.", True)


def test_it_is_of_letters_to_oneself_alone(store: Store, cast: Cast) -> None:
    thanks(store, cast.kitchen_link, 2, 11, FITS)
    thanks(store, cast.kitchen_link, 3, 11, FITS, person_id=cast.karim)
    thanks(store, cast.maria_link, 4, 11, FITS, rating=1)
    assert said(store, cast.maria) is None


def test_it_takes_the_favourite(store: Store, cast: Cast) -> None:
    number = thanks(store, cast.maria_link, 2, 11, "Thanks.")
    thanks(store, cast.maria_link, 3, 11, FITS)
    with store.write() as session:
        letter = session.query(Praise).where(Praise.submission_id == number).one()
        assert favourites.add(session, viewer(store, cast.maria), letter.id, NOVEMBER)
        assert favourites.add(session, viewer(store, cast.berta), letter.id, NOVEMBER) is False
    found = said(store, cast.maria)
    assert found and found.text == "Thanks."


def test_of_a_complaint_it_knows_the_excerpt_alone(store: Store, cast: Cast) -> None:
    at = datetime(2025, 11, 2, tzinfo=UTC)
    number = arrives(store, cast.kitchen_link, message=f"The soup was cold and I waited for an hour. {FITS}", at=at)
    with store.write() as session:
        session.add(
            Praise(id=number + 1, submission_id=number, person_id=cast.maria, department_id=cast.kitchen, excerpt=FITS)
        )
    found = said(store, cast.maria)
    assert found and found.text == FITS
    concern(store, number, cast.karim)
    assert said(store, cast.karim) is None
