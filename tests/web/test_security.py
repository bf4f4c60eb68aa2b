"""What every answer carries, what no page holds, and who is counted as whom."""

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from flask import Flask

from feedback import create_app
from feedback.config import Settings
from feedback.db import Store
from feedback.web import NAME, rooms, security
from tests.factories import PASSWORD, Cast, address_of, send
from tests.ground.tree import PageText
from tests.story import arrives, at_work

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
FOR_ALL = ["/q/{code}", "/Q/{code}?lang=ar", "/thanks", "/thanks/farewell", "/r", "/R", "/nothing", "/q/00000000"]
AT_WORK = ["/praise", "/cases", "/cases/{case}", "/cases/12", "/links", "/links/{link}", "/sign-in", "/sign-in/x"]
LEADING = {"href", "src", "action", "formaction", "data", "poster", "srcset", "background", "ping"}


@pytest.fixture
def names(store: Store, cast: Cast) -> dict[str, object]:
    return {"code": cast.maria_link, "case": arrives(store, cast.maria_link), "link": cast.link_ids["maria"]}


def pages(app: Flask, cast: Cast, names: dict[str, object]):
    """Every kind of page, errors among them, as (address, answer)."""
    customer, berta = app.test_client(), at_work(app, cast, "berta")
    send(customer, cast.maria_link, kind="compliment")
    for browser, ways in ((customer, FOR_ALL), (berta, AT_WORK)):
        for way in ways:
            yield way, browser.get(way.format(**names))
    yield "400", berta.post("/sign-out")
    yield "405", customer.delete("/cases")
    yield "422", customer.post(f"/q/{cast.maria_link}", data={"kind": "complaint"})
    yield "422 at work", customer.post("/sign-in", data={"email": "x", "password": "y"})
    yield "303", customer.get("/cases")


def test_every_answer_carries_the_headers(app: Flask, cast: Cast, names: dict[str, object]) -> None:
    for way, answer in pages(app, cast, names):
        carried = {name: answer.headers.get(name) for name in HEADERS}
        assert carried == HEADERS, way
        assert "camera=()" in answer.headers["Permissions-Policy"], way
    for way in ("/healthz", f"/links/{names['link']}.svg", f"/links/{names['link']}.png"):
        assert at_work(app, cast, "berta").get(way).headers["Cache-Control"] == "no-store"
    static = app.test_client().get("/static/css/base.css", buffered=True)
    assert static.headers["Cache-Control"] == "public, max-age=3600"
    assert static.headers["X-Content-Type-Options"] == "nosniff"


def test_the_policy_allows_the_one_style_of_the_page_and_nothing_else_inside_it(
    app: Flask, cast: Cast, names: dict[str, object]
) -> None:
    for way, answer in pages(app, cast, names):
        policy = {part.split()[0]: part.split()[1:] for part in answer.headers["Content-Security-Policy"].split("; ")}
        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"], way
        assert policy["form-action"] == policy["img-src"] == ["'self'"], way
        assert policy.get("script-src", ["'self'"]) == ["'self'"], way
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "data:"} & {
            word for part in policy.values() for word in part
        }
        for style in re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy["style-src"], way


def test_no_page_holds_script_or_style_in_its_tags_or_anything_from_elsewhere(
    app: Flask, cast: Cast, names: dict[str, object]
) -> None:
    for way, answer in pages(app, cast, names):
        if answer.status_code == 303:
            continue
        elements = PageText(answer.text).elements
        assert sum(element.tag == "style" for element in elements) == 1, way
        for element in elements:
            assert element.tag not in ("iframe", "object", "embed", "base", "applet"), way
            assert not any(name == "style" or name.startswith("on") for name in element.attributes), (way, element)
            assert element.tag != "script" or (element.attributes.get("src") and not element.text.strip()), way
            assert element.attributes.get("http-equiv", "").lower() in ("", "content-type"), way
            for name in LEADING & element.attributes.keys():
                lead = element.attributes[name]
                assert re.match(r"/(?!/)|[?#]|mailto:|tel:|http://localhost/|\w{8}/\w+\.gif$|$", lead), (
                    way,
                    name,
                    lead,
                )


