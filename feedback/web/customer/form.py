"""From what a customer's form sent to a draft: checks of shape; what it means is core's to judge."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from feedback import clock
from feedback.core.submissions import MOST_SHORT, Draft
from feedback.web.forms.body import Sent

LARGEST_ID = 2**63 - 1
SINGLE = (
    "token", "kind", "message", "person", "person_note", "topic", "rating", "contact_name", "contact_email",
    "contact_phone", "may_contact", "may_share", "about_management", "happened_at", "website", "show",
)  # fmt: skip
LONGEST = {"person_note": MOST_SHORT, "contact_name": MOST_SHORT, "contact_email": 320, "contact_phone": 40}
TICKED = {"1", "on", "true", "yes"}
UNTICKED = {"", "0", "off", "false", "no"}


class Reader:
    """Reads one form's fields, gathering the names of what is wrong with them."""

    def __init__(self, sent: Sent) -> None:
        self.sent = sent
        self.problems = {name: problem for name, problem in sent.problems.items() if name in SINGLE}
        self.problems |= {name: "too_long" for name, most in LONGEST.items() if len(self.text(name)) > most}
        if self.text("show") not in {"", "here"}:
            self.problems.setdefault("show", "not_offered")
        for name in (*sent.values, *sent.files):
            self._look_for_strangers(name)

    def text(self, name: str) -> str:
        """The field's text as typed."""
        return self.sent.one(name)

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked; False where it says what no box would."""
        text = self.text(name).strip().lower()
        if text not in TICKED | UNTICKED:
            self.problems.setdefault(name, "not_offered")
        return text in TICKED

    def number(self, name: str, most: int) -> int | None:
        """A whole number from 1 to `most`, or None where the field is empty or wrong."""
        text = self.text(name).strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 19 and 1 <= int(text) <= most):
            self.problems.setdefault(name, "not_offered")
            return None
        return int(text)

    def moment(self, name: str, zone: str) -> datetime | None:
        """A local date and time as browsers send it, not in the future; None where empty or wrong."""
        text = self.text(name).strip()
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
        if bare != name and bare in SINGLE:
            self.problems.setdefault(bare, "one_value")
        elif name == "photo" or bare == "photo" or name.startswith("a_"):
            if name in self.sent.files or any(self.sent.values.get(name, [])):
                self.problems.setdefault("form", "not_yet")
        elif name in self.sent.files and name in SINGLE:
            self.problems.setdefault(name, "not_text")


def draft_of(reader: Reader, language: str, zone: str) -> Draft:
    """The draft that the form says; fields that belong to another kind are left out."""
    kind = reader.text("kind").strip()
    about_praise, about_complaint, about_idea = (kind == k for k in ("compliment", "complaint", "suggestion"))
    person, topic = reader.number("person", LARGEST_ID), reader.number("topic", LARGEST_ID)
    rating = reader.number("rating", 5)
    return Draft(
        kind=kind,
        message=reader.text("message"),
        person_id=None if about_idea else person,
        person_note="" if about_idea else reader.text("person_note").strip(),
        topic_ids=(topic,) if topic else (),
        rating=None if about_idea else rating,
        contact_name="" if about_praise else reader.text("contact_name").strip(),
        contact_email="" if about_praise else reader.text("contact_email").strip(),
        contact_phone="" if about_praise else reader.text("contact_phone").strip(),
        may_contact=reader.ticked("may_contact") and not about_praise,
        may_share=about_praise and reader.ticked("may_share"),
        about_management=about_complaint and reader.ticked("about_management"),
        happened_at=reader.moment("happened_at", zone) if about_complaint else None,
        language=language,
        is_trapped=bool(reader.text("website").strip()),
    )
