"""Passwords, codes and keys of the demo, all derived from the secret key: the same again on every run."""

import hashlib
import hmac

from feedback import crockford
from feedback.core.links import CODE_LENGTH
from feedback.core.submissions import KEY_LENGTH

# 64 short words that are hard to mishear; three of them and four digits make 31 bits, behind the sign-in's limit.
WORDS = (
    "acorn", "amber", "apple", "aspen", "badge", "basil", "birch", "blaze", "bloom", "brook", "cabin",
    "candle", "cedar", "cherry", "clover", "cobalt", "copper", "coral", "daisy", "delta", "ember", "fable",
    "falcon", "fern", "flint", "forest", "garden", "ginger", "hazel", "heron", "honey", "indigo", "ivory",
    "jasmin", "kettle", "lantern", "lemon", "lilac", "linen", "maple", "marble", "meadow", "melon", "mint",
    "nectar", "olive", "orchid", "otter", "paper", "pebble", "pepper", "poppy", "quartz", "raven", "river",
    "saffron", "silver", "sparrow", "summer", "thistle", "timber", "tulip", "velvet", "willow",
)  # fmt: skip


def password(secret: str, sign_in_name: str) -> str:
    """The password of that sign-in name, like "amber-river-olive-4821"."""
    number = int.from_bytes(_derived(secret, "password", sign_in_name))
    words = []
    for _ in range(3):
        number, index = divmod(number, len(WORDS))
        words.append(WORDS[index])
    return "-".join((*words, f"{number % 10_000:04}"))


def code(secret: str, points_at: str) -> str:
    """The code of the demo's link that points at a person, a department or a place."""
    return crockford.encode(_derived(secret, "code", points_at), CODE_LENGTH)


def key(secret: str, number: int) -> bytes:
    """The submission key of the demo's submission of that number."""
    return _derived(secret, "submission", str(number))[:KEY_LENGTH]


def _derived(secret: str, purpose: str, name: str) -> bytes:
    return hmac.digest(secret.encode(), f"demo {purpose}\0{name}".encode(), hashlib.sha256)
