"""What made-up customers say: sentences in several scripts, with a few words that come often and many that do not."""

import itertools
import random

SENTENCES = (
    "We waited {n} minutes and nobody told us why, {word}.",
    "The soup was cold by then and {word} was missing.",
    "The parcel came without {word}; page {n} of the leaflet shows two.",
    "Nobody answered the phone on {word}, I tried {n} times.",
    "The {word} by the window is broken again, please have a look.",
    "Your colleague was polite, but {word} still does not work.",
    "I was charged {n} pounds too much for {word}.",
    "Please put a sign for {word} at the entrance.",
    "Wir haben {n} Minuten gewartet, und {word} war nicht da.",
    "Die Lieferung kam ohne {word}, obwohl es auf der Rechnung steht.",
    "Am Schalter wusste niemand etwas von {word}.",
    "Der Aufzug bei {word} steht seit {n} Tagen still.",
    "انتظرنا {n} دقيقة ولم يخبرنا أحد بالسبب.",
    "الحساء كان باردا والخدمة بطيئة جدا.",
    "汤是冷的，服务员态度不好。",  # noqa: RUF001 - a Chinese comma
    "我们等了{n}分钟才有人来，房间也不干净。",  # noqa: RUF001
)
LANGUAGES = ("en",) * 8 + ("de",) * 4 + ("ar",) * 2 + ("zh",) * 2
WEIGHTS = (4,) * 8 + (2,) * 4 + (1,) * 4
SYLLABLES = ("ka", "ro", "mel", "ti", "sun", "bra", "lo", "fen", "dor", "wi", "sta", "nu", "ger", "pal", "xi", "mo")
VOCABULARY = 60_000


class Saying:
    """A source of texts, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self.words = sorted({self._word() for _ in range(VOCABULARY)}, key=lambda word: hash_of(word))
        self._often = list(itertools.accumulate(1 / (rank + 8) for rank in range(len(self.words))))
        self._chosen = list(itertools.accumulate(WEIGHTS))

    def text(self) -> tuple[str, str]:
        """The language of a message and its words."""
        draw = self._draw
        (first,) = draw.choices(range(len(SENTENCES)), cum_weights=self._chosen)
        numbers = [first, *draw.choices(range(len(SENTENCES)), cum_weights=self._chosen, k=draw.randrange(3))]
        words = draw.choices(self.words, cum_weights=self._often, k=4)
        said = " ".join(SENTENCES[number].format(n=draw.randrange(2, 90), word=words.pop()) for number in numbers)
        return LANGUAGES[first], f"{said} {words[0]}"

    def ranked(self, lowest: int, highest: int, draw: random.Random) -> str:
        """A word of that rank among those that are filled in, 0 being the commonest."""
        return self.words[draw.randrange(lowest, highest)]

    def _word(self) -> str:
        return "".join(self._draw.choices(SYLLABLES, k=self._draw.randrange(2, 6)))


def hash_of(word: str) -> int:
    """An order of words that has nothing to do with their letters, and is the same in each run."""
    return random.Random(word).getrandbits(32)
