"""From what a customer's form sent to a draft: checks of shape; what it means is core's to judge."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from feedback import clock
from feedback.core.links import Offer
from feedback.core.submissions import MOST_SHORT, Draft, Kind
from feedback.web.forms.body import PHOTO, Sent, Upload

LARGEST_ID = 2**63 - 1
SINGLE = (
    "token", "kind", "message", "person", "person_note", "topic", "rating", "contact_name", "contact_email",
    "contact_phone", "may_contact", "tell_once", "may_share", "about_management", "happened_at", "website", "show",
)  # fmt: skip
LONGEST = {
    "person_note": MOST_SHORT,
    "contact_name": MOST_SHORT,
    "contact_email": 320,
    "tell_once": 320,
    "contact_phone": 40,
}
ALL = frozenset(Kind)
# The kinds that ask for a field; one that is not here belongs to all of them.
KINDS = {
    "person": ALL - {Kind.SUGGESTION},
    "person_note": ALL - {Kind.SUGGESTION},
    "happened_at": frozenset({Kind.COMPLAINT}),
    "may_share": frozenset({Kind.COMPLIMENT}),
    "about_management": frozenset({Kind.COMPLAINT}),
    "may_contact": ALL - {Kind.COMPLIMENT},
    "tell_once": ALL - {Kind.COMPLIMENT},
    "contact_name": ALL - {Kind.COMPLIMENT},
    "contact_email": ALL - {Kind.COMPLIMENT},
    "contact_phone": ALL - {Kind.COMPLIMENT},
    "rating": ALL - {Kind.SUGGESTION},
    PHOTO: ALL - {Kind.COMPLIMENT},
}
TICKED = {"1", "on", "true", "yes"}
UNTICKED = {"", "0", "off", "false", "no"}


def kinds_by_field(offer: Offer) -> dict[str, frozenset[Kind]]:
    """The kinds that ask for each field on the form of `offer`, shown so and read so; the others belong to all.

    Thanks ask what they are for only where nobody can be named: the fewer questions, the more thanks.
    """
    names_someone = offer.people or offer.points_at == "person"
    return KINDS | {"topic": ALL - {Kind.COMPLIMENT} if names_someone else ALL}


class Reader:
    """Reads one form's fields, gathering what is wrong with them; those that belong to another kind are not there."""

    def __init__(self, sent: Sent, offer: Offer) -> None:
        self.sent = sent
        self._kinds = kinds_by_field(offer)
        told = (*SINGLE, PHOTO)
        self.problems = {name: problem for name, problem in sent.problems.items() if name in told and self.asks(name)}
        self.problems |= {name: "too_long" for name, most in LONGEST.items() if len(self.said(name)) > most}
        if self.text("show") not in {"", "here"}:
            self.problems.setdefault("show", "not_offered")
        for name in (*sent.values, *sent.files):
            self._look_for_strangers(name)

    def asks(self, name: str) -> bool:
        """Whether the kind sent asks for the field; before a kind is chosen, all of them do."""
        kind = self.text("kind").strip()
        return kind not in ALL or kind in self._kinds.get(name, ALL)

    def text(self, name: str) -> str:
        """The field's text as typed, to be shown again."""
        return self.sent.one(name)

    def said(self, name: str) -> str:
        """The field's text, "" where it belongs to another kind: perhaps it was hidden when this was sent."""
        return self.text(name) if self.asks(name) else ""

    @property
    def photos(self) -> list[Upload]:
        """The photos that were sent; none where they belong to another kind."""
        return self.sent.photos if self.asks(PHOTO) else []

    @property
    def sent_photos(self) -> bool:
        """Whether any were chosen that have to be chosen again when the form comes back."""
        return bool(self.photos) or PHOTO in self.problems

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked; False where it says what no box would."""
        text = self.said(name).strip().lower()
        if text not in TICKED | UNTICKED:
            self.problems.setdefault(name, "not_offered")
        return text in TICKED

    def number(self, name: str, most: int) -> int | None:
        """A whole number from 1 to `most`, or None where the field is empty or wrong."""
        text = self.said(name).strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 19 and 1 <= int(text) <= most):
            self.problems.setdefault(name, "not_offered")
            return None
        return int(text)

    def moment(self, name: str, zone: str) -> datetime | None:
        """A local date and time as browsers send it, not in the future; None where empty or wrong."""
        text = self.said(name).strip()
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
            found = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
            if found.year >= 2000 and found <= clock.now() + timedelta(days=1):
                return found
        except (ValueError, OverflowError):
            pass
        self.problems.setdefault(name, "not_a_moment")
        return None

    def _look_for_strangers(self, name: str) -> None:
        bare = name.partition("[")[0]
        if not self.asks(bare) or name.startswith("a_"):  # answers belong to the survey, which is not this kind
            return
        if bare != name and bare in SINGLE:
            self.problems.setdefault(bare, "one_value")
        elif bare == PHOTO:
            if name in self.sent.files or any(self.sent.values.get(name, [])):
                self.problems.setdefault(PHOTO, "photo_no_picture")
        elif name in self.sent.files and name in SINGLE:
            self.problems.setdefault(name, "not_text")


def draft_of(reader: Reader, language: str, zone: str) -> Draft:
    """The draft that the form says."""
    topic = reader.number("topic", LARGEST_ID)
    return Draft(
        kind=reader.text("kind").strip(),
        message=reader.text("message"),
        person_id=reader.number("person", LARGEST_ID),
        person_note=reader.said("person_note").strip(),
        topic_ids=(topic,) if topic else (),
        rating=reader.number("rating", 5),
        contact_name=reader.said("contact_name").strip(),
        contact_email=reader.said("contact_email").strip(),
        contact_phone=reader.said("contact_phone").strip(),
        may_contact=reader.ticked("may_contact"),
        may_share=reader.ticked("may_share"),
        about_management=reader.ticked("about_management"),
        tell_once=reader.said("tell_once").strip(),
        happened_at=reader.moment("happened_at", zone),
        language=language,
        is_trapped=bool(reader.text("website").strip()),
        photos=tuple(photo.digest for photo in reader.photos),
    )
