"""How promptly praise arrives in the departments one manages: sums and shares, nobody's reading by itself."""

from collections.abc import Mapping, Sequence

from flask import render_template

from feedback import clock, text
from feedback.core import promptness
from feedback.core.access import Permission
from feedback.core.promptness import BOUNDS, Span
from feedback.text import gettext as _
from feedback.text import ngettext, number
from feedback.web import house
from feedback.web.manager import blueprint
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer
from feedback.web.text import zone

FEWEST = 5  # compliments, below which shares say more of people than of the house
LATELY = 4  # weeks


@blueprint.get("/praise/promptness", endpoint="promptness")
@needs(Permission.MANAGE_PRAISE)
def page() -> str:
    """The last four weeks in sentences, how long it took until a letter was read, and twelve weeks as a table."""
    with house().store.read() as session:
        weeks = promptness.weeks(session, signed_in_viewer(), clock.day(clock.now(), zone()))
    lately = promptness.together(weeks[-LATELY:])
    return render_template(
        "manager/promptness.html",
        sentences=_sentences(lately) if lately.sent >= FEWEST else [],
        read=_lengths(lately.read) if sum(lately.read.values()) >= FEWEST else [],
        weeks=[_week(span) for span in reversed(weeks) if span.sent >= FEWEST],
        fewest=FEWEST,
    )


def _sentences(span: Span) -> list[str]:
    sent = ngettext(
        "In the last four weeks customers sent %(num)s compliment.",
        "In the last four weeks customers sent %(num)s compliments.",
        span.sent,
    ) % {"num": number(span.sent)}
    return [
        sent,
        _how_soon(
            span.sent,
            span.delivered,
            _("%(share)s of them were delivered, half of those within %(time)s."),
            _("%(share)s of them were delivered."),
        ),
        _("%(share)s reached someone by name.") % {"share": _share(span.in_person, span.sent)},
        _how_soon(
            span.sent,
            span.read,
            _("%(share)s were read by those they are for, half of those within %(time)s."),
            _("%(share)s were read by those they are for."),
        ),
    ]


def _how_soon(sent: int, times: Mapping[int, int], told: str, told_late: str) -> str:
    share, half = _share(sum(times.values()), sent), promptness.half_within(times)
    return told % {"share": share, "time": text.length(half)} if half else told_late % {"share": share}


def _share(n: int, whole: int) -> str:
    return text.percent(n / whole)


def _lengths(times: Mapping[int, int]) -> Sequence[dict[str, object]]:
    """How many were read within each of BOUNDS and not within the one before, from the soonest to the latest of them.

    Behind the last bound come those that were read after all.
    """
    most = max(times.values())
    names = [_("within %(time)s") % {"time": text.length(bound)} for bound in BOUNDS] + [_("later")]
    return [
        {"name": names[place], "n": times.get(place, 0), "width": round(100 * times.get(place, 0) / most, 1)}
        for place in range(min(times), max(times) + 1)
    ]


def _week(span: Span) -> dict[str, object]:
    delivered, read = sum(span.delivered.values()), sum(span.read.values())
    return {
        "monday": text.short_day(span.first),
        "sent": span.sent,
        "delivered": _share(delivered, span.sent),
        "in_person": _share(span.in_person, span.sent),
        "read": _share(read, span.sent),
    }
