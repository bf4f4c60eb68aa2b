"""Polls: one question whose result everyone sees at once, as votes and per cent.

A poll is public and about no one, so its votes are counted one by one, with the vote itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback.core.surveys.design import Design
from feedback.core.surveys.model import Edition, PollCount, Survey

ARCHIVED = 20  # previous polls on the page of one


@dataclass(frozen=True, slots=True)
class Tally:
    """The votes of a poll by answer, in the order of its answers."""

    votes: Sequence[tuple[str, int]]

    @property
    def n(self) -> int:
        """All votes."""
        return sum(n for _, n in self.votes)


def tally(session: Session, survey_id: int, design: Design) -> Tally:
    """How a poll stands now."""
    rows = session.execute(select(PollCount.value, PollCount.n).where(PollCount.survey_id == survey_id))
    n = {value: count for value, count in rows}
    values = design.questions[0].values
    return Tally([(value, n.get(value, 0)) for value in (*values, *(one for one in n if one not in values))])


def before(session: Session, survey: Survey) -> list[tuple[Survey, Edition]]:
    """The polls of the same department (or of the organisation) that are over, newest first, with what they asked."""
    newest = (
        select(func.max(Edition.number))
        .where(Edition.survey_id == Survey.id, Edition.published_at.is_not(None))
        .correlate(Survey)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Survey, Edition)
        .join(Edition, (Edition.survey_id == Survey.id) & (Edition.number == newest))
        .where(
            Survey.code.is_not(None),
            Survey.closed_at.is_not(None),
            Survey.id != survey.id,
            Survey.audience == survey.audience,
            Survey.department_id.is_not_distinct_from(survey.department_id),
        )
        .order_by(Survey.id.desc())
        .limit(ARCHIVED)
    )
    return [(one, edition) for one, edition in rows]
