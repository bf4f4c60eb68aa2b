"""GET /.well-known/firsthand-keys.json: open to all, and complete before anything names a key."""

import base64
import json

import pytest
from flask import Flask

from feedback.core.signing import id_of, key_of
from feedback.db import Store
from tests.factories import Cast
from tests.story import SECRET, at_work, statements
from tests.web.conftest import Trouble

KEYS = "/.well-known/firsthand-keys.json"


def test_the_list_is_public_and_kept_briefly(app: Flask, store: Store, cast: Cast) -> None:
    answer = app.test_client().get(KEYS)
    assert json.loads(answer.data) == {
        "format": "firsthand-keys/1",
        "organisation": "Garden House",
        "base_url": "http://localhost",
        "keys": [],
    }
    assert answer.headers["Cache-Control"] == "public, max-age=300" and "Set-Cookie" not in answer.headers
    at_work(app, cast, "maria").get("/praise/letters.json")
    (key,) = json.loads(app.test_client().get(KEYS).data)["keys"]
    assert id_of(base64.b64decode(key["public_key"])) == key["id"] == key_of(SECRET).id
    assert key["algorithm"] == "Ed25519" and key["since"].endswith("+00:00")


@pytest.mark.parametrize("file", ["letters.json", "letters.pdf"])
def test_a_key_is_on_the_list_before_a_file_names_it_and_written_once(app: Flask, cast: Cast, file: str) -> None:
    maria = at_work(app, cast, "maria")
    for is_fresh in (True, False):
        with statements(app) as seen:
            assert maria.get(f"/praise/{file}").status_code == 200
        assert any("INSERT INTO signing_key" in statement for statement in seen) == is_fresh


def test_while_the_store_is_locked_nothing_is_signed_with_a_key_nobody_knows(
    hasty: Flask, cast: Cast, locked: Trouble
) -> None:
    maria = at_work(hasty, cast, "maria")
    with locked():
        # PostgreSQL's lock of the tests does not hold this table: there the file comes, with its key on the list.
        status = maria.get("/praise/letters.json").status_code
    listed = json.loads(hasty.test_client().get(KEYS).data)["keys"]
    assert (status, len(listed)) in {(503, 0), (200, 1)}
    assert maria.get("/praise/letters.json").status_code == 200


def test_before_there_is_an_organisation_there_is_no_list(app: Flask) -> None:
    assert app.test_client().get(KEYS).headers["Location"].endswith("/set-up")
