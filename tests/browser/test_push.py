"""Being told on a phone: the button is there, and what is pushed is shown by the browser without a page."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Running, sign_in
from tests.ground.axe import violations

Visit = Callable[..., BrowserContext]
REGISTER = "navigator.serviceWorker.register('/sw.js', {scope: '/'}).then(() => navigator.serviceWorker.ready)"
SHOWN = """navigator.serviceWorker.ready.then((worker) => worker.getNotifications())
  .then((all) => all.map((one) => [one.title, one.body, one.data.path]))"""


def test_what_is_pushed_is_shown(visit: Visit, house: Running) -> None:
    phone = visit()
    phone.grant_permissions(["notifications"], origin=house.url)
    sign_in(phone, house.person("Sam Ortega"))
    page = phone.new_page()
    page.goto("/account")
    expect(page.get_by_role("button", name="Tell me on this device")).to_be_visible()
    assert violations(page) == []
    session, registered = phone.new_cdp_session(page), list[dict[str, Any]]()
    session.on("ServiceWorker.workerRegistrationUpdated", lambda told: registered.extend(told["registrations"]))
    session.send("ServiceWorker.enable")
    page.evaluate(f"{REGISTER}.then(() => true)")
    told = {"title": "Finch and Fern", "body": "1 new letter for you", "path": "/praise"}
    deliver = {"origin": house.url + "/", "registrationId": registered[-1]["registrationId"], "data": json.dumps(told)}
    session.send("ServiceWorker.deliverPushMessage", deliver)
    page.wait_for_function(f"{SHOWN}.then((all) => all.length > 0)")
    assert page.evaluate(SHOWN) == [[told["title"], told["body"], "/praise"]]


def test_without_a_script_it_says_how_else(visit: Visit, house: Running) -> None:
    phone = visit(javascript=False)
    sign_in(phone, house.person("Sam Ortega"))
    page = phone.new_page()
    page.goto("/account")
    expect(page.get_by_role("button", name="Tell me on this device")).to_be_hidden()
    expect(page.locator("#push-none")).to_be_visible()
