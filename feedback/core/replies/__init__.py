"""Reply templates: what managers often write to customers, kept by admins for the whole organisation, in its languages.

A template is a draft: it fills the field in which somebody writes, and that person sends it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core import audit
from feedback.core.cases import Says
from feedback.core.organisation import the_organisation, touch
from feedback.core.replies.filling import PLACEHOLDERS, fill, unknown
from feedback.core.replies.shipped import LANGUAGES, SHIPPED, Shipped
from feedback.db import Base, id_key, id_ref, new_id, words

__all__ = [
    "LANGUAGES",
    "LONGEST",
    "LONGEST_NAME",
    "MOST",
    "PLACEHOLDERS",
    "SHIPPED",
    "Meanwhile",
    "ReplyTemplate",
    "ReplyText",
    "Shipped",
    "Template",
    "TooMany",
    "Wrong",
    "all_of",
    "change",
    "fill",
    "make",
    "one",
    "remove",
    "start_with_ours",
    "unknown",
]

MOST = 50  # templates of an organisation: more than that nobody finds their way in
LONGEST = 5000
LONGEST_NAME = 80


class ReplyTemplate(Base):
    """One template: what it is called at work, and what a reply made of it is."""

    __tablename__ = "reply_template"
    __table_args__ = (CheckConstraint("says in ('answered', 'asked', 'replied')", name="says"),)

    id: Mapped[id_key]
    name: Mapped[str] = mapped_column(String(200))
    says: Mapped[str] = mapped_column(String(8))


class ReplyText(Base):
    """What it says in one language."""

    __tablename__ = "reply_text"

    template_id: Mapped[id_ref] = mapped_column(ForeignKey("reply_template.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(35), primary_key=True)
    text: Mapped[words]


@dataclass(frozen=True, slots=True)
class Template:
    """A template with all its texts, by language."""

    name: str
    says: Says
    texts: Mapping[str, str] = field(default_factory=dict)
    id: int = 0

    @property
    def says_all(self) -> tuple[object, ...]:
        """All that a template is, whichever it is."""
        return self.name, self.says, dict(sorted(self.texts.items()))

    @property
    def mark(self) -> str:
        """What tells whether it is as it was shown."""
        return hashlib.sha256(json.dumps(self.says_all).encode()).hexdigest()[:16]

    def text_for(self, wanted: str, own: str) -> tuple[str, str]:
        """The text for a customer who reads `wanted`, and its language: theirs, else the organisation's `own`, else
        any there is."""
        language = next(tag for tag in (wanted, own, *self.texts) if self.texts.get(tag))
        return self.texts[language], language


class Wrong(ValueError):
    """What keeps a template from being kept: `problems` by field, which is "name", "texts" or a language."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(problems)
        self.problems = problems


class Meanwhile(Exception):
    """Someone changed the template since it was shown; what they wrote stands."""


class TooMany(Exception):
    """There are MOST templates already."""


def all_of(session: Session) -> list[Template]:
    """Every template in the order in which they were made, in two statements."""
    rows = session.scalars(select(ReplyTemplate).order_by(ReplyTemplate.id)).all()
    return _with_texts(session, rows)


def one(session: Session, template_id: int) -> Template | None:
    """The template of that id."""
    row = session.get(ReplyTemplate, template_id)
    return _with_texts(session, [row])[0] if row else None


def make(session: Session, wanted: Template, at: datetime, *, by_id: int) -> int:
    """Keep one more template; its id. One that is there already was sent twice. Raises Wrong, TooMany."""
    _check(wanted)
    touch(session.connection())  # of two at once the second waits here, and sees the first
    kept = all_of(session)
    if same := next((template for template in kept if template.says_all == _tidy(wanted).says_all), None):
        return same.id
    if len(kept) >= MOST:
        raise TooMany
    return _add(session, wanted, at, by_id)


def change(session: Session, shown: Template, wanted: Template, at: datetime, *, mark: str, by_id: int) -> bool:
    """Let the template be as `wanted`; False where it is so already. Raises Wrong; Meanwhile where it is no longer
    what bore that `mark`, or is gone.
    """
    _check(wanted)
    touch(session.connection())
    template_id, tidy = shown.id, _tidy(wanted)
    known = one(session, template_id)
    if known is not None and known.says_all == tidy.says_all:
        return False
    if known is None or known.mark != mark:
        raise Meanwhile
    _put(session, template_id, tidy)
    audit.note(session, "reply", template_id, "changed", at, by_id=by_id, details={"name": tidy.name})
    return True


def remove(session: Session, template_id: int, at: datetime, *, by_id: int) -> str | None:
    """Take a template away; its name, None where it was gone. What was written with it stays."""
    touch(session.connection())
    row = session.get(ReplyTemplate, template_id)
    if row is None:
        return None
    session.execute(delete(ReplyText).where(ReplyText.template_id == template_id))
    session.delete(row)
    audit.note(session, "reply", template_id, "removed", at, by_id=by_id, details={"name": row.name})
    return row.name


def start_with_ours(session: Session, at: datetime, *, by_id: int) -> int:
    """Keep the shipped templates in the organisation's languages; how many. None where there are any already."""
    touch(session.connection())
    organisation = the_organisation(session)
    if organisation is None or session.scalar(select(ReplyTemplate.id).limit(1)) is not None:
        return 0
    spoken = [tag for tag in (organisation.language, *organisation.languages) if tag in LANGUAGES] or ["en"]
    for ours in SHIPPED:
        texts = {tag: ours.texts[tag] for tag in spoken}
        _add(session, Template(ours.names[spoken[0]], ours.says, texts), at, by_id)
    return len(SHIPPED)


def _check(wanted: Template) -> None:
    problems: dict[str, str] = {}
    if not wanted.name.strip():
        problems["name"] = "name_missing"
    if not any(text.strip() for text in wanted.texts.values()):
        problems["texts"] = "no_text"
    for language, text in wanted.texts.items():
        if unknown(text):
            problems[language] = "unknown_placeholder"
    if problems:
        raise Wrong(problems)


def _tidy(wanted: Template) -> Template:
    texts = {tag: text.replace("\r\n", "\n").strip() for tag, text in wanted.texts.items() if text.strip()}
    return Template(" ".join(wanted.name.split()), wanted.says, texts)


def _add(session: Session, wanted: Template, at: datetime, by_id: int) -> int:
    number, tidy = new_id(at), _tidy(wanted)
    _put(session, number, tidy)
    audit.note(session, "reply", number, "made", at, by_id=by_id, details={"name": tidy.name})
    return number


def _put(session: Session, number: int, tidy: Template) -> None:
    """Let the rows of that template say what `tidy` says."""
    session.merge(ReplyTemplate(id=number, name=tidy.name, says=tidy.says))
    session.execute(delete(ReplyText).where(ReplyText.template_id == number))
    session.add_all(ReplyText(template_id=number, language=tag, text=text) for tag, text in tidy.texts.items())
    session.flush()


def _with_texts(session: Session, rows: Sequence[ReplyTemplate]) -> list[Template]:
    texts: dict[int, dict[str, str]] = {row.id: {} for row in rows}
    found = select(ReplyText).where(ReplyText.template_id.in_(texts)).order_by(ReplyText.language)
    for text in session.scalars(found):
        texts[text.template_id][text.language] = text.text
    return [Template(row.name, Says(row.says), texts[row.id], row.id) for row in rows]
