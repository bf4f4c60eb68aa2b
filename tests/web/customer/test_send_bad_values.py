"""POST /q/<code> with values that no form of ours sends: refused in words, kept as far as they are text, not stored."""

import io
from collections.abc import Mapping
from typing import TypeAlias

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedback import clock
from feedback.web.customer import token as tokens
from tests.factories import Cast, send, token_of
from tests.ground.pages import visible_text, well_formed
from tests.story import SECRET
from tests.web.customer.hand import STYLES, WORDS, kept_words, post

FIELDS = (
    "token", "kind", "message", "person", "person_note", "topic", "rating", "contact_name", "contact_email",
    "contact_phone", "may_contact", "about_management", "happened_at", "website", "show",
)  # fmt: skip
LONGEST = {"message": 5000, "person_note": 200, "contact_name": 200, "contact_email": 320, "contact_phone": 40}
UNLINKED = {"token", "website"}  # no field that a person could go to
NOT_TEXT = {
    "NUL": b"a\0b",
    "nothing but NUL": b"\0",
    "lone high surrogate": b"a\xed\xa0\x80b",
    "lone low surrogate": b"\xed\xb0\x80",
    "stray byte": b"\xff",
    "cut off": b"\xe2\x82",
    "overlong": b"\xc0\xaf",
    "beyond Unicode": b"\xf4\x90\x80\x80",
    "Latin-1": "Grüße".encode("latin-1"),
}
NOT_NUMBERS = (
    "9223372036854775807", "9223372036854775808", "18446744073709551616", "9" * 30, "0", "-1", "+1", "1.5", "1e3",
    "0x1", "1_0", "\uff11", "٣", "²", "None", "<script>", "1 1", "\n99999999999999999999", "1" * 2**20,
)  # fmt: skip
NOT_MOMENTS = (
    "9" * 30, "9223372036854775808", "9999-12-31T23:59", "1999-12-31T23:59", "2026-02-30T10:00", "10:00",
    "0001-01-01T00:00", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00+23:59", "yesterday", "-1", "٢\u0660٢٦-\u0660\u0661-\u0660\u0661",
    "x" * 2**20,
)  # fmt: skip

Changes: TypeAlias = Mapping[str, str | bytes]
# On one kind of store: what is refused at the door comes to none.
pytestmark = [pytest.mark.usefixtures("nothing_kept"), pytest.mark.parametrize("house", ["sqlite"], indirect=True)]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("field", FIELDS)
def test_what_is_not_text_is_refused_in_every_field(client: FlaskClient, cast: Cast, field: str, style: str) -> None:
    for bad, value in NOT_TEXT.items():
        answer = sent(client, cast, {field: value}, style)
        assert_refused(answer, field, bad)
    assert well_formed(answer.text) == []


@pytest.mark.parametrize("style", STYLES)
def test_the_rest_of_what_is_not_text_is_kept(client: FlaskClient, cast: Cast, style: str) -> None:
    for value, kept in ((b"a\0b", "ab"), (b"So\xedup", "So\ufffdup"), (b"a\xed\xa0\x80b", "a\ufffd\ufffd\ufffdb")):
        assert kept_words(sent(client, cast, {"message": value}, style))["message"] == kept


@pytest.mark.parametrize("field", [field for field in FIELDS if field != "token"])
def test_bad_bytes_that_are_not_percent_encoded_are_refused_too(client: FlaskClient, cast: Cast, field: str) -> None:
    rest = {"kind": b"complaint", "message": b"m", "token": token_of(client, cast.table_link).encode()}
    for bad in (b"\xed\xa0\x80", b"\0", b"\xff"):
        body = b"&".join(name.encode() + b"=" + value for name, value in (rest | {field: bad}).items())
        answer = client.post(
            f"/q/{cast.table_link}", data=body, content_type="application/x-www-form-urlencoded; charset=utf-8"
        )
        assert_refused(answer, field, bad)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("field", FIELDS)
