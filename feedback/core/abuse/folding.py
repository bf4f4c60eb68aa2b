"""A text as abuse is looked for in it: folded as for a search, numbers and addresses named, disguises undone."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from feedback.core.people import plain

PHONE, NUMBER, MAIL, HANDLE = "phone_", "number_", "mail_", "handle_"  # stand for what was written in their place
MOST_MASKED = 20  # words with asterisks in them that are compared with all others
FEW = 4  # letters that stand alone, before it is asked whether they make a word

DIGITS = {chr(first + value): str(value) for first in (0x660, 0x6F0) for value in range(10)}
# The Arabic letters that are written for one another; `plain` knows those that are another with a sign on it.
LETTERS = {"\u0671": "\u0627", "\u0649": "\u064a", "\u0629": "\u0647", "\u06a9": "\u0643", "\u06cc": "\u064a"}
APOSTROPHES = "'\u2018\u2019`\u00b4"  # they leave no gap
SIGNS = str.maketrans({**DIGITS, **LETTERS, **dict.fromkeys(APOSTROPHES)})
LEET = str.maketrans("013457@$!|", "oieastasii")

# Each begins where a word does and ends soon: a long text must not cost more than its length.
SIGN = re.compile(r"[\d@$!|]")
WORD = re.compile(r"\w+|[.!?؟؛;:\n]")
DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
TWICE = re.compile(r"(\w)\1")
SPACED = re.compile(r"(?<!\w)(?:[^\W\d_][ .*_-]){3,24}[^\W\d_](?!\w)")
BETWEEN = re.compile(r"[ .*_-]")
DISGUISED = re.compile(r"\b(?:[^\W\d]+\d\w*|\d+[^\W\d]\w*|\w+[@$!|]+\w[\w@$!|]*|\w+\$+)")
MASKED = re.compile(r"\b\w+\*+\w*")
STARS = re.compile(r"\*+")
DIALLED = re.compile(r"(?<![\w.,])\+?\(?\d[\d ()/.-]{4,20}\d(?!\w)")
DAY_OR_PRICE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d[\d.]*\.\d\d")
FREE = ("00800", "0800", "0808", "0845", "0180", "0900")  # nobody's own
ADDRESSED = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
HANDLED = re.compile(r"(?<![\w@])@\w[\w.]+")
OFFICE = re.compile(r"(?:info|support|service|help|hello|office|contact|kontakt|team|orders?|bestellung|mail|shop)@")


@dataclass(frozen=True, slots=True)
class Said:
    """A text in its plain form, one space around each word, sentences ended by a mark; and its words."""

    text: str
    words: frozenset[str]


def folded(text: str, known: Collection[str]) -> Said:
    """`text` without case, accents and disguise, as far as one of the `known` words is behind it."""
    read = letters(text)
    if "@" in read:
        read = HANDLED.sub(f" {HANDLE} ", ADDRESSED.sub(_address, read))
    if SIGN.search(read):
        read = DISGUISED.sub(lambda found: _as_meant(found[0], known), DIALLED.sub(_number, read))
    if "*" in read:
        read = _unmasked(read, known)
    words = WORD.findall(read)
    if sum(len(word) == 1 for word in words) >= FEW:
        words = WORD.findall(SPACED.sub(lambda found: BETWEEN.sub("", found[0]), read))
    if DRAWN_OUT.search(read):
        words = [_in_short(word, known) for word in words]
    return Said(f" {' '.join(words)} . ", frozenset(words))


def letters(text: str) -> str:
    """`text` as it is compared: without case and accents, Arabic letters in one form, without signs nobody sees."""
    return plain(text).translate(SIGNS)


def _address(found: re.Match[str]) -> str:
    """An e-mail address by its name; that of an office is nobody's own."""
    return " " if OFFICE.match(found[0]) else f" {MAIL} "


def _number(found: re.Match[str]) -> str:
    """What can be dialled by its name; a day or a price is none."""
    digits = re.sub(r"\D", "", found[0])
    if len(digits) < 7 or DAY_OR_PRICE.fullmatch(found[0]):
        return " "
    if found[0].startswith("+") or (digits[0] == "0" and not digits.startswith(FREE)):
        return f" {PHONE} "
    return f" {NUMBER} "


def _unmasked(text: str, known: Collection[str]) -> str:
    for word in MASKED.findall(text)[:MOST_MASKED]:
        shape = re.compile(STARS.sub(lambda stars: rf"\w{{{len(stars[0])},{len(stars[0]) + 2}}}", word))
        meant = next((one for one in known if shape.fullmatch(one)), None)
        text = text.replace(word, meant) if meant else text
    return text


def _as_meant(word: str, known: Collection[str]) -> str:
    meant = word.translate(LEET)
    return meant if meant in known else word


def _in_short(word: str, known: Collection[str]) -> str:
    """A word that was drawn out, in the spelling that is known."""
    twice = DRAWN_OUT.sub(r"\1\1", word)
    once = DRAWN_OUT.sub(r"\1", word)
    return next((short for short in (word, twice, once, TWICE.sub(r"\1", twice)) if short in known), word)
