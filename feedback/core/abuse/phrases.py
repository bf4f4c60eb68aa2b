"""The phrases that look harassing, and those that only sound so, as words/ has them for each language.

A phrase is a line of terms: `a|b` one of these words; `[a|b]` one of them or none; `..` up to two words between, `...`
up to four; `<set>` any word of that set; `!` before the term that hints at the phrase, else its longest one. In a set
`~` stands for the language's beginnings and endings of words. What a harmless phrase covers is not looked at again.
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from itertools import product
from pathlib import Path
from typing import Any

from feedback.core.abuse.folding import letters

FILES = Path(__file__).with_name("words")
HARMLESS = "harmless"
GAPS = {"..": r"(?:\w+ ){0,2}", "...": r"(?:\w+ ){0,4}"}
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})  # as they are typed where a keyboard has none


class Abuse(StrEnum):
    """What words can look like that wait for a manager, the gravest first."""

    THREAT = "threat"
    PURSUIT = "pursuit"
    SEXUAL = "sexual"
    HATE = "hate"
    INSULT = "insult"
    CONTACT = "contact"


@dataclass(frozen=True)
class Phrase:
    """Words in their order and what they look like; None where they are harmless."""

    look: Abuse | None
    shape: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What matches it in a folded text; made when it is first hinted at, for there are hundreds of them."""
        return re.compile(f"(?<= ){self.shape}")


@dataclass(frozen=True, slots=True)
class Pages:
    """All phrases of all languages, by the words that hint at them."""

    abusive: dict[str, list[Phrase]] = field(default_factory=dict)
    harmless: dict[str, list[Phrase]] = field(default_factory=dict)

    def abusive_at(self, words: Collection[str]) -> list[Phrase]:
        """Those that `words` hint at, each once."""
        return list(dict.fromkeys(phrase for word in words for phrase in self.abusive[word]))

    def harmless_at(self, words: frozenset[str]) -> list[Phrase]:
        """Those that any of `words` hints at, the longest first."""
        found = {phrase for word in words & self.harmless.keys() for phrase in self.harmless[word]}
        return sorted(found, key=lambda phrase: len(phrase.shape), reverse=True)


@cache
def known() -> Pages:
    """The phrases of every language that has a file, read once."""
    pages = Pages()
    for file in sorted(FILES.glob("*.toml")):
        language = _Language(tomllib.loads(file.read_text(encoding="utf-8")))
        for look, lines in language.phrases.items():
            index = pages.harmless if look == HARMLESS else pages.abusive
            for line in filter(None, lines.splitlines()):
                phrase = Phrase(None if look == HARMLESS else Abuse(look), language.shape(line))
                for hint in language.hints(line):
                    index.setdefault(hint, []).append(phrase)
    return pages


class _Language:
    """One file of words."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._before = ["", *letters(told["beginnings"]).split()]
        self._after = ["", *letters(told["endings"]).split()]
        self.phrases: dict[str, str] = told["phrases"]
        self._sets: dict[str, list[str]] = {}
        for name, words in told["sets"].items():
            self._sets[name] = [one for word in words.split() for one in self._words(word)]

    def shape(self, line: str) -> str:
        """The regular expression of a line."""
        return "".join(self._term(term.removeprefix("!")) for term in line.split())

    def hints(self, line: str) -> Iterator[str]:
        """The words that hint at a line: those of the term that says so, else of that with the longest words."""
        terms = [term for term in line.split() if term not in GAPS and term[0] != "["]
        marked = next((term for term in terms if term[0] == "!"), None)
        for word in self._alternatives(marked or max(terms, key=self._length)):
            yield from self._expanded(word)

    def _length(self, term: str) -> int:
        return min(map(len, self._alternatives(term)))

    def _term(self, term: str) -> str:
        if term in GAPS:
            return GAPS[term]
        words = "|".join(dict.fromkeys(map(self._written, self._alternatives(term.strip("[]")))))
        return f"(?:(?:{words}) )?" if term[0] == "[" else f"(?:{words}) "

    def _alternatives(self, term: str) -> list[str]:
        return [one for word in term.removeprefix("!").split("|") for one in self._words(word)]

    def _words(self, word: str) -> list[str]:
        """The words of a set, or one word as it may be spelled."""
        if word[0] == "<":
            return self._sets[word[1:-1]]
        typed = word.translate(UMLAUTS)
        return [letters(word)] if typed == word else [letters(word), letters(typed)]

    def _written(self, word: str) -> str:
        before = f"(?:{'|'.join(self._before)})" if word[0] == "~" else ""
        after = f"(?:{'|'.join(self._after)})" if word[-1] == "~" else ""
        return before + re.escape(word.strip("~")) + after

    def _expanded(self, word: str) -> Iterator[str]:
        before = self._before if word[0] == "~" else [""]
        after = self._after if word[-1] == "~" else [""]
        return (first + word.strip("~") + last for first, last in product(before, after))
