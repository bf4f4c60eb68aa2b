"""News: what concerns someone is read inside, with or without mail; of what they may not see, nothing."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, func, select

from feedback.core import cases
from feedback.core.cases import Case, Cause, Ending, Outcome, Remedy, news
from feedback.core.notices import About, Notice
from feedback.core.people import Person
from feedback.core.submissions import Submission
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.story import arrives, concern, viewer

AT = BEGINNING + timedelta(days=1)
SOON = timedelta(minutes=5)
ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where the store makes no difference


def told(store: Store, person: int, at: datetime = AT, **how: object) -> list[tuple[str, bool]]:
    """What is on that person's page of news, newest first, and whether it is new."""
    with store.read() as session:
        items = news.page(session, viewer(store, person), at, **{"after": None, "size": 50} | how)  # type: ignore[arg-type]
        return [(item.about, item.is_new) for item in items]


def unread(store: Store, person: int, at: datetime = AT) -> int:
    with store.read() as session:
        return news.unread(session, viewer(store, person), at)


def assign(store: Store, number: int, by: int, to: int, *, mails: bool = False, at: datetime = AT) -> None:
    with store.write() as session:
        case = session.get_one(Case, number)
        cases.assign(session, viewer(store, by), case, to, version=case.version, at=at, mails=mails)


def closed(store: Store, number: int, by: int, at: datetime = AT) -> None:
    with store.write() as session:
        case, ending = session.get_one(Case, number), Ending(Outcome.UPHELD, Cause.OTHER, Remedy.NONE)
        cases.close(session, viewer(store, by), case, ending, version=case.version, at=at, mails=False)


def write(store: Store, number: int, at: datetime = AT) -> None:
    with store.write() as session:
        cases.write(session, session.get_one(Submission, number), "And it was cold", at, mails=False)


def opens(store: Store, person: int, number: int, at: datetime = AT) -> bool:
    """Whether opening the case was news to that person."""
    who = viewer(store, person)
    with store.write() as session:
        was_new = news.is_news(session, who, number, at)
        news.opened(session, who, number, at)
        return was_new


def rows(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Notice)) or 0


def test_a_new_complaint_is_news_to_those_it_went_to_without_a_row(store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link, at=AT - SOON, mails=False)
    arrives(store, cast.maria_link, topic_ids=(cast.missing_parts,), at=AT - SOON, mails=False)
    assert rows(store) == 0
    assert told(store, cast.berta) == [("complaint", True)] * 2
    assert told(store, cast.paula) == [("complaint", True)]
    for person in (cast.maria, cast.karim, cast.hans, cast.dora, cast.anna):
        assert (told(store, person), unread(store, person)) == ([], 0)


@ON_ONE
def test_what_no_manager_could_take_is_news_to_the_admins(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, at=AT - SOON, mails=False)
    with store.write() as session:
        session.get_one(Case, number).department_id = None
    assert told(store, cast.anna) == [("complaint", True)] and told(store, cast.berta) == []


@ON_ONE
def test_history_is_no_news(store: Store, cast: Cast) -> None:
    arrives(store, cast.kitchen_link, history=True, at=AT - SOON)
    assert (told(store, cast.berta), unread(store, cast.berta)) == ([], 0)


def test_all_that_happens_to_a_case_is_told_without_any_mail(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Person, cast.hans).email = None
    number = arrives(store, cast.kitchen_link, at=AT - SOON, mails=False)
    with store.write() as session:
        session.get_one(Case, number).handler_id = cast.hans
    assign(store, number, cast.berta, cast.hans)
    write(store, number, AT + SOON)
    with store.write() as session:
        case = session.get_one(Case, number)
        case.warn_at = AT + SOON
        cases.watch(session, AT + 2 * SOON, mails=False)
        case.due_at = AT + 3 * SOON
        cases.watch(session, AT + 3 * SOON, mails=False)
    at = AT + 4 * SOON
    assert told(store, cast.hans, at) == [(about, True) for about in ("breached", "due_soon", "wrote", "assigned")]
    assert unread(store, cast.hans, at) == 4
    assert told(store, cast.dora, at) == [("breached", True)]  # whoever is above is told what passed
    assert told(store, cast.berta, at) == [("complaint", True)]
    closed(store, number, cast.hans, at)
    with store.write() as session:
        cases.reopen(session, session.get_one(Submission, number), "No", at + SOON, mails=False)
    assert told(store, cast.berta, at + SOON)[0] == ("reopened", True)
    with store.read() as session:
        assert session.scalar(select(func.count()).where(Notice.channel == "mail")) == 0


@ON_ONE
def test_whoever_takes_a_case_themselves_is_not_told(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, at=AT - SOON, mails=False)
    assign(store, number, cast.berta, cast.berta)
    assert told(store, cast.berta) == [("complaint", True)]


def test_a_shared_case_is_news_to_whom_it_is_about_and_nothing_before(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link, at=AT - SOON, mails=False)
    assign(store, number, cast.berta, cast.berta)
    closed(store, number, cast.berta)
    assert (told(store, cast.maria), unread(store, cast.maria)) == ([], 0)
    with store.write() as session:
        cases.share(session, viewer(store, cast.berta), session.get_one(Case, number), "", at=AT)
    assert (told(store, cast.maria), unread(store, cast.maria)) == ([("shared", True)], 1)
    assert opens(store, cast.maria, number) and unread(store, cast.maria) == 0
    assert told(store, cast.karim) == []


