"""The page of how promptly praise arrives: sums in sentences, and nothing where there are too few."""

from datetime import timedelta

from flask import Flask

from feedback import clock
from feedback.core import promptness
from feedback.db import Store
from tests.factories import Cast
from tests.ground.pages import visible_text
from tests.story import arrives, at_work

PAGE = "/praise/promptness"


def test_a_manager_reads_how_praise_arrives(app: Flask, store: Store, cast: Cast) -> None:
    for _ in range(5):
        arrives(store, cast.maria_link, kind="compliment", message="", at=clock.now())
    at_work(app, cast, "maria").get("/praise")
    promptness.recount(store, clock.now() + timedelta(seconds=1))
    page = visible_text(at_work(app, cast, "berta").get(PAGE).text)
    for part in ("sent 5 compliments", "100% of them were delivered, half of those within 10 seconds", "100% reached"):
        assert part in page
    assert "Too few" in visible_text(at_work(app, cast, "paula").get(PAGE).text)


def test_too_few_say_nothing(app: Flask, store: Store, cast: Cast) -> None:
    for _ in range(4):
        arrives(store, cast.maria_link, kind="compliment", message="", at=clock.now())
    promptness.recount(store, clock.now())
    page = visible_text(at_work(app, cast, "berta").get(PAGE).text)
    assert "Too few to tell yet" in page and "%" not in page


def test_who_manages_nothing_does_not_find_it(app: Flask, cast: Cast) -> None:
    assert at_work(app, cast, "maria").get(PAGE).status_code == 404
