"""The first run: all of it at once, once, and only for those who hold the token."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from feedback.core import founding
from feedback.core.accounts import account_named, is_password_of
from feedback.core.audit import Entry
from feedback.core.files import Picture
from feedback.core.founding import AlreadyFounded, Charter
from feedback.core.links import Link
from feedback.core.organisation import Organisation, the_organisation
from feedback.core.people import Department, Person
from feedback.db import Store, Taken
from tests.factories import BEGINNING, PASSWORD, Cast, _hash
from tests.story import SECRET, at_once

CHARTER = Charter(
    name="Corner Bakery",
    accent="#8c3030",
    timezone="Europe/Berlin",
    language="de",
    languages=["en", "de"],
    working_days=[1, 2, 3],
    admin_name="Ada Byron",
    admin_email="Ada@bakery.example",
    password_hash=_hash(),
    logo=Picture("png", 2, 1, b"a picture"),
)


def test_everything_that_the_first_code_needs_is_there(store: Store, tmp_path: Path) -> None:
    with store.write() as session:
        made = founding.found(session, CHARTER, tmp_path, BEGINNING)
    with store.read() as session:
        known = the_organisation(session)
        assert known and (known.name, known.accent, known.timezone) == ("Corner Bakery", "#8c3030", "Europe/Berlin")
        assert (known.language, known.languages, known.working_days) == ("de", ["en", "de"], [1, 2, 3])
        assert (tmp_path / "files" / str(known.logo_id)).read_bytes() == b"a picture"
        link = session.get_one(Link, made.link_id)
        root = session.scalars(select(Department)).one()
        assert (root.name, root.parent_id, link.department_id) == ("Corner Bakery", None, root.id)
        account = account_named(session, "ada@bakery.example", BEGINNING)
        assert account and account.is_admin and account.person_id == made.admin_id
        assert is_password_of(account, PASSWORD)
        entry = session.scalars(select(Entry)).one()
        assert (entry.noun, entry.act, entry.by_id) == ("organisation", "made", made.admin_id)


def test_there_is_no_second_time(store: Store, cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(AlreadyFounded), store.write() as session:
        founding.found(session, CHARTER, tmp_path, BEGINNING)


def test_of_two_at_once_one_wins_and_nothing_of_the_other_stays(store: Store, tmp_path: Path) -> None:
    lost = []

    def try_it() -> None:
        try:
            with store.write() as session:
                founding.found(session, CHARTER, tmp_path, BEGINNING)
        except (AlreadyFounded, Taken) as error:
            lost.append(error)

    at_once(*[try_it] * 4)
    assert len(lost) == 3
    with store.read() as session:
        for table in (Organisation, Department, Person, Link):
            assert session.scalar(select(func.count()).select_from(table)) == 1


def test_the_token_is_known_by_the_secret_alone() -> None:
    token = founding.token(SECRET)
    assert len(token) == 24 and token == founding.token(SECRET) != founding.token("another secret")
    assert founding.is_token(token, SECRET) and founding.is_token(f" {token.lower()[:12]}-{token[12:]}", SECRET)
    for typed in ("", "x", token[:-1], token + "0", token[:-1] + "ü", "0" * 24, "\ud800", founding.token("x")):
        assert not founding.is_token(typed, SECRET), typed
