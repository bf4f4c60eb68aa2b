"""The pseudo-language: on no page and in no mail does a text go past gettext.

On one kind of store only: what a page says does not depend on it.
"""

import re
from collections.abc import Iterator
from typing import NoReturn

import pytest
from flask import abort

from feedback import create_app
from feedback.config import Settings
from feedback.core.imports.lists import COLUMNS
from feedback.core.people import initials
from feedback.core.posters import shipped
from feedback.core.replies import PLACEHOLDERS
from feedback.core.replies import SHIPPED as TEMPLATES
from feedback.core.surveys.ready import library
from feedback.db import StoreBusy, StoreFull
from feedback.outbound import figures, questions, wording
from feedback.text import available, gettext, known, speaking
from feedback.text.languages import PSEUDO
from feedback.web.customer import sending
from feedback.web.security import public
from tests.factories import PEOPLE, cast_of
from tests.text import brackets, ways_in
from tests.text.rooms import ASK, GUEST, LOOKS, NOTE, ROOMS, SAID, WORD, Pages, Scene

NAMES = {name for name, _ in PEOPLE.values()} | {name.split()[0] for name, _ in PEOPLE.values()}
PLACES = {"Garden House", "Kitchen", "Packing", "Terrace", "Table 4"}
WORDS = {"Missing parts", "Cold food", SAID, WORD, NOTE, GUEST, *LOOKS} | {
    name for names in COLUMNS.values() for name in names
}
TONGUES = {known(tag).name for tag in (*available(), *shipped())}
SHIPPED = {line for words in shipped().values() for line in (words.call, words.hint, words.why)}
DRAFTS = {name for ours in TEMPLATES for name in ours.names.values()} | {f"{{{name}}}" for name in PLACEHOLDERS}
READY = {
    text["en"]
    for ready in library().values()
    for text in (ready.about, ready.design.title, *(question.text for question in ready.design.questions))
}
OURS = SHIPPED | DRAFTS | READY | {"CSV", "XLSX", "Firsthand", "/set-up?token=", "UTC"}
DATA = brackets.known(OURS | NAMES | {initials(name) for name in NAMES} | PLACES | WORDS | TONGUES)


@pytest.fixture(scope="module")
def scene(migrated_file: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The installation whose pages are read; every error can be had there by its number."""
    folder = tmp_path_factory.mktemp("scene")
    file = folder / "firsthand.db"
    file.write_bytes(migrated_file)
    settings = Settings(
        secret_key="a secret for tests",
        data_dir=folder,
        database_url=f"sqlite:///{file}",
        base_url="http://localhost",
        smtp_url="smtp://127.0.0.1:9",
    )
    app = create_app(settings)
    app.testing = True
    for endpoint in ("fails", "employee.fails"):
        app.add_url_rule(f"/{endpoint}/<int:status>", endpoint, public(fails))
    store = app.extensions["firsthand"].store
    yield Scene(app, cast_of(store), settings, store)
    store.close()


def fails(status: int) -> NoReturn:
    errors = {500: ZeroDivisionError(), 503: StoreBusy(), 507: StoreFull()}
    if status in errors:
        raise errors[status]
    abort(status)


def raw(pages: Pages) -> dict[str, list[str]]:
    """What was not translated, by page; the pages are there and in the pseudo-language."""
    found = {}
    for name, html in pages:
        assert f'lang="{PSEUDO}"' in html, f"{name}: {html[:500]}"
        found[name] = brackets.raw_in_page(html, DATA)
    return {name: lines for name, lines in found.items() if lines}


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_goes_past_gettext(scene: Scene, room: str) -> None:
    assert raw(ROOMS[room](scene)) == {}


def test_nor_on_the_ways_in(scene: Scene) -> None:
    assert raw(ways_in.account_pages(scene)) == {}


def test_no_sentence_of_the_wording_goes_past_gettext() -> None:
    told = {"by": "Berta", "handler": "Karim"}
    with speaking(PSEUDO):
        tables = (wording.REASONS, wording.CUSTOMER_STEPS, wording.PROBLEMS, sending.NOTICES)
        tables += (
            questions.CONDITIONS,
            questions.SHORT,
            questions.OPEN,
            questions.TYPES,
            questions.FAULTS,
            figures.NAMES,
        )
        tables += tuple(questions.ANSWERS.values())
        tables += (wording.KINDS, wording.STATUSES, wording.RATINGS, wording.SEVERITIES)
        said = [text() for table in tables for text in table.values()]
        said += [step(given) for step in wording.STEPS.values() for given in ({}, told, {"by": "Karim"} | told)]
    assert [text for text in said if not re.fullmatch(r"\[.+\]", text)] == []


@pytest.mark.parametrize(
    ("place", "planted"),
    [
        ("<main>", "<main><p>Left in English</p>"),
        ("</h1>", " Left</h1>"),
        ("<title>", "<title>Left"),
        ("<fieldset ", '<fieldset aria-label="Left" '),
        ("<textarea ", '<textarea placeholder="Left" '),
        ("</button>", " [lost]</button>"),
        ('class="off" aria-hidden', 'class="off" title="Left" aria-hidden'),
    ],
)
def test_a_planted_raw_text_is_caught(scene: Scene, place: str, planted: str) -> None:
    html = scene.app.test_client().get(f"/q/{scene.cast.table_link}{ASK}").text
    assert place in html and raw(iter([("form", html)])) == {}
    assert len(raw(iter([("form", html.replace(place, planted, 1))]))["form"]) == 1


def test_raw_text_inside_brackets_is_caught_and_data_is_not() -> None:
    with speaking(PSEUDO):
        hello, kind = gettext("Hello %(name)s,"), gettext("%(kind)s of %(day)s")
        inner = gettext("Complaint")
    assert not brackets.is_raw(hello % {"name": "Maria Lopez"}, DATA)
    assert brackets.is_raw(hello % {"name": "dear customer"}, DATA)
    assert not brackets.is_raw(kind % {"kind": inner, "day": "January 5, 2026"}, DATA)
    assert brackets.is_raw(kind % {"kind": "Complaint", "day": "January 5, 2026"}, DATA)
    assert not brackets.is_raw("3 hours ago · Table 4", DATA)
    assert brackets.is_raw("3 hours ago at Table 4", DATA)
