"""What there is to reach on this machine: three bare answers to serve, and a bare loop of durable inserts."""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask, render_template
from jinja2 import FunctionLoader

from feedback.db import Store

TABLE = "create table if not exists bare (id integer primary key, words text not null)"
WORDS = "The soup was hot, the bread was fresh, and Maria found us a table by the window."
PAGE = "FIRSTHAND_BENCH_PAGE"


def bare(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """A WSGI answer with no framework around it."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


hello = Flask("hello")


@hello.get("/")
def _hello() -> str:
    """The smallest answer of Flask."""
    return "hello"


page = Flask("page")
page.jinja_loader = FunctionLoader(lambda name: Path(os.environ[PAGE]).read_text(encoding="utf-8"))


@page.get("/")
def _page() -> str:
    """The scan page's own HTML as a Jinja template with one slot, rendered anew for each request."""
    return render_template("page.html", token="A" * 48)


def durable_inserts(file: Path, seconds: float) -> tuple[int, float]:
    """How many single rows one bare loop commits into `file` as safely as the service does, and in what time."""
    opened = Store(f"sqlite:///{file}")  # for the settings it gives a connection
    pooled = opened.engine.raw_connection()
    try:
        cursor = pooled.cursor()
        cursor.execute(TABLE)
        done, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("INSERT INTO bare (words) VALUES (?)", (WORDS,))
            cursor.execute("COMMIT")
            done += 1
        return done, time.perf_counter() - began
    finally:
        pooled.close()
        opened.close()
