"""Making walls, and what their managers do with them."""

import re

import pypdfium2
import pytest
from flask import Flask

from feedback.core import walls
from feedback.db import Store
from tests.core.test_praise import thanks
from tests.core.test_walls import wall
from tests.factories import BEGINNING, Cast
from tests.story import at_work, fill_in, token_for, viewer


def test_a_wall_is_made_and_its_address_opens(app: Flask, cast: Cast) -> None:
    berta = at_work(app, cast, "berta")
    answer = fill_in(berta, "/walls", "/walls", name="  Staff \n room ", department=str(cast.kitchen), language="en")
    assert answer.status_code == 303
    page = berta.get(answer.location).text
    assert "Staff room" in page
    assert app.test_client().get(re.findall(r"/wall/\w{26}", page)[0]).status_code == 200
    picture = berta.get(f"{answer.location}/code.svg")
    assert picture.mimetype == "image/svg+xml" and "<path" in picture.text


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "x" * 81}, {"name": "a\0"}, {"language": "tlh"}])
def test_what_is_wrong_is_said_and_stays(app: Flask, cast: Cast, wrong: dict[str, str]) -> None:
    berta = at_work(app, cast, "berta")
    said = {"name": "Up stairs", "department": str(cast.kitchen), "language": "en"} | wrong
    answer = fill_in(berta, "/walls", "/walls", **said)
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert wrong.get("name", said["name"]).replace("\0", "") in answer.text.replace("\0", "")


@pytest.mark.parametrize("department", ["packing", "root", ""])
def test_no_wall_of_anothers_department(app: Flask, cast: Cast, department: str) -> None:
    berta = at_work(app, cast, "berta")
    of = str(getattr(cast, department)) if department else "x"
    data = {"csrf_token": token_for(berta), "name": "Spy", "department": of, "language": "en"}
    assert berta.post("/walls", data=data).status_code == 404


@pytest.mark.parametrize("act", ["address", "closure"])
def test_anothers_wall_does_not_exist(app: Flask, store: Store, cast: Cast, act: str) -> None:
    made, paula, maria = wall(store, cast), at_work(app, cast, "paula"), at_work(app, cast, "maria")
    for browser in (paula, maria):
        answer = browser.post(f"/walls/{made.id}/{act}", data={"csrf_token": token_for(browser)})
        assert answer.status_code == 404
    assert at_work(app, cast, "berta").post(f"/walls/{made.id}/{act}").status_code == 400  # no other site either
    assert "Staff room" not in paula.get("/walls").text


def test_its_sheet_holds_what_it_shows(app: Flask, store: Store, cast: Cast) -> None:
    made = wall(store, cast)
    up, down = (thanks(store, cast.maria_link, message=words, may_share=True) for words in ("Kind", "Unasked"))
    with store.write() as session:
        assert walls.put_up(session, viewer(store, cast.maria), up, BEGINNING)
    answer = at_work(app, cast, "berta").get(f"/walls/{made.id}/sheet.pdf")
    assert answer.mimetype == "application/pdf"
    text = pypdfium2.PdfDocument(answer.data)[0].get_textpage().get_text_range()
    assert "Kind" in text and "Maria" in text and "Staff room" in text and "Unasked" not in text and down


def test_more_walls_than_a_page_are_paged(app: Flask, store: Store, cast: Cast) -> None:
    for _ in range(31):
        wall(store, cast)
    berta = at_work(app, cast, "berta")
    first = berta.get("/walls").text
    more = re.findall(r'href="(/walls\?after=\d+)" rel="next"', first)[0]
    seen = re.findall(r'href="(/walls/\d+)"', first + berta.get(more).text)
    assert len(seen) == len(set(seen)) == 31
