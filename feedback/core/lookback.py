"""Looking back through one's own letters for words, the newest first and a bounded number at a time.

One's letters have no index of words: a person's are few, and what may be found is what they may read at that moment.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from feedback.core.index import Asked, folded, holds
from feedback.core.praise import Letter
from feedback.core.submissions import topic_names
from feedback.db import moment_of

MOST = 2_000  # letters that are looked at for one page
MOST_SIGNS = 500_000  # of their words, where they are long
STEP = 250  # letters in memory at once

Placed = tuple[int, Letter]  # a letter with its place in its list, an id that rises with time
Read = Callable[[int | None, int], list[Placed]]  # the letters of a list after a place, so many at most


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, with the topics of each letter by its submission, and where to go on if there is more."""

    letters: list[Letter]
    topics: dict[int, list[str]]
    after: int | None = None  # None where nothing is left to look at
    looked_to: datetime | None = None  # the moment of `after`, where too few were found up to there


def look_back(session: Session, read: Read, wanted: Asked, *, after: int | None, size: int) -> Found:
    """Up to `size` letters of a list from `after` on that hold all that is `wanted` in words, place or topics."""
    hits, topics, seen, signs = list[Placed](), dict[int, list[str]](), 0, 0
    for place, letter, about in _walk(session, read, after) if wanted else ():
        if seen == MOST or signs >= MOST_SIGNS:
            return Found([hit for _, hit in hits], topics, after, moment_of(after or 0))
        if _holds(letter, about, wanted):
            if len(hits) == size:
                return Found([hit for _, hit in hits], topics, hits[-1][0])
            hits.append((place, letter))
            topics[letter.submission.id] = about
        after, seen, signs = place, seen + 1, signs + len(letter.words)
    return Found([hit for _, hit in hits], topics)


def _walk(session: Session, read: Read, after: int | None) -> Iterator[tuple[int, Letter, list[str]]]:
    """The letters of a list with their topics, read STEP at a time in a few statements each."""
    while step := read(after, STEP):
        topics = topics_of(session, [letter for _, letter in step])
        yield from ((place, letter, topics.get(letter.submission.id, [])) for place, letter in step)
        if len(step) < STEP:
            return
        after = step[-1][0]


def topics_of(session: Session, letters: Sequence[Letter]) -> dict[int, list[str]]:
    """The topics of letters by submission; of an excerpt none, as nothing is told of what it stood in."""
    return topic_names(session, [one.submission.id for one in letters if one.praise.excerpt is None])


def _holds(letter: Letter, topics: Sequence[str], wanted: Asked) -> bool:
    return holds({word for part in (letter.words, letter.place or "", *topics) for word in folded(part)}, wanted)
