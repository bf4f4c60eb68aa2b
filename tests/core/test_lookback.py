"""Searching in one's own letters: any script, words, place and topics, and a bounded look back."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from feedback.core import lookback, praise
from feedback.core.index import asked, found_at
from feedback.core.index.folding import evened
from feedback.core.index.marking import _folded_with_places
from feedback.core.lookback import Found, Placed
from feedback.core.praise import Praise
from feedback.db import Store, moment_of
from tests.factories import BEGINNING, Cast
from tests.story import arrives, viewer


def look(store: Store, who: int, q: str, after: int | None = None, size: int = 30) -> Found:
    seen = viewer(store, who)
    with store.read() as session:

        def read(after: int | None, size: int) -> list[Placed]:
            found = praise.letters(session, praise.own(seen, after=after, size=size))
            return [(letter.praise.id, letter) for letter in found]

        return lookback.look_back(session, read, asked(q), after=after, size=size)


def words(found: Found) -> list[str]:
    return [letter.words for letter in found.letters]


def test_words_are_found_in_any_script_without_case_or_accents(store: Store, cast: Cast) -> None:
    told = {
        "deja rain": "Déjà vu in the RAIN",
        "STRASSE": "Die Straße war leer",
        "bow": "Bowls of joy",
        "蛋糕": "这里的蛋糕很好吃",
        "كتاب": "كِتَاب جميل",
        "감사": "감사합니다",
        "❤": "Thank you ❤ all",
        "day fine": "a fine day",
    }
    for text in told.values():
        arrives(store, cast.maria_link, kind="compliment", message=text)
    assert {q: words(look(store, cast.maria, q)) for q in told} == {q: [text] for q, text in told.items()}
    for q in ("ain", "fine now", "404", "!?", '"', "%", "' or 1=1", " "):
        assert words(look(store, cast.maria, q)) == [], q


def test_the_place_and_the_topics_are_looked_at_too(store: Store, cast: Cast) -> None:
    arrives(store, cast.table_link, kind="compliment", message="Good", topic_ids=(cast.cold_food,))
    assert words(look(store, cast.maria, "table")) == words(look(store, cast.maria, "cold goo")) == ["Good"]
    found = look(store, cast.maria, "food")
    assert list(found.topics.values()) == [["Cold food"]]


def test_of_an_excerpt_nothing_else_is_looked_at(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.table_link, message="The soup was cold, Maria was kind", topic_ids=(cast.cold_food,))
    letter = {"person_id": cast.maria, "department_id": cast.kitchen, "excerpt": "Maria was kind"}
    with store.write() as session:
        session.add(Praise(id=number + 1, submission_id=number, **letter))
    assert words(look(store, cast.maria, "kind")) == ["Maria was kind"]
    assert [words(look(store, cast.maria, q)) for q in ("soup", "table", "food")] == [[], [], []]


def test_more_than_a_page_is_found_without_gap_or_repeat(store: Store, cast: Cast) -> None:
    for number in range(13):
        link = cast.maria_link if number % 3 else cast.kitchen_link
        arrives(store, link, kind="compliment", message=f"rain {number}" if number % 2 else "sun")
    found, seen = look(store, cast.maria, "rain", size=2), list[str]()
    while True:
        seen += words(found)
        if found.after is None:
            break
        assert len(found.letters) == 2 and found.looked_to is None
        found = look(store, cast.maria, "rain", found.after, size=2)
    assert seen == [f"rain {number}" for number in (11, 9, 7, 5, 3, 1)]


def test_it_looks_at_so_many_and_goes_on_from_there(store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookback, "MOST", 4)
    monkeypatch.setattr(lookback, "STEP", 2)
    for number in range(9):
        at = BEGINNING + timedelta(days=number)
        arrives(store, cast.maria_link, kind="compliment", message="rain" if number in (0, 7) else "sun", at=at)
    first = look(store, cast.maria, "rain")
    assert words(first) == ["rain"]
    assert first.after and first.looked_to == moment_of(first.after) == BEGINNING + timedelta(days=5)
    second = look(store, cast.maria, "rain", first.after)
    assert words(second) == [] and second.after
    third = look(store, cast.maria, "rain", second.after)
    assert (words(third), third.after, third.looked_to) == (["rain"], None, None)


def test_what_ends_just_there_is_not_gone_on_with(store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookback, "MOST", 4)
    monkeypatch.setattr(lookback, "STEP", 2)
    for _ in range(4):
        arrives(store, cast.maria_link, kind="compliment", message="sun")
    assert look(store, cast.maria, "rain") == Found([], {})


def test_long_letters_end_it_sooner(store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookback, "MOST_SIGNS", 1000)
    for _ in range(5):
        arrives(store, cast.maria_link, kind="compliment", message="sun " * 150)
    found = look(store, cast.maria, "rain")
    assert found.after and found.looked_to


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_its_statements_are_bounded(store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookback, "MOST", 8)
    monkeypatch.setattr(lookback, "STEP", 1)
    for _ in range(30):
        arrives(store, cast.maria_link, kind="compliment", message="sun")
    maria, seen = cast.maria, list[str]()
    viewer(store, maria)

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if "praise" in statement or "topic" in statement:
            seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    look(store, maria, "rain")
    event.remove(store.engine, "before_cursor_execute", note)
    assert len(seen) == 2 * 9  # letters and their topics, and whether there is more


def test_nothing_but_ones_own_is_looked_at(store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link, kind="compliment", message="rain for Maria")
    arrives(store, cast.maria_link, kind="compliment", message="rain that waits", rating=1)
    arrives(store, cast.maria_link, message="rain on the soup")
    arrives(store, cast.kitchen_link, kind="compliment", message="rain for the Kitchen")
    assert words(look(store, cast.maria, "rain")) == ["rain for the Kitchen", "rain for Maria"]
    assert words(look(store, cast.karim, "rain")) == ["rain for the Kitchen"]
    assert words(look(store, cast.hans, "rain")) == words(look(store, cast.anna, "rain")) == []


@pytest.mark.parametrize(
    ("text", "q", "marked"),
    [
        ("Rain, rain and rainbows", "rain", ["Rain", "rain", "rainbows"]),
        ("Rain and rainbows", "rain ", ["Rain"]),
        ("Ma\u0301ria, soft\u00adhyphen, Straße", "maria softhyph", ["Ma\u0301ria", "soft\u00adhyphen"]),
        ("Straße", "strasse", ["Straße"]),
        ("很好吃的蛋糕", "蛋糕", ["蛋糕"]),
        ("很好吃的蛋糕", "好吃的", ["好吃的"]),
        ("蛋", "蛋", ["蛋"]),
        ("감사합니다", "감사", ["감사"]),
        ("كِتَاب", "كتاب", ["كِتَاب"]),
        ("nothing", "rain", []),
        ("", "rain", []),
    ],
)  # fmt: skip
def test_it_is_known_where_the_words_stand(text: str, q: str, marked: list[str]) -> None:
    assert [text[start:end] for start, end in found_at(text, asked(q))] == marked


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.text(max_size=30))
def test_a_text_is_folded_alike_in_parts_and_as_a_whole(text: str) -> None:
    even, starts = _folded_with_places(text)
    assert even == evened(text)
    assert len(starts) == len(even) + 1 and starts == sorted(starts) and starts[-1] == len(text)
