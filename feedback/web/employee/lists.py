"""The lists of letters there are: a further one is one more entry in LISTS. Asking for one is left to whose.py."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy.orm import Session

from feedback.core import addressing, favourites, praise, recognition, withholding
from feedback.core.access import Permission, Viewer
from feedback.core.lookback import Placed
from feedback.core.people import Department
from feedback.text import gettext as _
from feedback.text import ngettext, number

OWN, TO_ME, TO_TEAM, FAVOURITES = "own", "to-me", "team", "favourites"
WAITING, DEPARTMENTS, KEPT_BACK, PASSED_ON = "waiting", "departments", "kept-back", "passed-on"


@dataclass(frozen=True, slots=True)
class Narrowed:
    """To whose letters a list is narrowed: a department's, a person's."""

    department_id: int | None = None
    person_id: int | None = None


class Having:
    """What a viewer has to choose among, each looked up once it is asked for."""

    def __init__(self, session: Session, viewer: Viewer, departments: Sequence[Department]) -> None:
        self.session, self.viewer, self.departments = session, viewer, departments

    @cached_property
    def kinds(self) -> tuple[bool, bool]:
        """Whether there are letters to them in person, and to the whole of their departments."""
        return praise.has(self.session, self.viewer)

    @cached_property
    def waiting(self) -> int:
        """How many letters wait for the viewer to decide."""
        return addressing.count(self.session, self.viewer)


@dataclass(frozen=True, slots=True)
class Empty:
    """What a list says while there is nothing on it; the first step is that of those who manage nothing."""

    heading: str
    lines: tuple[str, ...]
    first_step: str = ""
    back_to: str = ""  # the list that offers the first step


Read = Callable[[Session, Viewer, Narrowed, int | None, int], list[Placed]]


@dataclass(frozen=True, slots=True)
class List:
    """One list of letters: how it is asked for, read and called, to whom it is offered, what it says while empty."""

    whose: str  # in addresses
    read: Read
    choice: Callable[[], str]
    title: Callable[[Viewer], str]
    empty: Callable[[], Empty]
    is_offered: Callable[[Having], bool]
    is_own: bool = False  # of one's own letters, which can be searched
    permission: Permission = Permission.MANAGE_PRAISE
    under: Callable[[Session, Viewer, datetime], str] = lambda session, viewer, month: ""
    count: Callable[[Having], int] = lambda having: 0  # told beside its choice


def _own(
    whose: str,
    read: Read,
    choice: Callable[[], str],
    title: Callable[[Viewer], str],
    empty: Callable[[], Empty],
    is_offered: Callable[[Having], bool],
    under: Callable[[Session, Viewer, datetime], str],
) -> List:
    return List(whose, read, choice, title, empty, is_offered, True, Permission.READ_PRAISE, under)


def _newest(ids: Callable[..., praise.Ids]) -> Read:
    """Letters in the order of their ids, as the selection `ids(viewer, after=, size=)` tells them."""

    def read(session: Session, viewer: Viewer, narrowed: Narrowed, after: int | None, size: int) -> list[Placed]:
        found = praise.letters(session, ids(viewer, after=after, size=size))
        return [(letter.praise.id, letter) for letter in found]

    return read


def _managed(session: Session, viewer: Viewer, narrowed: Narrowed, after: int | None, size: int) -> list[Placed]:
    of, by = narrowed.department_id, narrowed.person_id
    found = praise.letters(session, praise.managed(viewer, department_id=of, person_id=by, after=after, size=size))
    return [(letter.praise.id, letter) for letter in found]


def _favourites(session: Session, viewer: Viewer, narrowed: Narrowed, after: int | None, size: int) -> list[Placed]:
    return favourites.page(session, viewer, after=after, size=size)


def _passed_on(session: Session, viewer: Viewer, narrowed: Narrowed, after: int | None, size: int) -> list[Placed]:
    return recognition.brought(session, viewer, after=after, size=size)


def _month(session: Session, viewer: Viewer, month: datetime) -> str:
    n = praise.since(session, viewer, month)
    return ngettext("%(num)s letter this month", "%(num)s letters this month", n) % {"num": number(n)} if n else ""


def _my_month(session: Session, viewer: Viewer, month: datetime) -> str:
    n = praise.in_person_since(session, viewer, month)
    told = ngettext("%(num)s letter to you this month", "%(num)s letters to you this month", n)
    return told % {"num": number(n)} if n else ""


def _our_month(session: Session, viewer: Viewer, month: datetime) -> str:
    n = praise.together_since(session, viewer, month)
    told = ngettext("%(num)s letter to the whole team this month", "%(num)s letters to the whole team this month", n)
    return told % {"num": number(n)} if n else ""


def _no_letters() -> Empty:
    return Empty(
        _("Here the first thank-you will appear"),
        (
            _("When a customer thanks you or your department, you read their own words here, just as they wrote them."),
            _("Letters to you in person are yours: you can take them with you, also when you leave."),
        ),
        _("A first step: ask your manager for a card with your own QR code."),
    )


def _none_to_me() -> Empty:
    return Empty(
        _("Here the first thank-you to you will appear"),
        (
            _("When a customer thanks you in person, you read their own words here, just as they wrote them."),
            _("Letters to you in person are yours: you can take them with you, also when you leave."),
        ),
        _("A first step: ask your manager for a card with your own QR code."),
    )


def _none_to_us() -> Empty:
    return Empty(
        _("Here the first thank-you to your team will appear"),
        (_("When a customer thanks your whole department, everyone in it reads the same words here."),),
        _("A first step: ask your manager for a QR code of your team, and put it up where customers pass."),
    )


def _no_favourites() -> Empty:
    return Empty(
        _("No favourites yet"),
        (_("Tap “Favourite” under a letter you want to find again, and it stands here. Nobody else sees which."),),
        back_to=OWN,
    )


def _none_managed() -> Empty:
    return Empty(
        _("Here the first thank-you will appear"),
        (_("When a customer thanks someone here, you read their own words, just as they wrote them."),),
    )


def _none_waiting() -> Empty:
    return Empty(
        _("Nothing waits for you"),
        (
            _(
                "When a customer describes whom they thank, or a letter may not be kindly meant,"
                " it waits here for your word."
            ),
        ),
    )


def _none_kept_back() -> Empty:
    return Empty(
        _("Nothing is kept back"), (_("Letters that a manager kept back stay here, and can still be delivered."),)
    )


def _none_passed_on() -> Empty:
    return Empty(
        _("Nothing was brought to you yet"),
        (
            _(
                "When a manager below you brings you a letter, it stands here."
                " One tap thanks whom it is for, and another the customer."
            ),
        ),
    )


LISTS = {
    one.whose: one
    for one in (
        _own(
            OWN,
            _newest(praise.own),
            lambda: _("All of mine"),
            lambda viewer: _("Praise"),
            _no_letters,
            lambda having: True,
            _month,
        ),
        _own(
            TO_ME,
            _newest(praise.in_person),
            lambda: _("To me"),
            lambda viewer: _("Praise for you"),
            _none_to_me,
            lambda having: all(having.kinds),
            _my_month,
        ),
        _own(
            TO_TEAM,
            _newest(praise.together),
            lambda: _("To the team"),
            lambda viewer: _("What the team received"),
            _none_to_us,
            lambda having: all(having.kinds),
            _our_month,
        ),
        _own(
            FAVOURITES,
            _favourites,
            lambda: _("Favourites"),
            lambda viewer: _("Your favourites"),
            _no_favourites,
            lambda having: any(having.kinds),
            lambda session, viewer, month: _("Only you see which they are."),
        ),
        List(
            WAITING,
            _newest(praise.waiting),
            lambda: _("Waiting for you"),
            lambda viewer: _("Letters that wait for you"),
            _none_waiting,
            lambda having: having.waiting > 0,
            count=lambda having: having.waiting,
        ),
        List(
            PASSED_ON,
            _passed_on,
            lambda: _("Brought to you"),
            lambda viewer: _("Letters that were brought to you"),
            _none_passed_on,
            lambda having: having.viewer.manages and recognition.is_any_brought(having.session, having.viewer),
        ),
        List(
            DEPARTMENTS,
            _managed,
            lambda: _("All departments"),
            lambda viewer: (
                _("Praise for all departments") if viewer.sees_everything else _("Praise for your departments")
            ),
            _none_managed,
            lambda having: len(having.departments) > 1,
        ),
        List(
            KEPT_BACK,
            _newest(praise.kept_back),
            lambda: _("Kept back"),
            lambda viewer: _("Letters that were kept back"),
            _none_kept_back,
            lambda having: withholding.is_any_kept(having.session, having.viewer),
        ),
    )
}
