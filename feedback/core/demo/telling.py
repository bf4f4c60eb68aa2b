"""What the demo made, as scripts read it: addresses, sign-ins, topics; passwords are derived, never stored."""

from typing import TypedDict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback.config import Settings
from feedback.core.demo import cast, derived
from feedback.core.links import Link
from feedback.core.people import Department, Person, Place, Topic
from feedback.core.surveys import Asking


class LinkTold(TypedDict):
    """One printed code, with the id of the survey that it asks, if it asks one."""

    code: str
    points_at: str
    name: str
    survey: str | None


class PersonTold(TypedDict):
    """One employee; without a sign-in `email` and `password` are null."""

    name: str
    email: str | None
    password: str | None
    role: str
    department: str
    person_id: str


class TopicTold(TypedDict):
    """One topic and the department it belongs to."""

    id: str
    name: str
    department: str


class Description(TypedDict):
    """All that a script needs to act as the demo's customers and staff."""

    base_url: str
    links: list[LinkTold]
    people: list[PersonTold]
    topics: list[TopicTold]


def description(session: Session, settings: Settings) -> Description:
    """The demo that is in the store, in the order in which it was made."""
    return {
        "base_url": settings.base_url,
        "links": _links(session),
        "people": _people(session, settings.secret_key),
        "topics": _topics(session),
    }


def _links(session: Session) -> list[LinkTold]:
    """The demo's own codes are the oldest, one for each kind of thing a code can point at."""
    rows = session.execute(
        select(Link, func.coalesce(Person.name, Department.name, Place.name), Asking.survey_id)
        .outerjoin(Person, Person.id == Link.person_id)
        .outerjoin(Department, Department.id == Link.department_id)
        .outerjoin(Place, Place.id == Link.place_id)
        .outerjoin(Asking, Asking.link_id == Link.id)
        .order_by(Link.id)
        .limit(len(cast.LINKED))
    )
    return [
        {"code": link.code, "points_at": link.points_at, "name": name, "survey": str(survey) if survey else None}
        for link, name, survey in rows
    ]


def _people(session: Session, secret: str) -> list[PersonTold]:
    rows = session.execute(
        select(Person.id, Person.name, Department.name)
        .join(Department, Department.id == Person.department_id)
        .where(Person.name.in_([member.name for member in cast.PEOPLE]))
        .order_by(Person.id.desc())  # of two with one name the demo's own was there first
    )
    found = {name: (person_id, department) for person_id, name, department in rows}
    return [_person(member, *found[member.name], secret) for member in cast.PEOPLE if member.name in found]


def _person(member: cast.Member, person_id: int, department: str, secret: str) -> PersonTold:
    return {
        "name": member.name,
        "email": member.email,
        "password": derived.password(secret, member.email) if member.email else None,
        "role": member.role,
        "department": department,
        "person_id": str(person_id),
    }


def _topics(session: Session) -> list[TopicTold]:
    rows = session.execute(
        select(Topic.id, Topic.name, Department.name)
        .join(Department, Department.id == Topic.department_id)
        .where(Topic.retired_at.is_(None), Topic.name.in_(cast.TOPICS))
        .order_by(Topic.id)
    )
    return [{"id": str(topic_id), "name": name, "department": department} for topic_id, name, department in rows]
