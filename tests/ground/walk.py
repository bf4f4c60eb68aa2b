"""Going everywhere: every page that a visitor reaches by links from some addresses, and the words found on them."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from urllib.parse import urldefrag

from flask.testing import FlaskClient

from tests.ground.pages import links

MOST_PAGES = 250


@dataclass(slots=True)
class Walk:
    """What one visitor came across: the addresses asked for, and every word of those looked for."""

    pages: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)


def walk(
    browser: FlaskClient,
    start: Iterable[str],
    words: re.Pattern[str],
    *,
    left_out: re.Pattern[str],
    follows: bool = True,
) -> Walk:
    """Open the addresses of `start`, and every link from them and from there on, but those `left_out`.

    Stops at MOST_PAGES, which a test takes as too many to have seen all.
    """
    waiting, walked = list(start), Walk()
    while waiting and len(walked.pages) < MOST_PAGES:
        address = urldefrag(waiting.pop())[0]
        if address in walked.pages or left_out.match(address):
            continue
        walked.pages.add(address)
        answer = browser.get(address, follow_redirects=True)
        walked.words |= set(words.findall(answer.get_data().decode(errors="replace")))
        if follows and "html" in answer.mimetype:
            waiting += [link.href for link in links(answer.text) if link.href.startswith("/")]
    return walked


def amiss(visitor: str, found: Collection[str], expected: Collection[str]) -> list[str]:
    """What a visitor found that is not for them, and what they did not find that is, one line each."""
    more, fewer = sorted(set(found) - set(expected)), sorted(set(expected) - set(found))
    return [f"{visitor} reads {word}" for word in more] + [f"{visitor} does not find {word}" for word in fewer]