def test_customers_get_no_cookie_before_they_send(app: Flask, cast: Cast) -> None:
    for way in (f"/q/{cast.maria_link}", f"/q/{cast.maria_link}?lang=de", "/r", "/thanks", "/nothing", "/healthz", "/"):
        assert "Set-Cookie" not in app.test_client().get(way).headers, way
    refused = app.test_client().post(f"/q/{cast.maria_link}", data={"kind": "complaint"})
    assert "Set-Cookie" not in refused.headers


def test_every_form_at_work_asks_for_its_token(app: Flask, cast: Cast, names: dict[str, object]) -> None:
    """But signing in, which needs no session yet and looks at where the request comes from."""
    forms = {
        rule.endpoint: re.sub(r"<\w+>", str(names["case"]), re.sub(r"<any\((\w+).*?>", r"\1", rule.rule))
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint.partition(".")[0] in {b.name for b in rooms.AT_WORK}
    }
    for door in ("sign_in", "pin_sign_in"):
        forms.pop(f"employee.{door}")
    assert len(forms) >= 5
    anna = at_work(app, cast, "anna")
    for way in forms.values():
        for data, headers in (
            ({}, {}),
            ({"csrf_token": "x"}, {}),
            ({}, {"X-CSRFToken": "x"}),
            ({}, {"X-CSRF-Token": ""}),
        ):
            assert anna.post(way, data=data, headers=headers).status_code == 400, way
    assert anna.get("/praise").status_code == 200


def test_a_forged_cookie_is_no_sign_in(app: Flask, settings: Settings, store: Store, cast: Cast) -> None:
    other = create_app(replace(settings, secret_key="another secret"))
    stolen = at_work(other, cast, "anna").get_cookie("firsthand")
    assert stolen is not None
    for value in (stolen.value, "x", "e30.a.b", "", "." * 3000):
        browser = app.test_client()
        browser.set_cookie("firsthand", value)
        assert browser.get("/praise").status_code == 303
    other.extensions[NAME].store.close()


@pytest.mark.parametrize("token", [None, 5, [], {"a": 1}, "", "x", "\0", "é" * 99])
def test_a_cookie_of_ours_with_odd_things_in_it_is_no_sign_in(app: Flask, cast: Cast, token: object) -> None:
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie["token"], cookie["lang"] = token, token
    assert browser.get("/praise").status_code == 303
    assert browser.get("/sign-in").status_code == 200


@pytest.mark.parametrize(
    ("remote", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_an_address_is_counted_as_one_household(app: Flask, remote: str, counted: str) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": remote}):
        assert security.address() == counted


def behind(settings: Settings, proxies: int, forwarded: str) -> str:
    """Who is counted for a request that came through so many trusted proxies."""
    app = create_app(replace(settings, trusted_proxies=proxies))
    app.add_url_rule("/who", "who", lambda: security.address())
    app.view_functions["who"].needs = "public"  # type: ignore[attr-defined]
    answer = app.test_client().get("/who", headers={"X-Forwarded-For": forwarded}).text
    app.extensions[NAME].store.close()
    return answer


def test_only_trusted_proxies_say_whom_they_speak_for(settings: Settings, cast: Cast) -> None:
    assert behind(settings, 0, "192.0.2.7") == "127.0.0.1"
    assert behind(settings, 1, "198.51.100.1, 192.0.2.7") == "192.0.2.7"
    assert behind(settings, 2, "203.0.113.5, 198.51.100.1, 192.0.2.7") == "198.51.100.1"
    assert behind(settings, 1, "not an address") == "not an address"


@pytest.mark.parametrize(
    "base_url", ["https://say.example", "https://say.example/feedback", "https://say.example:8443"]
)
def test_behind_a_proxy_ones_own_site_is_the_one_customers_see(
    settings: Settings, store: Store, cast: Cast, base_url: str
) -> None:
    app = create_app(replace(settings, base_url=base_url, trusted_proxies=1))
    data = {"email": address_of("maria"), "password": PASSWORD}
    own = base_url.removesuffix("/feedback")
    refused = app.test_client().post("/sign-in", data=data, headers={"Origin": "https://say.example.evil.example"})
    assert refused.status_code == 400
    assert app.test_client().post("/sign-in", data=data, headers={"Origin": own}).status_code == 303
    app.extensions[NAME].store.close()
