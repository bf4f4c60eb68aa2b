"""Errands: who is mailed what and why, asked again at the moment of sending."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import event

from feedback import clock
from feedback.config import Settings
from feedback.core import addressing, cases, conversations, files
from feedback.core.access import viewer_of
from feedback.core.accounts import Account
from feedback.core.cases import Case
from feedback.core.files import Picture
from feedback.core.notices import About, Notice
from feedback.core.organisation import Organisation
from feedback.core.people import Management, Person
from feedback.core.praise import Praise, deliver
from feedback.core.submissions import Concern, Draft, Kind, Submission, receipt_of
from feedback.core.withholding import keep_back
from feedback.db import Base, Store
from feedback.outbound.errands import Desk, Errand, Told, Withdrawn
from tests.factories import Cast
from tests.outbound.arrivals import arrive
from tests.outbound.mails import WORDS, html, plain, sent
from tests.story import DOT, photographed

PRAISE = Draft(kind=Kind.COMPLIMENT, message=WORDS)
COMPLAINT = Draft(kind=Kind.COMPLAINT, message=WORDS, contact_email="guest@example.org", may_contact=True)


def errands(store: Store) -> dict[str, Errand | str]:
    """What is owed now, by the first half of each address; a text where it was withdrawn."""
    found: dict[str, Errand | str] = {}
    with store.read() as session:
        owed = session.query(Notice).order_by(Notice.id).all()
        desk = Desk(session, owed)
        for notice in owed:
            person = session.get(Person, notice.person_id) if notice.person_id else None
            name = person.public_name.lower() if person else notice.address or ""
            try:
                found[name] = desk.errand(notice)
            except Withdrawn as error:
                found[name] = str(error)
    return found


def errand_for(store: Store, name: str) -> Errand:
    errand = errands(store)[name]
    assert isinstance(errand, Errand)
    return errand


def keep(store: Store, *rows: Base) -> None:
    with store.write() as session:
        session.add_all(rows)


def change(store: Store, model: type[Base], key: object, **values: object) -> None:
    with store.write() as session:
        row = session.get_one(model, key)
        for name, value in values.items():
            setattr(row, name, value)


def test_praise_reaches_the_person_and_their_manager_who_is_told_so(
    store: Store, settings: Settings, cast: Cast
) -> None:
    arrive(store, settings, cast.maria_link, PRAISE)
    own, copy = errand_for(store, "maria"), errand_for(store, "berta")
    assert set(errands(store)) == {"maria", "berta"}
    assert own.told == Told("", "/praise", (("praised_you", {}),))
    assert copy.told.path == f"/praise?department={cast.kitchen}"
    assert "Maria received this" in plain(sent(copy)) and sent(copy)["Subject"] == "Praise for Maria"
    assert sent(own)["Subject"] == "Praise for you" and "a customer says thanks to you:" in plain(sent(own))
    assert "received this" not in plain(sent(own))


def test_praise_for_a_department_reaches_everyone_in_it(store: Store, settings: Settings, cast: Cast) -> None:
    arrive(store, settings, cast.table_link, PRAISE)
    found = errands(store)
    assert set(found) == {"maria", "karim", "berta"}
    for errand in found.values():
        assert isinstance(errand, Errand)
        assert (errand.told.heading, errand.told.path, errand.places) == ("Kitchen", "/praise", ("Table 4", "Terrace"))
        assert "It was sent from Table 4, which Kitchen looks after" in plain(sent(errand))


def test_a_complaint_tells_its_handlers_why_and_how_to_open_it(store: Store, settings: Settings, cast: Cast) -> None:
    number = arrive(store, settings, cast.maria_link, replace(COMPLAINT, topic_ids=(cast.missing_parts,)))
    assert set(errands(store)) == {"berta", "paula"}
    handler, reader = errand_for(store, "berta"), errand_for(store, "paula")
    for errand in (handler, reader):
        assert errand.told.heading == "Maria"
        assert f"{settings.base_url}/cases/{number}" in plain(sent(errand, settings))
        assert "guest@example.org" not in sent(errand).as_string() + plain(sent(errand))
    assert "It is about Maria, who works in Kitchen" in plain(sent(handler))
    assert "Topic Missing parts belongs to Packing" in plain(sent(reader))


def test_photos_are_told_of_and_stay_inside(store: Store, settings: Settings, cast: Cast) -> None:
    number = arrive(store, settings, cast.table_link, replace(COMPLAINT, message=""))
    assert "not sent by mail" not in plain(sent(errand_for(store, "berta")))
    for _ in range(2):
        photographed(store, settings.data_dir, number)
    mail = sent(errand_for(store, "berta"))
    for part in (plain(mail), html(mail)):
        assert "The customer wrote no words." in part
        assert "2 photos came with it; they are not sent by mail." in part
    with store.write() as session:
        laid = files.put_all(settings.data_dir, [Picture("jpeg", 4, 3, DOT)], clock.now())
        cases.write(session, session.get_one(Submission, number), "Once more", clock.now(), photos=laid)
    mail = sent(errand_for(store, "berta"))  # the later one
    assert "Once more" in plain(mail) and "1 photo came with it; it is not sent by mail." in plain(mail)
    assert not list(mail.iter_attachments())


def test_a_complaint_about_the_management_names_where_it_began(store: Store, settings: Settings, cast: Cast) -> None:
    arrive(store, settings, cast.kitchen_link, replace(COMPLAINT, about_management=True))
    assert set(errands(store)) == {"dora"}
    assert errand_for(store, "dora").told.heading == "Kitchen"
    assert "It concerns the managers of Kitchen, so it goes further up" in plain(sent(errand_for(store, "dora")))


def test_a_complaint_for_the_outside_reader_has_words_and_reasons_but_no_way_in(
    store: Store, settings: Settings, cast: Cast
) -> None:
    with store.write() as session:
        session.query(Management).delete()
        session.query(Account).delete()
        session.get_one(Organisation, 1).outside_reader = "listener@example.org"
    arrive(store, settings, cast.maria_link, COMPLAINT)
    errand = errand_for(store, "listener@example.org")
    message = sent(errand)
    assert message["To"] == "listener@example.org"
    assert WORDS in plain(message)
    assert not any(way in plain(message) + html(message) for way in ("/cases/", "Open the case", "href"))
    assert "goes to the reader outside the organisation" in plain(message)
    change(store, Organisation, 1, outside_reader="other@example.org")
    assert errands(store) == {"listener@example.org": "the outside reader is someone else now"}


def test_a_held_compliment_goes_to_the_manager_only(store: Store, settings: Settings, cast: Cast) -> None:
    arrive(store, settings, cast.maria_link, replace(PRAISE, rating=1))
    assert set(errands(store)) == {"berta"}
    errand = errand_for(store, "berta")
    assert (errand.about, errand.told.heading) == (About.HELD, "Maria")
    assert errand.told.path == f"/praise?department={cast.kitchen}"


def test_thanks_for_somebody_described_ask_the_manager_who_it_is(store: Store, settings: Settings, cast: Cast) -> None:
    arrive(store, settings, cast.kitchen_link, replace(PRAISE, person_id=None, person_note="tall man at till 4"))
    assert set(errands(store)) == {"berta"}
    errand = errand_for(store, "berta")
    assert (errand.about, errand.told.heading, errand.told.path) == (
        About.SOUGHT,
        "tall man at till 4",
        "/praise?whose=waiting",
    )
    written = plain(sent(errand))
    assert PRAISE.message in written and "“tall man at till 4”" in written
    assert "The customer described whom they mean, so a manager says who that is" in written
    with store.write() as session:
        viewer = viewer_of(session, session.get_one(Person, cast.berta), session.get_one(Account, cast.berta))
        letter = session.query(Praise.id).scalar() or 0
        assert addressing.give(session, viewer, letter, cast.karim, clock.now(), mails=False)
    assert errands(store) == {"berta": "it was delivered already"}


def test_a_held_compliment_that_was_kept_back_asks_for_no_look(store: Store, settings: Settings, cast: Cast) -> None:
    arrive(store, settings, cast.maria_link, replace(PRAISE, message="You moron"))
    assert "These words look like an insult" in plain(sent(errand_for(store, "berta")))
    with store.write() as session:
        viewer = viewer_of(session, session.get_one(Person, cast.berta), session.get_one(Account, cast.berta))
        assert keep_back(session, viewer, session.query(Praise.id).scalar() or 0, "Insults", clock.now())
    assert errands(store) == {"berta": "it was kept back already"}


def test_a_held_compliment_that_was_delivered_asks_for_no_look(store: Store, settings: Settings, cast: Cast) -> None:
    arrive(store, settings, cast.maria_link, replace(PRAISE, rating=1))
    with store.write() as session:
        viewer = viewer_of(session, session.get_one(Person, cast.berta), session.get_one(Account, cast.berta))
        assert deliver(session, viewer, session.query(Praise.id).scalar() or 0, clock.now())
    assert errands(store)["berta"] == "it was delivered already"


def test_praise_that_was_held_is_told_of_like_any_other_once_delivered(
    store: Store, settings: Settings, cast: Cast
) -> None:
    arrive(store, settings, cast.maria_link, replace(PRAISE, rating=1, topic_ids=(cast.missing_parts,)))
    with store.write() as session:
        session.query(Notice).delete()
        viewer = viewer_of(session, session.get_one(Person, cast.dora), session.get_one(Account, cast.dora))
        assert deliver(session, viewer, session.query(Praise.id).scalar() or 0, clock.now())
    assert set(errands(store)) == {"maria", "berta", "hans", "paula"}
    assert "Topic Missing parts belongs to Packing" in plain(sent(errand_for(store, "hans")))
    assert errand_for(store, "maria").told.path == "/praise"
    assert "Maria received this" in plain(sent(errand_for(store, "berta")))


def test_a_receipt_is_mailed_in_the_language_of_the_page(store: Store, settings: Settings, cast: Cast) -> None:
    number = arrive(store, settings, cast.maria_link, PRAISE)
    with store.write() as session:
        session.query(Notice).delete()
        key = session.get_one(Submission, number).key
        receipt = receipt_of(key, settings.secret_key)
        assert conversations.mail_receipt(session, receipt, "guest@example.org", "ar", clock.now())
    errand = errand_for(store, "guest@example.org")
    assert (errand.about, errand.address) == (About.RECEIPT, "guest@example.org")
    assert receipt in plain(sent(errand, settings))


CHANGES: dict[str, Callable[[Store, Cast, int], None]] = {
    "concerns them now": lambda store, cast, number: keep(store, Concern(submission_id=number, person_id=cast.berta)),
    "left": lambda store, cast, number: change(store, Person, cast.berta, retired_at=clock.now()),
    "has no address": lambda store, cast, number: change(store, Person, cast.berta, email=None),
    "manages it no more": lambda store, cast, number: dismiss(store, cast.kitchen, cast.berta),
}


def dismiss(store: Store, department: int, person: int) -> None:
    with store.write() as session:
        session.delete(session.get_one(Management, (department, person)))


@pytest.mark.parametrize("change_name", CHANGES)
def test_what_a_recipient_may_no_longer_see_is_not_mailed(
    store: Store, settings: Settings, cast: Cast, change_name: str
) -> None:
    number = arrive(store, settings, cast.maria_link, COMPLAINT)
    assert isinstance(errands(store)["berta"], Errand)
    CHANGES[change_name](store, cast, number)
    assert isinstance(errands(store)["berta"], str)


def test_an_admin_who_was_asked_and_is_none_any_more_gets_no_mail(store: Store, settings: Settings, cast: Cast) -> None:
    for department, person in ((cast.kitchen, cast.berta), (cast.root, cast.dora)):
        dismiss(store, department, person)
    arrive(store, settings, cast.maria_link, COMPLAINT)
    assert errand_for(store, "anna").told.path.startswith("/cases/")
    change(store, Account, cast.anna, closed_at=clock.now())
    assert errands(store)["anna"] == "the recipient may not see it any more"


def test_a_handler_keeps_getting_what_they_handle(store: Store, settings: Settings, cast: Cast) -> None:
    number = arrive(store, settings, cast.maria_link, COMPLAINT)
    change(store, Case, number, handler_id=cast.berta)
    dismiss(store, cast.kitchen, cast.berta)
    assert isinstance(errands(store)["berta"], Errand)


@pytest.mark.parametrize(
    ("own", "organisation", "spoken"),
    [("de", "en", "de"), (None, "ar", "ar"), ("de-AT", "en", "de"), ("fi", "de", "de"), ("fi", "fi", "en")],
)
def test_a_mail_is_in_the_first_language_we_speak_of_reader_and_house(
    store: Store, settings: Settings, cast: Cast, monkeypatch: pytest.MonkeyPatch,
    own: str | None, organisation: str, spoken: str,
) -> None:  # fmt: skip
    monkeypatch.setattr("feedback.outbound.errands.available", lambda: ("en", "ar", "de"))
    change(store, Person, cast.maria, language=own)
    change(store, Organisation, 1, language=organisation)
    arrive(store, settings, cast.maria_link, PRAISE)
    assert errand_for(store, "maria").language == spoken


def test_the_errands_of_a_batch_are_read_in_few_statements(store: Store, settings: Settings, cast: Cast) -> None:
    for _ in range(5):
        arrive(store, settings, cast.table_link, PRAISE)
    asked: list[str] = []
    with store.read() as session:
        owed = session.query(Notice).all()
        event.listen(store.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        desk = Desk(session, owed)
        assert len([desk.errand(notice) for notice in owed]) == 15
    assert len(asked) == 5
