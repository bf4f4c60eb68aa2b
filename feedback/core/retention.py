"""What is forgotten when its time has come; `jobs` calls it every hour."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from feedback.core import limits
from feedback.core.accounts import Invitation, SignIn


def tidy(session: Session, at: datetime) -> int:
    """Forget limits older than an hour, and sign-ins and invitations that ran out; the number of sign-ins."""
    limits.forget(session, at)
    session.execute(delete(Invitation).where(Invitation.expires_at <= at))
    gone = session.scalars(delete(SignIn).where(SignIn.expires_at <= at).returning(SignIn.person_id))
    return len(gone.all())
