"""How often links are looked at and begun: added up in the process, kept every few seconds, read by the week.

Nothing of who looked is known here, only which link on which day.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback.core.links import LinkCount
from feedback.db import Store, StoreError, Taken, table_of, upsert

log = logging.getLogger(__name__)
SCANS, STARTS = "scans", "starts"
WEEKS = 12
MOST = 10_000  # links and days in one transaction, so that no customer waits long behind it


class Tally:
    """The looks and starts of one process that are not kept yet; a crash loses them, and nothing else."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._seen: dict[tuple[int, date], list[int]] = {}

    def add(self, link_id: int, day: date, what: str) -> None:
        """One more scan or start."""
        with self._lock:
            row = self._seen.setdefault((link_id, day), [0, 0])
            row[what == STARTS] += 1

    def keep(self, *, patience: float | None = None) -> int:
        """Write what was added up; how many rows. What the store does not take now is tried again next time."""
        with self._lock:
            some = dict(list(self._seen.items())[:MOST])
            for key in some:
                del self._seen[key]
        if not some:
            return 0
        try:
            self._write(some, patience)
        except StoreError:
            self._put_back(some)
            raise
        except Taken:  # a link that is no longer in the store, as after restoring an older one
            log.warning("%d counts of links were dropped: the store has no such links.", len(some))
        return len(some)

    def _write(self, some: Mapping[tuple[int, date], list[int]], patience: float | None) -> None:
        table = table_of(LinkCount)
        fresh = upsert(self._store.dialect.name, table)
        sums = {name: table.c[name] + fresh.excluded[name] for name in (SCANS, STARTS)}
        statement = fresh.on_conflict_do_update(index_elements=list(table.primary_key), set_=sums)
        rows = [
            {"link_id": link_id, "day": day, SCANS: scans, STARTS: starts}
            for (link_id, day), (scans, starts) in sorted(some.items())  # in one order, so that no two processes lock
        ]
        with self._store.write_rows(patience=patience) as connection:
            connection.execute(statement, rows)

    def _put_back(self, some: Mapping[tuple[int, date], list[int]]) -> None:
        with self._lock:
            for key, (scans, starts) in some.items():
                row = self._seen.setdefault(key, [0, 0])
                row[0] += scans
                row[1] += starts


@dataclass(frozen=True, slots=True)
class Week:
    """What came through one link in the week that begins on `monday`."""

    monday: date
    scans: int
    starts: int
    sends: int


def since(today: date) -> date:
    """The Monday with which the last twelve weeks begin, the present one among them."""
    return today - timedelta(days=today.weekday(), weeks=WEEKS - 1)


def days_of(first: date) -> list[date]:
    """Every day of the twelve weeks since the Monday `first`; keys of counts begin with the day."""
    return [first + timedelta(days=n) for n in range(7 * WEEKS)]


def looked_at(session: Session, link_id: int, first: date) -> Sequence[LinkCount]:
    """The days since `first` on which a link was looked at."""
    return session.scalars(select(LinkCount).where(LinkCount.link_id == link_id, LinkCount.day >= first)).all()


def weeks(first: date, looked: Sequence[LinkCount], sent: Mapping[date, int]) -> list[Week]:
    """The twelve weeks since the Monday `first`, oldest first."""
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for count in looked:
        row = sums[(count.day - first).days // 7]
        row[0] += count.scans
        row[1] += count.starts
    for day, n in sent.items():
        sums[(day - first).days // 7][2] += n
    return [Week(first + timedelta(weeks=n), *sums[n]) for n in range(WEEKS)]
