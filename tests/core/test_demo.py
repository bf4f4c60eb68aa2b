"""The demo: all that scripts rely on is in it, it looks alive, and making it again changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from feedback.config import Settings
from feedback.core import recognition
from feedback.core.accounts import account_named, is_password_of
from feedback.core.cases import Case
from feedback.core.counts import DayCount
from feedback.core.demo import OtherData, demo, derived
from feedback.core.demo.telling import Description
from feedback.core.demo.words import said
from feedback.core.favourites import Favourite
from feedback.core.history import Event
from feedback.core.notices import Notice
from feedback.core.organisation import Organisation, the_organisation
from feedback.core.people import Department, Management, Person, Place, departments_above
from feedback.core.praise import Praise, Reading, letters
from feedback.core.submissions import SURVEY, Kind, Submission
from feedback.core.walls import Wall, shown
from feedback.db import Store
from tests.conftest import STORES, fresh

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo and what making it told."""

    store: Store
    told: Description


@pytest.fixture(scope="module", params=STORES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo on either kind of store, for all who only look at it."""
    folder = tmp_path_factory.mktemp("demo")
    with fresh(request, request.param, folder) as url:
        store = Store(url)
        settings = Settings(
            secret_key="a secret for tests", data_dir=folder, database_url=url, base_url="http://localhost"
        )
        yield Demo(store, demo(store, settings, NOW))
        store.close()


def test_it_has_all_that_scripts_rely_on(made: Demo) -> None:
    told = made.told
    people = told["people"]
    roles = [person["role"] for person in people]
    assert roles.count("employee") >= 6 and roles.count("manager") >= 3 and roles.count("admin") == 1
    assert sum(person["email"] is None and person["password"] is None for person in people) == 1
    assert all(person["email"].endswith(".example") for person in people if person["email"])
    assert [link["points_at"] for link in told["links"]] == ["person", "department", "place"]
    assert [link["survey"] is None for link in told["links"]] == [True, True, False]
    assert len(told["topics"]) >= 8
    assert told["base_url"] == "http://localhost"


def test_its_departments_are_a_tree_and_its_places_have_spots(made: Demo) -> None:
    with made.store.read() as session:
        roots = session.scalars(select(Department).where(Department.parent_id.is_(None))).all()
        deeper = session.scalars(select(Department.parent_id).where(Department.parent_id.is_not(None))).all()
        sites = session.scalars(select(Place.id).where(Place.parent_id.is_(None))).all()
        spots = set(session.scalars(select(Place.parent_id).where(Place.parent_id.is_not(None))))
        heads = session.scalars(select(Management.person_id).where(Management.department_id == roots[0].id)).all()
    assert len(roots) == 1 and len(deeper) >= 2 and set(deeper) > {roots[0].id}
    assert len(sites) >= 2 and spots == set(sites)
    assert len(heads) == 1


def test_the_linked_person_is_an_employee_whose_department_has_another_manager(made: Demo) -> None:
    told = made.told
    name = next(link["name"] for link in told["links"] if link["points_at"] == "person")
    person = next(person for person in told["people"] if person["name"] == name)
    managers = [p["name"] for p in told["people"] if p["role"] == "manager" and p["department"] == person["department"]]
    assert person["role"] == "employee" and person["email"]
    assert len(managers) == 1 and managers != [name]


def test_everyone_signs_in_with_the_password_told(made: Demo) -> None:
    told = made.told
    with_mail = [person for person in told["people"] if person["email"] and person["password"]]
    with made.store.read() as session:
        for person in with_mail[:3]:
            account = account_named(session, person["email"] or "", NOW)
            assert is_password_of(account, person["password"] or "")
    assert all(len(person["password"] or "") >= 12 for person in with_mail)
    assert len({person["password"] for person in with_mail}) == len(with_mail)


def test_passwords_and_codes_differ_with_the_secret_key() -> None:
    for derive in (derived.password, derived.code):
        assert derive("one", "maria") == derive("one", "maria") != derive("two", "maria")
        assert derive("one", "maria") != derive("one", "ben")


def test_making_it_again_changes_nothing(store: Store, settings: Settings) -> None:
    made = demo(store, settings, NOW)
    assert demo(store, settings, NOW + timedelta(days=3)) == made
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Submission).where(Submission.kind != SURVEY)) == 60


def test_it_refuses_a_store_with_other_data(store: Store, settings: Settings) -> None:
    with store.write() as session:
        session.add(Organisation(name="Ours", made_at=NOW))
    with pytest.raises(OtherData):
        demo(store, settings, NOW)
    with store.read() as session:
        organisation = the_organisation(session)
    assert organisation is not None and organisation.name == "Ours"


def test_its_history_looks_alive(made: Demo) -> None:
    with made.store.read() as session:
        said = select(Submission).where(Submission.kind != SURVEY)
        submissions = session.scalars(said.order_by(Submission.submitted_at)).all()
        statuses = set(session.scalars(select(Case.status)))
        handlers = set(session.scalars(select(Case.handler_id).where(Case.status == "in_progress")))
        praised = set(session.scalars(select(Praise.person_id).where(Praise.person_id.is_not(None))))
        read = set(session.scalars(select(Praise.read_at.is_not(None))))
        counted = session.scalar(select(func.sum(DayCount.n)).where(DayCount.kind != SURVEY))
        notices = session.scalar(select(func.count()).select_from(Notice))
    assert len(submissions) == 60 and counted == 60 and notices == 0
    assert all(NOW - timedelta(days=91) < s.submitted_at < NOW for s in submissions)
    assert [s.id for s in submissions] == sorted(s.id for s in submissions)
    assert {s.kind for s in submissions} == set(Kind)
    assert {s.language for s in submissions} == {"en", "de", "ar"}
    assert all(s.is_history == (s.kind != Kind.COMPLIMENT) for s in submissions)
    assert statuses == {"received", "in_progress", "closed"} and None not in handlers
    assert len(praised) >= 5 and read == {True, False}


def test_nothing_of_it_lies_in_the_future(made: Demo) -> None:
    nothing_lies_ahead(made.store, NOW)


@pytest.mark.parametrize("hour", [0, 3, 12, 23])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the moments are worked out before the store
def test_at_any_hour_nothing_of_it_lies_in_the_future(store: Store, settings: Settings, hour: int) -> None:
    now = NOW.replace(hour=hour, minute=1)
    demo(store, settings, now)
    nothing_lies_ahead(store, now)


def nothing_lies_ahead(store: Store, now: datetime) -> None:
    with store.read() as session:
        assert session.scalars(select(func.max(Submission.submitted_at))).one() < now
        closed = session.scalars(select(Case.closed_at).where(Case.closed_at.is_not(None))).all()
        read = session.scalars(select(Praise.read_at).where(Praise.read_at.is_not(None))).all()
        opened = session.scalars(select(func.max(Reading.read_at))).one()
    assert max(at for at in (*closed, *read, opened) if at) <= now


def test_praise_that_was_read_was_read_by_all_whom_it_is_for(made: Demo) -> None:
    with made.store.read() as session:
        people = session.scalars(select(Person)).all()
        letters = session.scalars(select(Praise).where(~Praise.is_held)).all()
        readings = {tuple(row) for row in session.execute(select(Reading.praise_id, Reading.person_id))}
        above = {person.id: set(departments_above(session, [person.department_id])) for person in people}
    wanted = {
        (letter.id, person.id)
        for letter in letters
        for person in people
        if letter.read_at
        and (letter.person_id == person.id if letter.person_id else letter.department_id in above[person.id])
    }
    assert readings == wanted


def test_each_is_said_once() -> None:
    words = [one.words for one in said()]
    assert len(words) == 60 == len(set(words))


def test_most_employees_agreed_to_be_on_forms(made: Demo) -> None:
    with made.store.read() as session:
        shown = session.scalars(select(Person.is_shown_on_forms)).all()
    assert sum(shown) > len(shown) / 2


def test_its_director_was_brought_letters_and_wrote_on_some(made: Demo) -> None:
    with made.store.read() as session:
        brought = set(session.scalars(select(recognition.Bringing.praise_id)))
        noted = session.scalars(select(Event).where(Event.name == recognition.COMMENDED)).all()
        found = recognition.among(session, letters(session, select(Praise.id).where(Praise.id.in_(brought))))
    assert 0 < len(noted) < len(brought) and any(one.mark and one.lines for one in found.values())


def test_whom_the_link_points_at_has_favourites_of_their_own(made: Demo) -> None:
    name = next(link["name"] for link in made.told["links"] if link["points_at"] == "person")
    with made.store.read() as session:
        person_id = session.scalars(select(Person.id).where(Person.name == name)).one()
        marked = session.execute(
            select(Favourite.person_id, Praise.person_id, Favourite.at, Praise.read_at).join(
                Praise, Praise.id == Favourite.praise_id
            )
        ).all()
    assert len(marked) == 3
    assert all(by == to == person_id and read < at < NOW for by, to, at, read in marked)


def test_a_wall_shows_what_may_be_shown(made: Demo) -> None:
    with made.store.read() as session:
        wall = session.scalars(select(Wall)).one()
        letters = shown(session, wall)
        forbidden = set(session.scalars(select(Submission.message).where(~Submission.may_share)))
    assert len(letters) >= 3 and not forbidden & {letter.words for letter in letters}
