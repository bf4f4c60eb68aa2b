"""Finding names in free words: whole, by first name, surname with a title, nickname or alias, and a little misspelt.

A suggestion for a manager, so that a wrong one costs more than one that is missing: a name that is a word of every
day counts only where it looks like a name, and one that goes on with another surname is somebody else's.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache, reduce
from pathlib import Path

from feedback.core.people import plain

TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")  # both apostrophes are written
POSSESSIVE = re.compile(r"['’]s?$")
STOP = re.compile(r"[.!?:;\n\r•–—\"“”]")
LOOKALIKES = str.maketrans("013457@$", "oieast" + "as")
SHORTEST_MISSPELT = 5  # letters; of a shorter name every neighbour is another name
SHORTEST_SMALL = 4  # of a name in small letters; "tim" is as often "time"
LONGEST_ACRONYM = 4
LONG = 8  # from here on two letters may be wrong
MOST_GUESSED = 120  # different words of one text that may be misspelt names; beyond, a name has to be spelt as it is
MOST_KEPT = 20_000  # words whose near names are remembered


@dataclass(frozen=True, slots=True)
class Known:
    """A person as others may call them."""

    id: int
    name: str
    public_name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """One person named in a text: the piece of it between two places, and whether it is spelt as it is known."""

    person_id: int
    start: int
    end: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text, folded, with what its surroundings say of it."""

    start: int
    end: int
    text: str
    plain: str
    is_first: bool  # of a sentence, where every word has a capital
    is_big: bool  # begins with a capital, or its script has none
    owns: bool = False  # written as whose something is
    is_guessed: bool = False  # may be a name with a mistake in it

    @property
    def stands_out(self) -> bool:
        """Whether it looks like a name where others would not."""
        return self.is_big and not self.is_first


def suggested(texts: Iterable[str], people: Sequence[Known]) -> list[int]:
    """The ids of those of `people` whom the texts of one letter name, the surest first; a manager decides on each."""
    found: dict[int, bool] = {}
    for text in texts:
        for mention in mentions(text, people):
            found[mention.person_id] = found.get(mention.person_id, False) or mention.is_exact
    return sorted(found, key=lambda id: not found[id])


def mentions(text: str, people: Sequence[Known]) -> list[Mention]:
    """Who of `people` is named in `text`, in its order, each person once; several where several share the name."""
    found: dict[int, Mention] = {}
    tokens = [*_tokens(text)]
    if not tokens or not people:
        return []
    book = _book(tuple(people))
    shouts = sum(token.text.isupper() for token in tokens if len(token.text) > 1) > len(tokens) / 2
    at = 0
    while at < len(tokens):
        length, named = book.named_at(tokens, at, shouts=shouts)
        for person_id, is_exact in named.items():
            mention = Mention(person_id, tokens[at].start, tokens[at + length - 1].end, is_exact)
            if person_id not in found or (is_exact and not found[person_id].is_exact):
                found[person_id] = mention
        at += max(length, 1)
    return sorted(found.values(), key=lambda mention: mention.start)


@lru_cache(maxsize=32)
def _book(people: tuple[Known, ...]) -> "_Book":
    """Kept, because the letters of a page, and the next page, are looked through for the same people."""
    return _Book(people)


