"""How a text becomes words to be found by: what is written and what is searched for go through the same function.

Words are folded without accents and case. Scripts that put no spaces between words become pairs of letters: whoever
searches for a part of such a text finds it, without a dictionary for each language.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from unicodedata import normalize

from feedback.core.people import plain

LONGEST = 40  # letters of a word that are kept; nobody types more
MOST_ASKED = 12  # words of a search that are looked for; more narrow nothing any longer

# Thai to Myanmar, Khmer, Tai, kana, Han, Hangul: no spaces, or endings that grow on the word (Korean).
_UNSPACED = (
    "\u0e01-\u0eff\u0f00-\u0f0a\u0f10-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u3005-\u3007\u3041-\u30fa\u30fc-\u30ff"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_SIGNS = "\u2600-\u27bf\U0001f300-\U0001faff"  # a heart says something too
# The vowel signs of Indian scripts are no letters to Python, and would tear their words apart.
_LETTERS = r"[^\W_]|[\u0900-\u0963\u0966-\u0dff]"
_PIECE = re.compile(rf"(?P<run>[{_UNSPACED}]+)|(?P<sign>[{_SIGNS}])|(?P<word>(?:(?![{_UNSPACED}])(?:{_LETTERS}))+)")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search asks for: all of `words`, and words that begin with each of `beginnings`."""

    words: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.beginnings)


def folded(text: str) -> list[str]:
    """The words of a text that is kept; of scripts without spaces each pair of letters, and the last letter alone."""
    found: list[str] = []
    for piece in pieces(evened(text)):
        run = piece["run"]
        found += [run[at : at + 2] for at in range(len(run))] if run else [piece[0][:LONGEST]]
    return found


def asked(text: str) -> Asked:
    """What the search `text` asks for; whatever is no word in it is a space, so there is no syntax to know.

    The last word is the beginning of one, unless something follows it.
    """
    even = evened(text)
    words: list[str] = []
    beginnings: list[str] = []
    for piece in pieces(even):
        said = piece[0][:LONGEST]
        if piece["run"]:
            pairs = [said[at : at + 2] for at in range(len(said) - 1)]
            words += pairs
            beginnings += [] if pairs else [said]
        elif piece["word"] and piece.end() == len(even) and len(said) < LONGEST:
            beginnings.append(said)
        else:
            words.append(said)
    return Asked(tuple(dict.fromkeys(words))[:MOST_ASKED], tuple(dict.fromkeys(beginnings))[:MOST_ASKED])


def holds(words: Collection[str], wanted: Asked) -> bool:
    """Whether a text of those folded words is what was asked for."""
    return all(word in words for word in wanted.words) and all(
        any(word.startswith(beginning) for word in words) for beginning in wanted.beginnings
    )


def pieces(even: str) -> Iterator[re.Match[str]]:
    """The words, signs and runs of letters without spaces in an evened text."""
    return _PIECE.finditer(even)


def evened(text: str) -> str:
    """Without accents and case, and put together again: Korean syllables would else fall into their letters."""
    return normalize("NFC", plain(text))
