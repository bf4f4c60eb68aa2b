"""GET /q/<code> in a language: the address's, else the browser's, else the link's, else the organisation's."""

import re

import pytest
from flask.testing import FlaskClient

from feedback.core.links import link_with_code
from feedback.core.organisation import the_organisation
from feedback.text import known
from tests.factories import Cast, send
from tests.ground.pages import field_values, links, visible_text, well_formed
from tests.web.customer.conftest import Standing

HTML = re.compile(r'<html lang="([\w-]+)" dir="(\w+)">')


def spoken(client: FlaskClient, code: str, *, accept: str | None = None, query: str = "") -> tuple[str, ...]:
    """Language and direction of a link's form."""
    headers = {} if accept is None else {"Accept-Language": accept}
    page = client.get(f"/q/{code}{query}", headers=headers)
    assert page.status_code == 200
    found = HTML.search(page.text)
    assert found
    return found.groups()


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("ar-EG", "ar"),
        ("en-GB,en;q=0.5", "en"),
        ("fr, de;q=0.1", "de"),
        ("fr", "en"),
        ("", "en"),
        ("*", "en"),
        ("de;q=0", "en"),
        ("de;q=0, ar;q=0.1", "ar"),
        ("en;q=0.1, ar;q=0.9, de;q=0.5", "ar"),
        ("zh-Hant-TW, iw, no", "en"),
    ],
)
def test_the_browsers_language_is_spoken_where_we_know_it(
    client: FlaskClient, cast: Cast, accept: str, language: str
) -> None:
    assert spoken(client, cast.table_link, accept=accept)[0] == language


@pytest.mark.parametrize(
    "accept",
    [";;;", ",,,,", "en;q=abc", "de;q=nan", "de;q=-1", "de;q=999", "\xff\xfe", "-", "_", "a" * 10_000, "de," * 5000,
     "x-klingon", "i-default", "de-", "-de", "en-US-x-private-" + "a" * 50, "'\"<script>"],
)  # fmt: skip
def test_a_header_that_is_none_does_no_harm(client: FlaskClient, cast: Cast, accept: str) -> None:
    assert spoken(client, cast.table_link, accept=accept)[0] in {"en", "de"}


def test_the_address_goes_before_the_browser(client: FlaskClient, cast: Cast) -> None:
    assert spoken(client, cast.table_link, accept="de", query="?lang=ar") == ("ar", "rtl")
    assert spoken(client, cast.table_link, accept="ar", query="?lang=en") == ("en", "ltr")


@pytest.mark.parametrize("query", ["?lang=", "?lang=fr", "?lang=xx", "?lang=DE-", "?lang=%00", "?lang=%FF", "?lang=../..",
                                   "?lang[]=ar", "?lang=" + "a" * 5000, "?Lang=ar", "?lang=<script>"])  # fmt: skip
def test_an_address_that_asks_for_no_language_of_ours_asks_for_none(
    client: FlaskClient, cast: Cast, query: str
) -> None:
    assert spoken(client, cast.table_link, accept="de", query=query)[0] == "de"


def test_without_a_wish_the_links_language_is_spoken_then_the_organisations(alone: Standing) -> None:
    browser, code = alone.browser(), alone.cast.table_link
    with alone.store.write() as session:
        organisation = the_organisation(session)
        assert organisation
        organisation.language = "de"
        organisation.version += 1
    assert spoken(browser, code)[0] == "de"
    with alone.store.write() as session:
        link = link_with_code(session, code)
        assert link
        link.language = "ar"
    assert spoken(browser, code)[0] == "ar"
    assert spoken(browser, code, accept="en")[0] == "en"


def test_a_language_that_is_spoken_no_more_is_not_promised(alone: Standing) -> None:
    """The link still asks for Arabic, the organisation for one that there are no texts for."""
    with alone.store.write() as session:
        organisation, link = the_organisation(session), link_with_code(session, alone.cast.table_link)
        assert organisation and link
        organisation.languages, organisation.language, link.language = ["en"], "fr", "ar"
        organisation.version += 1
    browser = alone.browser()
    assert spoken(browser, alone.cast.table_link, accept="de") == ("en", "ltr")
    assert spoken(browser, alone.cast.table_link, query="?lang=de") == ("en", "ltr")


@pytest.mark.parametrize("lang", ["de", "ar"])
def test_all_that_is_ours_is_translated(client: FlaskClient, cast: Cast, lang: str) -> None:
    for code in (cast.maria_link, cast.table_link):
        english = set(visible_text(client.get(f"/q/{code}?lang=en").text).splitlines())
        other = set(visible_text(client.get(f"/q/{code}?lang={lang}").text).splitlines())
        assert english & other <= {
            "Garden House", "Maria", "Karim", "Kitchen", "Terrace", "Table 4", "Cold food", "Missing parts",
            "English", "Deutsch", "العربية", "MMaria", "KKarim", "M",
        }  # fmt: skip


def test_nothing_escapes_the_made_up_language(client: FlaskClient, cast: Cast) -> None:
    for line in visible_text(client.get(f"/q/{cast.maria_link}?lang=qps").text).splitlines():
        assert line.startswith("[") or line in {"Garden House", "Maria", "Kitchen", "Cold food", "Missing parts", "M",
                                                "English", "Deutsch", "العربية"}, line  # fmt: skip


def test_the_page_leads_to_itself_in_the_other_languages(client: FlaskClient, cast: Cast) -> None:
    page = client.get(f"/q/{cast.table_link}").text
    led = {link.href: link.text for link in links(page) if link.href.startswith("?")}
    assert led == {f"?lang={tag}": known(tag).name for tag in ("de", "ar")}
    for query in led:
        assert spoken(client, cast.table_link, query=query)[0] == query.removeprefix("?lang=")


@pytest.mark.parametrize("lang", ["de", "ar"])
def test_a_refused_form_comes_back_in_its_language(client: FlaskClient, cast: Cast, lang: str) -> None:
    form = {"kind": "complaint", "message": "", "rating": "6", "token": ""}
    answer = client.post(f"/q/{cast.table_link}?lang={lang}", data=form)
    assert answer.status_code == 422
    assert well_formed(answer.text) == []
    assert f'<html lang="{lang}"' in answer.text
    assert "Please" not in visible_text(answer.text)


@pytest.mark.parametrize("lang", ["de", "ar"])
def test_the_thank_you_page_keeps_the_language(client: FlaskClient, cast: Cast, lang: str) -> None:
    for code, query, headers in (
        (cast.table_link, f"?lang={lang}", {}),
        (cast.maria_link, "", {"Accept-Language": lang}),
    ):
        page = client.get(f"/q/{code}{query}", headers=headers)
        answer = client.post(
            f"/q/{code}{query}", data=field_values(page.text) | {"kind": "compliment"}, headers=headers
        )
        assert answer.status_code == 303
        assert f'<html lang="{lang}"' in client.get(answer.headers["Location"], headers=headers).text


def test_one_customers_language_does_not_reach_the_next(client: FlaskClient, cast: Cast) -> None:
    assert spoken(client, cast.table_link, query="?lang=ar")[0] == "ar"
    assert "Arabic" not in client.get("/thanks").text
    assert '<html lang="en"' in client.get("/thanks").text
    assert send(client, cast.table_link, kind="complaint").text.count('lang="en" dir="ltr"') == 1
