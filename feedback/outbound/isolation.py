"""Names inside sentences, kept from turning the sentence around where they run the other way.

Pages and HTML mails use <bdi>; these are for sentences made before it is known where they will stand.
"""

import unicodedata
from collections.abc import Mapping

from feedback.text import current

FIRST_STRONG_ISOLATE, POP = "\u2068", "\u2069"
CONTROLS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
FOREIGN = {"ltr": CONTROLS | {"R", "AL", "AN"}, "rtl": CONTROLS | {"L", "EN"}}


def isolated(name: str) -> str:
    """`name` between isolates where the language spoken now runs the other way, else as it is."""
    foreign = FOREIGN[current().direction]
    if any(unicodedata.bidirectional(sign) in foreign for sign in name):
        return f"{FIRST_STRONG_ISOLATE}{name}{POP}"
    return name


def filled(sentence: str, names: Mapping[str, str]) -> str:
    """`sentence` with its %(placeholders)s filled in by names."""
    return sentence % {key: isolated(name) for key, name in names.items()}
