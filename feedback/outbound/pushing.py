"""The thread that tells devices of letters, beside the worker of the outbox: what arrived, once, as a hint."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parseaddr

from feedback import clock, text
from feedback.config import Settings
from feedback.core import pushes
from feedback.core.organisation import the_organisation
from feedback.core.pushes import Due
from feedback.db import Store, StoreError
from feedback.outbound import push
from feedback.text import ngettext

log = logging.getLogger(__name__)

LOOKS = 2.0  # seconds between looks at what arrived
IDLE = 30.0  # while nobody has a device


@contextmanager
def beside(store: Store, settings: Settings, stop: threading.Event) -> Iterator[None]:
    """Tell devices in a thread of its own for the length of the block: a push service that hangs holds up no mail."""
    ends = threading.Event()
    thread = threading.Thread(target=_until, args=(store, settings, stop, ends), name="pushes", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ends.set()


def push_due(store: Store, settings: Settings) -> int:
    """Tell of what arrived since the last time; how many devices were told."""
    at = clock.now()
    with store.read() as session:
        if not pushes.is_any(session) or not pushes.is_anything_new(session, at):
            return 0
    with store.write() as session:
        since, until = pushes.claim(session, at)
    with store.read() as session:
        owed = pushes.due(session, since, until, at) if since < until else []
        known = the_organisation(session)
        name, usual = (known.name, known.language) if known else ("", "en")
    return sum(_push(store, settings, one, name, usual) for one in owed)


def _push(store: Store, settings: Settings, one: Due, name: str, usual: str) -> bool:
    wanted = one.language or usual
    with text.speaking(text.language_of(wanted, text.available()) or "en"):
        told = {"title": name, "body": _told(one.count), "path": "/praise"}
    at = clock.now()
    contact = f"mailto:{parseaddr(settings.sender)[1]}"
    try:
        answer = push.send(one.device, told, secret=settings.secret_key, contact=contact, at=at)
    except Exception as error:  # whatever it is: one device keeps nobody else from being told
        log.warning("A device could not be told: %s.", type(error).__name__)
        answer = push.Sent(0)
    with store.write() as session:
        if answer.is_taken:
            pushes.told(session, one.device.id, at)
        else:
            pushes.failed(session, one.device.id, for_good=answer.is_for_good)
    return answer.is_taken


def _told(count: int) -> str:
    return ngettext("%(num)s new letter for you", "%(num)s new letters for you", count) % {"num": text.number(count)}


def _until(store: Store, settings: Settings, stop: threading.Event, ends: threading.Event) -> None:
    while not stop.is_set() and not ends.is_set():
        pause = LOOKS
        try:
            with store.read() as session:
                is_any = pushes.is_any(session)
            pause = LOOKS if is_any else IDLE
            push_due(store, settings)
        except StoreError as error:
            log.warning("Devices wait to be told: %s.", type(error).__name__)
        except Exception as error:  # whatever it is: a thread that ends tells nobody any more
            log.warning("A device could not be told: %s.", type(error).__name__)
        ends.wait(pause)
