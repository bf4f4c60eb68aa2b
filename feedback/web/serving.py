"""Starting the worker inside the web service: with the first request, hence after any fork, never on import."""

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from feedback.outbound import worker
from feedback.web import NAME

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def wake_worker_on_first_request(app: Flask) -> None:
    """Let the first request start the worker, unless FIRSTHAND_WORKER is off."""
    here = app.extensions[NAME]
    if here.settings.worker == "off":
        return
    serve = app.wsgi_app
    once = threading.Lock()

    def first(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if once.acquire(blocking=False):
            worker.start_inline(here.store, here.settings)
            app.wsgi_app = serve  # type: ignore[method-assign]
        return serve(environ, start_response)

    app.wsgi_app = first  # type: ignore[method-assign]
