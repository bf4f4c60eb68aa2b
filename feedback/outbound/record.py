"""What is kept about someone as JSON to take along, in full; docs/letters.md says what it leaves out."""

import json
from collections.abc import Sequence
from datetime import datetime

from feedback.core.audit import Entry
from feedback.core.challenges import Challenge
from feedback.core.records import Away, Own, Record, Span, Ways, Work
from feedback.core.rhythms import Rhythm
from feedback.outbound import changes

FORMAT = "firsthand-record/1"


def written(
    record: Record, entries: Sequence[tuple[Entry, str | None]], challenges: Sequence[Challenge], made_at: datetime
) -> bytes:
    """The record as JSON in UTF-8; each entry of the log with the name of who did it, where that is theirs to know."""
    told = {
        "format": FORMAT,
        "made_at": _moment(made_at),
        "record": _own(record.own),
        "codes": [
            {"code": link.code, "made_at": _moment(link.made_at), "retired_at": _moment(link.retired_at)}
            for link in record.own.links
        ],
        "sign_in": _ways(record.ways),
        "letters": _span(record.letters),
        "readings": _span(record.readings),
        "absences": [_away(away, "stands_in") for away in record.absences],
        "stands_in": [_away(away, "for") for away in record.covers],
        "mails": _rhythm(record.rhythm) | {"news_looked_at": _moment(record.work.looked_at)},
        "cases": _work(record.work),
        "changes_made": record.changes,
        "changes": [_entry(entry, who) for entry, who in entries],
        "challenges": [_challenge(one) for one in challenges],
    }
    return json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"


def _own(own: Own) -> dict[str, object]:
    person = own.person
    return {
        "name": person.name,
        "public_name": person.public_name,
        "email": person.email,
        "language": person.language,
        "department": own.department,
        "manages": list(own.manages),
        "places": list(own.places),
        "is_shown_on_forms": person.is_shown_on_forms,
        "photo_since": _moment(own.photo_at),
        "reference": person.reference,
        "left_at": _moment(person.retired_at),
    }


def _ways(ways: Ways) -> dict[str, object]:
    return {
        "name": ways.account.sign_in_name,
        "is_admin": ways.account.is_admin,
        "second_factor_since": _moment(ways.account.totp_since),
        "recovery_codes_left": ways.codes_left,
        "sessions": ways.sessions.count,
        "devices_with_pin": [
            {"made_at": _moment(device.made_at), "used_at": _moment(device.used_at)} for device in ways.devices
        ],
        "devices_told": [
            {"address": device.address, "made_at": _moment(device.made_at), "told_at": _moment(device.told_at)}
            for device in ways.told
        ],
        "invited_until": _moment(ways.invited_until),
    }


def _rhythm(rhythm: Rhythm) -> dict[str, object]:
    names = ("cases", "praise", "hour", "weekday", "quiet_from", "quiet_until", "timezone")
    return {name: getattr(rhythm, name) for name in names}


def _work(work: Work) -> dict[str, object]:
    return {
        "handles": work.open,
        "handled": work.closed,
        "shared": [{"case": str(one.case_id), "at": _moment(one.at), "note": one.note} for one in work.shared],
        "saved_views": [{"name": view.name, "made_at": _moment(view.made_at)} for view in work.views],
    }


def _entry(entry: Entry, who: str | None) -> dict[str, object]:
    return {"at": _moment(entry.at), "text": changes.sentence(entry.noun, entry.act, entry.details), "by": who}


def _challenge(one: Challenge) -> dict[str, object]:
    return {
        "part": one.part,
        "letter": str(one.praise_id) if one.praise_id else None,
        "said": one.said,
        "at": _moment(one.at),
        "answered_at": _moment(one.answered_at),
        "outcome": one.outcome,
        "answer": one.answer,
    }


def _away(away: Away, other: str) -> dict[str, object]:
    return {"from": away.from_on.isoformat(), "until": away.until_on.isoformat(), other: away.other}


def _span(span: Span) -> dict[str, object]:
    return {"count": span.count, "first": _moment(span.first), "last": _moment(span.last)}


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