class _Names(defaultdict[str, set[int]]):
    """Who goes by each name; what is near to a word is remembered, because the same words come again."""

    def __init__(self) -> None:
        super().__init__(set)
        self._near: dict[str, dict[int, bool]] = {}

    def close(self, token: Token) -> dict[int, bool]:
        """Those whom the word spells, exactly or nearly, by id; an exact one leaves no room for others."""
        if token.plain in self:
            return dict.fromkeys(self[token.plain], True)
        if not token.is_guessed:
            return {}
        near = self._near.get(token.plain)
        if near is None:
            if len(self._near) >= MOST_KEPT:
                self._near = {}
            near = self._near[token.plain] = self._nearly(token.plain)
        return near

    def _nearly(self, word: str) -> dict[int, bool]:
        wrong = 2 if len(word) >= LONG else 1
        near, letters = dict[int, bool](), _letters(word)
        for name, others in self._by_initial.get(word[0], ()):
            allowed = wrong if len(name) >= LONG else 1
            # One letter in place of another is two that differ, so that most names need no closer look.
            is_alike = abs(len(name) - len(word)) <= wrong and (letters ^ others).bit_count() <= 2 * allowed
            if is_alike and _distance(word, name, allowed) <= allowed:
                near |= dict.fromkeys(self[name], False)
        return near

    @cached_property
    def _by_initial(self) -> Mapping[str, Sequence[tuple[str, int]]]:
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for name in self:
            if len(name) >= SHORTEST_MISSPELT - 1:
                found[name[0]].append((name, _letters(name)))
        return found


class _Book:
    """The people by every name they go by."""

    def __init__(self, people: Iterable[Known]) -> None:
        self.single, self.last = _Names(), _Names()  # first names, nicknames and aliases; surnames
        self.parts: dict[int, set[str]] = {}
        for person in people:
            self._enter(person)

    def _enter(self, person: Known) -> None:
        full, public = _words(person.name), _words(person.public_name)
        firsts = {words[0] for words in (full, public) if words and (len(words) > 1 or words != full[-1:])}
        firsts |= {words[0] for words in (full, public) if len(words) == 1}
        for first in firsts:
            for name in {first, *nicknames().get(first, ())}:
                self.single[name].add(person.id)
        for alias in person.aliases:
            for word in _words(alias)[:1]:
                self.single[word].add(person.id)
        for words in (full, public):
            if len(words) > 1:
                self.last[words[-1]].add(person.id)
        self.parts[person.id] = {*full, *public}

    def named_at(self, tokens: Sequence[Token], at: int, *, shouts: bool) -> tuple[int, dict[int, bool]]:
        """How many tokens from `at` on name somebody, and whom, with whether it is spelt so."""
        token, before, behind = tokens[at], _beside(tokens, at, -1), _beside(tokens, at, 1)
        if behind is not None and (whole := self._whole(token, behind)):
            return 2, whole
        if before is not None and before.plain in _list("titles") and (titled := self._titled(token)):
            return 1, titled
        return 1, self._alone(token, before, behind, shouts=shouts)

    def _whole(self, token: Token, behind: Token) -> dict[int, bool]:
        """First name and surname, in one order or the other."""
        found: dict[int, bool] = {}
        for first, last in ((token, behind), (behind, token)):
            firsts, lasts = self.single.close(first), self.last.close(last)
            for id in firsts.keys() & lasts.keys():
                found[id] = found.get(id, False) or (firsts[id] and lasts[id])
        return found

    def _titled(self, token: Token) -> dict[int, bool]:
        """A surname, or a first name, behind a title."""
        exact = self.last.get(token.plain, set()) | self.single.get(token.plain, set())
        if exact:
            return dict.fromkeys(exact, True)
        return self.last.close(token) | self.single.close(token) if token.is_big else {}

    def _alone(self, token: Token, before: Token | None, behind: Token | None, *, shouts: bool) -> dict[int, bool]:
        """A first name, nickname or alias by itself, where the words around it let it be one."""
        exact = self.single.get(token.plain, set())
        if behind is not None and (behind.plain in _list("places") or self._goes_on(token, behind, exact, shouts)):
            return {}
        cue = before.plain if before is not None else ""
        acts = token.is_big and behind is not None and (behind.plain in _list("predicates") or token.owns)
        if exact:
            return dict.fromkeys(exact, True) if _looks_like_a_name(token, cue, acts=acts, shouts=shouts) else {}
        is_likely = (token.stands_out and not shouts) or acts or (token.is_big and cue in _list("cues"))
        if not is_likely or token.plain in _list("words"):
            return {}
        return self.single.close(token)

    def _goes_on(self, token: Token, behind: Token, exact: set[int], shouts: bool) -> bool:
        """Whether a surname follows that is not theirs: then it is somebody or something else."""
        follows = behind.is_big and behind.text[0].isupper() and token.is_big and not shouts
        own = {part for id in exact for part in self.parts[id]}
        return follows and behind.plain not in own and behind.plain not in self.single


