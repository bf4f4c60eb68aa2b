"""What starts with the first request, and what a web process still does when it ends."""

import subprocess
import sys
from dataclasses import replace

import pytest
from sqlalchemy import select

from feedback import create_app
from feedback.config import Settings
from feedback.core.links import LinkCount
from feedback.db import Store
from feedback.outbound import worker
from feedback.web import NAME, serving
from tests.factories import Cast

# A web process as granian has them: forked by multiprocessing, which asks no atexit when it ends.
PROCESS = """
import multiprocessing, sys
from datetime import date
from feedback.core.links.counting import Tally
from feedback.db import Store
from feedback.web import serving

def process():
    tally = Tally(Store(sys.argv[1]))
    serving.keep_counting(tally)
    tally.add(int(sys.argv[2]), date(2026, 3, 2), "scans")

one = multiprocessing.get_context("fork").Process(target=process)
one.start()
one.join(20)
"""


@pytest.mark.parametrize("setting", ["inline", "off"])
def test_counting_starts_with_the_first_request_and_with_any_worker(
    settings: Settings, cast: Cast, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(serving, "keep_counting", lambda tally: begun.append("looks"))
    monkeypatch.setattr(worker, "start_inline", lambda *_: begun.append("worker"))
    app = create_app(replace(settings, worker=setting))
    serving.wake_on_first_request(app)
    assert begun == []
    for _ in range(2):
        app.test_client().get("/healthz")
    assert begun == (["looks", "worker"] if setting == "inline" else ["looks"])
    app.extensions[NAME].store.close()


def test_what_was_counted_last_is_kept_when_the_process_ends(database_url: str, store: Store, cast: Cast) -> None:
    command = [sys.executable, "-c", PROCESS, database_url, str(cast.link_ids["maria"])]
    ended = subprocess.run(command, capture_output=True, timeout=60)
    assert ended.returncode == 0 and not ended.stderr, ended.stderr.decode()
    with store.read() as session:
        assert [row.scans for row in session.scalars(select(LinkCount))] == [1]
