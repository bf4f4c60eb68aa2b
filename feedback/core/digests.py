"""What is put off, and goes out as one mail: for those who chose so, in quiet hours, and when too much comes at once.

A digest is a notice of its own, with a lease, tries and a Message-ID like any other. A notice that is put off belongs
to one digest and is no longer due by itself. Nothing joins a digest once it was claimed, so that it says the same when
it has to be sent again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby

from sqlalchemy import ColumnElement, select, union_all, update
from sqlalchemy.orm import Session

from feedback.core import notices, rhythms
from feedback.core.cases import Case
from feedback.core.deadlines import SEVERITIES
from feedback.core.history import Event
from feedback.core.notices import LEASE, About, Notice
from feedback.core.people import Person
from feedback.core.rhythms import Often, Rhythm
from feedback.db import table_of, upsert

MOST_AN_HOUR = 10  # mails to one person; what else comes within the hour is told in one
HOUR = timedelta(hours=1)
OWED_AT_ONCE = frozenset({About.RECEIPT, About.ANSWER, About.INVITATION})
OF_PRAISE = frozenset({About.PRAISE, About.BROUGHT, About.COMMENDED})
OF_DEADLINES = frozenset({About.DUE_SOON, About.BREACHED})  # told in a week they would come too late
CRITICAL = max(SEVERITIES)


def sort(session: Session, claimed: Sequence[Notice], at: datetime) -> list[Notice]:
    """Those of the claimed notices to be sent now; the others are put off.

    What may be out already, because nobody knows what became of the last try, is sent again as what it was: whoever
    has it then sees it once.
    """
    own = [notice for notice in claimed if notice.person_id and not notice.was_begun]
    sorting = _Sorting(session, [notice for notice in own if notice.about not in OWED_AT_ONCE], at)
    for (person_id, moment), late in sorting.put_off():
        _put_off(session, person_id, late, moment, at)
    return [notice for notice in claimed if notice.id not in sorting.late]


def members(session: Session, digest: Notice) -> Sequence[Notice]:
    """The notices that a digest tells of, oldest first."""
    return session.scalars(select(Notice).where(Notice.digest_id == digest.id).order_by(Notice.id)).all()


def sent(session: Session, digest: Notice, at: datetime, dropped: Mapping[int, str]) -> None:
    """Mark a digest as sent and what it told of with it; `dropped` are those it left out, each with the reason."""
    if not notices.sent(session, digest, at):
        return
    for number, reason in dropped.items():
        _mark(session, digest, Notice.id == number, given_up_at=at, problem=reason)
    _mark(session, digest, Notice.given_up_at.is_(None), sent_at=at)


def failed(session: Session, digest: Notice, at: datetime, problem: str, *, for_good: bool) -> None:
    """As notices.failed(); what a digest that is given up would have told of is given up with it."""
    if notices.failed(session, digest, at, problem, for_good=for_good):
        _mark(session, digest, Notice.given_up_at.is_(None), given_up_at=at, problem=problem[:200])


class _Sorting:
    """One batch of claimed notices, and until when each has to wait; what several need is read once."""

    def __init__(self, session: Session, owed: Sequence[Notice], at: datetime) -> None:
        self._session, self._at = session, at
        people = {notice.person_id for notice in owed if notice.person_id}
        self._rhythms = rhythms.of_all(session, people) if people else {}
        self._zone = rhythms.zone_of(session) if people else ""
        self._mailed = _mailed(session, people, [notice.id for notice in owed], at) if people else Counter()
        self._owed = owed
        self._moments = {notice.id: self._moment(notice) for notice in owed}
        self.late = {number for number, moment in self._moments.items() if moment}

    def put_off(self) -> Iterable[tuple[tuple[int, datetime], list[Notice]]]:
        """What has to wait, by person and moment, in an order that all workers keep."""
        waiting = [(n.person_id or 0, moment, n) for n in self._owed if (moment := self._moments[n.id])]
        waiting.sort(key=lambda one: (one[0], one[1], one[2].id))
        for key, found in groupby(waiting, key=lambda one: (one[0], one[1])):
            yield key, [one[2] for one in found]

    def _moment(self, notice: Notice) -> datetime | None:
        """Until when it has to wait; None where it goes out now, which counts. What is critical never waits."""
        person_id = notice.person_id or 0
        rhythm = self._rhythms.get(person_id) or rhythms.usual(person_id)
        moment = self._wished(notice, rhythm)
        if moment is None and notice.about != About.DIGEST and self._mailed[person_id] >= MOST_AN_HOUR:
            moment = rhythms.next_hour(rhythm, self._at, self._zone)
        if moment is not None and notice.event_id in self._critical:
            moment = None
        if moment is None and notice.about != About.DIGEST:
            self._mailed[person_id] += 1
        return moment

    @cached_property
    def _critical(self) -> frozenset[int]:
        """Asked only where something would have to wait."""
        return _critical(self._session, self._owed)

    def _wished(self, notice: Notice, rhythm: Rhythm) -> datetime | None:
        """Until when its recipient wants it to wait; deadlines do for quiet hours only."""
        often = Often(rhythm.praise if notice.about in OF_PRAISE else rhythm.cases)
        if often != Often.AT_ONCE and notice.about not in OF_DEADLINES | {About.DIGEST}:
            return rhythms.next_digest(rhythm, often, self._at, self._zone)
        return rhythms.quiet_ends(rhythm, self._at, self._zone)


def _mailed(session: Session, people: set[int], own: Sequence[int], at: datetime) -> Counter[int]:
    """How many mails each of them got within the hour or is being sent by another worker now; a digest is one.

    The people are held, so that of two workers who sort at the same moment the second counts what the first takes.
    """
    session.execute(select(Person.id).where(Person.id.in_(people)).order_by(Person.id).with_for_update(key_share=True))
    got = select(Notice.person_id).where(Notice.sent_at > at - HOUR, Notice.digest_id.is_(None))
    under_way = select(Notice.person_id).where(
        Notice.due_at > at, Notice.due_at <= at + LEASE, Notice.lease.is_not(None), Notice.id.not_in(own)
    )
    both = union_all(*(part.where(Notice.person_id.in_(people)) for part in (got, under_way))).subquery()
    return Counter(id for id in session.scalars(select(both.c.person_id)) if id)


def _critical(session: Session, owed: Sequence[Notice]) -> frozenset[int]:
    """The events of critical cases among those that the notices tell of."""
    told = {notice.event_id for notice in owed if notice.event_id and notice.about not in OF_PRAISE}
    found = select(Event.id).join(Case, Case.id == Event.submission_id)
    return frozenset(session.scalars(found.where(Event.id.in_(told), Case.severity == CRITICAL)))


def _put_off(session: Session, person_id: int, late: Sequence[Notice], moment: datetime, at: datetime) -> None:
    for digest in [notice for notice in late if notice.about == About.DIGEST]:
        notices.put_back(session, digest, moment)  # it stays what it is
    ids = [notice.id for notice in late if notice.about != About.DIGEST]
    if ids:
        session.execute(
            update(Notice)
            .where(Notice.id.in_(ids))
            .values(digest_id=_open(session, person_id, moment, at), due_at=None, lease=None, tries=0),
            execution_options={"synchronize_session": False},
        )


def _open(session: Session, person_id: int, moment: datetime, at: datetime) -> int:
    """The digest of that moment, made if there is none; the next hour's where it was claimed already."""
    fresh = upsert(session.get_bind().dialect.name, table_of(Notice)).on_conflict_do_nothing()
    while True:
        row = notices.row(moment.isoformat(), person_id, About.DIGEST, at) | {"due_at": moment}
        session.execute(fresh.values(row))
        # Held, so that nobody claims it between this look and what joins it. One that is being claimed is as good as
        # claimed: whoever does it may wait for the people held here, and would be waited for.
        known = select(Notice.id, Notice.tries, Notice.due_at).where(
            Notice.about == About.DIGEST, Notice.occasion == row["occasion"], Notice.person_id == person_id
        )
        digest = session.execute(known.with_for_update(skip_locked=True)).one_or_none()
        if digest is not None and digest.tries == 0 and digest.due_at is not None:
            return int(digest.id)
        moment += HOUR


def _mark(session: Session, digest: Notice, which: ColumnElement[bool], **values: object) -> None:
    session.execute(
        update(Notice).where(Notice.digest_id == digest.id, Notice.sent_at.is_(None), which).values(**values),
        execution_options={"synchronize_session": False},
    )
