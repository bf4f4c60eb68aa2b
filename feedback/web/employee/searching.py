"""What a search in one's own letters shows: where the words stand, how far was looked back, and how to go on."""

from flask import url_for
from markupsafe import Markup, escape

from feedback import clock, text
from feedback.core.index import Asked, found_at
from feedback.text import gettext as _
from feedback.web.employee.whose import Page, Wanted
from feedback.web.text import zone


def mark(book: list[dict[str, object]], wanted: Wanted, page: Page) -> None:
    """Mark in the letters of a page what was searched for; topics are shown where the words stand in them."""
    for leaf, letter in zip(book, page.letters, strict=True):
        leaf["message"] = marked(str(leaf["message"]), wanted.asked)
        leaf["place"] = marked(str(leaf["place"]), wanted.asked)
        about = page.topics.get(letter.submission.id, ())
        leaf["topics"] = [marked(topic, wanted.asked) for topic in about if found_at(topic, wanted.asked)]


def marked(words: str, wanted: Asked) -> Markup:
    """The words as they were typed, with those that are searched for in <mark>."""
    shown, at = Markup(), 0
    for start, end in found_at(words, wanted):
        shown += escape(words[at:start]) + Markup("<mark>{}</mark>").format(words[start:end])
        at = end
    return shown + escape(words[at:])


def told(wanted: Wanted, page: Page) -> dict[str, object] | None:
    """What is said of a search, None where there is none."""
    if not wanted.q:
        return None
    looked_to = text.month(clock.day(page.looked_to, zone())) if page.looked_to else ""
    return {
        "q": wanted.q,
        "clear_url": url_for("employee.praise", **wanted.whole),
        "looked_to": _("Looked back to %(month)s.") % {"month": looked_to} if looked_to else "",
    }
