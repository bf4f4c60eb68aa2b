"""The doors and the account page in the pseudo-language, for those with a PIN, a second factor, or both."""

from feedback import clock, totp
from feedback.core import second_factor
from tests.factories import PASSWORD, address_of
from tests.story import at_work, fill_in, token_for
from tests.text.rooms import ASK, Pages, Scene, opened

PIN = "384756"


def account_pages(scene: Scene) -> Pages:
    """The doors of those with a PIN and a second factor, and the page where both are kept."""
    cast, key = scene.cast, scene.settings.secret_key
    browser = at_work(scene.app, cast, "hans")
    yield "as it is", opened(browser, f"/account{ASK}")
    for action in ("password", "devices"):
        yield f"wrong {action}", fill_in(browser, "/account", f"/account/{action}", name="", pin="123456").text
    fill_in(browser, "/account", "/account/devices", pin=PIN, proof=PASSWORD)
    yield "with a PIN", opened(browser, "/account")
    yield "not proved", fill_in(browser, "/account", "/account/second-factor", proof="x").text
    fill_in(browser, "/account", "/account/second-factor", proof=PASSWORD)
    yield "second factor", opened(browser, "/account/second-factor")
    confirmation = "/account/second-factor/confirmation"
    yield "wrong code", fill_in(browser, "/account/second-factor", confirmation, first="1").text
    with scene.store.read() as session:
        known = second_factor.pending(session, cast.hans, key)
    assert known is not None
    code = totp.code(known, totp.step_at(clock.now()))
    yield "recovery codes", fill_in(browser, "/account/second-factor", confirmation, first=code).text
    yield "with both", opened(browser, "/account")
    yield "not off", fill_in(browser, "/account", "/account/second-factor/removal", code="1").text
    for action in ("sign-outs", "password"):
        fill_in(browser, "/account", f"/account/{action}", known=PASSWORD, password=PASSWORD)
        yield f"after {action}", opened(browser, "/account")
    browser.post("/sign-out", data={"csrf_token": token_for(browser)})
    yield "welcome back", opened(browser, f"/sign-in{ASK}")
    yield "beside a PIN", opened(browser, "/sign-in?way=password")
    browser.post("/sign-in", data={"email": address_of("hans"), "password": PASSWORD})
    yield "code", opened(browser, "/sign-in/code")
    yield "wrong second step", fill_in(browser, "/sign-in/code", "/sign-in/code", code="1").text
    for n in range(5):
        yield f"wrong PIN {n}", fill_in(browser, "/sign-in", "/sign-in/pin", pin="920461").text
    anna = at_work(scene.app, cast, "anna")
    page = f"/admin/people/{cast.hans}"
    yield "an admin's view", opened(anna, f"{page}{ASK}")
    fill_in(anna, page, f"{page}/second-factor-removal")
    yield "taken away", opened(anna, page)
