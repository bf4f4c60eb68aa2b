"""A service that is stopped while it sends mails: what left is noted, and nothing comes twice."""

import socket
from pathlib import Path

from sqlalchemy import func, select

from bench.installation import form, installed, posted
from feedback.core.notices import Notice
from feedback.db import Store
from tests.ground.smtp import Mailbox


def test_what_left_before_a_service_was_stopped_is_noted(tmp_path: Path, mailbox: Mailbox) -> None:
    here = installed(tmp_path, smtp_url=mailbox.url)
    mailbox.pause = 0.3
    with here.running() as server:
        for number in range(12):
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
                line.sendall(posted(*form(here, number)))
                assert line.recv(4096).startswith(b"HTTP/1.1 303")
        deadline = 20.0
        with mailbox._changed:
            assert mailbox._changed.wait_for(lambda: len(mailbox._deliveries) >= 3, deadline)
        server.process.terminate()
        server.process.wait(15)
    store = Store(here.database_url)
    with store.read() as session:
        noted = session.scalar(select(func.count()).select_from(Notice).where(Notice.sent_at.is_not(None)))
        waiting = session.scalar(select(func.count()).select_from(Notice).where(Notice.due_at.is_not(None)))
        leased = session.scalar(select(func.count()).select_from(Notice).where(Notice.lease.is_not(None)))
    store.close()
    assert noted == len(mailbox.deliveries) and waiting and not leased
