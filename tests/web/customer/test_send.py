"""POST /q/<code>: what a customer says is kept as said, for the one it is about, and nothing else about them."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from feedback.core import intake
from feedback.core.cases import Case
from feedback.core.notices import About, Notice
from feedback.core.organisation import the_organisation
from feedback.core.people import Person
from feedback.core.praise import Praise
from feedback.core.routing import Purpose, RouteRow
from feedback.core.submissions import Concern, Contact, SubmissionTopic
from feedback.db import Store, new_id
from feedback.migrations import metadata
from tests.factories import Cast, send, token_of
from tests.ground.pages import visible_text
from tests.story import at_work
from tests.web.customer.conftest import Standing
from tests.web.customer.hand import STYLES, WORDS, kept_words, post, rows, say, submissions, the_submission


@pytest.mark.parametrize("style", STYLES)
def test_a_compliment_needs_nothing_but_its_kind(client: FlaskClient, cast: Cast, store: Store, style: str) -> None:
    pairs = {"kind": "compliment", "token": token_of(client, cast.maria_link)}
    answer = post(client, f"/q/{cast.maria_link}", pairs.items(), style)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/thanks")
    kept = the_submission(store)
    assert (kept.kind, kept.message, kept.person_id, kept.link_id) == (
        "compliment", "", cast.maria, cast.link_ids["maria"],
    )  # fmt: skip
    with store.read() as session:
        assert [praise.person_id for praise in session.scalars(select(Praise))] == [cast.maria]


@pytest.mark.parametrize("style", STYLES)
def test_a_form_sent_as_a_browser_sends_it_with_every_field_empty_is_taken(
    client: FlaskClient, cast: Cast, store: Store, style: str
) -> None:
    page = client.get(f"/q/{cast.table_link}")
    pairs = kept_words(page) | {"kind": "compliment", "person": "", "topic": "", "rating": ""}
    assert post(client, f"/q/{cast.table_link}", pairs.items(), style).status_code == 303
    assert the_submission(store).message == ""


@pytest.mark.parametrize("style", STYLES)
def test_words_are_kept_exactly_as_typed(client: FlaskClient, cast: Cast, store: Store, style: str) -> None:
    words = WORDS + "\n\n \u200f\u202e\ufeff\u0301\x01\x1b\ufffe end "
    pairs = {"kind": "complaint", "message": words, "person_note": WORDS, "token": token_of(client, cast.table_link)}
    assert post(client, f"/q/{cast.table_link}", pairs.items(), style).status_code == 303
    kept = the_submission(store)
    assert (kept.message, kept.person_note) == (words, WORDS)


def test_line_breaks_arrive_as_one_character(client: FlaskClient, cast: Cast, store: Store) -> None:
    say(client, cast.table_link, message="one\r\ntwo\r\n")
    assert the_submission(store).message == "one\ntwo\n"


def test_five_thousand_characters_fit_however_many_bytes_they_take(
    client: FlaskClient, cast: Cast, store: Store
) -> None:
    say(client, cast.table_link, message="🌻" * 5000)
    assert len(the_submission(store).message) == 5000


def test_a_complaint_opens_a_case_for_the_manager(client: FlaskClient, cast: Cast, store: Store) -> None:
    say(client, cast.maria_link, kind="complaint", message="She shouted")
    with store.read() as session:
        assert session.scalars(select(Case.department_id)).all() == [cast.kitchen]
        assert session.scalars(select(Concern.person_id)).all() == [cast.maria]
        assert session.scalars(select(Praise)).all() == []


def test_a_suggestion_opens_a_case_too(client: FlaskClient, cast: Cast, store: Store) -> None:
    say(client, cast.table_link, kind="suggestion", message="More shade")
    with store.read() as session:
        assert session.scalars(select(Case.department_id)).all() == [cast.kitchen]


def test_the_person_of_a_tile_gets_the_praise(client: FlaskClient, cast: Cast, store: Store) -> None:
    say(client, cast.table_link, person=str(cast.karim), rating="5", may_share="1")
    kept = the_submission(store)
    assert (kept.person_id, kept.place_id, kept.rating, kept.may_share) == (cast.karim, cast.table, 5, True)


def test_the_topic_of_another_department_leads_there(client: FlaskClient, cast: Cast, store: Store) -> None:
    say(client, cast.table_link, kind="complaint", message="No screws", topic=str(cast.missing_parts))
    with store.read() as session:
        assert session.scalars(select(Case.department_id)).all() == [cast.packing]
        assert session.scalars(select(SubmissionTopic.topic_id)).all() == [cast.missing_parts]


def test_contact_is_kept_for_a_complaint_with_the_consent_given(client: FlaskClient, cast: Cast, store: Store) -> None:
    say(client, cast.table_link, kind="complaint", message="m", contact_email="me@home.example", may_contact="1")
    say(client, cast.table_link, kind="complaint", message="m", contact_phone="+49 30 1")
    with store.read() as session:
        found = session.scalars(select(Contact).order_by(Contact.submission_id)).all()
    assert [(c.email, c.phone, c.may_contact) for c in found] == [
        ("me@home.example", "", True),
        ("", "+49 30 1", False),
    ]


def test_fields_of_another_kind_are_ignored(client: FlaskClient, cast: Cast, store: Store) -> None:
    of_complaints = {"about_management": "1", "happened_at": "2026-01-02T10:00", "may_contact": "1",
                     "contact_name": "Ida", "contact_email": "ida@home.example", "contact_phone": "1"}  # fmt: skip
    say(client, cast.maria_link, kind="compliment", **of_complaints)
    say(client, cast.table_link, kind="complaint", message="m", may_share="1")
    say(client, cast.table_link, kind="suggestion", message="m", may_share="1", about_management="1",
        happened_at="2026-01-02T10:00")  # fmt: skip
    praise, complaint, suggestion = submissions(store)
    assert praise.happened_at is None
    assert not complaint.may_share
    assert (suggestion.may_share, suggestion.happened_at) == (False, None)
    with store.read() as session:
        assert session.scalars(select(Contact)).all() == []
        assert session.scalars(select(Concern)).all() == []


def test_what_is_wrong_in_a_field_of_another_kind_does_not_hold_thanks_up(client: FlaskClient, cast: Cast) -> None:
    say(client, cast.table_link, kind="compliment", happened_at="yesterday, about noon")


def test_unknown_fields_change_nothing(client: FlaskClient, cast: Cast, store: Store) -> None:
    say(client, cast.maria_link, utm_source="poster", submit="", **{"": "x", "Kind": "complaint", "a": "1"})
    assert the_submission(store).kind == "compliment"


def test_a_filled_trap_is_kept_thanked_and_held_for_the_manager(client: FlaskClient, cast: Cast, store: Store) -> None:
    say(client, cast.maria_link, message="Buy now", website="https://spam.example")
    _assert_held(store, cast)
    assert the_submission(store).is_trapped


@pytest.mark.parametrize(
    "words", [{"message": "You moron"}, {"message": "Thanks", "person_note": "the moron at till 4"}]
)
def test_words_that_look_harassing_are_held_for_the_manager(
    client: FlaskClient, cast: Cast, store: Store, words: dict[str, str]
) -> None:
    say(client, cast.maria_link, rating="5", **words)
    _assert_held(store, cast)
    with store.read() as session:
        assert session.scalars(select(RouteRow.reasons)).one()[0] == ["looks_like_insult", {}]


def test_a_complaint_in_such_words_is_never_held(client: FlaskClient, cast: Cast, store: Store) -> None:
    say(client, cast.maria_link, kind="complaint", message="What a moron")
    with store.read() as session:
        assert session.scalars(select(RouteRow.purpose)).one() == Purpose.HANDLES


def test_a_bottom_rating_on_a_compliment_is_held_for_the_manager(client: FlaskClient, cast: Cast, store: Store) -> None:
    say(client, cast.maria_link, message="What a “great” cook", rating="1")
    _assert_held(store, cast)


def test_a_poor_rating_above_the_bottom_is_delivered(client: FlaskClient, cast: Cast, store: Store) -> None:
    say(client, cast.maria_link, rating="2")
    with store.read() as session:
        assert session.scalars(select(Praise.is_held)).all() == [False]


def test_a_trapped_complaint_is_a_case_like_any_other(client: FlaskClient, cast: Cast, store: Store) -> None:
    say(client, cast.table_link, kind="complaint", message="m", website="x")
    with store.read() as session:
        assert session.scalars(select(Case.department_id)).all() == [cast.kitchen]
    assert the_submission(store).is_trapped


def test_a_form_sent_at_once_is_taken_and_marked(client: FlaskClient, cast: Cast, store: Store) -> None:
    say(client, cast.maria_link)
    assert the_submission(store).is_hasty


@pytest.mark.parametrize("who", ["paula", "berta", "dora", "anna"])
def test_a_person_who_is_not_offered_on_this_link_is_refused(
    client: FlaskClient, cast: Cast, store: Store, who: str
) -> None:
    before = rows(store)
    answer = send(client, cast.table_link, kind="compliment", message=WORDS, person=str(getattr(cast, who)))
    assert answer.status_code == 422
    assert kept_words(answer)["message"] == WORDS
    assert rows(store) == before


def test_another_person_is_refused_on_the_link_of_one(client: FlaskClient, cast: Cast, store: Store) -> None:
    before = rows(store)
    answer = send(client, cast.maria_link, kind="compliment", person=str(cast.karim))
    assert answer.status_code == 422
    kept_words(answer)
    assert rows(store) == before


def test_naming_the_person_of_the_link_is_taken(client: FlaskClient, cast: Cast, store: Store) -> None:
    say(client, cast.maria_link, person=str(cast.maria))
    assert the_submission(store).person_id == cast.maria


def test_a_person_who_hid_from_forms_meanwhile_is_refused(alone: Standing) -> None:
    browser, cast = alone.browser(), alone.cast
    token = token_of(browser, cast.table_link)
    with alone.store.write() as session:
        session.get_one(Person, cast.karim).is_shown_on_forms = False
    answer = send(browser, cast.table_link, kind="compliment", person=str(cast.karim), token=token)
    assert answer.status_code == 422
    assert "not on offer" in visible_text(answer.text)


def test_who_is_signed_in_makes_no_difference_and_leaves_no_trace(app: Flask, cast: Cast, store: Store) -> None:
    """Wrong role: someone at work who scans a code is a customer like any other."""
    for key in ("maria", "berta", "anna"):
        answer = send(at_work(app, cast, key), cast.maria_link, kind="complaint", message="m")
        assert answer.status_code == 303
    with store.read() as session:
        assert {person for person in session.scalars(select(Concern.person_id))} == {cast.maria}


def test_when_it_happened_is_by_the_clock_of_the_place(alone: Standing) -> None:
    with alone.store.write() as session:
        organisation = the_organisation(session)
        assert organisation
        organisation.timezone = "Asia/Tokyo"
        organisation.version += 1
    for typed in ("2026-01-02T10:00", "2026-01-02T10:00:00", "2026-01-02 10:00", " 2026-01-02T10:00 "):
        say(alone.browser(), alone.cast.table_link, kind="complaint", message="m", happened_at=typed)
    assert {kept.happened_at for kept in submissions(alone.store)} == {datetime(2026, 1, 2, 1, tzinfo=UTC)}


def test_a_forged_host_reaches_no_page_and_no_redirect(client: FlaskClient, cast: Cast) -> None:
    """Addresses come from the settings, so that nobody is led astray by what a request claims."""
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    token = token_of(client, cast.maria_link)
    answer = client.post(f"/q/{cast.maria_link}", data={"kind": "compliment", "token": token}, headers=headers)
    assert answer.headers["Location"] == "/thanks"
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    for path in (f"/q/{cast.maria_link}", "/thanks", "/r", "/nothing"):
        page = client.get(path, headers=headers | {"Cookie": cookie})
        assert "evil" not in page.text and "evil" not in str(page.headers)


def test_an_id_that_was_drawn_before_is_drawn_anew(
    client: FlaskClient, cast: Cast, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes may draw the same number in one millisecond."""
    say(client, cast.maria_link)
    taken, real = the_submission(store).id, new_id
    drawn: list[int] = []

    def draw(at: datetime) -> int:
        drawn.append(taken if not drawn else real(at))
        return drawn[-1]

    monkeypatch.setattr(intake, "new_id", draw)
    say(client, cast.maria_link, kind="complaint", message="m")
    assert drawn[0] == taken and len(submissions(store)) == 2


