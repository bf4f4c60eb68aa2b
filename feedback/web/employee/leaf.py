"""One letter as a page shows it: the words, what stands under them, and what its reader can do with it.

Each of PARTS adds what it knows of the letters of a page, read for all of them together.
"""

from collections.abc import Callable, Collection, Mapping, Sequence

from sqlalchemy.orm import Session

from feedback.core import praise
from feedback.core.access import Viewer
from feedback.core.praise import Letter
from feedback.text import gettext as _
from feedback.web.employee import addressing, certificate, favourites, passing, record, showing, thanking, withholding

Part = Callable[[Session, Viewer, Sequence[Letter]], Mapping[int, Mapping[str, object]]]
PARTS: tuple[Part, ...] = (
    withholding.part,
    addressing.part,
    thanking.part,
    passing.part,
    favourites.part,
    showing.part,
    certificate.part,
    record.part,
)


def leaves(
    session: Session, viewer: Viewer, letters: Sequence[Letter], fresh: Collection[int]
) -> list[dict[str, object]]:
    """The letters as a page shows them; those with an id among `fresh` are new to the viewer."""
    others = praise.reached(session, [letter.submission.id for letter in letters])
    parts = [part(session, viewer, letters) for part in PARTS]
    shown = []
    for letter in letters:
        leaf = _leaf(letter, others, viewer, is_new=letter.praise.id in fresh)
        for known in parts:
            leaf |= known.get(letter.praise.id, {})
        shown.append(leaf)
    return shown


def _leaf(
    letter: Letter, others: dict[int, list[tuple[int, str]]], viewer: Viewer, *, is_new: bool
) -> dict[str, object]:
    reached = others.get(letter.submission.id, []) if letter.praise.excerpt is None else []
    return {
        "id": letter.praise.id,
        "message": letter.words,
        "at": letter.at,
        "place": letter.place or "",
        "heading": _("You") if letter.praise.person_id == viewer.person_id else letter.person or letter.department,
        "department": letter.department,
        "person_note": letter.described_as,
        "may_share": letter.may_share,
        "shared_with": [name for praise_id, name in reached if praise_id != letter.praise.id],
        "held": letter.praise.is_held,
        "rating": letter.rating,
        "new": is_new,
    }
