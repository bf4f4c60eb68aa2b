"""Being told on a device: asked for by the page's script, taken back by a button that needs none."""

import pytest
from flask import Flask

from feedback.core import pushes
from feedback.db import Store
from tests.factories import Cast
from tests.ground.pages import visible_text, well_formed
from tests.ground.pushes import PushService, subscription
from tests.story import at_work, fill_in, token_for

HERE = "https://fcm.googleapis.com/fcm/send/abc"


def count(store: Store, person_id: int) -> int:
    with store.read() as session:
        return len(pushes.of(session, person_id))


@pytest.fixture
def form() -> dict[str, str]:
    """What the script sends."""
    return subscription(PushService()).form | {"address": HERE}


def test_a_device_is_told_until_it_is_taken_back(app: Flask, store: Store, cast: Cast, form: dict[str, str]) -> None:
    maria = at_work(app, cast, "maria")
    answer = fill_in(maria, "/account", "/account/push", **form)
    assert (answer.status_code, answer.location) == (303, "/account#pushes")
    assert count(store, cast.maria) == 1
    page = maria.get("/account").text
    assert well_formed(page) == [] and "not told of anything yet" in visible_text(page) and HERE not in page
    with store.read() as session:
        (device,) = pushes.of(session, cast.maria)
    assert HERE in maria.get("/account/record.json").text
    fill_in(maria, "/account", f"/account/push/{device.id}/removal")
    assert count(store, cast.maria) == 0


@pytest.mark.parametrize(
    "change", [{"address": "https://evil.example/x"}, {"address": ""}, {"public_key": "ß"}, {"secret": "A"}]
)
def test_what_is_no_device_is_said(
    app: Flask, store: Store, cast: Cast, form: dict[str, str], change: dict[str, str]
) -> None:
    maria = at_work(app, cast, "maria")
    fill_in(maria, "/account", "/account/push", **form | change)
    assert "cannot be told" in visible_text(maria.get("/account").text) and count(store, cast.maria) == 0


def test_anothers_device_does_not_exist(app: Flask, store: Store, cast: Cast, form: dict[str, str]) -> None:
    fill_in(at_work(app, cast, "maria"), "/account", "/account/push", **form)
    with store.read() as session:
        (device,) = pushes.of(session, cast.maria)
    anna = at_work(app, cast, "anna")
    answer = anna.post(f"/account/push/{device.id}/removal", data={"csrf_token": token_for(anna)})
    assert answer.status_code == 404 and count(store, cast.maria) == 1
    assert at_work(app, cast, "maria").post("/account/push", data=form).status_code == 400  # and no other site


def test_without_a_trusted_service_nothing_is_offered(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from feedback.web import NAME

    house = app.extensions[NAME]
    monkeypatch.setitem(app.extensions, NAME, replace(house, settings=replace(house.settings, push_hosts=())))
    assert "Tell me on this device" not in at_work(app, cast, "maria").get("/account").text


def test_the_script_that_browsers_keep_and_the_manifest(app: Flask, cast: Cast) -> None:
    browser = app.test_client()
    worker, manifest = browser.get("/sw.js"), browser.get("/manifest.webmanifest")
    assert "javascript" in worker.mimetype and "push" in worker.text
    assert manifest.json["name"] == "Garden House" and manifest.json["start_url"] == "/praise"
