"""Words for templates: every placeholder has a meaning and is never empty, and ours read well for anybody."""

from datetime import timedelta

import pytest

from feedback.core.cases import Says
from feedback.core.organisation import StaffNames
from feedback.core.replies import PLACEHOLDERS, SHIPPED, fill
from feedback.outbound import replies
from feedback.outbound.replies import Known, values
from feedback.text import speaking
from tests.factories import BEGINNING

HOUSE = "Garden House"


def test_what_is_known_stands_in_the_language_of_the_text() -> None:
    known = Known(
        HOUSE, "Asia/Tokyo", BEGINNING, BEGINNING + timedelta(days=3), "Ida", "Terrace", ("A", "B"), "Kitchen", "Sam"
    )
    assert values(known, "de") == {
        "customer": "Ida", "place": "Terrace", "topic": "A und B", "department": "Kitchen", "staff": "Sam",
        "organisation": HOUSE, "case_date": "5. Januar 2026", "answer_by": "8. Januar 2026",
    }  # fmt: skip


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_where_nothing_is_known_nothing_is_empty(language: str) -> None:
    found = values(replies.nobody(HOUSE, "UTC", BEGINNING), language)
    assert set(found) == set(PLACEHOLDERS) and all(found.values())
    assert HOUSE in found["place"] and HOUSE in found["staff"] and HOUSE in found["department"]


def test_a_name_is_one_line_and_does_not_turn_the_sentence_around() -> None:
    known = Known(HOUSE, "UTC", BEGINNING, BEGINNING, customer=" Ida\n {staff} ")
    assert fill("Dear {customer},", values(known, "en")) == "Dear Ida {staff},"
    assert values(known, "ar")["customer"] == "\u2068Ida {staff}\u2069"


@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize("staff", list(StaffNames))
def test_ours_are_filled_in_whole(language: str, staff: StaffNames) -> None:
    for known in (
        replies.example(HOUSE, "UTC", staff, BEGINNING, language),
        replies.nobody(HOUSE, "UTC", BEGINNING),
    ):
        for ours in SHIPPED:
            text = fill(ours.texts[language], values(known, language))
            assert "{" not in text and "  " not in text and " ," not in text


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_each_has_its_words(language: str) -> None:
    with speaking(language):
        assert [name for name, _ in replies.placeholders()] == [f"{{{name}}}" for name in PLACEHOLDERS]
        assert all(meaning and "%(" not in meaning for _, meaning in replies.placeholders())
        assert all(replies.kind(says) for says in Says)
        assert "{x}" in replies.problem("unknown_placeholder", ("{x}",))