def test_arrays_are_refused_for_scalars(client: FlaskClient, cast: Cast, field: str, style: str) -> None:
    fields = {"kind": "complaint", "message": WORDS, "token": token_of(client, cast.table_link)}
    value = fields.pop(field, "1")
    for second in (field, f"{field}[]", f"{field}[0]", f"{field}[$ne]"):
        for other in (value, "2"):
            pairs = [*fields.items(), (field, value), (second, other)]
            answer = post(client, f"/q/{cast.table_link}", pairs, style)
            assert_refused(answer, field, second)
    assert kept_words(answer)["message"] == WORDS


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("field", ["person", "topic", "rating"])
def test_what_is_no_choice_is_refused(client: FlaskClient, cast: Cast, field: str, style: str) -> None:
    for bad in NOT_NUMBERS:
        answer = sent(client, cast, {field: bad}, style)
        assert_refused(answer, field, bad)
    assert kept_words(answer)["message"] == WORDS


@pytest.mark.parametrize(("kind", "field"), [("compliment", "may_share"), ("complaint", "may_contact"),
                                             ("complaint", "about_management")])  # fmt: skip
def test_a_box_is_ticked_or_not_and_nothing_else(client: FlaskClient, cast: Cast, kind: str, field: str) -> None:
    for bad in ("9223372036854775808", "9" * 30, "-1", "maybe", "<b>", "1" * 2**20):
        assert_refused(sent(client, cast, {"kind": kind, field: bad}), field, bad)


def test_six_is_no_rating(client: FlaskClient, cast: Cast) -> None:
    for bad in ("6", "10", "15"):
        assert_refused(sent(client, cast, {"rating": bad}), "rating", bad)


@pytest.mark.parametrize("style", STYLES)
def test_a_kind_that_is_not_offered_is_refused(client: FlaskClient, cast: Cast, style: str) -> None:
    for kind in ("", "survey", "COMPLIMENT", "praise", "1", "9" * 30, "compliment,complaint", "x" * 2**20):
        answer = sent(client, cast, {"kind": kind}, style)
        assert_refused(answer, "kind", kind)
    assert kept_words(answer)["message"] == WORDS


def test_a_survey_is_refused_until_there_are_surveys(client: FlaskClient, cast: Cast) -> None:
    assert_refused(sent(client, cast, {"kind": "survey", "a_1": "5"}), "kind")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("field", LONGEST)
def test_text_that_is_too_long_is_refused_and_kept(client: FlaskClient, cast: Cast, field: str, style: str) -> None:
    for text in ("🌻" * (LONGEST[field] + 1), "x" * 2**20):
        answer = sent(client, cast, {field: text}, style)
        assert_refused(answer, field, len(text))
        assert kept_words(answer)[field] == text


@pytest.mark.parametrize("style", STYLES)
def test_a_megabyte_of_another_script_is_refused_in_either_content_type(
    client: FlaskClient, cast: Cast, style: str
) -> None:
    """Percent-encoded it is three times as long: more than is read, so the browser keeps it."""
    answer = sent(client, cast, {"message": "ش" * 2**19}, style)
    assert answer.status_code == (413 if style == "urlencoded" else 422)
    assert well_formed(answer.text) == []


def test_show_is_here_or_nothing(client: FlaskClient, cast: Cast) -> None:
    for bad in ("there", "9" * 30, "9223372036854775808", "x" * 2**20):
        assert_refused(sent(client, cast, {"show": bad}), "show", bad)


@pytest.mark.parametrize("style", STYLES)
def test_a_moment_that_was_not_is_refused(client: FlaskClient, cast: Cast, style: str) -> None:
    for when in NOT_MOMENTS:
        answer = sent(client, cast, {"happened_at": when}, style)
        assert_refused(answer, "happened_at", when)
    assert kept_words(answer)["happened_at"] == when


def test_a_complaint_needs_words(client: FlaskClient, cast: Cast) -> None:
    for nothing in ("", " ", "\n\r\n\t", "\u2003\u00a0"):
        assert_refused(sent(client, cast, {"message": nothing}), "message", nothing)