def _looks_like_a_name(token: Token, cue: str, *, acts: bool, shouts: bool) -> bool:
    """Whether a word that is somebody's name is meant as one; `acts` where what follows is said of somebody."""
    if token.plain in _list("words"):
        if cue in _list("strong"):
            return True
        return not shouts and (
            (acts and token.plain not in _list("months")) or (token.stands_out and cue in _list("cues"))
        )
    if _is_acronym(token.text):
        return shouts
    return token.is_big or token.owns or cue in _list("cues") or len(token.plain) >= SHORTEST_SMALL


def _letters(word: str) -> int:
    """Which letters are in it, as bits; several may share one."""
    return reduce(lambda bits, letter: bits | 1 << ord(letter) % 64, word, 0)


def _distance(one: str, other: str, most: int) -> int:
    """Letters added, left out, exchanged or swapped between two words (Damerau 1964, optimal string alignment).

    Counted no further than `most` + 1.
    """
    before, last = [0] * (len(other) + 1), list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row] + [0] * len(other)
        for column, sign in enumerate(other, 1):
            now[column] = min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (letter != sign))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == sign:
                now[column] = min(now[column], before[column - 2] + 1)
        if min(now) > most:
            return most + 1
        before, last = last, now
    return last[-1]


def _tokens(text: str) -> Iterator[Token]:
    is_first, end, guessed = True, 0, set[str]()
    for found in TOKEN.finditer(text):
        is_first = is_first or bool(STOP.search(text, end, found.start()))
        word = POSSESSIVE.sub("", found[0])
        folded = plain(word)
        if any(sign.isdigit() for sign in folded) and not folded.isdigit():
            folded = folded.translate(LOOKALIKES)
        is_big = (word[0].isupper() and not _is_acronym(word)) or not (word[0].isupper() or word[0].islower())
        if len(folded) >= SHORTEST_MISSPELT and len(guessed) < MOST_GUESSED:
            guessed.add(folded)
        owns, may_be = word != found[0], folded in guessed
        yield Token(found.start(), found.start() + len(word), word, folded, is_first, is_big, owns, may_be)
        is_first, end = plain(word) in _list("titles") and is_first, found.end()


def _is_acronym(word: str) -> bool:
    return 1 < len(word) <= LONGEST_ACRONYM and word.isupper()


def _beside(tokens: Sequence[Token], at: int, step: int) -> Token | None:
    """The word before or behind, of the same sentence."""
    other = at + step
    if not 0 <= other < len(tokens):
        return None
    later = tokens[max(at, other)]
    starts_anew = later.is_first and tokens[min(at, other)].plain not in _list("titles")
    return None if starts_anew else tokens[other]


def _words(name: str) -> list[str]:
    return [plain(word) for word in TOKEN.findall(name)]


@cache
def _read() -> Mapping[str, str]:
    return tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8"))


@cache
def _list(name: str) -> frozenset[str]:
    return frozenset(plain(word) for word in _read()[name].split())


@cache
def nicknames() -> Mapping[str, frozenset[str]]:
    """What a name is shortened to, and what it is short for."""
    found: dict[str, set[str]] = defaultdict(set)
    for line in _read()["nicknames"].strip().splitlines():
        name, _, shorts = line.partition(":")
        for short in map(plain, shorts.split()):
            found[plain(name)].add(short)
            found[short].add(plain(name))
    return {name: frozenset(others) for name, others in found.items()}
