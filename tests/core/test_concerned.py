"""People added to a case whom it concerns: from then on it does not exist for them, and others decide it (rule 2)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from feedback.core import cases, history
from feedback.core.absences import Absence
from feedback.core.access import Viewer
from feedback.core.accounts import Account
from feedback.core.cases import Case, ChangedMeanwhile, Filters, NobodyLeft, NotAllowed, NotOffered, Says, Status
from feedback.core.conversations import open_with
from feedback.core.history import Event
from feedback.core.notices import MAIL, About, Notice
from feedback.core.organisation import Organisation
from feedback.core.people import Management, Person
from feedback.core.routing import Purpose, routes_of
from feedback.core.submissions import Concern, Submission, receipt_of
from feedback.db import Store
from feedback.outbound import wording
from feedback.outbound.errands import Desk, Withdrawn
from tests.factories import Cast
from tests.story import SECRET, arrives, at_once, viewer

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = MONDAY + timedelta(hours=2)
OUTSIDE = "ombudsman@outside.example"


class Matter:
    """One case of the Kitchen, and those who say whom it is about."""

    def __init__(self, store: Store, cast: Cast, number: int | None = None) -> None:
        self.store, self.cast = store, cast
        self.number = number or arrives(store, cast.table_link, at=MONDAY)

    def seen_by(self, key: str) -> Viewer:
        return viewer(self.store, getattr(self.cast, key))

    def case(self) -> Case:
        with self.store.read() as session:
            return session.get_one(Case, self.number)

    def concern(self, key: str, *, by: str = "berta", act=cases.concern, version: int = 0) -> Event:
        who = self.seen_by(by)
        with self.store.write() as session:
            case = session.get_one(Case, self.number)
            number = getattr(self.cast, key)
            return act(session, who, case, number, version=version or case.version, at=LATER)

    def clear(self, key: str, *, by: str) -> Event:
        return self.concern(key, by=by, act=cases.clear)

    def give(self, key: str) -> None:
        with self.store.write() as session:
            case = session.get_one(Case, self.number)
            case.handler_id, case.status = getattr(self.cast, key), Status.IN_PROGRESS

    def steps(self) -> list[tuple[str, dict[str, str]]]:
        with self.store.read() as session:
            return [(event.name, event.details) for event in history.events_of(session, self.number)]

    def owed(self, *, since: datetime = LATER) -> set[int | str | None]:
        """Who is owed a mail for what happened since then."""
        with self.store.read() as session:
            rows = session.scalars(
                select(Notice).join(Event).where(Event.submission_id == self.number, Event.at >= since)
            )
            return {row.person_id or row.address for row in rows}

    def leave(self, *keys: str) -> None:
        with self.store.write() as session:
            for key in keys:
                session.get_one(Person, getattr(self.cast, key)).retired_at = MONDAY


@pytest.fixture
def matter(store: Store, cast: Cast) -> Matter:
    return Matter(store, cast)


def exists_for(matter: Matter, key: str) -> set[str]:
    """The ways in which the case exists for that person."""
    who = matter.seen_by(key)
    with matter.store.read() as session:
        ways = {
            "page": cases.one(session, who, matter.number),
            "list": cases.page(session, who, Filters(), after=None, size=9),
            "search": cases.page(session, who, Filters(q="soup"), after=None, size=9),
            "count": cases.count(session, who, Filters()),
            "menu": cases.handles_any(session, who),
            "open": cases.open_with(session, who, who.person_id),
        }
    return {name for name, found in ways.items() if found}


def test_for_whom_it_is_about_it_exists_no_more(matter: Matter) -> None:
    matter.give("karim")
    assert exists_for(matter, "karim") == {"page", "list", "search", "count", "menu", "open"}
    matter.concern("karim")
    assert exists_for(matter, "karim") == set() and exists_for(matter, "berta") >= {"page", "list", "search", "count"}
    with matter.store.read() as session:
        found = session.get_one(Concern, (matter.number, matter.cast.karim))
        assert (found.added_by_id, found.added_at, found.taken_from_id) == (matter.cast.berta, LATER, None)


def test_what_they_handled_goes_back_with_an_event(matter: Matter) -> None:
    matter.give("karim")
    matter.concern("karim")
    case = matter.case()
    assert (case.handler_id, case.status, case.department_id) == (None, Status.RECEIVED, matter.cast.kitchen)
    assert matter.steps()[1:] == [("concerned", {"person": "Karim Haddad"}), ("handed_back", {})]
    assert matter.owed() == set()  # Berta did it herself


def test_those_it_goes_back_to_are_told_where_another_did_it(matter: Matter) -> None:
    matter.give("karim")
    matter.concern("karim", by="anna")
    assert matter.owed() == {matter.cast.berta}


def test_it_climbs_past_the_manager_it_is_about(matter: Matter) -> None:
    event = matter.concern("berta", by="anna")
    assert matter.case().department_id == matter.cast.root and event.name == "rerouted"
    assert exists_for(matter, "berta") == set() and "page" in exists_for(matter, "dora")
    assert matter.steps()[1:] == [
        ("concerned", {"person": "Berta Stein"}),
        ("rerouted", {"to": "managers", "department": "Garden House"}),
    ]
    assert matter.owed() == {matter.cast.dora}


def test_where_it_climbs_it_leaves_the_hands_of_those_who_do_not_decide_it(matter: Matter) -> None:
    matter.give("hans")
    matter.concern("berta", by="hans")
    assert matter.owed() == {matter.cast.dora} and matter.case().handler_id is None
    assert "handed_back" in [name for name, _ in matter.steps()]
    matter.give("anna")
    matter.concern("dora", by="anna")
    assert matter.case().handler_id == matter.cast.anna


def test_who_only_handles_it_cannot_shut_out_all_who_decide_it(matter: Matter) -> None:
    matter.give("karim")
    matter.concern("dora", by="karim")
    matter.concern("anna", by="karim")
    with pytest.raises(NobodyLeft):
        matter.concern("berta", by="karim")
    assert "page" in exists_for(matter, "berta") and matter.case().handler_id == matter.cast.karim
    matter.concern("berta", by="berta")  # of oneself it is always believed
    assert exists_for(matter, "berta") == set()


def test_it_stays_while_another_manages_the_department(matter: Matter) -> None:
    with matter.store.write() as session:
        session.add(Management(department_id=matter.cast.kitchen, person_id=matter.cast.karim))
    matter.concern("berta", by="karim")
    assert matter.case().department_id == matter.cast.kitchen and matter.owed() == set()
    assert exists_for(matter, "berta") == set()


def test_above_all_managers_are_admins_then_the_reader_outside_then_nobody(matter: Matter) -> None:
    cast = matter.cast
    matter.concern("berta", by="anna")
    matter.concern("dora", by="anna")
    assert matter.case().department_id is None and matter.steps()[-1] == ("rerouted", {"to": "admins"})
    assert exists_for(matter, "dora") == set()
    with matter.store.write() as session:
        session.scalars(select(Organisation)).one().outside_reader = OUTSIDE
    matter.concern("anna", by="anna")
    assert matter.steps()[-1] == ("rerouted", {"to": "outside"}) and OUTSIDE in matter.owed()
    assert all(exists_for(matter, key) == set() for key in ("anna", "berta", "dora"))
    assert cast.anna not in matter.owed()


def test_where_nobody_is_free_it_is_kept_and_the_customer_is_told_that_nobody_reads_it(matter: Matter) -> None:
    matter.leave("dora")
    with matter.store.write() as session:
        session.get_one(Account, matter.cast.anna).is_admin = False
    matter.concern("berta")
    assert matter.steps()[-1] == ("rerouted", {"to": "nobody"}) and matter.owed() == set()
    with matter.store.read() as session:
        assert [route.purpose for route in routes_of(session, matter.number)] == [Purpose.HANDLES, Purpose.KEEPS]
        assert "nobody reads this" in told_to_the_customer(matter)


def test_the_customer_learns_nothing_of_it(matter: Matter) -> None:
    before = told_to_the_customer(matter)
    matter.give("karim")
    matter.concern("karim")
    matter.concern("berta", by="anna")
    assert told_to_the_customer(matter) == before


def told_to_the_customer(matter: Matter) -> str:
    with matter.store.read() as session:
        said = session.get_one(Submission, matter.number)
        found = open_with(session, receipt_of(said.key, SECRET))
    assert found is not None
    steps = [wording.customer_step(step.name, step.details) for step in found.steps]
    return " ".join([wording.state(found.kind, found.status, found.routes, found.names), *steps])


def test_mails_that_were_owed_to_them_are_withdrawn(matter: Matter) -> None:
    assert matter.owed(since=MONDAY) == {matter.cast.berta}
    matter.concern("berta", by="anna")
    assert unsent(matter) == {matter.cast.berta: "the recipient may not see it any more"}


def unsent(matter: Matter) -> dict[int | None, str]:
    """Who of those owed a mail gets none, and why."""
    found = {}
    with matter.store.read() as session:
        notices = session.scalars(select(Notice)).all()
        desk = Desk(session, notices)
        for notice in notices:
            try:
                desk.errand(notice)
            except Withdrawn as why:
                found[notice.person_id] = str(why)
    return found


def test_those_it_came_to_are_told_why(matter: Matter) -> None:
    matter.concern("berta", by="anna")
    with matter.store.read() as session:
        notice = session.scalars(
            select(Notice).where(Notice.person_id == matter.cast.dora, Notice.channel == MAIL)
        ).one()
        errand = Desk(session, [notice]).errand(notice)
    assert notice.about == About.COMPLAINT and errand.told.path == f"/cases/{matter.number}"
    said = [wording.reason(*reason) for reason in errand.told.reasons]
    assert said[-1] == "It is about someone who would have decided it, so it came to you"
    assert not any("Berta" in sentence for sentence in said)


def test_who_stands_in_gets_it_where_all_it_goes_to_are_away(matter: Matter) -> None:
    day = MONDAY.date()
    with matter.store.write() as session:
        times = {"from_on": day, "until_on": day.replace(year=2099)}
        session.add(Absence(id=1, person_id=matter.cast.dora, cover_id=matter.cast.paula, **times))
    matter.concern("berta", by="anna")
    assert matter.case().handler_id == matter.cast.paula and matter.owed() == {matter.cast.paula}
    assert matter.steps()[-1] == ("assigned", {"handler": "Paula Novak"})
    assert "page" in exists_for(matter, "paula")


def test_who_stands_in_does_not_get_what_is_about_them(matter: Matter) -> None:
    day = MONDAY.date()
    with matter.store.write() as session:
        times = {"from_on": day, "until_on": day.replace(year=2099)}
        session.add(Absence(id=1, person_id=matter.cast.dora, cover_id=matter.cast.berta, **times))
    matter.concern("berta", by="anna")
    assert matter.case().handler_id is None and exists_for(matter, "berta") == set()


def test_at_the_second_stage_it_does_not_fall_to_those_who_decided_the_first(matter: Matter) -> None:
    with matter.store.write() as session:
        session.add(cases.Reviewer(case_id=matter.number, person_id=matter.cast.berta))
        case = session.get_one(Case, matter.number)
        case.stage, case.department_id = 2, matter.cast.root
    matter.concern("dora", by="anna")
    assert matter.case().department_id is None and matter.owed() == set()
    matter.concern("anna", by="anna")  # then nobody else is left at all, and Berta decides again
    assert matter.case().department_id == matter.cast.kitchen and matter.owed() == {matter.cast.berta}


def test_a_closed_case_is_taken_out_of_sight_without_a_mail(matter: Matter) -> None:
    with matter.store.write() as session:
        session.get_one(Case, matter.number).status = Status.CLOSED
    matter.concern("berta", by="anna")
    assert exists_for(matter, "berta") == set() and matter.owed() == set()
    assert matter.case().status == Status.CLOSED


def test_who_says_that_it_is_about_them_is_believed(matter: Matter) -> None:
    matter.concern("berta", by="berta")
    assert exists_for(matter, "berta") == set() and matter.case().department_id == matter.cast.root
    assert wording.step("concerned", {"person": "Berta Stein"}, "Berta Stein") == (
        "Berta Stein said that this is about them, and does not see it any more"
    )


def test_only_who_works_on_it_says_whom_it_is_about(matter: Matter) -> None:
    with pytest.raises(NotAllowed):
        matter.concern("karim", by="paula")
    with pytest.raises(NotAllowed):
        matter.concern("karim", by="maria")


def test_only_who_is_in_reach_can_be_chosen_but_always_who_decides_it(matter: Matter) -> None:
    for by, offered in (
        ("berta", {"Maria Lopez", "Karim Haddad", "Berta Stein", "Dora Lang", "Anna Berg"}),
        ("anna", {"Maria Lopez", "Karim Haddad", "Berta Stein", "Dora Lang", "Anna Berg", "Paula Novak", "Hans Weber"}),
    ):
        with matter.store.read() as session:
            case = session.get_one(Case, matter.number)
            assert {name for _, name, _ in cases.people_for(session, matter.seen_by(by), case)} == offered
    with pytest.raises(NotOffered):
        matter.concern("hans", by="berta")
    matter.concern("karim")
    with pytest.raises(NotOffered):  # it is about them already
        matter.concern("karim")


def test_of_two_at_once_the_second_is_shown_what_the_first_did(matter: Matter) -> None:
    version = matter.case().version
    matter.concern("karim", version=version)
    with pytest.raises(ChangedMeanwhile):
        matter.concern("maria", version=version)


def test_of_two_who_say_the_same_at_once_the_second_finds_it_said(matter: Matter) -> None:
    refused: list[Exception] = []

    def say() -> None:
        try:
            matter.concern("karim", version=1)
        except (ChangedMeanwhile, NotOffered) as error:
            refused.append(error)

    at_once(say, say, say)
    assert len(refused) == 2 and [name for name, _ in matter.steps()] == ["received", "concerned"]


def test_a_mistake_is_taken_back_and_the_case_goes_back(matter: Matter) -> None:
    matter.concern("berta", by="anna")
    matter.clear("berta", by="dora")
    assert matter.case().department_id == matter.cast.kitchen and "page" in exists_for(matter, "berta")
    assert matter.steps()[-2:] == [
        ("cleared", {"person": "Berta Stein"}),
        ("rerouted", {"to": "managers", "department": "Kitchen", "back": "yes"}),
    ]
    assert matter.owed() == {matter.cast.dora, matter.cast.berta} and unsent(matter) == {}


def test_a_case_that_nobody_read_is_read_again_once_it_is_not_about_them(matter: Matter) -> None:
    matter.leave("dora")
    with matter.store.write() as session:
        session.get_one(Account, matter.cast.anna).is_admin = False
    matter.concern("berta")
    with matter.store.write() as session:
        session.get_one(Account, matter.cast.anna).is_admin = True
    matter.clear("berta", by="anna")
    assert matter.case().department_id == matter.cast.kitchen and "nobody" not in told_to_the_customer(matter)


def test_what_the_customer_said_is_never_taken_back(store: Store, cast: Cast) -> None:
    matter = Matter(store, cast, arrives(store, cast.maria_link, at=MONDAY))
    for by in ("berta", "dora", "anna"):
        with pytest.raises(NotAllowed):
            matter.clear("maria", by=by)


def test_a_mistake_is_taken_back_from_above_alone(matter: Matter) -> None:
    with matter.store.write() as session:
        session.add(Management(department_id=matter.cast.kitchen, person_id=matter.cast.karim))
    matter.give("hans")
    matter.concern("berta", by="hans")
    for by in ("berta", "hans", "karim", "paula"):  # about them; only handles it; beside them; elsewhere
        with pytest.raises(NotAllowed):
            matter.clear("berta", by=by)
    matter.concern("maria", by="hans")
    matter.clear("maria", by="karim")
    matter.clear("berta", by="dora")
    with pytest.raises(ChangedMeanwhile):
        matter.clear("berta", by="dora")


def test_nobody_gets_round_it_by_being_handed_the_case(matter: Matter) -> None:
    matter.concern("karim")
    with matter.store.write() as session, pytest.raises(NotAllowed):
        case = session.get_one(Case, matter.number)
        who = matter.seen_by("berta")
        cases.assign(session, who, case, matter.cast.karim, version=case.version, at=LATER)
    with matter.store.write() as session, pytest.raises(NotAllowed):
        case = session.get_one(Case, matter.number)
        cases.reply(session, matter.seen_by("karim"), case, "x", Says.REPLIED, version=case.version, at=LATER)
    with matter.store.write() as session:  # nor by becoming a manager
        session.add(Management(department_id=matter.cast.kitchen, person_id=matter.cast.karim))
    assert exists_for(matter, "karim") == set()
    with matter.store.write() as session:
        session.execute(delete(Management).where(Management.person_id == matter.cast.karim))
