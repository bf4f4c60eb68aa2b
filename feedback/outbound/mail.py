"""The mails: what each says, written in its recipient's language; sending them is left to `smtp`."""

from collections.abc import Callable, Mapping
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from feedback import clock
from feedback.config import Settings
from feedback.core import invitations
from feedback.core.notices import About
from feedback.core.submissions import receipt_of
from feedback.outbound import digests, wording
from feedback.outbound.errands import Errand
from feedback.outbound.isolation import isolated
from feedback.text import current, dates, gettext, ngettext, npgettext, pgettext, speaking

TEMPLATES = Path(__file__).parents[2] / "templates"
FIRST_WORDS = 240  # characters of each entry of a digest
UNTOLD = frozenset({About.HELD, About.CHALLENGED, About.CHALLENGE_ANSWERED})  # whose words stay inside
MOST_ENTRIES = 25  # of each group of a digest
POLICY = SMTP.clone(cte_type="7bit")  # every server takes it, also one that does not speak 8BITMIME
Words = Mapping[str, Any]


class Unwritable(Exception):
    """No mail can be made of the errand; the text says why and names nobody."""


class NoSender(Exception):
    """No mail can be made of any errand before the operator mends what the text names."""


def written(errand: Errand, settings: Settings) -> EmailMessage:
    """The mail of an errand. Raises Unwritable where its address is none, NoSender where ours is none."""
    with speaking(errand.language):
        return WRITE[errand.about](errand, settings)


def praise(errand: Errand, settings: Settings) -> EmailMessage:
    """A compliment, word for word, for whom it praises and for their manager."""
    return _mail("praise", errand, settings, _told(errand, settings) | _where(errand) | {"words": errand.words})


def complaint(errand: Errand, settings: Settings) -> EmailMessage:
    """A complaint or suggestion, for those who can put it right, with the reasons why it came to them."""
    return _mail("complaint", errand, settings, _told(errand, settings) | _where(errand) | _said(errand))


def held(errand: Errand, settings: Settings) -> EmailMessage:
    """A compliment that waits for a manager's look; its words stay inside."""
    return _mail("held", errand, settings, _told(errand, settings))


def sought(errand: Errand, settings: Settings) -> EmailMessage:
    """A compliment for somebody described, for the manager who may know whom the customer means."""
    return _mail("sought", errand, settings, _told(errand, settings) | _where(errand) | {"words": errand.words})


def of_letter(errand: Errand, settings: Settings) -> EmailMessage:
    """A letter brought to who directs, or the note of who does, for whom the letter is for."""
    return _mail(errand.about, errand, settings, _told(errand, settings) | _where(errand) | {"words": errand.words})


def receipt(errand: Errand, settings: Settings) -> EmailMessage:
    """A customer's receipt, sent once to the address they gave."""
    code = receipt_of(errand.key, settings.secret_key)
    return _mail("receipt", errand, settings, {"receipt_code": code, "receipt_link": f"{settings.base_url}/r#{code}"})


def invitation(errand: Errand, settings: Settings) -> EmailMessage:
    """A way to a sign-in of one's own; its token is nowhere but in this mail."""
    told = _told(errand, settings)
    url = f"{told['url']}{invitations.token_of(errand.key, settings.secret_key)}"
    return _mail("invitation", errand, settings, told | {"url": url, "until": errand.told.until})


def of_record(errand: Errand, settings: Settings) -> EmailMessage:
    """That someone says something kept about them is wrong, or was answered; what was said stays inside."""
    return _mail(errand.about, errand, settings, _told(errand, settings))


def answer(errand: Errand, settings: Settings) -> EmailMessage:
    """That there is something to read behind the receipt, and none of it."""
    code = receipt_of(errand.key, settings.secret_key)
    return _mail(errand.about, errand, settings, {"receipt_link": f"{settings.base_url}/r#{code}"})


def of_case(errand: Errand, settings: Settings) -> EmailMessage:
    """What happened to a case, for those who answer it; the words are the customer's, the latest of them."""
    return _mail(errand.about, errand, settings, _told(errand, settings) | _where(errand) | _said(errand))


def digest(errand: Errand, settings: Settings) -> EmailMessage:
    """What was put off for one person, in groups, of each the first few: all of it is inside."""
    found: dict[str, list[Errand]] = {name: [] for name in digests.GROUPS}
    for entry in errand.entries:
        found[digests.group_of(entry.about)].append(entry)
    groups = [
        {
            "heading": digests.heading(name),
            "entries": [_entry(one, settings) for one in owed[:MOST_ENTRIES]],
            "more": len(owed[MOST_ENTRIES:]),
        }
        for name, owed in found.items()
        if owed
    ]
    counts = (digests.counted(name, len(owed)) for name, owed in found.items() if owed)
    told = {"groups": groups, "counts": pgettext("between names in a list", ", ").join(counts)}
    return _mail("digest", errand, settings, _told(errand, settings) | told)


