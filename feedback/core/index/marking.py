"""Where in a text the words stand that were searched for; the text itself stays as it was typed."""

from collections.abc import Iterator
from unicodedata import category

from feedback.core.index.folding import LONGEST, Asked, evened, pieces
from feedback.core.people import UNSEEN


def found_at(text: str, wanted: Asked) -> list[tuple[int, int]]:
    """From where to where the text holds words that are `wanted`, in order and apart from each other."""
    even, starts = _folded_with_places(text)
    spans: list[tuple[int, int]] = []
    for start, end in _matches(even, wanted):
        first, last = starts[start], starts[end]
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    return spans


def _matches(even: str, wanted: Asked) -> Iterator[tuple[int, int]]:
    for piece in pieces(even):
        run = piece["run"]
        if not run:
            word = piece[0][:LONGEST]
            if word in wanted.words or word.startswith(wanted.beginnings):
                yield piece.span()
            continue
        for at, letter in enumerate(run, piece.start()):
            if even[at : min(at + 2, piece.end())] in wanted.words:
                yield at, min(at + 2, piece.end())
            elif letter in wanted.beginnings:
                yield at, at + 1


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    """The text as words are looked for in it, and where in the text each of its letters, and its end, comes from."""
    folded: list[str] = []
    starts: list[int] = []
    at = 0
    for cluster in _clusters(text):
        plain = evened(cluster)
        folded.append(plain)
        starts += [at] * len(plain)
        at += len(cluster)
    return "".join(folded), [*starts, at]


def _clusters(text: str) -> Iterator[str]:
    """The text in parts that are folded alike alone and together: a letter with all that is written onto it."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not _clings(text[at]):
            yield text[start:at]
            start = at


def _clings(sign: str) -> bool:
    """Whether a sign belongs to the letter before it: accents, vowel signs, parts of Korean syllables, marks unseen."""
    return category(sign).startswith("M") or sign in UNSEEN or "\u1160" <= sign <= "\u11ff" or sign in "\uff9e\uff9f"
