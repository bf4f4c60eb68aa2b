"""Walls: only praise, only where customer and receiver agreed, and only until one of them no longer does."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from feedback.core import walls
from feedback.core.people import Person
from feedback.core.praise import Praise
from feedback.core.submissions import Kind, Submission
from feedback.core.walls import Refused, Showing, Wall, showing
from feedback.db import Store, new_id
from tests.core.test_praise import thanks
from tests.factories import BEGINNING, Cast
from tests.story import SECRET, arrives, viewer

LATER = BEGINNING + timedelta(hours=5)


def wall(store: Store, cast: Cast, department: int | None = None) -> Wall:
    """A wall of the Kitchen, or of that department."""
    with store.write() as session:
        made = walls.make(
            session, viewer(store, cast.dora), department or cast.kitchen, "Staff room", "en", LATER, SECRET
        )
        assert made is not None
        return made


def put_up(store: Store, who: int, letter: int, minute: int = 0) -> Refused | bool:
    with store.write() as session:
        return walls.put_up(session, viewer(store, who), letter, LATER + timedelta(minutes=minute))


def shown(store: Store, on: Wall) -> list[str]:
    with store.read() as session:
        return [f"{', '.join(one.to)}: {one.words}" for one in walls.shown(session, on)]


@pytest.fixture
def letter(store: Store, cast: Cast) -> int:
    """A letter to Maria that its customer allows to be shown."""
    return thanks(store, cast.maria_link, message="So kind", may_share=True)


def test_both_agree_and_it_is_shown(store: Store, cast: Cast, letter: int) -> None:
    here, elsewhere, above = wall(store, cast), wall(store, cast, cast.packing), wall(store, cast, cast.root)
    assert shown(store, here) == []
    assert put_up(store, cast.maria, letter) is True
    assert shown(store, here) == shown(store, above) == ["Maria: So kind"] and shown(store, elsewhere) == []
    assert put_up(store, cast.maria, letter) is True  # a second time changes nothing
    assert len(shown(store, here)) == 1


def test_without_the_customer_nobody_shows_it(store: Store, cast: Cast) -> None:
    letter = thanks(store, cast.maria_link, message="Between us")
    assert put_up(store, cast.maria, letter) is False


@pytest.mark.parametrize("key", ["karim", "berta", "paula", "anna"])
def test_nobody_agrees_for_whom_it_is_for(store: Store, cast: Cast, letter: int, key: str) -> None:
    assert put_up(store, getattr(cast, key), letter) is False


@pytest.mark.parametrize(("key", "may"), [("maria", True), ("berta", True), ("anna", True), ("karim", False)])
def test_whom_it_is_for_and_their_manager_take_it_down(
    store: Store, cast: Cast, letter: int, key: str, may: bool
) -> None:
    here = wall(store, cast)
    put_up(store, cast.maria, letter)
    with store.write() as session:
        assert walls.take_down(session, viewer(store, getattr(cast, key)), letter) is may
    assert (shown(store, here) == []) is may


def test_a_letter_to_a_team_is_its_managers_to_show(store: Store, cast: Cast) -> None:
    here, letter = wall(store, cast), thanks(store, cast.kitchen_link, message="All of you!", may_share=True)
    assert put_up(store, cast.maria, letter) is False and put_up(store, cast.paula, letter) is False
    assert put_up(store, cast.berta, letter) is True
    assert shown(store, here) == ["Kitchen: All of you!"]


def test_who_is_named_and_was_not_asked_stays_off_it(store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for link, by in ((cast.kitchen_link, cast.berta), (cast.maria_link, cast.maria)):
        letter = thanks(store, link, message="Thank you, Karim Haddad!", may_share=True)
        assert put_up(store, by, letter) is Refused.NAMES_SOMEONE
    elsewhere = thanks(store, cast.maria_link, message="You and Hans Weber!", may_share=True)
    assert put_up(store, cast.maria, elsewhere) is Refused.NAMES_SOMEONE
    monkeypatch.setattr(showing, "AT_ONCE", 1)  # whoever it is, and however many work here
    assert put_up(store, cast.maria, elsewhere) is Refused.NAMES_SOMEONE
    own = thanks(store, cast.maria_link, message="Thank you, Maria!", may_share=True)
    assert put_up(store, cast.maria, own) is True


def test_who_left_is_named_on_no_wall(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Person, cast.karim).retired_at = LATER
    letter = thanks(store, cast.kitchen_link, message="Karim Haddad was wonderful", may_share=True)
    assert put_up(store, cast.berta, letter) is Refused.NAMES_SOMEONE


def test_what_waits_again_or_whose_person_left_is_gone(store: Store, cast: Cast, letter: int) -> None:
    here = wall(store, cast)
    put_up(store, cast.maria, letter)
    with store.write() as session:
        session.get_one(Praise, letter).is_held = True
    assert shown(store, here) == []
    with store.write() as session:
        session.get_one(Praise, letter).is_held = False
        session.get_one(Person, cast.maria).retired_at = LATER
    assert shown(store, here) == []


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind != Kind.COMPLIMENT])
def test_nothing_but_praise_can_be_there(store: Store, cast: Cast, kind: Kind) -> None:
    """Even where a letter of it and its agreement were written into the tables by force."""
    here, number = wall(store, cast), arrives(store, cast.maria_link, message="The soup was cold")
    with store.write() as session:
        said = session.get_one(Submission, number)
        said.kind, said.may_share = kind, True
        forced = Praise(
            id=new_id(LATER), submission_id=number, person_id=cast.maria, department_id=cast.kitchen, is_held=False
        )
        session.add(forced)
        session.flush()
        session.add(Showing(id=new_id(LATER), praise_id=forced.id, agreed_by_id=cast.maria, at=LATER))
    assert shown(store, here) == []


def test_an_excerpt_of_a_complaint_cannot_be_there(store: Store, cast: Cast, letter: int) -> None:
    here = wall(store, cast)
    put_up(store, cast.maria, letter)
    with store.write() as session:
        session.get_one(Praise, letter).excerpt = "So kind"
    assert shown(store, here) == []


def test_words_that_reached_several_stand_there_once(store: Store, cast: Cast) -> None:
    here = wall(store, cast, cast.root)
    arrives(
        store, cast.kitchen_link, kind="compliment", message="All of you", may_share=True,
        topic_ids=(cast.missing_parts,),
    )  # fmt: skip
    with store.read() as session:
        letters = session.scalars(select(Praise.id).order_by(Praise.id)).all()
    assert len(letters) == 2 and [put_up(store, cast.anna, letter) for letter in letters] == [True, True]
    assert shown(store, here) == ["Packing, Kitchen: All of you"]


def test_the_newest_are_shown_first_and_not_all(store: Store, cast: Cast) -> None:
    here = wall(store, cast)
    for n in range(4):
        put_up(store, cast.maria, thanks(store, cast.maria_link, message=f"No. {n}", may_share=True), minute=n)
    with store.read() as session:
        assert [one.words for one in walls.shown(session, here, most=3)] == ["No. 3", "No. 2", "No. 1"]


def test_the_address_opens_it_until_there_is_another(store: Store, cast: Cast) -> None:
    made = wall(store, cast)
    token = walls.token_of(made, SECRET)
    with store.write() as session:
        found = walls.with_token(session, token.lower())
        assert found is not None and found.id == made.id
        walls.move(found, SECRET)
        assert walls.with_token(session, token) is None
        assert walls.with_token(session, walls.token_of(found, SECRET)) is not None
    with store.read() as session:
        assert walls.with_token(session, "0" * 26) is walls.with_token(session, "x") is None


@pytest.mark.parametrize(("key", "sees"), [("berta", 1), ("paula", 0), ("dora", 1), ("anna", 1)])
def test_walls_are_their_managers(store: Store, cast: Cast, key: str, sees: int) -> None:
    made = wall(store, cast)
    who = viewer(store, getattr(cast, key))
    with store.write() as session:
        assert len(walls.mine(session, who, after=None, size=9)) == sees
        assert (walls.one(session, who, made.id) is not None) is bool(sees)
        assert (walls.make(session, who, cast.kitchen, "", "en", LATER, SECRET) is not None) is bool(sees)


def test_walls_are_paged(store: Store, cast: Cast) -> None:
    made = [wall(store, cast).id for _ in range(3)]
    with store.read() as session:
        first = walls.mine(session, viewer(store, cast.berta), after=None, size=2)
        rest = walls.mine(session, viewer(store, cast.berta), after=first[-1][0].id, size=2)
    assert [one.id for one, _ in (*first, *rest)] == sorted(made, reverse=True)
