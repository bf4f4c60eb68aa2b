"""What is kept about someone: all that is theirs to see, counted; nothing of what is not, and no trace of it."""

from datetime import timedelta

from sqlalchemy import select

from feedback.core import absences, accounts, audit, cases, devices, praise, records, rhythms
from feedback.core.absences import Away
from feedback.core.cases import Case, Cause, Ending, Outcome, Remedy
from feedback.core.cases.praising import pass_on
from feedback.core.people import Person, PersonPlace
from feedback.core.praise import Praise
from feedback.core.records import Record, Span
from feedback.core.rhythms import Rhythm
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.story import arrives, concern, viewer

TODAY = BEGINNING.date()


def record(store: Store, person_id: int) -> Record:
    who = viewer(store, person_id)
    with store.read() as session:
        return records.of(session, who, BEGINNING, TODAY)


def opened(store: Store, person_id: int, *numbers: int) -> None:
    """The letters that came of those submissions are read."""
    who = viewer(store, person_id)
    with store.write() as session:
        ids = list(session.scalars(select(Praise.id).where(Praise.submission_id.in_(numbers))))
        praise.mark_read(session, who, ids, BEGINNING)


def thanks(store: Store, code: str, n: int = 0, **more: object) -> int:
    return arrives(store, code, kind="compliment", at=BEGINNING + timedelta(days=n), **more)


