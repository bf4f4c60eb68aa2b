"""POST /q/<code> with bodies that no browser sends: too large, cut off, of another type; always 4xx, nothing stored."""

import io
import time

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as some
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.test import EnvironBuilder, TestResponse
from werkzeug.wrappers import Request

from feedback import clock
from feedback.db import Store
from feedback.web.customer import token as tokens
from feedback.web.forms import body
from tests.factories import Cast, token_of
from tests.ground.pages import visible_text, well_formed
from tests.story import SECRET
from tests.web.customer.hand import BOUNDARY, STYLES, WORDS, body_of, kept_words, post, rows

FORM = "application/x-www-form-urlencoded"
MEGABYTE = 2**20
pytestmark = [pytest.mark.usefixtures("nothing_kept"), pytest.mark.parametrize("house", ["sqlite"], indirect=True)]


class Endless:
    """A body of zeros that counts how much of it was read."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "asked for everything"
        self.given += size
        return b"0" * size


@pytest.mark.parametrize("style", STYLES)
def test_a_body_above_two_megabytes_is_too_large(client: FlaskClient, cast: Cast, style: str) -> None:
    answer = post(client, f"/q/{cast.maria_link}", form(cast, message="x" * (2 * MEGABYTE)).items(), style)
    assert_too_large(answer)


@pytest.mark.parametrize("announced", [2 * MEGABYTE + 1, 100 * 10**6, 10**12, 10**30])
def test_a_body_announced_as_too_large_is_refused_without_reading_it_all(
    client: FlaskClient, cast: Cast, announced: int
) -> None:
    body = Endless()
    began = time.monotonic()
    answer = client.post(
        f"/q/{cast.maria_link}",
        content_type=FORM,
        environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": str(announced)},
    )
    assert_too_large(answer)
    assert body.given <= 20 * MEGABYTE
    assert time.monotonic() - began < 5


def test_an_endless_body_in_chunks_is_refused(client: FlaskClient, cast: Cast) -> None:
    body = Endless()
    answer = client.post(
        f"/q/{cast.maria_link}",
        content_type=FORM,
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": ""},
    )
    assert_too_large(answer)
    assert body.given <= 20 * MEGABYTE


def test_a_form_in_chunks_is_read(client: FlaskClient, cast: Cast) -> None:
    data, content_type = body_of(form(cast, rating="6").items(), "urlencoded")
    answer = client.post(
        f"/q/{cast.maria_link}",
        content_type=content_type,
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": io.BytesIO(data), "CONTENT_LENGTH": "", "wsgi.input_terminated": True},
    )
    assert answer.status_code == 422
    assert kept_words(answer)["message"] == WORDS


def test_a_body_that_is_not_announced_is_not_waited_for(client: FlaskClient, cast: Cast) -> None:
    """Reading what does not come would hold the server's thread for as long as the caller likes."""
    body = Endless()
    answer = client.post(
        f"/q/{cast.maria_link}", content_type=FORM, environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": ""}
    )
    assert (answer.status_code, body.given) == (422, 0)


def test_a_body_of_two_megabytes_is_read_and_answered_in_words(client: FlaskClient, cast: Cast) -> None:
    fields = form(cast, message="", contact_name=WORDS)
    room = 2 * MEGABYTE - len(body_of(fields.items(), "multipart")[0])
    answer = post(client, f"/q/{cast.maria_link}", (fields | {"message": "x" * room}).items(), "multipart")
    assert answer.status_code == 422
    assert kept_words(answer)["contact_name"] == WORDS


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/json", "multipart/mixed; boundary=b", "multipart/form-data", "nonsense",
     "multipart/form-data; boundary=", "multipart/form-data; boundary=\u0431", "application/octet-stream", ";;;"],
)  # fmt: skip
def test_another_content_type_is_refused_in_words(client: FlaskClient, cast: Cast, content_type: str) -> None:
    data, _ = body_of(form(cast).items(), "urlencoded")
    answer = client.post(
        f"/q/{cast.maria_link}", data=data, headers={"Content-Type": content_type.encode().decode("latin-1")}
    )
    assert answer.status_code in (415, 422), answer.status
    assert well_formed(answer.text) == []
    assert "send" in visible_text(answer.text).lower()


def test_json_is_refused(client: FlaskClient, cast: Cast) -> None:
    answer = client.post(f"/q/{cast.maria_link}", json={"kind": "compliment", "message": WORDS})
    assert answer.status_code == 415
    assert "could not be read" in visible_text(answer.text)


def test_an_empty_body_is_refused(client: FlaskClient, cast: Cast) -> None:
    for style in STYLES:
        answer = post(client, f"/q/{cast.maria_link}", (), style)
        assert answer.status_code in (415, 422)
    assert client.post(f"/q/{cast.maria_link}").status_code == 415


@pytest.mark.parametrize("style", STYLES)
def test_a_form_that_was_cut_off_on_the_way_is_never_taken(client: FlaskClient, cast: Cast, style: str) -> None:
    """The token stands last, so that half of the words is never taken for all of them."""
    fields = form(cast, message=WORDS, kind="compliment")
    fields["token"] = fields.pop("token")
    data, content_type = body_of(fields.items(), style)
    whole = data.rindex(b"\r\n--") if style == "multipart" else len(data)
    for cut in range(0, whole, 7):
        answer = client.post(f"/q/{cast.maria_link}", data=data[:cut], content_type=content_type)
        assert answer.status_code in (415, 422), (cut, answer.status)


