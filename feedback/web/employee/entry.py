"""The last step of coming in, whichever way one came: a fresh session, or first the second factor."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import accounts, second_factor
from feedback.core.accounts import Account
from feedback.web import house, session


def come_in(account: Account, target: str = "") -> Response:
    """Let in whose password was right; who has a second factor is asked for it first."""
    if not second_factor.is_on(account):
        return let_in(account.person_id, target)
    half = session.Half(account.person_id, accounts.stamp_of(account), target[:1000])
    session.begin_half(half, clock.now())
    return redirect(url_for("employee.code_form"), 303)


def let_in(person_id: int, target: str = "") -> Response:
    """Begin a session of that person, ending the one before, and lead them on."""
    before = session.token()
    with house().store.write() as writing:
        token = accounts.sign_in(writing, person_id, clock.now())
        if before:
            accounts.sign_out(writing, before)
    session.begin(token)
    return redirect(_inside(target), 303)


def _inside(target: str) -> str:
    """Where to go after signing in: only to an address of this installation, written in characters one can see."""
    is_own = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if is_own else url_for("employee.start")