@pytest.mark.parametrize("contact", [{}, {"contact_name": "Ida"}, {"contact_email": " ", "contact_phone": "\t"}])
def test_leave_to_be_contacted_needs_a_way_to_do_it(client: FlaskClient, cast: Cast, contact: Changes) -> None:
    for kind in ("complaint", "suggestion"):
        answer = sent(client, cast, {"kind": kind, "may_contact": "1", **contact})
        assert_refused(answer, "may_contact")
        assert visible_text(answer.text).count("Please write down an e-mail address or a phone number") == 2
        assert 'aria-describedby="may_contact-error"' in answer.text and 'id="may_contact-error"' in answer.text
        kept = kept_words(answer)
        assert (kept["message"], kept["may_contact"]) == (WORDS, "1")
        assert {name: kept[name] for name in contact} == contact


@pytest.mark.parametrize("style", STYLES)
def test_answers_to_a_survey_belong_to_another_kind(client: FlaskClient, cast: Cast, style: str) -> None:
    for stranger in ("a_1", "a_9223372036854775808", "a_[]"):
        for kind in ("compliment", "complaint"):
            assert sent(client, cast, {"kind": kind, "message": "Soup", stranger: "5"}, style).status_code == 303, (
                stranger
            )


@pytest.mark.parametrize("field", ["photo", "message", "kind", "person_note", "token", "photo[0]"])
def test_a_file_is_refused_wherever_it_stands(client: FlaskClient, cast: Cast, field: str) -> None:
    answer = send(client, cast.table_link, **{
        "kind": "complaint", "message": WORDS, "contact_name": WORDS, field: (io.BytesIO(b"\x89PNG\0\xff"), "soup.png"),
    })  # fmt: skip
    assert answer.status_code == 422
    assert kept_words(answer)["contact_name"] == WORDS


def test_errors_stand_on_top_with_links_and_beside_their_fields(client: FlaskClient, cast: Cast) -> None:
    answer = sent(client, cast, {"rating": "6", "contact_phone": "1" * 41, "message": ""})
    for field in ("rating", "contact_phone", "message"):
        assert_refused(answer, field)
        assert f'aria-describedby="{field}-error"' in answer.text
        assert f'id="{field}-error"' in answer.text


def test_errors_in_fields_that_this_link_does_not_show_are_told_without_a_link(client: FlaskClient, cast: Cast) -> None:
    answer = send(client, cast.maria_link, kind="compliment", person="1", person_note="x" * 201, message=WORDS)
    assert answer.status_code == 422
    assert kept_words(answer)["message"] == WORDS
    assert "not on offer" in visible_text(answer.text)


def test_words_that_look_like_markup_come_back_as_words(client: FlaskClient, cast: Cast) -> None:
    nasty = "</textarea><script>alert(1)</script>{{token}}{% raw %}\" onfocus=x autofocus='"
    answer = sent(client, cast, {"message": nasty, "person_note": nasty, "contact_name": nasty, "rating": "6"})
    again = kept_words(answer)
    assert (again["message"], again["person_note"], again["contact_name"]) == (nasty, nasty, nasty)
    assert "<script" not in answer.text


def test_words_that_begin_with_an_empty_line_keep_it(client: FlaskClient, cast: Cast) -> None:
    answer = sent(client, cast, {"message": "\n\nWords", "rating": "6"})
    assert kept_words(answer)["message"] == "\n\nWords"


def sent(client: FlaskClient, cast: Cast, changes: Changes, style: str = "urlencoded") -> TestResponse:
    """A complaint at the table that is in order but for `changes`."""
    fields = {"kind": "complaint", "message": WORDS, "token": tokens.mint(cast.table_link, clock.now(), SECRET)}
    return post(client, f"/q/{cast.table_link}", (fields | dict(changes)).items(), style)


def assert_refused(answer: TestResponse, field: str, bad: object = "") -> None:
    """The form again, with what is wrong said on top and linked to its field."""
    assert answer.status_code == 422, f"{answer.status} for {field}: {str(bad)[:50]!r}"
    assert 'role="alert"' in answer.text
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert field in UNLINKED or f'href="#{field}"' in answer.text, field