@pytest.mark.parametrize("style", STYLES)
def test_a_body_shorter_than_announced_is_never_taken(client: FlaskClient, cast: Cast, style: str) -> None:
    data, content_type = body_of(form(cast).items(), style)
    answer = client.post(
        f"/q/{cast.maria_link}",
        data=data[:60],
        content_type=content_type,
        environ_overrides={"CONTENT_LENGTH": str(len(data))},
    )
    assert answer.status_code in (415, 422)


def test_the_token_stands_last_in_the_form(client: FlaskClient, cast: Cast) -> None:
    page = client.get(f"/q/{cast.table_link}").text
    last = page.rindex("<input", 0, page.index("</form>"))
    assert 'name="token"' in page[last:]
    assert not any(tag in page[last:] for tag in ("<textarea", "<select", "<button"))


@pytest.mark.parametrize(
    "data",
    [
        f"--{BOUNDARY}\r\n\r\nno disposition\r\n--{BOUNDARY}--",
        f"--{BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--{BOUNDARY}--",
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; name*=UTF-8''%ED%A0%80\r\n\r\nx\r\n--{BOUNDARY}--",
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="kind"\r\nX: \u0431\r\n\r\nx\r\n--{BOUNDARY}--',
        f"--{BOUNDARY}--",
        f"--{BOUNDARY}",
        "no boundary at all",
        "\r\n" * 1000,
    ],
)
def test_multipart_that_is_none_is_refused(client: FlaskClient, cast: Cast, data: str) -> None:
    answer = client.post(
        f"/q/{cast.maria_link}", data=data.encode(), content_type=f"multipart/form-data; boundary={BOUNDARY}"
    )
    assert answer.status_code in (415, 422)
    assert well_formed(answer.text) == []


def test_a_part_whose_headers_are_no_text_is_refused(client: FlaskClient, cast: Cast) -> None:
    data = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=".encode() + b'"\xff\xfe"\r\n\r\nx\r\n'
    answer = client.post(
        f"/q/{cast.maria_link}",
        data=data + f"--{BOUNDARY}--".encode(),
        content_type=f"multipart/form-data; boundary={BOUNDARY}",
    )
    assert answer.status_code in (415, 422)


@pytest.mark.parametrize("style", STYLES)
def test_thousands_of_fields_are_refused(client: FlaskClient, cast: Cast, style: str) -> None:
    fields = [(f"x{number}", "1") for number in range(3000)]
    answer = post(client, f"/q/{cast.maria_link}", [*fields, *form(cast).items()], style)
    assert answer.status_code in (413, 422)


@pytest.mark.parametrize(
    "filling", [b"\r", b"\n", b"\r\n", b"-", b"&", b"=", b"%", b"%00", b"a=1&", b"--" + BOUNDARY.encode(), b"+", b";"]
)
@pytest.mark.parametrize("style", STYLES)
def test_two_megabytes_of_anything_are_answered_soon(
    client: FlaskClient, cast: Cast, style: str, filling: bytes
) -> None:
    _, content_type = body_of((), style)
    data = (
        b"" if style == "urlencoded" else f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\n'.encode()
    )
    data += filling * ((2 * MEGABYTE - 200) // len(filling))
    began = time.process_time()
    answer = client.post(f"/q/{cast.maria_link}", data=data, content_type=content_type)
    assert answer.status_code in (413, 415, 422)
    assert time.process_time() - began < 20  # what grows with the square of the length takes minutes


@tries(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    data=some.one_of(
        some.binary(max_size=300),
        some.lists(
            some.sampled_from(
                [b"--b", b"\r\n", b"--", b"Content-Disposition: form-data; name=", b'"kind"', b'"a[]"', b"\0", b"\xff",
                 b"=", b"&", b"%", b"%zz", b"%ED%A0%80", b"compliment", b";", b'filename="x"', b"\r\n\r\n"]
            ),
            max_size=30,
        ).map(b"".join),
    ),
    content_type=some.sampled_from([FORM, "multipart/form-data; boundary=b", 'multipart/form-data; boundary="b"',
                                    "multipart/form-data; boundary=b; boundary=c", FORM + "; charset=utf-16"]),
)  # fmt: skip
def test_whatever_the_bytes_are_they_are_read_or_refused(data: bytes, content_type: str) -> None:
    environ = EnvironBuilder(method="POST", data=data, content_type=content_type).get_environ()
    try:
        sent = body.read(Request(environ))
    except (RequestEntityTooLarge, UnsupportedMediaType):
        return
    for values in sent.values.values():
        for value in values:
            assert "\0" not in value
            value.encode()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused_in_words(client: FlaskClient, cast: Cast, method: str) -> None:
    answer = getattr(client, method)(f"/q/{cast.maria_link}")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert well_formed(answer.text) == []


def form(cast: Cast, **changes: str) -> dict[str, str]:
    """A complaint through Maria's link that is in order but for `changes`."""
    token = tokens.mint(cast.maria_link, clock.now(), SECRET)
    return {"kind": "complaint", "message": WORDS, "token": token} | changes


def assert_too_large(answer: TestResponse) -> None:
    """Said in words, on a page that is in order."""
    assert answer.status_code == 413
    assert well_formed(answer.text) == []
    assert "too large" in visible_text(answer.text)


def test_words_behind_too_many_fields_are_refused_rather_than_lost(
    client: FlaskClient, cast: Cast, store: Store
) -> None:
    token = token_of(client, cast.table_link)
    body = f"token={token}&kind=compliment&" + "x=1&" * 200 + "message=Thanks"
    kind = "application/x-www-form-urlencoded"
    assert client.post(f"/q/{cast.table_link}", data=body, content_type=kind).status_code == 413
    assert rows(store)["submission"] == 0
