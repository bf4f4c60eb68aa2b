"""Telling devices of letters: sealed for them, signed for their service, and only of what is new and theirs."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest
from sqlalchemy import select

from feedback import clock
from feedback.config import Settings
from feedback.core import addressing, praise, pushes, retention
from feedback.core.accounts import Account
from feedback.core.people import Person
from feedback.core.praise import Praise
from feedback.core.pushes import FAILURES, MOST, NoDevice, PushDevice
from feedback.core.rhythms import Rhythm
from feedback.db import Store
from feedback.outbound import push, pushing
from tests.core.test_praising import KIND, Matter
from tests.factories import Cast
from tests.ground.pushes import PushService, Subscription, claims_of, push_service, subscription, text
from tests.story import arrives, at_once, concern, viewer


@pytest.fixture
def service() -> Iterator[PushService]:
    with push_service() as started:
        yield started


@pytest.fixture
def told(settings: Settings, service: PushService) -> Settings:
    """The settings of an installation that trusts that service."""
    return replace(settings, push_hosts=(service.host,))


def subscribe(store: Store, told: Settings, who: int, phone: Subscription) -> PushDevice:
    with store.write() as session:
        return pushes.subscribe(
            session, viewer(store, who), phone.address, phone.public, phone.secret, clock.now(), told.push_hosts
        )


def look(store: Store, told: Settings, ahead: float = 0) -> int:
    """Let the thread look once, so many seconds from now."""
    with patch.object(clock, "now", return_value=clock.now() + timedelta(seconds=ahead)):
        return pushing.push_due(store, told)


def begun(store: Store, told: Settings, who: int, service: PushService) -> Subscription:
    """A phone of that person, with everything told until now."""
    phone = subscription(service)
    subscribe(store, told, who, phone)
    look(store, told)
    return phone


def test_a_letter_is_told_sealed_and_signed_and_without_its_words(
    store: Store, told: Settings, cast: Cast, service: PushService
) -> None:
    phone, named = begun(store, told, cast.maria, service), replace(told, mail_from=f"Shop <{told.sender}>")
    arrives(store, cast.maria_link, kind="compliment", message="So kind", at=clock.now())
    assert look(store, named, ahead=8) == 1
    ((path, headers, body),) = service.got
    assert phone.read(body) == {"title": "Garden House", "body": "1 new letter for you", "path": "/praise"}
    assert path == "/push/one" and headers["Content-Encoding"] == "aes128gcm" and b"letter" not in body
    claims = claims_of(headers["Authorization"])
    assert claims["aud"] == f"http://{service.host}" and claims["sub"] == f"mailto:{told.sender}"
    assert 0 < claims["exp"] - clock.now().timestamp() <= 24 * 3600  # RFC 8292, section 2
    assert headers["Authorization"].endswith(push.public_key(told.secret_key))
    assert look(store, told, ahead=12) == 0  # once


def test_in_ones_own_language_and_several_as_one(
    store: Store, told: Settings, cast: Cast, service: PushService
) -> None:
    phone = begun(store, told, cast.maria, service)
    with store.write() as session:
        session.get_one(Person, cast.maria).language = "de"
    for link in (cast.maria_link, cast.kitchen_link):
        arrives(store, link, kind="compliment", message="", at=clock.now())
    assert look(store, told, ahead=8) == 1
    assert phone.read(service.got[0][2])["body"].startswith("2 ")


def test_only_of_what_is_new_and_ones_own(store: Store, told: Settings, cast: Cast, service: PushService) -> None:
    begun(store, told, cast.karim, service)
    arrives(store, cast.maria_link, kind="compliment", message="", at=clock.now())
    arrives(store, cast.kitchen_link, message="Cold soup", at=clock.now())
    arrives(store, cast.kitchen_link, kind="compliment", rating=1, message="", at=clock.now())
    seen = arrives(store, cast.kitchen_link, kind="compliment", message="", at=clock.now())
    with store.write() as session:
        ids = session.scalars(select(Praise.id).where(Praise.submission_id == seen)).all()
        praise.mark_read(session, viewer(store, cast.karim), ids, clock.now())
    assert look(store, told, ahead=8) == 0 and service.got == []


def test_nobody_is_told_of_what_stood_in_a_complaint_about_them(
    store: Store, told: Settings, cast: Cast, service: PushService
) -> None:
    begun(store, told, cast.karim, service)
    matter = Matter(store, cast)
    concern(store, matter.number, cast.karim)
    matter.pass_on(KIND, to="kitchen", at=clock.now())
    assert look(store, told, ahead=8) == 0 and service.got == []


def test_whose_way_in_is_closed_is_told_nothing_and_their_device_is_forgotten(
    store: Store, told: Settings, cast: Cast, service: PushService
) -> None:
    begun(store, told, cast.maria, service)
    with store.write() as session:
        session.get_one(Account, cast.maria).closed_at = clock.now()
    arrives(store, cast.maria_link, kind="compliment", message="", at=clock.now())
    assert look(store, told, ahead=8) == 0 and service.got == []
    with store.write() as session:
        retention.tidy(session, clock.now())
        assert pushes.of(session, cast.maria) == []


def test_one_device_that_cannot_be_told_keeps_nobody_else_waiting(
    store: Store, told: Settings, cast: Cast, service: PushService
) -> None:
    begun(store, told, cast.karim, service)
    with store.write() as session:
        session.scalars(
            select(PushDevice)
        ).one().address = "https://a..push.apple.com/x"  # from before this was refused
    subscribe(store, told, cast.maria, subscription(service, "two"))
    arrives(store, cast.kitchen_link, kind="compliment", message="", at=clock.now())
    assert look(store, told, ahead=8) == 1
    with store.read() as session:
        assert session.scalars(select(PushDevice.failures).order_by(PushDevice.id)).all() == [1, 0]


def test_one_device_sent_several_times_at_once_is_kept_once(
    store: Store, told: Settings, cast: Cast, service: PushService
) -> None:
    phone = subscription(service)
    at_once(*[lambda: subscribe(store, told, cast.maria, phone)] * 4)
    with store.read() as session:
        assert len(pushes.of(session, cast.maria)) == 1


def test_what_waited_is_told_once_it_is_delivered(
    store: Store, told: Settings, cast: Cast, service: PushService
) -> None:
    begun(store, told, cast.maria, service)
    held = arrives(store, cast.maria_link, kind="compliment", rating=1, message="", at=clock.now())
    assert look(store, told, ahead=8) == 0
    with store.write() as session:
        number = session.scalars(select(Praise.id).where(Praise.submission_id == held)).one()
        praise.deliver(session, viewer(store, cast.berta), number, clock.now() + timedelta(seconds=5))
    assert look(store, told, ahead=13) == 1


def test_one_more_who_is_named_is_told_and_nobody_again(
    store: Store, told: Settings, cast: Cast, service: PushService
) -> None:
    begun(store, told, cast.karim, service)
    number = arrives(store, cast.kitchen_link, kind="compliment", message="", at=clock.now())
    assert look(store, told, ahead=8) == 1
    with store.write() as session:
        letter = session.scalars(select(Praise.id).where(Praise.submission_id == number)).one()
        later = clock.now() + timedelta(seconds=5)
        assert addressing.give(session, viewer(store, cast.berta), letter, cast.maria, later)
    assert look(store, told, ahead=13) == 0


def test_nothing_in_quiet_hours_and_nothing_once_one_has_left(
    store: Store, told: Settings, cast: Cast, service: PushService
) -> None:
    begun(store, told, cast.maria, service)
    hour = clock.now().hour
    chosen = {"cases": "at_once", "praise": "at_once", "hour": 8, "weekday": 0, "timezone": "UTC"}
    with store.write() as session:
        quiet = {"quiet_from": hour, "quiet_until": (hour + 2) % 24}
        session.merge(Rhythm(person_id=cast.maria, **chosen, **quiet))
    arrives(store, cast.maria_link, kind="compliment", message="", at=clock.now())
    assert look(store, told, ahead=8) == 0
    with store.write() as session:
        session.merge(Rhythm(person_id=cast.maria, **chosen, quiet_from=None, quiet_until=None))
        session.get_one(Person, cast.maria).retired_at = clock.now()
    arrives(store, cast.maria_link, kind="compliment", message="", at=clock.now() + timedelta(seconds=5))
    assert look(store, told, ahead=13) == 0


@pytest.mark.parametrize(
    ("status", "stays"), [(201, True), (404, False), (410, False), (403, True), (429, True), (503, True), (307, True)]
)
def test_what_the_service_answers(
    store: Store, told: Settings, cast: Cast, service: PushService, status: int, stays: bool
) -> None:
    begun(store, told, cast.maria, service)
    service.status = status
    arrives(store, cast.maria_link, kind="compliment", message="", at=clock.now())
    assert look(store, told, ahead=8) == (status == 201)
    assert len(service.got) == 1  # nothing is followed
    with store.read() as session:
        assert bool(pushes.of(session, cast.maria)) is stays


def test_a_service_that_hangs_or_is_gone_is_given_up_in_time(
    store: Store, told: Settings, cast: Cast, service: PushService
) -> None:
    begun(store, told, cast.maria, service)
    service.status = 0
    with patch.object(push, "TIMEOUT", 0.2):
        for n in range(FAILURES):
            arrives(store, cast.maria_link, kind="compliment", message="", at=clock.now() + timedelta(seconds=5 * n))
            assert look(store, told, ahead=5 * n + 8) == 0
    with store.read() as session:
        assert pushes.of(session, cast.maria) == []


@pytest.mark.parametrize(
    "change",
    [
        {"address": "https://evil.example/push"},
        {"address": "http://10.0.0.1/push"},
        {"address": "ftp://127.0.0.1/x"},
        {"address": "https://user@fcm.googleapis.com/x"},
        {"address": "x" * 1001},
        {"address": "https://fcm.googleapis.com/x\0y"},
        {"address": "https://a..push.apple.com/x"},
        {"address": "https://a b.push.apple.com/x"},
        {"address": f"https://{'a' * 64}.push.apple.com/x"},
        {"public_key": b"\x04" + b"0" * 64},
        {"public_key": b""},
        {"secret": b"short"},
    ],
)
def test_what_is_no_device_is_not_kept(
    store: Store, told: Settings, cast: Cast, service: PushService, change: dict[str, object]
) -> None:
    phone = subscription(service)
    sent = {"address": phone.address, "public_key": phone.public, "secret": phone.secret} | change
    hosts = (*told.push_hosts, "fcm.googleapis.com", "*.push.apple.com")
    with store.write() as session, pytest.raises(NoDevice):
        pushes.subscribe(session, viewer(store, cast.maria), at=clock.now(), hosts=hosts, **sent)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("https://web.push.apple.com/abc", True),
        ("https://push.apple.com/abc", False),
        ("https://evilpush.apple.com.example/abc", False),
        ("https://a.push.apple.com:8443/abc", False),
        ("http://web.push.apple.com/abc", False),
    ],
)
def test_a_star_stands_for_what_is_below(
    store: Store, cast: Cast, service: PushService, address: str, fits: bool
) -> None:
    phone = replace(subscription(service), address=address)
    with store.write() as session:
        args = (session, viewer(store, cast.maria), phone.address, phone.public, phone.secret, clock.now())
        if fits:
            assert pushes.subscribe(*args, {"*.push.apple.com"})
        else:
            with pytest.raises(NoDevice):
                pushes.subscribe(*args, {"*.push.apple.com"})


def test_a_browser_is_its_last_persons_and_the_oldest_makes_room(
    store: Store, told: Settings, cast: Cast, service: PushService
) -> None:
    phone = subscription(service)
    subscribe(store, told, cast.maria, phone)
    subscribe(store, told, cast.karim, phone)
    for n in range(MOST + 1):
        subscribe(store, told, cast.maria, subscription(service, str(n)))
    with store.read() as session:
        kept = [device.address.rpartition("/")[2] for device in pushes.of(session, cast.maria)]
        assert sorted(kept) == [str(n) for n in range(1, MOST + 1)]
        assert len(pushes.of(session, cast.karim)) == 1


def test_another_secret_key_is_another_push_key() -> None:
    assert push.public_key("one") == push.public_key("one") != push.public_key("two")
    assert len(push.public_key("one")) == len(text(b"0" * 65))
