"""Words that should not reach an employee before a manager has read them, and what they look like (rule 5).

It reads words alone and knows nothing of who wrote them. What looks harassing stands in words/, one file for each
language; `phrases` reads those files, `folding` sees through disguises.
"""

from feedback.core.abuse.folding import folded
from feedback.core.abuse.phrases import Abuse, known

__all__ = ["Abuse", "seen_in"]


def seen_in(*texts: str) -> Abuse | None:
    """The gravest thing that any of the texts looks like, whatever language it is in; None for kind words."""
    looks = {look for text in texts if text for look in _looks(text)}
    return next((look for look in Abuse if look in looks), None)


def _looks(text: str) -> set[Abuse]:
    pages = known()
    said = folded(text, pages.abusive.keys())
    hints = said.words & pages.abusive.keys()
    if not hints:
        return set()
    read = said.text
    for phrase in pages.harmless_at(said.words):
        read = phrase.pattern.sub("; ", read)
    return {phrase.look for phrase in pages.abusive_at(hints) if phrase.look and phrase.pattern.search(read)}
