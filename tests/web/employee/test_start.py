"""The start page: where each of the cast begins their day."""

import pytest
from flask import Flask

from tests.factories import Cast
from tests.story import at_work


def test_nobody_begins_at_the_door(app: Flask, cast: Cast) -> None:
    assert app.test_client().get("/").headers["Location"] == "/sign-in"


@pytest.mark.parametrize(("key", "way"), [("maria", "/praise"), ("hans", "/praise"), ("berta", "/cases")])
def test_everyone_begins_with_what_is_theirs(app: Flask, cast: Cast, key: str, way: str) -> None:
    answer = at_work(app, cast, key).get("/")
    assert (answer.status_code, answer.headers["Location"]) == (303, way)
