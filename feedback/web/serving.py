"""Starting what runs beside the web service: with the first request, hence after any fork, never on import."""

import logging
import threading
from collections.abc import Iterable
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

from flask import Flask

from feedback.core.links.counting import Tally
from feedback.db import StoreError
from feedback.outbound import worker
from feedback.web import NAME

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)
KEEPS = 3.0  # seconds between two times of keeping what was looked at
PATIENCE = 1.0  # seconds for its turn to write, as customers go first
GRACE = 2.0  # seconds for the last time, when the process ends


def wake_on_first_request(app: Flask) -> None:
    """Let the first request start counting, and the worker unless FIRSTHAND_WORKER is off."""
    here = app.extensions[NAME]
    serve = app.wsgi_app
    once = threading.Lock()

    def first(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if once.acquire(blocking=False):
            keep_counting(here.tally)
            if here.settings.worker != "off":
                worker.start_inline(here.store, here.settings)
            app.wsgi_app = serve  # type: ignore[method-assign]
        return serve(environ, start_response)

    app.wsgi_app = first  # type: ignore[method-assign]


def keep_counting(tally: Tally) -> None:
    """Let one thread of this process keep what was looked at, every few seconds and once more when it ends."""
    stop = threading.Event()
    keeper = threading.Thread(target=_keep_until, args=(stop, tally), name="looks", daemon=True)
    keeper.start()
    # Not atexit: a web process that was forked by multiprocessing, as granian's are, ends without asking it.
    Finalize(None, _let_finish, (keeper, stop), exitpriority=0)


def _let_finish(keeper: threading.Thread, stop: threading.Event) -> None:
    stop.set()
    keeper.join(GRACE)


def _keep_until(stop: threading.Event, tally: Tally) -> None:
    while not stop.wait(KEEPS):
        _keep(tally)
    _keep(tally)


def _keep(tally: Tally) -> None:
    try:
        tally.keep(patience=PATIENCE)
    except StoreError:
        pass  # it stays in memory until the store is back
    except Exception as error:  # whatever it is: a thread that ends takes all later counts with it
        log.error("Counts of links were lost: %s.", type(error).__name__)