def test_words_are_in_no_log_whatever_goes_wrong(alone: Standing, caplog: pytest.LogCaptureFixture) -> None:
    """The store itself breaks on a row and says which: that is somebody's secret."""
    with alone.store.write_rows() as connection:
        if alone.store.is_sqlite:
            connection.exec_driver_sql(
                "create trigger refuse before insert on submission begin select raise(fail, 'no'); end"
            )
        else:
            connection.exec_driver_sql("alter table submission add constraint refuse check (message = '')")
    browser = alone.browser()
    token = token_of(browser, alone.cast.table_link)
    answer = send(
        browser, alone.cast.table_link, kind="complaint", message="MY SECRET", contact_phone="0815", token=token
    )
    assert answer.status_code == 503
    assert kept_words(answer)["message"] == "MY SECRET"
    assert "customer.send" in caplog.text
    assert "MY SECRET" not in caplog.text and "0815" not in caplog.text and token not in caplog.text
    assert "refuse" not in answer.text and "Traceback" not in answer.text
    assert rows(alone.store)["submission"] == 0


def test_nothing_that_tells_who_sent_it_is_stored(client: FlaskClient, cast: Cast, store: Store) -> None:
    answer = client.post(
        f"/q/{cast.maria_link}",
        data={"kind": "compliment", "token": token_of(client, cast.maria_link)},
        headers={"User-Agent": "Tell-Tale/1.0", "Referer": "http://localhost/secret", "Accept-Language": "fr-TELL"},
        environ_base={"REMOTE_ADDR": "198.51.100.77"},
    )
    assert answer.status_code == 303
    stored = _everything(store)
    for trace in ("198.51.100", "Tell-Tale", "secret", "TELL"):
        assert trace not in stored


def test_the_receipt_is_stored_as_a_hash_only(client: FlaskClient, cast: Cast, store: Store) -> None:
    receipt = say(client, cast.maria_link)
    stored = _everything(store)
    assert receipt not in stored and receipt.replace("-", "") not in stored


def _everything(store: Store) -> str:
    """All rows of all tables as text."""
    with store.read() as session:
        return repr([session.execute(table.select()).all() for table in metadata.tables.values()])


def _assert_held(store: Store, cast: Cast) -> None:
    with store.read() as session:
        praise = session.scalars(select(Praise)).one()
        assert (praise.is_held, praise.person_id, praise.department_id) == (True, cast.maria, cast.kitchen)
        told = session.scalars(select(Notice)).all()
    assert {notice.about for notice in told} <= {About.HELD}
    assert cast.maria not in {notice.person_id for notice in told}
