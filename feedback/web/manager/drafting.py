"""The templates as a viewer may begin a reply with them: filled in with what is known of the case to that viewer."""

from sqlalchemy.orm import Session

from feedback import clock
from feedback.core import cases, people
from feedback.core import replies as templates
from feedback.core.access import Viewer
from feedback.core.calendar import the_calendar
from feedback.core.cases import Case
from feedback.core.organisation import Organisation, the_organisation
from feedback.core.replies import Template
from feedback.core.submissions import Submission, topic_names
from feedback.outbound import replies
from feedback.outbound.replies import Known
from feedback.text import gettext as _
from feedback.text import known as spoken
from feedback.web.manager.case_forms import Draft


def drafts(session: Session, viewer: Viewer, case: Case) -> list[Draft]:
    """Every template, as `viewer` would begin a reply with it."""
    kept, organisation = templates.all_of(session), the_organisation(session)
    if not kept or organisation is None:
        return []
    submission = session.get_one(Submission, case.id)
    known = _known(session, viewer, case, submission, organisation)
    return [_draft(template, known, submission.language, organisation.language) for template in kept]


def _draft(template: Template, known: Known, wanted: str, own: str) -> Draft:
    text, language = template.text_for(wanted, own)
    filled = templates.fill(text, replies.values(known, language))
    hint = "" if language == wanted else _not_theirs(wanted, language)
    return Draft(template.id, template.name, template.says, filled, hint)


def _not_theirs(wanted: str, language: str) -> str:
    return _("The customer wrote in %(wanted)s. There is no such text, so this one is in %(language)s.") % {
        "wanted": spoken(wanted).name,
        "language": spoken(language).name,
    }


def _known(session: Session, viewer: Viewer, case: Case, submission: Submission, organisation: Organisation) -> Known:
    """What is known of a case to this viewer: the customer's name only where the contact is theirs to see."""
    at = clock.now()
    names = people.names(session, department_id=case.department_id, place_id=submission.place_id)
    contact = cases.contact_of(session, viewer, case)
    due = case.answer_at
    if due is None or due <= at:  # nobody is promised a day that is past
        due = the_calendar(session).due(at, organisation.answer_days)
    return Known(
        organisation=organisation.name,
        zone=organisation.timezone,
        at=submission.submitted_at,
        answer_at=due,
        customer=contact.name if contact else "",
        place=names["place"],
        topics=tuple(topic_names(session, [case.id]).get(case.id, ())),
        department=names["department"],
        staff=people.signatures(session, [viewer.person_id]).get(viewer.person_id, ""),
    )
