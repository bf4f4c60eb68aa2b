"""GET /thanks/receipt.png: the receipt as a picture that any phone can scan."""

import io

import zxingcpp
from flask.testing import FlaskClient
from PIL import Image

from feedback.core.organisation import the_organisation
from tests.factories import Cast
from tests.web.customer.conftest import Standing
from tests.web.customer.hand import say


def test_it_decodes_to_the_address_that_opens_the_receipt(client: FlaskClient, cast: Cast) -> None:
    receipt = say(client, cast.maria_link)
    answer = client.get("/thanks/receipt.png")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    picture = Image.open(io.BytesIO(answer.data))
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [f"http://localhost/r#{receipt}"]
    assert not picture.info  # no text, no time, no author


def test_without_the_cookie_there_is_none(client: FlaskClient, cast: Cast, house: Standing) -> None:
    say(client, cast.maria_link)
    assert house.browser().get("/thanks/receipt.png").status_code == 404


def test_it_is_drawn_whatever_the_organisation_is_called(alone: Standing) -> None:
    browser = alone.browser()
    receipt = say(browser, alone.cast.maria_link)
    for name in ("شركة الحديقة", "花园之家", "A" * 200, "\x01\x02", "🌻"):
        with alone.store.write() as session:
            organisation = the_organisation(session)
            assert organisation
            organisation.name = name
        picture = Image.open(io.BytesIO(browser.get("/thanks/receipt.png").data))
        assert [found.text for found in zxingcpp.read_barcodes(picture)] == [f"http://localhost/r#{receipt}"], name
