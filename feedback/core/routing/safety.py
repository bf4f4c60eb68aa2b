"""Words of danger, injury and illness: a case is as severe as its worst statement, whatever else it says.

Looked for in every language that is shipped, whichever the form was in: a guest in fear writes as they speak. What is
found only ever raises the severity; a manager who reads it can lower it. An asterisk stands for the rest of a word.
"""

import re
from collections import defaultdict
from functools import cache
from operator import itemgetter
from unicodedata import normalize

from feedback.core.people import is_read, plain

SERIOUS, CRITICAL = 3, 4

# Left out on purpose is what as often means something else: burnt (food), slipped (my mind), brennt (the light), and
# where the rest of a word would: hospitality, accidentally, wunderbar, Waffel, ungefähr.
WORDS: dict[str, dict[int, tuple[str, ...]]] = {
    "en": {
        CRITICAL: (
            "fire", "explosion*", "explod*", "unconscious*", "passed out", "ambulance*", "anaphyla*", "poison*",
            "choking", "choked", "suffocat*", "gas leak*", "smell of gas", "electric shock*", "electrocut*",
            "life threatening", "nearly died", "almost died", "drown*", "weapon*",
        ),
        SERIOUS: (
            "danger*", "unsafe", "injur*", "hurt", "bleed*", "blood on", "blood in", "wounded", "wounds", "a wound",
            "scald*", "burn my", "burned my", "burnt my", "allerg*", "hospital", "hospitalised", "hospitalized",
            "emergency room", "accident", "accidents", "broken glass", "glass in my", "pieces of glass", "shards",
            "fainted", "slipped and", "slipped on", "fell down", "vomit*", "assault*", "harass*", "molest*",
            "threaten*", "hazard*",
        ),
    },
    "de": {
        CRITICAL: (
            "feuer", "es brennt", "es brannte", "brannte es", "flammen", "explodier*", "explosion*", "bewusstlos*",
            "ohnmächtig*", "krankenwagen*", "rettungswagen*", "notarzt*", "anaphyla*", "*vergift*", "erstick*",
            "gasgeruch", "nach gas", "gasleck*", "stromschlag*", "lebensgefahr", "lebensgefährlich*", "brandgefahr",
            "ertrunk*", "ertrink*", "waffe", "waffen",
        ),
        SERIOUS: (
            "gefahr", "*unfallgefahr", "*verletzungsgefahr", "*sturzgefahr", "*rutschgefahr", "*stolpergefahr",
            "gefährlich*", "gefährd*", "*verletz*", "blutet*", "blutend*", "geblutet", "blut", "wunde", "wunden",
            "verbrüh*", "verbrennung*", "*allerg*", "krankenhaus*", "notaufnahme*", "*unfall", "unfälle*", "scherbe*",
            "glassplitter*", "splitter*", "gestürzt", "ausgerutscht", "erbrochen", "belästig*", "bedroh*", "übergriff*",
        ),
    },
    "ar": {
        CRITICAL: (
            "حريق*", "نار", "انفجر*", "انفجار*", "تسمم*", "اختنق*", "اختناق*", "فقد الوعي", "فقدت الوعي",
            "فقدان الوعي", "أغمي", "إغماء", "إسعاف*", "صعق*", "صدمة كهربائية", "تسرب غاز", "تسرب الغاز", "رائحة غاز",
            "رائحة الغاز", "غرق*", "سلاح*",
        ),
        SERIOUS: (
            "خطر", "خطرة", "خطير*", "إصابة", "إصابات", "أصيب*", "أصبت", "جرح*", "جروح*", "مجروح*", "نزيف*", "نزف*",
            "ينزف*", "حساسية", "حروق*", "مستشفى", "طوارئ*", "حادث", "حوادث*", "زجاج مكسور", "شظايا", "انزلق*", "تقيأ*",
            "تحرش*", "هدد*", "تهديد*",
        ),
    },
}  # fmt: skip
START = 3  # letters by which words are told apart at first
ARABIC = re.compile("[\u0600-\u06ff]")
SAID = re.compile(r"\w{3,}")
Stem = tuple[int, int, str, re.Pattern[str]]  # its rank, the severity, the letters that have to be there, the pattern
FIXED = "[وف]?(?:[بلك]?ال|لل|[بلك])?"  # what Arabic writes together with the word after it


def worst(message: str) -> tuple[int, str] | None:
    """How severe the words make it, and the word for it as it was written; None where none of them is in it."""
    text = plain(message)
    by_start, anywhere = _stems()
    starts = {word[:START] for word in SAID.findall(text)}
    near = [found for start in starts & by_start.keys() for found in by_start[start]]
    if ARABIC.search(text):
        near += anywhere["ar"]
    # A search for every pattern would take a millisecond of each submission; most stems are nowhere in it.
    for _rank, severity, stem, pattern in sorted(near + anywhere["de"], key=itemgetter(0)):
        if stem in text and (found := pattern.search(text)):
            return severity, _as_written(message, *found.span())
    return None


@cache
def _stems() -> tuple[dict[str, list[Stem]], dict[str, list[Stem]]]:
    """What to look for: by the letters its word begins with, or anywhere where it may stand within a word."""
    by_start: dict[str, list[Stem]] = defaultdict(list)
    anywhere: dict[str, list[Stem]] = {"de": [], "ar": []}
    everything = ((s, tag, word) for s in (CRITICAL, SERIOUS) for tag, words in WORDS.items() for word in words[s])
    for rank, (severity, tag, word) in enumerate(everything):
        stem = max(plain(word.strip("*")).split(), key=len)
        within = anywhere["ar"] if tag == "ar" else anywhere["de"] if word.startswith("*") else by_start[stem[:START]]
        within.append((rank, severity, stem, _pattern(word, tag)))
    return by_start, anywhere


def _pattern(word: str, tag: str) -> re.Pattern[str]:
    """One word or several, as they are looked for in a text that was made plain."""
    said = r"\W+".join(re.escape(step) for step in plain(word.strip("*")).split())
    before = FIXED if tag == "ar" else r"\w*" if word.startswith("*") else ""
    return re.compile(rf"\b{before}{said}" + (r"\w*" if word.endswith("*") else r"\b"))


def _as_written(message: str, start: int, end: int) -> str:
    """The part of a message of which the plain text has that span."""
    origins = [
        place
        for place, sign in enumerate(message)
        for plain_sign in normalize("NFKD", sign)
        if is_read(plain_sign)
        for _ in plain_sign.casefold()
    ]
    return message[origins[start] : origins[end] if end < len(origins) else None]
