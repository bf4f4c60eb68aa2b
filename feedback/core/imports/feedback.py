"""Feedback of other systems becomes our history: read, looked up, routed and kept in short batches."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from feedback.core import cases, intake
from feedback.core.imports.entry import Entry, Understanding
from feedback.core.imports.names import Missing, Setting
from feedback.core.imports.table import Refused, Row, rows
from feedback.core.imports.view import View
from feedback.core.organisation import Organisation, the_organisation
from feedback.core.submissions import Submission
from feedback.core.surveys import Asked
from feedback.db import Store

BATCH = 100  # rows a write transaction: customers wait behind one for some hundredths of a second

Refusals = list[tuple[int, str]]


class NotReady(Exception):
    """The store has no organisation that a history could belong to."""


@dataclass(slots=True)
class Progress:
    """How far an import has come; `position` counts the bytes of the file that were read."""

    read: int = 0
    taken: int = 0
    skipped: int = 0
    refused: Refusals = field(default_factory=list)
    position: int = 0


def take_feedback(
    store: Store,
    secret: str,
    file: BinaryIO,
    columns: Mapping[str, str],
    *,
    create_missing: bool,
    now: datetime,
    asked: Asked | None = None,
) -> Iterator[Progress]:
    """Import the CSV `file`; yields the one growing Progress after each batch. Raises Unreadable, NotReady, StoreError.

    With `asked` its rows are answers to that survey.

    What was taken in earlier batches, or in an earlier run, is skipped when the same file is imported again.
    """
    errand = _Errand(store, secret, now, create_missing, asked)
    batch: list[Row] = []
    for row in rows(file, columns):
        batch.append(row)
        if len(batch) == BATCH:
            yield errand.take(batch, file.tell())
            batch = []
    yield errand.take(batch, file.tell())


class _Errand:
    """One run of an import, with the organisation as it was when the last batch looked."""

    def __init__(self, store: Store, secret: str, now: datetime, create_missing: bool, asked: Asked | None) -> None:
        self._store, self._secret, self._now, self._create_missing = store, secret, now, create_missing
        self._progress = Progress()
        with store.read() as session:
            organisation = _organisation(session)
            self._view = View(session, organisation, create_missing=create_missing)
        self._understanding = Understanding(
            zone=organisation.timezone, language=organisation.language, now=now, secret=secret, asked=asked
        )

    def take(self, batch: Sequence[Row], position: int) -> Progress:
        """Take over the rows of one batch; what cannot be taken is noted, in the order of the file."""
        refused: Refusals = []
        entries = self._not_kept(list(self._understood(batch, refused)))
        if self._create_missing:
            self._make_missing(entries)
        planned = self._planned(list(self._set(entries, refused)))
        progress = self._progress
        if planned:
            with self._store.write_rows() as connection:
                progress.taken += sum(_is_kept(connection, plan) for plan in planned)
            with self._store.write() as session:
                cases.index_some(session, most=len(planned))
        progress.read += len(batch)
        progress.refused += sorted(refused)
        progress.skipped = progress.read - progress.taken - len(progress.refused)
        progress.position = position
        return progress

    def _understood(self, batch: Sequence[Row], refused: Refusals) -> Iterator[Entry]:
        for row in batch:
            try:
                entry = self._understanding.entry(row)
            except Refused as reason:
                refused.append((row.line, str(reason)))
            else:
                if entry:
                    yield entry

    def _not_kept(self, entries: list[Entry]) -> list[Entry]:
        """Those of `entries` that the store does not hold yet."""
        keys = [entry.key for entry in entries]
        with self._store.read() as session:
            kept = {bytes(key) for key in session.scalars(select(Submission.key).where(Submission.key.in_(keys)))}
            self._look(session)
        return [entry for entry in entries if entry.key not in kept]

    def _look(self, session: Session) -> None:
        organisation = _organisation(session)
        if organisation.version != self._view.version:
            self._view = View(session, organisation, create_missing=self._create_missing)

    def _make_missing(self, entries: list[Entry]) -> None:
        """Make what `entries` name and nobody has yet, all in one transaction."""
        wanting = [entry for entry in entries if self._is_missing(entry)]
        if not wanting:
            return
        with self._store.write() as session:
            making = View(session, _organisation(session), create_missing=True).directory
            for entry in wanting:
                with suppress(Refused):  # told where the row itself is looked up
                    making.make(entry, self._now)
        with self._store.read() as session:
            self._look(session)

    def _is_missing(self, entry: Entry) -> bool:
        try:
            self._view.directory.setting(entry)
        except Missing:
            return True
        except Refused:
            return False
        return False

    def _set(self, entries: list[Entry], refused: Refusals) -> Iterator[tuple[Entry, Setting]]:
        for entry in entries:
            try:
                yield entry, self._view.directory.setting(entry)
            except Refused as reason:
                refused.append((entry.line, str(reason)))

    def _planned(self, found: list[tuple[Entry, Setting]]) -> list[intake.Plan]:
        """Every row of every submission, decided before the store is asked for its turn to write."""
        with self._store.read() as session:
            self._view.include(session, [setting for _, setting in found])
        return [self._plan(entry, setting) for entry, setting in found]

    def _plan(self, entry: Entry, setting: Setting) -> intake.Plan:
        scene = self._view.scene(setting)
        draft = self._view.draft(entry, setting)
        return intake.plan(draft, scene, key=entry.key, at=entry.at, secret=self._secret, is_history=True)


def _is_kept(connection: Connection, plan: intake.Plan) -> bool:
    """Whether the submission is new; what another import kept meanwhile stands."""
    try:
        return intake.keep(connection, plan)
    except intake.SaidOtherwise:
        return False


def _organisation(session: Session) -> Organisation:
    organisation = the_organisation(session)
    if organisation is None:
        raise NotReady
    return organisation
