"""Who sees what in each list of one's own letters: what the table of who may see what says, and nothing else."""

from datetime import timedelta

from sqlalchemy import select

from feedback.core import praise
from feedback.core.people import Department, Person
from feedback.core.praise import Praise
from feedback.db import Store
from tests.core.test_praise import managed, thanks
from tests.factories import BEGINNING, Cast, make_link
from tests.story import viewer

# Maria and Karim are of one team, Berta is their manager; Hans is of another team, Paula its manager; Dora directs, Anna
# is the admin. Of each letter, whose own it is; what someone manages is on other lists of theirs, never on these.
IN_PERSON = {"to Maria": {"maria"}, "to Karim": {"karim"}, "to Hans": {"hans"}, "waits for Berta": set()}
TOGETHER = {
    "to the Kitchen": {"maria", "karim", "berta"},
    "to Packing": {"hans", "paula"},
    "to the house": {"maria", "karim", "berta", "hans", "paula", "dora", "anna"},
}
ALL = sorted(TOGETHER["to the house"])


def letters(store: Store, cast: Cast) -> dict[str, int]:
    """One letter of each sort, by what it is called above."""
    with store.read() as session:
        packing, house = (session.get_one(Department, id) for id in (cast.packing, cast.root))
    hans = thanks(store, cast.kitchen_link, person_id=cast.karim)
    with store.write() as session:
        letter = session.get_one(Praise, hans)
        letter.person_id, letter.department_id = cast.hans, cast.packing
    return {
        "to Maria": thanks(store, cast.maria_link),
        "to Karim": thanks(store, cast.kitchen_link, person_id=cast.karim),
        "to Hans": hans,
        "waits for Berta": thanks(store, cast.maria_link, rating=1),
        "to the Kitchen": thanks(store, cast.kitchen_link),
        "to Packing": thanks(store, make_link(store, department=packing).code),
        "to the house": thanks(store, make_link(store, department=house).code),
    }


def lists(store: Store, who: int) -> tuple[set[int], set[int], set[int]]:
    """What is on the lists of all of one's own, of those in person, and of those to the whole team."""
    seen = viewer(store, who)
    with store.read() as session:
        own, mine, ours = (
            {letter.praise.id for letter in praise.letters(session, ids(seen, after=None, size=30))}
            for ids in (praise.own, praise.in_person, praise.together)
        )
        assert praise.has(session, seen) == (bool(mine), bool(ours))
        first = BEGINNING - timedelta(days=1)
        counted = praise.since(session, seen, first), praise.in_person_since(session, seen, first)
        assert (*counted, praise.together_since(session, seen, first)) == (len(own), len(mine), len(ours))
        every = select(Praise.id).where(praise.is_own(seen))
        assert set(session.scalars(every)) == own == mine | ours
    return own, mine, ours


def test_each_finds_their_own_and_nothing_else(store: Store, cast: Cast) -> None:
    by_name = letters(store, cast)
    for key in ALL:
        _, mine, ours = lists(store, getattr(cast, key))
        assert mine == {by_name[name] for name, who in IN_PERSON.items() if key in who}, key
        assert ours == {by_name[name] for name, who in TOGETHER.items() if key in who}, key


def test_what_others_manage_is_on_none_of_their_own_lists(store: Store, cast: Cast) -> None:
    by_name = letters(store, cast)
    to_maria = by_name["to Maria"]
    assert {key for key in ALL if to_maria in managed(store, getattr(cast, key))} == {"berta", "dora", "anna"}
    assert {key for key in ALL if to_maria in lists(store, getattr(cast, key))[0]} == {"maria"}


def test_who_has_left_keeps_what_was_to_them_in_person_alone(store: Store, cast: Cast) -> None:
    by_name = letters(store, cast)
    with store.write() as session:
        session.get_one(Person, cast.maria).retired_at = BEGINNING
    assert lists(store, cast.maria) == ({by_name["to Maria"]}, {by_name["to Maria"]}, set())


def test_who_moves_takes_letters_in_person_along_and_finds_those_of_the_new_team(store: Store, cast: Cast) -> None:
    """Managers see the letters of their department, so those of that time stay with the manager of that time."""
    by_name = letters(store, cast)
    with store.write() as session:
        session.get_one(Person, cast.maria).department_id = cast.packing
    _, mine, ours = lists(store, cast.maria)
    assert mine == {by_name["to Maria"]}
    assert ours == {by_name["to Packing"], by_name["to the house"]}
    assert by_name["to Maria"] in managed(store, cast.berta)
    assert by_name["to Maria"] not in managed(store, cast.paula)
    after = thanks(store, cast.maria_link)
    assert after in lists(store, cast.maria)[1]
    assert after in managed(store, cast.paula) and after not in managed(store, cast.berta)


def test_ids_of_others_letters_place_nothing_of_theirs_on_a_page(store: Store, cast: Cast) -> None:
    by_name, seen = letters(store, cast), viewer(store, cast.karim)
    whole = lists(store, cast.karim)[0]
    with store.read() as session:
        for after in by_name.values():
            found = {one.praise.id for one in praise.letters(session, praise.own(seen, after=after, size=30))}
            assert found == {id for id in whole if id < after}
