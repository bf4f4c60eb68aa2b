"""What is forgotten when its time has come; `jobs` calls it every hour."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from feedback.core import limits, pushes, told_once
from feedback.core.accounts import Invitation, SignIn

THANKS_COME = timedelta(days=90)  # after which nobody is expected to thank for praise any more


def tidy(session: Session, at: datetime) -> int:
    """Forget limits older than an hour, and sign-ins and invitations that ran out; the number of sign-ins.

    So are the devices of those who left, and the address of who praised long ago and would have been told of thanks.
    """
    limits.forget(session, at)
    pushes.forget_gone(session)
    told_once.forget_praise(session, before=at - THANKS_COME)
    session.execute(delete(Invitation).where(Invitation.expires_at <= at))
    gone = session.scalars(delete(SignIn).where(SignIn.expires_at <= at).returning(SignIn.person_id))
    return len(gone.all())