WRITE: Mapping[About, Callable[[Errand, Settings], EmailMessage]] = {
    About.PRAISE: praise,
    About.COMPLAINT: complaint,
    About.HELD: held,
    About.SOUGHT: sought,
    About.RECEIPT: receipt,
    About.INVITATION: invitation,
    **dict.fromkeys((About.ANSWER, About.THANKED), answer),
    **dict.fromkeys((About.BROUGHT, About.COMMENDED), of_letter),
    About.DIGEST: digest,
    **dict.fromkeys((About.ASSIGNED, About.WROTE, About.DUE_SOON, About.BREACHED, About.REOPENED), of_case),
    **dict.fromkeys((About.CHALLENGED, About.CHALLENGE_ANSWERED), of_record),
}


def _entry(errand: Errand, settings: Settings) -> dict[str, object]:
    """One of a digest: its first words on a line, and none of what stays inside."""
    words = "" if errand.about in UNTOLD else " ".join(errand.words.split())
    first = words if len(words) <= FIRST_WORDS else words[:FIRST_WORDS].rstrip() + " …"
    told = {"sentence": digests.sentence(errand.about), "words": first, "is_untold": errand.about in UNTOLD}
    return _told(errand, settings) | _where(errand) | told


def _told(errand: Errand, settings: Settings) -> dict[str, object]:
    told = errand.told
    return {
        "recipient": errand.recipient,
        "heading": told.heading,
        "url": settings.base_url + told.path if told.path else "",
        "reasons": [wording.reason(*given) for given in told.reasons],
    }


def _said(errand: Errand) -> dict[str, object]:
    """The words, and that photos came with them: these stay inside."""
    return {"words": errand.words, "photos": wording.photos_beside(errand.photos)}


def _where(errand: Errand) -> dict[str, object]:
    return {"at": errand.at, "place": pgettext("between names in a list", ", ").join(errand.places)}


def _mail(notice: str, errand: Errand, settings: Settings, words: Words) -> EmailMessage:
    language = current()
    words = {
        **words,
        "organisation": {"name": errand.organisation},
        "timezone": errand.timezone,
        "lang": language.tag,
        "dir": language.direction,
    }
    message = EmailMessage(policy=POLICY)
    message["Subject"] = _line(_rendered(notice, "subject.txt", words))
    message["From"] = _sender(errand.organisation, settings)
    message["To"] = _address(errand.recipient, errand.address)
    message["Date"] = errand.at
    message["Message-ID"] = f"<{errand.notice_id}@{_ascii(urlsplit(settings.base_url).hostname or '')}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps out-of-office answers away
    message.set_content(_rendered(notice, "body.txt", _isolated(words)))
    message.add_alternative(_rendered(notice, "body.html", words), subtype="html")
    message["Content-Language"] = language.tag  # last, because content takes earlier such headers along
    return message


def _sender(organisation: str, settings: Settings) -> Address:
    try:
        return _address(organisation, parseaddr(settings.sender)[1])
    except Unwritable as error:
        raise NoSender("FIRSTHAND_MAIL_FROM is no address") from error


def _address(name: str, address: str) -> Address:
    local, at, host = address.rpartition("@")
    try:
        return Address("" if name == address else _line(name), addr_spec=f"{local}{at}{_ascii(host)}")
    except (ValueError, IndexError, MessageError) as error:  # the parser raises any for what is no address
        raise Unwritable("the address is none") from error


def _ascii(host: str) -> str:
    """The host as mail servers write it; UnicodeError, a ValueError, where it is none."""
    return host.encode("idna").decode("ascii")


def _line(words: str) -> str:
    """`words` on one line, without what could begin another header."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())


def _isolated(words: Words) -> Words:
    """For plain text, where there is no <bdi>: the names in its sentences isolated where that is needed."""
    names: dict[str, Any] = {key: isolated(str(words[key])) for key in ("recipient", "heading") if key in words}
    groups = [
        group | {"entries": [_isolated(entry) for entry in group["entries"]]} for group in words.get("groups", ())
    ]
    return {**words, **names} | ({"groups": groups} if groups else {})


def _rendered(notice: str, part: str, words: Words) -> str:
    return _environment().get_template(f"email/{notice}/{part}").render(words)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    # "3 hours ago" would be wrong by the time a mail is read, so `ago` is the moment itself here.
    environment.filters.update(ago=_moment, moment=_moment, date=_day, day=_day, number=dates.number)
    return environment


@pass_context
def _moment(context: Context, at: datetime) -> str:
    return dates.moment(at, context["timezone"])


@pass_context
def _day(context: Context, at: datetime) -> str:
    return dates.day(clock.day(at, context["timezone"]))