def test_the_person_as_others_see_them(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.add(PersonPlace(person_id=cast.berta, place_id=cast.table))
    own = record(store, cast.berta).own
    assert (own.person.name, own.person.public_name, own.department) == ("Berta Stein", "Berta", "Kitchen")
    assert (list(own.manages), list(own.places), own.photo_at, list(own.links)) == (["Kitchen"], ["Table 4"], None, [])
    assert [link.code for link in record(store, cast.maria).own.links] == [cast.maria_link]


def test_how_they_come_in_and_nothing_that_lets_anyone_in(store: Store, cast: Cast) -> None:
    with store.write() as session:
        for _ in range(2):
            accounts.sign_in(session, cast.maria, BEGINNING)
        accounts.sign_in(session, cast.maria, BEGINNING - accounts.SIGNED_IN_FOR)  # it has ended
        accounts.make_sign_in_link(session, cast.maria, BEGINNING)
        accounts.sign_in(session, cast.karim, BEGINNING)
        devices.add(session, cast.maria, "hash", BEGINNING)
    ways = record(store, cast.maria).ways
    assert ways.sessions == Span(2, *[BEGINNING + accounts.SIGNED_IN_FOR] * 2)
    assert (len(ways.devices), ways.codes_left, ways.invited_until) == (1, 0, None)


def test_letters_and_readings_are_counted_from_the_first_to_the_last(store: Store, cast: Cast) -> None:
    assert record(store, cast.maria).letters == record(store, cast.maria).readings == Span(0)
    first, _ = (thanks(store, cast.maria_link, n) for n in (0, 9))
    together = thanks(store, cast.kitchen_link)
    opened(store, cast.maria, first, together)
    opened(store, cast.karim, together)
    found = record(store, cast.maria)
    assert found.letters == Span(2, BEGINNING, BEGINNING + timedelta(days=9))
    assert found.readings == Span(2, BEGINNING, BEGINNING)
    assert record(store, cast.karim).readings.count == 1 and record(store, cast.karim).letters.count == 0


def test_readings_with_a_department_of_before_are_ones_own_still(store: Store, cast: Cast) -> None:
    opened(store, cast.maria, thanks(store, cast.kitchen_link))
    with store.write() as session:
        session.get_one(Person, cast.maria).department_id = cast.packing
    assert record(store, cast.maria).readings.count == 1


def test_absences_of_both_sides_and_the_rhythm(store: Store, cast: Cast) -> None:
    week = Away(TODAY, TODAY + timedelta(days=6), cast.karim)
    who = viewer(store, cast.anna)
    with store.write() as session:
        absences.note_away(session, who, cast.berta, week, today=TODAY, at=BEGINNING)
        rhythms.choose(session, Rhythm(**vars_of(cast.berta, cases="daily")))
    berta, karim = record(store, cast.berta), record(store, cast.karim)
    assert [(one.from_on, one.other) for one in berta.absences] == [(TODAY, "Karim Haddad")]
    assert [(one.until_on, one.other) for one in karim.covers] == [(TODAY + timedelta(days=6), "Berta Stein")]
    assert berta.covers == karim.absences == [] and (berta.rhythm.cases, karim.rhythm.cases) == ("daily", "at_once")


def vars_of(person_id: int, **chosen: str) -> dict[str, object]:
    return {"person_id": person_id, "cases": "at_once", "praise": "at_once", "hour": 8, "weekday": 0} | chosen


def test_cases_are_counted_as_far_as_they_may_be_seen(store: Store, cast: Cast) -> None:
    numbers = [arrives(store, cast.kitchen_link) for _ in range(4)]
    with store.write() as session:
        for number in numbers:
            session.get_one(Case, number).handler_id = cast.hans
        session.get_one(Case, numbers[0]).status = "closed"
    concern(store, numbers[1], cast.hans)
    work = record(store, cast.hans).work
    assert (work.open, work.closed) == (2, 1)


def test_a_case_is_there_once_it_was_shared(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link)
    berta = viewer(store, cast.berta)
    assert list(record(store, cast.maria).work.shared) == []
    with store.write() as session:
        case = session.get_one(Case, number)
        ending = Ending(Outcome.UPHELD, Cause.OTHER, Remedy.NONE)
        cases.close(session, berta, case, ending, version=case.version, at=BEGINNING, mails=False)
        cases.share(session, berta, case, "Let us talk", at=BEGINNING)
    assert [one.case_id for one in record(store, cast.maria).work.shared] == [number]


def test_entries_of_the_log_tell_who_only_to_those_who_may_know(store: Store, cast: Cast) -> None:
    with store.write() as session:
        for n, by in enumerate((cast.berta, cast.maria, None)):
            at = BEGINNING + timedelta(minutes=n)
            audit.note(session, "person", cast.maria, "renamed", at, by_id=by, details={"was": "M", "name": "Maria"})
        audit.note(session, "person", cast.karim, "renamed", BEGINNING, by_id=cast.maria, details={})
    maria = viewer(store, cast.maria)
    with store.read() as session:
        found = records.entries(session, maria)
        assert [records.may_know_who(maria, entry) for entry in found] == [False, True, False]
        assert [entry.id for entry in records.entries(session, maria, after=found[0].id, size=1)] == [found[1].id]
    assert record(store, cast.maria).changes == 2


def test_what_may_not_be_seen_leaves_no_trace(store: Store, cast: Cast) -> None:
    """Nor does what was read before the complaint it stood in came to concern the reader."""
    opened(store, cast.maria, thanks(store, cast.maria_link))
    before = told(record(store, cast.maria))
    opened_excerpt(store, cast)
    arrives(store, cast.maria_link, message="Maria was rude")
    concern(store, arrives(store, cast.kitchen_link), cast.maria)
    thanks(store, cast.maria_link, message="held", rating=1)
    assert told(record(store, cast.maria)) == before


def opened_excerpt(store: Store, cast: Cast) -> None:
    """Praise for the Kitchen out of a complaint that Maria read, and that concerns her since."""
    number, berta = arrives(store, cast.kitchen_link, message="Lovely soup, rude waitress"), viewer(store, cast.berta)
    with store.write() as session:
        case = session.get_one(Case, number)
        pass_on(session, berta, case, "Lovely soup", department_id=cast.kitchen, at=BEGINNING)
    opened(store, cast.maria, number)
    assert record(store, cast.maria).readings.count == 2
    concern(store, number, cast.maria)


def told(found: Record) -> tuple[object, ...]:
    """All that a page would say of it."""
    work = found.work
    return (
        found.letters,
        found.readings,
        (work.open, work.closed, list(work.shared), list(work.views), work.looked_at),
        found.changes,
        repr((found.absences, found.covers)),
        [link.code for link in found.own.links],
    )
