"""The index of words: folding any script, finding newest first, forgetting for good; the same on both stores."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from feedback.core import cases, index
from feedback.core.cases import Case, Filters
from feedback.core.cases.indexing import entries_of
from feedback.core.history import Event
from feedback.core.index import Asked, Entry, Word
from feedback.core.index.days import day_marks, spans
from feedback.db import Store, new_id
from feedback.outbound import worker
from tests.factories import BEGINNING, Cast
from tests.story import arrives, at_once, concern, viewer

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Die SOSSE, Straße: Café!", ["die", "sosse", "strasse", "cafe"]),
        ("汤是冷的", ["汤是", "是冷", "冷的", "的"]),
        ("soup汤 4", ["soup", "汤", "4"]),
        ("เย็น", ["เย", "ย็", "็น", "น"]),
        ("أَهْلاً", ["اهلا"]),
        ("한국어", ["한국", "국어", "어"]),
        ("हिन्दी में", ["हिनदी", "में"]),
        ("till_4 it's 50%", ["till", "4", "it", "s", "50"]),
        ("🙏 thanks", ["🙏", "thanks"]),
        ("a" * 99, ["a" * 40]),
        ("% _ ' \" \\ * ()", []),
    ],
)
def test_words_are_folded_and_scripts_without_spaces_cut_into_pairs(said: str, words: list[str]) -> None:
    assert index.folded(said) == words


@pytest.mark.parametrize(
    ("q", "words", "beginnings"),
    [
        ("Cold sou", ("cold",), ("sou",)),
        ("sou ", ("sou",), ()),
        ("soup OR cold*", ("soup", "or", "cold"), ()),
        ("冷的汤", ("冷的", "的汤"), ()),
        ("冷 soup", (), ("冷", "soup")),
        ("%", (), ()),
    ],
)
def test_a_search_is_all_words_the_last_as_a_beginning(
    q: str, words: tuple[str, ...], beginnings: tuple[str, ...]
) -> None:
    assert index.asked(q) == Asked(words, beginnings)


def test_spans_of_days_share_none_and_leave_none_out() -> None:
    newest = new_id(BEGINNING)
    parts = [(set(marks), below) for marks, below in spans(newest + 1)]
    for days in (1, 5, 7, 8, 9, 60, 63, 64, 65, 500, 512, 600, 5000, 9000):
        then = new_id(BEGINNING - days * DAY)
        assert [below > then for marks, below in parts if marks & day_marks(then)] == [True], days


def ids(
    store: Store, q: str, *, marks: list[list[str]] | None = None, before: int | None = None, most: int = 9
) -> list[int]:
    with store.read() as session:
        return index.find(session, index.asked(q), marks or [], before=before, most=most)


def kept(store: Store, said: dict[int, str]) -> None:
    with store.write() as session:
        entries = [
            Entry(id, frozenset(index.folded(words)), frozenset({index.mark("x", id % 2)}))
            for id, words in said.items()
        ]
        index.put(session.connection(), entries)


def test_what_is_found_comes_newest_first_and_page_by_page(store: Store) -> None:
    said = {new_id(BEGINNING - days * DAY): "soup cold" for days in (900, 70, 9, 1, 0)}
    kept(store, said)
    newest = sorted(said, reverse=True)
    assert ids(store, "cold soup ") == newest
    assert ids(store, "soup ", most=2) == newest[:2]
    assert ids(store, "soup ", before=newest[1]) == newest[2:]
    for odd in (0, 1):
        assert ids(store, "soup ", marks=[[index.mark("x", odd)]]) == [id for id in newest if id % 2 == odd]


def test_a_beginning_is_completed_however_many_words_begin_so(store: Store) -> None:
    said = {new_id(BEGINNING + number * DAY): f"soup{number} tea" for number in range(140)}
    last = new_id(BEGINNING + 200 * DAY)
    kept(store, said | {last: "sour"})
    assert len(ids(store, "soup", most=200)) == 140
    assert ids(store, "s", most=1) == [last] and len(ids(store, "tea s", most=200)) == 140
    assert ids(store, "soup139") == [max(said)] and ids(store, "tea soupx") == []


def test_what_is_said_anew_replaces_what_was(store: Store) -> None:
    one = new_id(BEGINNING)
    kept(store, {one: "soup"})
    kept(store, {one: "tea"})
    assert (ids(store, "soup"), ids(store, "tea")) == ([], [one])


def test_what_is_dropped_leaves_no_word_behind_that_nobody_else_said(store: Store) -> None:
    one, other = new_id(BEGINNING), new_id(BEGINNING)
    kept(store, {one: "Zebedee soup", other: "soup"})
    with store.write() as session:
        index.drop(session.connection(), [one])
    assert ids(store, "soup") == [other] and ids(store, "zebedee") == []
    with store.read() as session:
        assert session.scalars(select(Word.word)).all() == ["soup"]
        if store.is_sqlite:
            rows = session.execute(text("select block from case_words_data")).scalars().all()
            assert not any(b"ebedee" in bytes(row) for row in rows)


def found(store: Store, who: int, q: str) -> list[int]:
    viewer_ = viewer(store, who)
    with store.read() as session:
        return [row.case.id for row in cases.page(session, viewer_, Filters(q=q), size=9)]


def test_everything_said_about_a_case_is_found_at_once_and_after_the_worker(store: Store, cast: Cast) -> None:
    case = arrives(store, cast.kitchen_link, message="The soup was cold", person_note="tall man")
    for _ in range(2):
        assert [found(store, cast.berta, q) for q in ("SOUP", "tall", "cold tall", "cold tea")] == [[case]] * 3 + [[]]
        worker.index_words(store)
    berta = viewer(store, cast.berta)
    with store.write() as session:
        cases.note(session, berta, session.get_one(Case, case), "Asked the cook", BEGINNING)
    for _ in range(2):
        assert found(store, cast.berta, "cook soup") == found(store, cast.anna, "asked") == [case]
        worker.index_words(store)
    with store.read() as session:
        assert not cases.is_any_unindexed(session)


def test_what_is_added_while_the_index_is_written_is_found_afterwards(store: Store, cast: Cast) -> None:
    case = arrives(store, cast.kitchen_link)
    berta = viewer(store, cast.berta)

    def note(word: str) -> None:
        with store.write() as session:
            cases.note(session, berta, session.get_one(Case, case), word, BEGINNING)

    at_once(
        lambda: worker.index_words(store),
        lambda: note("alpha"),
        lambda: worker.index_words(store),
        lambda: note("beta"),
    )
    assert found(store, cast.berta, "alpha beta soup") == [case]
    worker.index_words(store)
    assert found(store, cast.berta, "alpha beta soup") == [case]


def test_no_search_finds_what_concerns_the_searcher(store: Store, cast: Cast) -> None:
    case = arrives(store, cast.kitchen_link)
    worker.index_words(store)
    concern(store, case, cast.berta)
    assert found(store, cast.berta, "soup") == [] and found(store, cast.dora, "soup") == [case]


def test_an_entry_holds_the_words_and_what_lists_are_narrowed_by(store: Store, cast: Cast) -> None:
    case = arrives(store, cast.table_link, message="Cold", topic_ids=(cast.missing_parts,))
    with store.write() as session:
        session.add(Event(id=new_id(BEGINNING), submission_id=case, number=2, name="wrote", at=BEGINNING, text="Tea!"))
    with store.read() as session:
        (entry,) = entries_of(session, [case])
    assert entry.words == {"cold", "tea"}
    assert {index.mark("place", cast.table), index.mark("status", "received"), index.mark("open", "")} <= entry.marks
