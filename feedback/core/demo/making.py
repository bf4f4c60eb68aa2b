"""Making the demo: the shop first, then everything its customers said and what its people did about it."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback.config import Settings
from feedback.core.accounts import Account, hashed, signing_name
from feedback.core.demo import cast, derived
from feedback.core.demo.past import Past
from feedback.core.demo.shop import Shop
from feedback.core.demo.telling import Description, description
from feedback.core.links import new_link
from feedback.core.organisation import Organisation, the_organisation
from feedback.core.people import Department, Management, Person, Place, Topic
from feedback.db import Store, new_id

OPENED = timedelta(days=91)  # before the day of the demo, so that its whole history has someone to go to


class OtherData(Exception):
    """The store serves an organisation that is no demo; nothing was touched."""


def demo(store: Store, settings: Settings, now: datetime) -> Description:
    """The demo, made on first call; later calls change nothing and tell the same. Raises OtherData, StoreError."""
    if not _is_made(store):
        hashes = _hashes(settings.secret_key)  # slow by design, hence before the store is held
        try:
            with store.write() as session:
                if the_organisation(session) is None:
                    _make(session, settings.secret_key, hashes, now)
        except IntegrityError:
            if not _is_made(store):  # else another process was first, and its demo stands
                raise
    with store.read() as session:
        return description(session, settings)


def _is_made(store: Store) -> bool:
    with store.read() as session:
        organisation = the_organisation(session)
        if organisation and organisation.demo_at is None:
            raise OtherData
        return organisation is not None


def _hashes(secret: str) -> dict[str, str]:
    """The hash of each member's password, by e-mail; two at a time, as hashing leaves Python alone."""
    emails = [member.email for member in cast.PEOPLE if member.email]
    with ThreadPoolExecutor(2) as pool:
        made = pool.map(lambda email: hashed(derived.password(secret, email)), emails)
        return dict(zip(emails, made, strict=True))


def _make(session: Session, secret: str, hashes: Mapping[str, str], now: datetime) -> None:
    opened = now - OPENED
    organisation = Organisation(
        name=cast.ORGANISATION, accent=cast.ACCENT, timezone=cast.TIMEZONE, made_at=opened, demo_at=now
    )
    session.add(organisation)
    session.flush()  # of two processes at once, the second stops here
    shop = Shop()
    _departments(session, shop, opened)
    _places_and_topics(session, shop, opened)
    _people(session, shop, hashes, opened)
    _links(session, shop, secret, opened)
    Past(session, shop, secret, now).happen()


def _departments(session: Session, shop: Shop, at: datetime) -> None:
    for name, above in cast.DEPARTMENTS.items():
        parent = shop.departments[above].id if above else None
        shop.departments[name] = Department(id=new_id(at), name=name, parent_id=parent)
        session.add(shop.departments[name])
        session.flush()  # a department comes after the one above it


def _places_and_topics(session: Session, shop: Shop, at: datetime) -> None:
    for site in cast.SITES:
        around = Place(id=new_id(at), name=site.name, department_id=shop.departments[site.department].id)
        session.add(around)
        session.flush()
        spots = [Place(id=new_id(at), name=spot, parent_id=around.id) for spot in site.spots]
        session.add_all(spots)
        shop.places |= {place.name: place for place in (around, *spots)}
    for name, department in cast.TOPICS.items():
        shop.topics[name] = Topic(id=new_id(at), name=name, department_id=shop.departments[department].id)
    session.add_all(shop.topics.values())


def _people(session: Session, shop: Shop, hashes: Mapping[str, str], at: datetime) -> None:
    for member in cast.PEOPLE:
        shop.people[member.name] = _person(member, shop, at)
    session.add_all(shop.people.values())
    session.flush()
    for member in cast.PEOPLE:
        person = shop.people[member.name]
        if member.email:
            shop.accounts[member.name] = Account(
                person_id=person.id,
                sign_in_name=signing_name(member.email),
                password_hash=hashes[member.email],
                is_admin=member.is_admin,
            )
        if member.manages:
            session.add(Management(department_id=shop.departments[member.manages].id, person_id=person.id))
    session.add_all(shop.accounts.values())
    session.flush()


def _person(member: cast.Member, shop: Shop, at: datetime) -> Person:
    return Person(
        id=new_id(at),
        name=member.name,
        public_name=member.public_name or member.name,
        email=member.email,
        department_id=shop.departments[member.department].id,
        is_shown_on_forms=member.is_shown,
    )


def _links(session: Session, shop: Shop, secret: str, at: datetime) -> None:
    """One code for a person, a department and a place each."""
    shop.links = {
        cast.LINKED_PERSON: new_link(at, person=shop.people[cast.LINKED_PERSON]),
        cast.LINKED_DEPARTMENT: new_link(at, department=shop.departments[cast.LINKED_DEPARTMENT]),
        cast.LINKED_PLACE: new_link(at, place=shop.places[cast.LINKED_PLACE]),
    }
    for link in shop.links.values():
        link.code = derived.code(secret, link.points_at)
    session.add_all(shop.links.values())
    session.flush()