def test_what_one_may_no_longer_see_is_neither_listed_nor_counted(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, at=AT - SOON, mails=False)
    assign(store, number, cast.berta, cast.karim)
    assert (unread(store, cast.karim), unread(store, cast.berta)) == (1, 1)
    for person in (cast.karim, cast.berta):
        concern(store, number, person)
        assert (told(store, person), unread(store, person)) == ([], 0)
        with store.read() as session:
            assert not news.is_news(session, viewer(store, person), number, AT)


@pytest.mark.parametrize("has_looked", [True, False])
def test_a_case_that_climbs_is_news_once_to_those_it_comes_to(store: Store, cast: Cast, has_looked: bool) -> None:
    number = arrives(store, cast.kitchen_link, at=AT - SOON, mails=False)
    if has_looked:
        with store.write() as session:
            news.read_all(session, viewer(store, cast.dora), AT)
    with store.write() as session:
        case, berta = session.get_one(Case, number), viewer(store, cast.berta)
        cases.concern(session, berta, case, cast.berta, version=case.version, at=AT + SOON, mails=False)
    at = AT + 2 * SOON
    assert (told(store, cast.dora, at), unread(store, cast.dora, at)) == ([("complaint", True)], 1)
    assert (told(store, cast.berta, at), unread(store, cast.berta, at)) == ([], 0)
    assert opens(store, cast.dora, number, at) and unread(store, cast.dora, at) == 0


@ON_ONE
def test_a_case_that_went_to_someone_else_is_no_longer_ones_news(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, at=AT - SOON, mails=False)
    assign(store, number, cast.berta, cast.karim)
    assign(store, number, cast.berta, cast.maria)
    assert (told(store, cast.karim), unread(store, cast.karim)) == ([], 0)
    assert told(store, cast.maria) == [("assigned", True)]


def test_opening_a_case_reads_all_of_it_and_of_no_other(store: Store, cast: Cast) -> None:
    one, other = (arrives(store, cast.kitchen_link, at=AT - SOON, mails=False) for _ in range(2))
    write(store, one)
    assert unread(store, cast.berta) == 3
    assert opens(store, cast.berta, one) and not opens(store, cast.berta, one)
    assert unread(store, cast.berta) == 1
    assert told(store, cast.berta).count(("complaint", True)) == 1
    assert told(store, cast.berta).count(("complaint", False)) == 1 and ("wrote", False) in told(store, cast.berta)
    assert opens(store, cast.berta, other) and unread(store, cast.berta) == 0


@ON_ONE
def test_looking_reads_what_was_shown_and_once_all_was_what_arrived(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, at=AT - SOON, mails=False)
    write(store, number)
    who = viewer(store, cast.berta)
    with store.write() as session:
        shown = [item.id for item in news.page(session, who, AT, after=None, size=1)]
        news.look(session, who, shown, AT, all_seen=False)
    assert unread(store, cast.berta) == 1
    with store.write() as session:
        news.look(session, who, (), AT, all_seen=True)
        news.look(session, who, (), AT + SOON, all_seen=True)
    assert unread(store, cast.berta) == 0
    arrives(store, cast.kitchen_link, at=AT + 2 * SOON, mails=False)
    assert unread(store, cast.berta, AT + 3 * SOON) == 1


@ON_ONE
def test_all_can_be_marked_as_read_and_nobody_elses_is(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, at=AT - SOON, mails=False)
    assign(store, number, cast.berta, cast.karim)
    with store.write() as session:
        news.read_all(session, viewer(store, cast.berta), AT)
    assert (unread(store, cast.berta), unread(store, cast.karim)) == (0, 1)


@ON_ONE
def test_who_never_looked_has_the_last_week_as_news_and_ninety_days_to_read(store: Store, cast: Cast) -> None:
    for days in (1, 6, 8, 89, 91):
        arrives(store, cast.kitchen_link, at=AT - timedelta(days=days), mails=False)
    assert unread(store, cast.berta) == 2
    assert told(store, cast.berta) == [("complaint", True)] * 2 + [("complaint", False)] * 2


@ON_ONE
def test_the_count_ends_where_nobody_counts_on(store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "MOST", 3)
    for _ in range(5):
        arrives(store, cast.kitchen_link, at=AT - SOON, mails=False)
    assert unread(store, cast.berta) == 3


def test_pages_go_on_where_the_one_before_ended(store: Store, cast: Cast) -> None:
    numbers = [arrives(store, cast.kitchen_link, at=AT + n * SOON, mails=False) for n in range(3)]
    for n, number in enumerate(numbers):
        write(store, number, AT + (10 + n) * SOON)
    at, seen, after = AT + 20 * SOON, [], None
    with store.read() as session:
        while items := news.page(session, viewer(store, cast.berta), at, after=after, size=2):
            seen += [(item.about, item.submission.id) for item in items]
            after = items[-1].id
    newest = list(reversed(numbers))
    assert seen == [(About.WROTE, n) for n in newest] + [(About.COMPLAINT, n) for n in newest]


@ON_ONE
def test_the_count_walks_indexes_and_no_table(store: Store, cast: Cast) -> None:
    """Every page at work shows it. PostgreSQL walks so few rows as these, and rightly so."""
    asked: list[tuple[str, object]] = []
    who = viewer(store, cast.berta)
    event.listen(store.engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    with store.read() as session:
        news.unread(session, who, AT)
    walks = [given for given in asked if given[0] != "BEGIN"]
    assert len(walks) <= 4
    with store.engine.connect() as connection:
        plans = [
            str(row[3])
            for statement, values in walks
            for row in connection.exec_driver_sql(f"explain query plan {statement}", values)
        ]
    assert any("ix_notice_unread" in step for step in plans)
    tables = ("notice", "case", "event", "submission", "route", "share", "concern")
    assert [step for step in plans for table in tables if step.startswith(f"SCAN {table}")] == []
