"""The tables of surveys: the survey, its editions, what was answered, and the counts that results are read from."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Date, ForeignKey, Index, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from feedback.core.organisation import Pictured
from feedback.db import Base, Id, id_key, id_ref, moment, name, words

CODE_LENGTH = 8  # of a poll's public address
NONE = 0  # stands for "no link", "no place", "all of them" in keys, where null would not be unique


class Audience(StrEnum):
    """Who answers: customers, or people inside the company, who are kept out of customers' numbers."""

    CUSTOMERS = "customers"
    STAFF = "staff"


class Survey(Pictured, Base):
    """One survey or poll; what it asks stands in its editions."""

    __tablename__ = "survey"
    __table_args__ = (
        CheckConstraint("audience in ('customers', 'staff')", name="audience"),
        Index(None, "department_id", "id", info={"serves": "the surveys of the departments one manages"}),
    )

    id: Mapped[id_key]
    name: Mapped[name]
    department_id: Mapped[id_ref | None] = mapped_column(ForeignKey("department.id"))  # null: the organisation's
    audience: Mapped[str] = mapped_column(String(9))
    code: Mapped[str | None] = mapped_column(String(CODE_LENGTH), unique=True)  # of a poll
    made_at: Mapped[moment]
    made_by_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[moment | None]  # by hand, or because its quota was reached

    @property
    def is_poll(self) -> bool:
        """Whether it is one question whose result everyone sees."""
        return self.code is not None


class Edition(Pictured, Base):
    """What a survey asks: a draft until it is published, and never changed after."""

    __tablename__ = "edition"
    __table_args__ = (
        Index(None, "survey_id", "number", unique=True, info={"serves": "the editions of a survey in order"}),
    )

    id: Mapped[id_key]
    survey_id: Mapped[id_ref] = mapped_column(ForeignKey("survey.id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    revision: Mapped[int] = mapped_column(default=1)  # of a draft: raised by each change
    published_at: Mapped[moment | None]
    published_by_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))


class Response(Base):
    """What one submission answered; not counted, listed or exported before its portion is whole."""

    __tablename__ = "response"
    __table_args__ = (
        Index(None, "survey_id", "portion_id", "submission_id", info={"serves": "exports, and what is to be counted"}),
        Index(
            "ix_response_uncounted",
            "survey_id",
            "submission_id",
            sqlite_where=text("portion_id is null"),
            postgresql_where=text("portion_id is null"),
            info={"serves": "what is still to be counted"},
        ),
    )

    submission_id: Mapped[id_ref] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    survey_id: Mapped[id_ref] = mapped_column(ForeignKey("survey.id"))
    edition_id: Mapped[id_ref] = mapped_column(ForeignKey("edition.id"))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_partial: Mapped[bool] = mapped_column(Boolean(name="is_partial"), default=False)
    portion_id: Mapped[id_ref | None] = mapped_column(ForeignKey("portion.id"))


class Begun(Base):
    """Answers given step by step and not sent yet, kept where the organisation says so; gone once they are."""

    __tablename__ = "begun"
    __table_args__ = (Index(None, "at", info={"serves": "what was left lying for a day"}),)

    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    at: Mapped[moment]
    link_id: Mapped[id_ref] = mapped_column(ForeignKey("link.id"))
    edition_id: Mapped[id_ref] = mapped_column(ForeignKey("edition.id"))
    language: Mapped[str] = mapped_column(String(35))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)


class Portion(Base):
    """At least five responses from one place of asking that are counted together, so that none stands out."""

    __tablename__ = "portion"
    __table_args__ = (Index(None, "survey_id", "id", info={"serves": "exports, portion by portion"}),)

    id: Mapped[id_key]
    survey_id: Mapped[id_ref] = mapped_column(ForeignKey("survey.id"))
    week: Mapped[date] = mapped_column(Date)
    link_id: Mapped[id_ref | None] = mapped_column(ForeignKey("link.id"))
    department_id: Mapped[id_ref | None] = mapped_column(ForeignKey("department.id"))
    place_id: Mapped[id_ref | None] = mapped_column(ForeignKey("place.id"))
    language: Mapped[str] = mapped_column(String(35))  # "" where its responses speak several
    n: Mapped[int]


class AnswerCount(Base):
    """How often a question was answered so, in one week, within one scope: everywhere, or at one department, place
    or link; in any language ("") or in one. The question "" counts responses."""

    __tablename__ = "answer_count"
    __table_args__ = (
        Index(
            "ix_answer_count_responses",
            "survey_id",
            "scope",
            "scope_id",
            "language",
            sqlite_where=text("question = ''"),
            postgresql_where=text("question = ''"),
            info={"serves": "which departments, places, links and languages a survey can be looked at by"},
        ),
    )

    survey_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    scope: Mapped[str] = mapped_column(String(10), primary_key=True)
    scope_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    language: Mapped[str] = mapped_column(String(35), primary_key=True)
    week: Mapped[date] = mapped_column(Date, primary_key=True)
    question: Mapped[str] = mapped_column(String(12), primary_key=True)
    value: Mapped[str] = mapped_column(String(40), primary_key=True)
    n: Mapped[int]


class AnswerText(Base):
    """What one response typed in answer to one question, once its portion is whole."""

    __tablename__ = "answer_text"
    __table_args__ = (
        Index(None, "survey_id", "question", "id", info={"serves": "the words of a question, newest first"}),
    )

    id: Mapped[id_key]
    survey_id: Mapped[id_ref] = mapped_column(ForeignKey("survey.id"))
    portion_id: Mapped[id_ref] = mapped_column(ForeignKey("portion.id"))
    question: Mapped[str] = mapped_column(String(12))
    said: Mapped[words]
    plain: Mapped[words]  # as it is searched


class PollCount(Base):
    """How many chose each answer of a poll; counted with the vote itself."""

    __tablename__ = "poll_count"

    survey_id: Mapped[id_ref] = mapped_column(ForeignKey("survey.id"), primary_key=True)
    value: Mapped[str] = mapped_column(String(40), primary_key=True)
    n: Mapped[int]


class When(StrEnum):
    """When a link asks its survey: before praise and complaint, after them, or instead of them."""

    BEFORE = "before"
    AFTER = "after"
    INSTEAD = "instead"


class Asking(Pictured, Base):
    """What a link asks: one published edition, until it is told to ask another."""

    __tablename__ = "asking"
    __table_args__ = (
        CheckConstraint("moment in ('before', 'after', 'instead')", name="moment"),
        Index(None, "survey_id", "link_id", info={"serves": "the links that ask a survey"}),
    )

    link_id: Mapped[id_ref] = mapped_column(ForeignKey("link.id"), primary_key=True)
    survey_id: Mapped[id_ref] = mapped_column(ForeignKey("survey.id"))
    edition_id: Mapped[id_ref] = mapped_column(ForeignKey("edition.id"))
    moment: Mapped[str] = mapped_column(String(7))
    shows_first: Mapped[bool] = mapped_column(Boolean(name="shows_first"), default=False)  # on the first view
