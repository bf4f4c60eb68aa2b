"""What a manager adds to a letter of their departments: a line of their own, and the mark beyond the call of duty."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.orm import Session

from feedback.core import praise
from feedback.core.access import Permission, Viewer
from feedback.core.praise import Letter, Praise
from feedback.core.recognition.model import Bringing, ManagerLine, Mark
from feedback.db import table_of, upsert


def say(session: Session, viewer: Viewer, praise_id: int, words: str, at: datetime) -> bool:
    """Let `words` be the viewer's line on that letter, none where they are empty. False where it is not theirs."""
    if not _is_offered(session, viewer, praise_id):
        return False
    mine = {"praise_id": praise_id, "by_id": viewer.person_id}
    if words:
        fresh = upsert(session.get_bind().dialect.name, table_of(ManagerLine)).values(mine | {"at": at, "text": words})
        changed = {"at": at, "text": words}
        session.execute(fresh.on_conflict_do_update(index_elements=["praise_id", "by_id"], set_=changed))
    else:
        session.execute(
            delete(ManagerLine).where(ManagerLine.praise_id == praise_id, ManagerLine.by_id == viewer.person_id),
            execution_options={"synchronize_session": False},
        )
    return True


def forget(session: Session, praise_id: int) -> None:
    """Forget what was passed on of a letter: it is for somebody else now."""
    for added in (ManagerLine, Mark, Bringing):
        session.execute(
            delete(added).where(added.praise_id == praise_id), execution_options={"synchronize_session": False}
        )


def mark(session: Session, viewer: Viewer, praise_id: int, at: datetime) -> bool:
    """Mark that letter as beyond the call of duty; what is marked stays as it is. False where it is not theirs."""
    if not _is_offered(session, viewer, praise_id):
        return False
    row = {"praise_id": praise_id, "by_id": viewer.person_id, "at": at}
    session.execute(upsert(session.get_bind().dialect.name, table_of(Mark)).on_conflict_do_nothing(), [row])
    return True


def unmark(session: Session, viewer: Viewer, praise_id: int) -> bool:
    """Take the mark off that letter, whichever of its managers set it. False where it is not theirs."""
    if not _is_offered(session, viewer, praise_id):
        return False
    session.execute(delete(Mark).where(Mark.praise_id == praise_id), execution_options={"synchronize_session": False})
    return True


def open_letter(session: Session, viewer: Viewer, praise_id: int) -> Letter | None:
    """That letter, if it is the viewer's to pass on."""
    wanted = select(Praise.id).where(Praise.id == praise_id, is_to_pass_on(viewer))
    return next(iter(praise.letters(session, wanted)), None)


def own_line(session: Session, viewer: Viewer, praise_id: int) -> str:
    """The viewer's line on that letter, "" where there is none."""
    found = session.get(ManagerLine, (praise_id, viewer.person_id))
    return found.text if found else ""


def may_pass_on(viewer: Viewer, letter: Letter) -> bool:
    """Whether a letter that the viewer may read is theirs to pass on; the same as is_to_pass_on()."""
    here = letter.praise
    is_theirs = viewer.may(Permission.MANAGE_PRAISE) and here.department_id in viewer.managed
    return is_theirs and not here.is_held and here.person_id != viewer.person_id


def is_to_pass_on(viewer: Viewer) -> ColumnElement[bool]:
    """The condition that a letter was delivered in the viewer's departments, and not to themselves in person."""
    return and_(
        Praise.id.in_(praise.managed_by(viewer)),
        Praise.department_id.in_(sorted(viewer.managed)),
        ~Praise.is_held,
        func.coalesce(Praise.person_id, 0) != viewer.person_id,
    )


def _is_offered(session: Session, viewer: Viewer, praise_id: int) -> bool:
    """Whether it is theirs to pass on; who gives the letter to somebody else meanwhile waits."""
    wanted = select(Praise.id).where(Praise.id == praise_id, is_to_pass_on(viewer))
    return session.scalar(wanted.with_for_update(key_share=True)) is not None
