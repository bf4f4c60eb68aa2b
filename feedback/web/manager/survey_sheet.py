"""The sheet of one survey: its questions to be changed, its settings, where it is asked, and what is in the way."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template, url_for
from sqlalchemy.orm import Session

from feedback.core import links
from feedback.core.access import Viewer
from feedback.core.surveys import Edition, Survey, asking, keeping
from feedback.core.surveys.design import (
    CHOSEN,
    POLLED,
    TYPES,
    Condition,
    Design,
    Question,
    faults,
    missing,
    nameable,
    read,
    said,
)
from feedback.outbound import questions as words
from feedback.text import known, number
from feedback.web import house
from feedback.web.manager.survey_forms import BLANK, conditions
from feedback.web.text import offered, organisation


def tags_of(design: Design) -> list[str]:
    """The languages on the sheet: those the organisation speaks, then those that texts are in already."""
    written = {tag for texts in (design.title, *(one.text for one in design.questions)) for tag in texts}
    return [*(ours := offered(organisation())), *sorted(written - set(ours))]


def page(
    session: Session,
    viewer: Viewer,
    survey: Survey,
    *,
    open_code: str = "",
    form: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> str:
    """The sheet of `survey`; `form` is what was sent about the part `open_code`, with what is wrong with it."""
    edition = keeping.newest(session, survey.id)
    design = read(edition.document)
    published = keeping.published(session, survey.id)
    tags = tags_of(design)
    found = faults(design, is_poll=survey.is_poll)
    return render_template(
        "manager/survey.html",
        survey=_head(survey, design),
        may_change=keeping.is_whole_for(viewer, survey),
        is_draft=edition.published_at is None,
        seen=edition.revision,
        number=edition.number,
        published=_published(published),
        tongues=[{"tag": tag, "name": known(tag).name, "dir": known(tag).direction} for tag in tags],
        blank=range(1, BLANK + 1),
        missing=[
            {"name": known(tag).name, "n": len(codes), "codes": codes} for tag, codes in missing(design, tags).items()
        ],
        questions=[
            _question(one, design, n, tags, form if open_code == one.code else None, found)
            for n, one in enumerate(design.questions)
        ],
        types=[(type, words.type_of(type)) for type in (POLLED if survey.is_poll else TYPES)],
        faults=[words.fault(fault.name) for fault in found if not fault.code],
        is_right=not found,
        settings=_settings(design, form if open_code == "settings" else None, tags),
        open_code=open_code,
        problems=problems or {},
        asks=_asks(session, viewer, survey, published),
        poll_url=url_for("poll.page", code=survey.code) if survey.code and published else "",
        screen_url=url_for("poll.screen", code=survey.code) if survey.code and published else "",
        preview_url=url_for("manager.survey_preview", n=survey.id),
    )


def _head(survey: Survey, design: Design) -> dict[str, Any]:
    return {
        "id": survey.id,
        "name": survey.name,
        "title": said(design.title, known(organisation_language()).tag),
        "is_poll": survey.is_poll,
        "is_internal": survey.audience == "staff",
        "closed_at": survey.closed_at,
    }


def organisation_language() -> str:
    """The organisation's own language."""
    found = organisation()
    return found.language if found else "en"


def _published(edition: Edition | None) -> dict[str, Any] | None:
    return {"number": edition.number, "at": edition.published_at} if edition else None


def _question(
    question: Question,
    design: Design,
    place: int,
    tags: Sequence[str],
    form: Mapping[str, str] | None,
    found: Sequence[Any],
) -> dict[str, Any]:
    own = organisation_language()
    return {
        "code": question.code,
        "place": place,
        "n": number(place + 1),
        "type": question.type,
        "type_name": words.type_of(question.type),
        "title": said(question.text, own),
        "condition": words.condition(question.show_if, design, own),
        "has_options": question.type in CHOSEN,
        "has_rows": question.type == "matrix",
        "has_other": question.type in ("one", "several"),
        "has_bounds": question.type in ("several", "number"),
        "options": [one.code for one in question.options],
        "rows": [one.code for one in question.rows],
        "values": dict(form) if form is not None else _values(question, design, tags),
        "conditions": _conditions(design, question, own),
        "faults": [words.fault(fault.name) for fault in found if fault.code == question.code],
    }


def _values(question: Question, design: Design, tags: Sequence[str]) -> dict[str, str]:
    """The fields of a question's form as it is kept."""
    found = {}
    for tag in tags:
        found[f"text-{tag}"] = question.text.get(tag, "")
        found[f"help-{tag}"] = question.help.get(tag, "")
        for name, options in (("option", question.options), ("row", question.rows)):
            found |= {f"{name}-{one.code}-{tag}": one.text.get(tag, "") for one in options}
    for name in ("least", "most"):
        value = getattr(question, name)
        found[name] = "" if value is None else str(value)
    found |= {name: "1" for name in ("required", "other") if getattr(question, name)}
    if question.show_if:
        shown = question.show_if
        found["show_if"] = f"{shown.question}:{shown.test}:{shown.value}"
        found["show_if_word"] = shown.value if _is_written(shown, design) else ""
    return found


def _is_written(shown: Condition, design: Design) -> bool:
    """Whether the value of a condition is written, not chosen."""
    asked = design.question(shown.question)
    return asked is not None and shown.value not in nameable(asked, shown.test)


def _conditions(design: Design, question: Question, own: str) -> list[dict[str, Any]]:
    """The choices for a condition, by the question they are about."""
    found: dict[str, dict[str, Any]] = {}
    for asked, test, values in conditions(design, question.code):
        group = found.setdefault(asked.code, {"title": said(asked.text, own), "choices": []})
        for value in values or ("",):
            text = words.answer(asked, value, own) if value else ""
            group["choices"].append(
                {"value": f"{asked.code}:{test}:{value}", "text": words.short_condition(test, text)}
            )
    return list(found.values())


def _settings(design: Design, form: Mapping[str, str] | None, tags: Sequence[str]) -> dict[str, str]:
    if form is not None:
        return dict(form)
    found = {f"title-{tag}": design.title.get(tag, "") for tag in tags}
    found |= {f"closing-{tag}": design.closing.get(tag, "") for tag in tags}
    return found | {
        "layout": "steps" if design.by_steps else "page",
        "keeps_partial": "1" if design.keeps_partial else "",
        "closes_on": design.closes_on.isoformat() if design.closes_on else "",
        "quota": str(design.quota or ""),
    }


def _asks(session: Session, viewer: Viewer, survey: Survey, published: Edition | None) -> list[dict[str, Any]]:
    """The links that ask it, as far as the viewer may see them, and whether they ask an older edition."""
    own = asking.links_that_ask(session, viewer, survey.id)
    names = links.names(session, [link for link, _, _ in own])
    return [
        {
            "id": link.id,
            "url": url_for("manager.link", n=link.id),
            "name": names[link.id][0],
            "code": link.code,
            "number": edition,
            "is_older": published is not None and asked.edition_id != published.id,
            "form_url": f"{house().settings.base_url}/q/{link.code}",
        }
        for link, asked, edition in own
    ]
