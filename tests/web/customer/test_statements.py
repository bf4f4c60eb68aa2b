"""How much a scan and a submission ask of the store: the same, however large the organisation is."""

import pytest

from feedback import clock
from feedback.core.people import Department
from feedback.db import new_id
from tests.factories import send, token_of
from tests.story import statements
from tests.web.customer.conftest import Standing
from tests.web.customer.test_scan import crowd


@pytest.mark.parametrize("target", ["maria_link", "kitchen_link", "table_link"])
def test_a_larger_organisation_asks_for_no_more_statements(alone: Standing, target: str) -> None:
    few = measure(alone, getattr(alone.cast, target))
    crowd(alone, people=40, topics=15)
    with alone.store.write() as session:
        at = clock.now()
        for number in range(30):
            session.add(Department(id=new_id(at), name=f"Department {number}", parent_id=alone.cast.kitchen))
    many = measure(alone, getattr(alone.cast, target))
    assert many == few
    assert few["the first scan"] <= 22
    assert few["a scan"] == 0  # beside the one question for the version, which goes past the ORM
    assert few["a compliment"] <= few["a complaint"] <= 16


def measure(house: Standing, code: str) -> dict[str, int]:
    """How many statements each thing a customer does takes."""
    browser = house.browser()
    send(browser, house.cast.kitchen_link, kind="suggestion", message="m")  # makes the day's salt
    complaint = {"kind": "complaint", "message": "m", "contact_name": "Ida", "topic": str(house.cast.missing_parts)}
    seen = {}
    for what, fields in (
        ("the first scan", None),
        ("a scan", None),
        ("a compliment", {"kind": "compliment"}),
        ("a complaint", complaint),
        ("a refusal", {"kind": "complaint"}),
    ):
        token = token_of(browser, code) if fields else ""
        with statements(house.app) as sent:
            if fields is None:
                browser.get(f"/q/{code}")
            else:
                send(browser, code, **fields, token=token)
        seen[what] = len(sent)
    return seen
