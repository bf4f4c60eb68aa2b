"""A running house for the browser tests: the real server with the demo, and browsers of several kinds of people."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.ground import free_port
from tests.ground.smtp import Mailbox, mailbox

ROOT = Path(__file__).parent.parent.parent
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
_signed_in: dict[tuple[str, str], Any] = {}  # the cookies of those who did, by address and password


@dataclass(frozen=True, slots=True)
class Running:
    """A running server: its address, what the demo made, and the mail it sent."""

    url: str
    demo: dict[str, Any]
    mail: Mailbox

    def link(self, points_at: str) -> str:
        """The address of the demo's form for a person, a department or a place."""
        code = next(link["code"] for link in self.demo["links"] if link["points_at"] == points_at)
        return f"{self.url}/q/{code}"

    def person(self, name: str) -> dict[str, Any]:
        """One of the demo's people by name."""
        return next(person for person in self.demo["people"] if person["name"] == name)

    def praised(self) -> dict[str, Any]:
        """The employee at whom the demo's link for a person points."""
        return self.person(next(link["name"] for link in self.demo["links"] if link["points_at"] == "person"))


@dataclass(frozen=True, slots=True)
class Empty:
    """A running server without an organisation: its address, the one to set it up, what commands need, its mail."""

    url: str
    log: Path
    environment: dict[str, str]
    mail: Mailbox

    @property
    def set_up(self) -> str:
        """The address that stands in the log."""
        found = re.search(r"http\S+/set-up\?token=\w+", self.log.read_text())
        assert found, self.log.read_text()
        return found[0]


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """Start the server as `make run` does, on a fresh data folder, until it is ready; stop it at the end."""
    with starting(folder, demo=True) as server:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "--json"]
        told = subprocess.run(command, cwd=ROOT, env=server.environment, capture_output=True)
        assert told.returncode == 0, told.stderr.decode()
        yield Running(server.url, json.loads(told.stdout), server.mail)


@contextmanager
def starting(folder: Path, *, demo: bool) -> Iterator[Empty]:
    """As running(), with a demo in it or with nothing."""
    port = free_port()
    with mailbox() as box:
        environment = os.environ | {
            "FIRSTHAND_DATA_DIR": str(folder),
            "FIRSTHAND_DATABASE_URL": "",  # set, so that no .env of a developer names a real one
            "FIRSTHAND_SMTP_URL": box.url,
            "FIRSTHAND_BASE_URL": f"http://127.0.0.1:{port}",
            "PORT": str(port),
            "HOST": "127.0.0.1",
            "DEMO": "1" if demo else "0",
        }
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
        log = folder / "server.log"
        with log.open("wb") as out:
            server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}/healthz", server, log)
            _wait_until_told(log)
            yield Empty(f"http://127.0.0.1:{port}", log, environment, box)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=15)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The server all browser tests share; each story writes words of its own."""
    with running(tmp_path_factory.mktemp("house")) as started:
        yield started


@pytest.fixture
def visit(browser: Browser, house: Running) -> Iterator[Callable[..., BrowserContext]]:
    """Make a visitor's browser: visit(viewport=PHONE, javascript=False, locale="de", scheme="dark")."""
    opened: list[BrowserContext] = []

    def make(
        *, viewport: dict[str, int] = PHONE, javascript: bool = True, locale: str = "en", scheme: str = "light"
    ) -> BrowserContext:
        context = browser.new_context(
            base_url=house.url,
            viewport=viewport,  # type: ignore[arg-type]
            java_script_enabled=javascript,
            locale=locale,
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",  # a colour caught halfway through a change has no contrast to speak of
        )
        context.set_default_timeout(10_000)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


def sign_in(context: BrowserContext, person: dict[str, Any]) -> None:
    """Sign a demo person in: with what a browser kept of an earlier time where that still holds, else by the form."""
    key = person["email"], person["password"]
    context.add_cookies(_signed_in.get(key, []))
    if key in _signed_in and context.request.get("/praise", max_redirects=0).status == 200:
        return
    page = context.new_page()
    page.goto("/sign-in?way=password")
    page.fill("[name=email]", person["email"])
    page.fill("[name=password]", person["password"])
    page.click("main button")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.close()
    _signed_in[key] = context.cookies()


def _wait_until_told(log: Path) -> None:
    deadline = time.monotonic() + 20
    while "Ctrl-C" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)


def _wait_until_ready(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the server was not ready within a minute:\n{log.read_text()}")
