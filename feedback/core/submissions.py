"""What one customer sent at one time, and the receipt with which they come back to it."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Exists,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from feedback import crockford
from feedback.core import abuse
from feedback.core.abuse import Abuse
from feedback.core.links import Offer
from feedback.core.people import Topic
from feedback.db import Base, id_key, id_ref, moment, words

KEY_LENGTH = 16
RECEIPT_LENGTH = 24
MOST_CHARACTERS = 5000
MOST_SHORT = 200
ADDRESS = re.compile(r"[^@\s<>,;\"\x00-\x1f\x7f-\x9f]{1,64}@[^@\s<>,;\"\x00-\x1f\x7f-\x9f]{1,255}")


class Kind(StrEnum):
    """What a customer wants to say."""

    COMPLIMENT = "compliment"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"


SURVEY = "survey"  # the kind of a submission that answers a survey and says nothing else


class Submission(Base):
    """One customer's words, where and when; nothing here tells who they are."""

    __tablename__ = "submission"
    __table_args__ = (
        CheckConstraint("length(key) = 16", name="key_is_whole"),
        CheckConstraint("kind in ('compliment', 'complaint', 'suggestion', 'survey')", name="kind"),
        CheckConstraint("rating between 1 and 5", name="rating"),
        Index(None, "receipt_hash", info={"serves": "a customer coming back with a receipt"}),
    )

    id: Mapped[id_key]
    key: Mapped[bytes] = mapped_column(LargeBinary(KEY_LENGTH), unique=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    receipt_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    kind: Mapped[str] = mapped_column(String(12))
    message: Mapped[words]
    language: Mapped[str] = mapped_column(String(35))
    link_id: Mapped[id_ref | None] = mapped_column(ForeignKey("link.id"))
    place_id: Mapped[id_ref | None] = mapped_column(ForeignKey("place.id"))
    department_id: Mapped[id_ref | None] = mapped_column(ForeignKey("department.id"))
    person_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))
    person_note: Mapped[str] = mapped_column(String(MOST_SHORT), default="")
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    submitted_at: Mapped[moment]
    happened_at: Mapped[moment | None]
    may_share: Mapped[bool] = mapped_column(Boolean(name="may_share"), default=False)
    is_trapped: Mapped[bool] = mapped_column(Boolean(name="is_trapped"), default=False)  # filled the honeypot
    is_hasty: Mapped[bool] = mapped_column(Boolean(name="is_hasty"), default=False)  # sent within two seconds
    is_history: Mapped[bool] = mapped_column(Boolean(name="is_history"), default=False)  # imported, or the demo's


class SubmissionTopic(Base):
    """One topic a submission is about."""

    __tablename__ = "submission_topic"

    submission_id: Mapped[id_ref] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    topic_id: Mapped[id_ref] = mapped_column(ForeignKey("topic.id"), primary_key=True)


class Contact(Base):
    """How the customer may be reached, if they wrote it down; apart, so that it can be forgotten alone."""

    __tablename__ = "contact"

    submission_id: Mapped[id_ref] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(MOST_SHORT))
    email: Mapped[str] = mapped_column(String(320))
    phone: Mapped[str] = mapped_column(String(40))
    may_contact: Mapped[bool] = mapped_column(Boolean(name="may_contact"))


class Concern(Base):
    """A person whom a complaint or suggestion concerns: for them it does not exist (rule 2)."""

    __tablename__ = "concern"
    __table_args__ = (Index(None, "person_id", info={"serves": "leaving out of a list what concerns its reader"}),)

    submission_id: Mapped[id_ref] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"), primary_key=True)
    added_at: Mapped[moment | None]  # null where it comes from what the customer chose or wrote
    added_by_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))
    taken_from_id: Mapped[id_ref | None] = mapped_column(ForeignKey("department.id"))  # by adding it, if from any


