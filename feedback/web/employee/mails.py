"""The form of how often one is mailed and when not at all, which stands on the page of one's account."""

from typing import Any

from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import StopValidation

from feedback.core import rhythms, settings
from feedback.core.people import Person
from feedback.core.rhythms import Often, Rhythm
from feedback.text import gettext as _
from feedback.text import hour, pgettext, weekday
from feedback.web import house
from feedback.web.forms.labels import later


class MailsForm(FlaskForm):
    """How often of what, at which hour, and the hours without."""

    cases = RadioField(later("About cases"), validate_choice=False)
    praise = RadioField(later("About praise"), validate_choice=False)
    hour = SelectField(later("Summaries come at"), validate_choice=False)
    weekday = SelectField(later("Weekly ones on"), validate_choice=False)
    quiet_from = SelectField(later("Quiet from"), validate_choice=False)
    quiet_until = SelectField(later("Quiet until"), validate_choice=False)
    timezone = StringField(later("Your time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        often = [
            (Often.AT_ONCE, pgettext("how often", "At once, each by itself")),
            (Often.DAILY, pgettext("how often", "Once a day, all in one")),
            (Often.WEEKLY, pgettext("how often", "Once a week, all in one")),
        ]
        hours = [(str(n), hour(n)) for n in rhythms.HOURS]
        self.cases.choices = self.praise.choices = [(str(value), label) for value, label in often]
        self.hour.choices = hours
        self.weekday.choices = [(str(day), weekday(day)) for day in rhythms.DAYS]
        self.quiet_from.choices = self.quiet_until.choices = [("", _("No quiet hours")), *hours]

    @classmethod
    def of(cls, rhythm: Rhythm) -> "MailsForm":
        """The form as things are."""
        names = ("cases", "praise", "hour", "weekday", "quiet_from", "quiet_until", "timezone")
        now = {name: getattr(rhythm, name) for name in names}
        return cls(formdata=None, data={name: "" if value is None else str(value) for name, value in now.items()})

    def validate(self, *given: Any, **more: Any) -> bool:
        """Whether each is one of what is on offer."""
        is_whole: bool = super().validate(*given, **more)
        for field in (self.cases, self.praise, self.hour, self.weekday, self.quiet_from, self.quiet_until):
            if field.data not in {choice[0] for choice in field.choices or []}:
                field.errors = [_("Please choose one of these.")]
                is_whole = False
        return is_whole

    def validate_quiet_until(self, field: Any) -> None:
        """Both ends or none, and not a whole day."""
        if bool(field.data) != bool(self.quiet_from.data):
            raise StopValidation(_("Please choose when quiet hours begin and when they end, or none at both."))
        if field.data and field.data == self.quiet_from.data:
            raise StopValidation(_("Please choose another hour than the one they begin with."))

    def validate_timezone(self, field: Any) -> None:
        """One that exists, however it was typed; or none, which is the organisation's."""
        if not (field.data or "").strip():
            field.data = ""
            return
        found = settings.zone_called(field.data)
        if found is None:
            raise StopValidation(_("There is no time zone of this name. Write it like Europe/Berlin."))
        field.data = found

    def chosen(self, person_id: int) -> Rhythm:
        """What was chosen; to be asked of a valid form."""
        return Rhythm(
            person_id=person_id,
            cases=self.cases.data,
            praise=self.praise.data,
            hour=int(self.hour.data),
            weekday=int(self.weekday.data),
            quiet_from=int(self.quiet_from.data) if self.quiet_from.data else None,
            quiet_until=int(self.quiet_until.data) if self.quiet_until.data else None,
            timezone=self.timezone.data or None,
        )


def shown(session: Session, person_id: int, form: MailsForm | None) -> dict[str, object]:
    """What the page of one's account shows of it."""
    return {
        "mails_form": form or MailsForm.of(rhythms.of(session, person_id)),
        "address": session.get_one(Person, person_id).email or "",
        "sends_mails": bool(house().settings.smtp_url),
        "zones": settings.zones(),
        "zone": rhythms.zone_of(session),
    }