@dataclass(frozen=True, slots=True)
class Given:
    """What a submission answers of a survey, right in shape; `votes` are what is counted of it if it is a poll."""

    survey_id: int
    edition_id: int
    answers: Mapping[str, Any]
    is_partial: bool = False
    votes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A submission as sent, right in shape; `problems` says whether it means something."""

    kind: str
    message: str = ""
    person_id: int | None = None
    person_note: str = ""
    topic_ids: tuple[int, ...] = ()
    rating: int | None = None
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    may_contact: bool = False
    may_share: bool = False
    about_management: bool = False
    tell_once: str = ""  # an address for one mail, kept apart from the contact
    happened_at: datetime | None = None
    language: str = "en"
    is_trapped: bool = False
    is_hasty: bool = field(default=False, compare=False)
    photos: tuple[str, ...] = ()  # what tells each from any other
    given: Given | None = None

    @property
    def has_contact(self) -> bool:
        """Whether the customer wrote down any way to reach them."""
        return bool(self.contact_name or self.contact_email or self.contact_phone)

    @property
    def is_held(self) -> bool:
        """Whether a compliment waits for a manager whatever its words: a bottom rating, or the field nobody sees."""
        return self.kind == Kind.COMPLIMENT and (self.rating == 1 or self.is_trapped)

    @property
    def abuse(self) -> Abuse | None:
        """What the words of a compliment look like that makes it wait for a manager; read anew each time."""
        return abuse.seen_in(self.message, self.person_note) if self.kind == Kind.COMPLIMENT else None


def problems(draft: Draft, offer: Offer) -> dict[str, str]:
    """What keeps `draft` from being taken, as field name to the problem's name; empty where nothing does."""
    found: dict[str, str] = {}
    if draft.kind not in set(Kind) and draft.given is None:
        found["kind"] = "choose_kind"
    if draft.kind == Kind.COMPLAINT and not draft.message.strip() and not draft.photos:
        found["message"] = "say_what_happened"
    if len(draft.message) > MOST_CHARACTERS:
        found["message"] = "too_long"
    if draft.contact_email and not is_address(draft.contact_email):
        found["contact_email"] = "not_an_address"
    if draft.tell_once and not is_address(draft.tell_once):
        found["tell_once"] = "not_an_address"
    if draft.may_contact and not (draft.contact_email or draft.contact_phone):
        found["may_contact"] = "no_contact"
    if draft.person_id is not None and not offer.person_with(draft.person_id):
        found["person"] = "not_offered"
    if any(not offer.topic_with(topic_id) for topic_id in draft.topic_ids):
        found["topic"] = "not_offered"
    return found


def is_address(text: str) -> bool:
    """Whether `text` can be one e-mail address; only sending to it proves more."""
    return len(text) <= 320 and ADDRESS.fullmatch(text) is not None


def digest(draft: Draft, secret: str) -> bytes:
    """16 bytes that tell whether two drafts say the same; keyed, so that they do not betray what was said."""
    said = [
        draft.kind, draft.message, draft.person_id, draft.person_note, draft.topic_ids, draft.rating,
        draft.contact_name, draft.contact_email, draft.contact_phone, draft.may_contact, draft.may_share,
        draft.about_management, str(draft.happened_at), draft.is_trapped,
        *([draft.tell_once] if draft.tell_once else []),  # those who sent before there was this field say the same
        *draft.photos,
        *([draft.given.edition_id, draft.given.answers] if draft.given else []),
    ]  # fmt: skip
    return hmac.digest(secret.encode(), json.dumps(said).encode(), hashlib.sha256)[:16]


def receipt_of(key: bytes, secret: str) -> str:
    """The receipt of the submission with that key: 120 bits in six groups of four (Crockford base32)."""
    code = crockford.encode(hmac.digest(secret.encode(), b"receipt\0" + key, hashlib.sha256), RECEIPT_LENGTH)
    return "-".join(code[start : start + 4] for start in range(0, RECEIPT_LENGTH, 4))


def receipt_hash(receipt: str) -> bytes:
    """What the store keeps of a receipt."""
    return hashlib.sha256(receipt.encode()).digest()


def normal_receipt(text: str) -> str | None:
    """A receipt as typed, in its one form; None where it cannot be one."""
    code = crockford.normal(text, RECEIPT_LENGTH)
    return code and "-".join(code[start : start + 4] for start in range(0, RECEIPT_LENGTH, 4))


def is_known(session: Session, key: bytes) -> bool:
    """Whether something was sent under that key before."""
    return session.scalar(select(Submission.id).where(Submission.key == key)) is not None


def with_receipt(session: Session, receipt: str) -> Submission | None:
    """The submission of a receipt in its one form."""
    return session.scalar(select(Submission).where(Submission.receipt_hash == receipt_hash(receipt)))


def concerns(submission_id: InstrumentedAttribute[int], person_id: int) -> Exists:
    """The condition that a submission concerns that person; every list for them begins with its opposite."""
    return (
        select(Concern.person_id).where(Concern.submission_id == submission_id, Concern.person_id == person_id).exists()
    )


def topic_names(session: Session, submission_ids: list[int]) -> dict[int, list[str]]:
    """The names of the topics of each of those submissions, in one statement."""
    rows = session.execute(
        select(SubmissionTopic.submission_id, Topic.name)
        .join(Topic, Topic.id == SubmissionTopic.topic_id)
        .where(SubmissionTopic.submission_id.in_(submission_ids))
        .order_by(Topic.name)
    )
    found: dict[int, list[str]] = {}
    for submission_id, topic in rows:
        found.setdefault(submission_id, []).append(topic)
    return found


def at_noon(day: date, zone: str) -> datetime:
    """The moment that stands for a whole day where only the day is known: noon in `zone`."""
    return datetime.combine(day, time(12), ZoneInfo(zone))
