"""The commands as a person at a terminal or a script meets them: what they print, and how they end."""

import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from feedback import clock, create_app, web
from feedback.cli import archive, server
from feedback.cli.errand import Trouble, address_file
from feedback.config import Settings
from feedback.core import audit, files
from feedback.core.accounts import Account, account_named, is_password_of
from feedback.core.links import Link
from feedback.core.organisation import Organisation, the_organisation
from feedback.core.people import Department, Person
from feedback.core.submissions import Submission
from feedback.db import Store, StoreBusy, StoreFull
from feedback.migrations import is_newest
from tests.factories import PASSWORD, Cast, address_of, cast_of, send
from tests.ground import free_port
from tests.story import arrives

ROOT = Path(__file__).parent.parent
ADMIN = "ada@shop.example"


def run(app: Flask, *args: str, stdin: str | None = None) -> Result:
    return app.test_cli_runner().invoke(args=list(args), input=stdin)


def trouble(result: Result) -> str:
    """The one line that a command in trouble leaves."""
    assert result.exit_code == 1, result.output
    assert result.stderr.count("\n") == 1 and result.stderr.startswith("Firsthand: "), result.stderr
    return result.stderr


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Flask]:
    """The application of a fresh clone: no tables yet."""
    folder = tmp_path / "fresh"
    folder.mkdir()
    app = create_app(Settings("s" * 40, folder, f"sqlite:///{folder / 'firsthand.db'}"))
    yield app
    app.extensions[web.NAME].store.close()


def store_of(app: Flask) -> Store:
    store: Store = app.extensions[web.NAME].store
    return store


# Every command


@pytest.mark.parametrize(
    "args",
    [
        ("sign-in-link",),
        ("jobs", "--never"),
        ("import",),
        ("import", "people"),
        ("import", "feedback", "no-such-file.csv"),
        ("import", "feedback", "."),
        ("import", "feedback", "pyproject.toml", "--map", "x"),
        ("restore", "no-such-file"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(app: Flask, cast: Cast, args: tuple[str, ...]) -> None:
    trouble(run(app, *args))


@pytest.mark.parametrize("command", ["jobs", "worker", "sign-in-link x@y.example", "import feedback x.csv"])
def test_a_store_without_tables_is_told_how_to_get_them(empty: Flask, command: str) -> None:
    assert "flask --app wsgi init" in trouble(run(empty, *command.split()))


@pytest.mark.parametrize(("error", "said"), [(StoreBusy, "busy"), (StoreFull, "full")])
def test_a_store_that_cannot_write_is_told_plainly(
    app: Flask, monkeypatch: pytest.MonkeyPatch, error: type[Exception], said: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("feedback.core.retention.tidy", fail)
    assert said in trouble(run(app, "jobs"))


def test_commands_know_the_address_that_the_server_found(app: Flask, settings: Settings, cast: Cast) -> None:
    address_file(settings.data_dir).write_text("http://192.0.2.7:9000\n")
    said = run(app, "sign-in-link", address_of("maria")).stdout
    assert said.startswith("http://192.0.2.7:9000/sign-in/")


def test_help_is_no_trouble(app: Flask) -> None:
    result = run(app, "import", "feedback", "--help")
    assert result.exit_code == 0 and "--create-missing" in result.stdout


# Setting up


def test_init_makes_the_tables_and_again_changes_nothing(empty: Flask) -> None:
    for _ in range(2):
        assert run(empty, "init").exit_code == 0
    assert is_newest(store_of(empty))


def test_demo_prints_json_and_nothing_else(empty: Flask) -> None:
    first, second = run(empty, "demo", "--json"), run(empty, "demo", "--json")
    assert first.exit_code == second.exit_code == 0
    assert json.loads(first.stdout) == json.loads(second.stdout) and not first.stderr
    assert json.loads(first.stdout)["base_url"] == "http://127.0.0.1:8000"


def test_demo_tells_people_who_signs_in_and_where_to_scan(empty: Flask) -> None:
    said = run(empty, "demo").stdout
    made = json.loads(run(empty, "demo", "--json").stdout)
    assert all(person["password"] in said for person in made["people"] if person["password"])
    assert all(f"/q/{link['code'].lower()}" in said for link in made["links"])


def test_demo_refuses_a_store_with_other_data(app: Flask, cast: Cast) -> None:
    assert "serves an organisation already" in trouble(run(app, "demo", "--json"))


def test_the_first_admin_comes_with_the_organisation(app: Flask, store: Store) -> None:
    args = ("create-admin", ADMIN, "--organisation", "Shop", "--timezone", "Europe/Berlin", "--password-stdin")
    result = run(app, *args, stdin=f"{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    with store.read() as session:
        organisation, account = the_organisation(session), account_named(session, ADMIN, clock.now())
        root = session.scalars(select(Department)).one()
        person = session.scalars(select(Person)).one()
        assert organisation is not None and (organisation.name, organisation.timezone) == ("Shop", "Europe/Berlin")
        assert (root.name, root.parent_id, person.department_id) == ("Shop", None, root.id)
        assert account is not None and account.is_admin and is_password_of(account, PASSWORD)


def test_an_admin_is_asked_for_what_is_missing(app: Flask, store: Store) -> None:
    result = run(app, "create-admin", ADMIN, stdin=f"Shop\nAda\n{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    with store.read() as session:
        assert session.scalars(select(Person.name)).all() == ["Ada"]


def test_a_person_who_is_there_becomes_admin_without_a_second_self(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.delete(session.get_one(Account, cast.hans))
    assert run(app, "create-admin", address_of("hans"), "--password-stdin", stdin=PASSWORD).exit_code == 0
    with store.read() as session:
        assert session.get_one(Account, cast.hans).is_admin
        assert [(entry.act, entry.by_id) for entry in audit.of_one(session, "person", cast.hans)] == [
            ("made_admin", None)
        ]


@pytest.mark.parametrize(
    ("args", "password", "said"),
    [
        ((ADMIN, "--organisation", "Shop"), "short", "10 characters"),
        ((ADMIN,), PASSWORD, "--organisation NAME"),
        (("ada", "--organisation", "Shop"), PASSWORD, "no e-mail address"),
        ((ADMIN, "--organisation", "Shop", "--timezone", "Mars/Base"), PASSWORD, "no time zone"),
        ((ADMIN, "--organisation", "Shop", "--name", " \t"), PASSWORD, "--name needs"),
        ((ADMIN, "--organisation", "Shop", "--name", "x" * 201), PASSWORD, "--name needs"),
        ((ADMIN, "--organisation", "x" * 201), PASSWORD, "--organisation needs"),
        ((ADMIN, "--organisation", "Shop", "--name", "\udcff"), PASSWORD, "not text"),
        (("\udcff@shop.example", "--organisation", "Shop"), PASSWORD, "not text"),
    ],
)
def test_an_admin_that_cannot_be_is_refused(
    app: Flask, store: Store, args: tuple[str, ...], password: str, said: str
) -> None:
    assert said in trouble(run(app, "create-admin", *args, "--password-stdin", stdin=password))
    with store.read() as session:
        assert the_organisation(session) is None


def test_an_account_is_not_taken_over(app: Flask, cast: Cast) -> None:
    assert "sign-in-link" in trouble(run(app, "create-admin", address_of("maria"), "--password-stdin", stdin=PASSWORD))


def test_a_sign_in_link_signs_in_once(app: Flask, cast: Cast) -> None:
    address = run(app, "sign-in-link", address_of("maria").upper()).stdout
    assert address.startswith("http://localhost/sign-in/") and address.count("\n") == 1
    assert "nobody signs in" in trouble(run(app, "sign-in-link", "who@shop.example"))


# Taking in


@pytest.fixture
def history(tmp_path: Path) -> str:
    """A file of 1,201 rows, one of them with a date that cannot be."""
    file = tmp_path / "history.csv"
    rows = [f"2026-01-02,word {n},{n}" for n in range(1200)]
    file.write_text("\n".join(["day,words,id", "never,word,x", *rows]) + "\n")
    return str(file)


def test_an_import_tells_its_progress_and_ends_with_its_sums(app: Flask, cast: Cast, history: str) -> None:
    args = ("import", "feedback", history, "--map", "day=date", "--map", "words=message", "--map", "id=reference")
    first = run(app, *args).stdout.splitlines()
    assert first[:2] == ["500 rows read", "1000 rows read"]
    assert first[2].startswith("line 2: the date 'never'")
    assert first[-1] == "read 1201, taken 1200, skipped 0, refused 1"
    assert run(app, *args).stdout.splitlines()[-1] == "read 1201, taken 0, skipped 1200, refused 1"


def test_a_file_without_the_columns_is_refused(app: Flask, cast: Cast, history: str) -> None:
    said = trouble(run(app, "import", "feedback", history))
    assert history in said and "there is no column date" in said


def test_an_import_needs_an_organisation(app: Flask, history: str) -> None:
    assert "create-admin" in trouble(run(app, "import", "feedback", history))


# Keeping going


def test_jobs_and_doctor_and_worker_end_well(app: Flask, cast: Cast) -> None:
    assert run(app, "jobs").exit_code == 0
    worker = run(app, "worker", "--once")
    assert worker.exit_code == 0 and "sent 0" in worker.stdout and "FIRSTHAND_SMTP_URL" in worker.stderr
    assert "Garden House" in run(app, "doctor").stdout


def test_the_doctor_looks_at_a_store_without_tables(empty: Flask) -> None:
    result = run(empty, "doctor")
    assert "tables" in trouble(result) and "look  tables" in result.stdout


# Backup and restore


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Flask]:
    """An application on SQLite with the cast and one complaint in it."""
    folder = tmp_path / "shop"
    folder.mkdir()
    app = create_app(Settings("t" * 40, folder, f"sqlite:///{folder / 'firsthand.db'}"))
    run(app, "init")
    cast = cast_of(store_of(app))
    arrives(store_of(app), cast.maria_link)
    yield app
    store_of(app).close()


def words(app: Flask) -> list[str]:
    with store_of(app).read() as session:
        return list(session.scalars(select(Submission.message).order_by(Submission.id)))


def test_a_backup_brings_everything_back_elsewhere(shop: Flask, empty: Flask, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    assert run(shop, "backup", str(file)).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    result = run(empty, "restore", str(file))
    assert result.exit_code == 0 and "Restored Garden House." in result.stdout, result.output
    assert words(empty) == ["The soup was cold"]
    kept = empty.extensions[web.NAME].settings.data_dir / "secret_key"
    assert kept.read_text() == shop.extensions[web.NAME].settings.secret_key
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [*tmp_path.glob(".firsthand-*")] == []


def test_a_backup_takes_the_pictures_along(shop: Flask, empty: Flask, tmp_path: Path) -> None:
    old, new = shop.extensions[web.NAME], empty.extensions[web.NAME]
    with old.store.write() as session:
        picture = files.Picture("png", 1, 1, b"a picture")
        file = files.keep(session, old.settings.data_dir, picture, clock.now())
    (old.settings.data_dir / "files" / "stray").write_bytes(b"left")
    backup = str(tmp_path / "shop.backup")
    assert run(shop, "backup", backup).exit_code == 0
    assert run(empty, "restore", backup).exit_code == 0
    assert files.read(new.settings.data_dir, file) == b"a picture"
    assert not (new.settings.data_dir / "files" / "stray").exists()


def test_a_backup_replaces_no_file(shop: Flask, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    assert "another name" in trouble(run(shop, "backup", str(file)))
    assert file.read_text() == "mine"


def test_a_restore_takes_the_place_of_data_only_when_told(shop: Flask, tmp_path: Path) -> None:
    file = str(tmp_path / "backup.tar")
    run(shop, "backup", file)
    with store_of(shop).read() as session:
        code = session.scalars(select(Link.code).limit(1)).one()
    arrives(store_of(shop), code, message="Later")
    assert "--replace" in trouble(run(shop, "restore", file))
    assert words(shop) == ["The soup was cold", "Later"]
    assert run(shop, "restore", file, "--replace").exit_code == 0
    assert words(shop) == ["The soup was cold"]


def test_a_damaged_backup_leaves_what_is_there_alone(shop: Flask, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    run(shop, "backup", str(file))
    whole = bytearray(file.read_bytes())
    at = whole.index(b"The soup was cold")
    whole[at - 3000 : at + 1000] = b"\xff" * 4000
    file.write_bytes(whole)
    assert "damaged" in trouble(run(shop, "restore", str(file), "--replace"))
    assert words(shop) == ["The soup was cold"]
    assert store_of(shop).engine.raw_connection().cursor().execute("pragma quick_check").fetchone() == ("ok",)


def test_a_backup_without_its_key_is_refused(shop: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    archive.copy(Path(store_of(shop).url.database or ""), folder / archive.DATABASE)
    archive.pack(folder, "", tmp_path / "keyless.tar", folder / "none")
    assert "no secret key" in trouble(run(shop, "restore", str(tmp_path / "keyless.tar"), "--replace"))


def test_running_processes_see_that_a_store_was_restored(shop: Flask, tmp_path: Path) -> None:
    """Or they would show what they prepared when the store had come to the same version another way."""
    file = str(tmp_path / "backup.tar")
    run(shop, "backup", file)
    run(shop, "link", "department", "Kitchen")
    before = store_of(shop).version()
    assert before and run(shop, "restore", file, "--replace").exit_code == 0
    assert (store_of(shop).version() or 0) > before


@pytest.mark.parametrize("changes", [0, 1, 2, 3])
def test_a_form_prepared_before_a_restore_is_never_shown_after_it(
    shop: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: int
) -> None:
    """Not even where others change the organisation while the backup takes its place."""
    file = str(tmp_path / "backup.tar")
    with store_of(shop).read() as session:
        code = session.scalars(select(Link.code).where(Link.department_id.is_not(None))).one()
    run(shop, "backup", file)
    other = create_app(shop.extensions[web.NAME].settings)
    browser, copy = other.test_client(), archive.copy

    def meanwhile(source: Path, target: Path) -> None:
        for number in range(changes):
            with store_of(other).write() as session:
                session.get_one(Organisation, 1).name = f"Changed {number}"
            browser.get(f"/q/{code}")
        copy(source, target)
        assert f"<bdi>{organisation_in(other)}</bdi>" in browser.get(f"/q/{code}").text

    with store_of(shop).write() as session:
        session.get_one(Organisation, 1).name = "Changed before"
    browser.get(f"/q/{code}")
    monkeypatch.setattr(archive, "copy", meanwhile)
    assert run(shop, "restore", file, "--replace").exit_code == 0
    assert organisation_in(other) == "Garden House"
    answer = send(browser, code, kind="complaint", message="After the restore")
    assert answer.status_code == 303
    store_of(other).close()


def organisation_in(app: Flask) -> str:
    with store_of(app).read() as session:
        return session.get_one(Organisation, 1).name


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_postgresql_is_kept_by_its_own_tools(command: str, tmp_path: Path) -> None:
    app = create_app(Settings("s" * 40, tmp_path, "postgresql+psycopg://127.0.0.1:1/firsthand"))
    assert "pg_dump" in trouble(run(app, command, str(tmp_path / "x")))


def test_a_restore_under_another_key_is_refused(empty: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(empty, "demo")
    file = str(tmp_path / "backup.tar")
    run(empty, "backup", file)
    monkeypatch.setenv("FIRSTHAND_SECRET_KEY", "another")
    assert "not the key of this backup" in trouble(run(empty, "restore", file, "--replace"))


@pytest.mark.parametrize("content", [b"", b"no tar", b"x" * 20_000])
def test_what_is_no_backup_restores_nothing(empty: Flask, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "odd"
    file.write_bytes(content)
    assert "no backup" in trouble(run(empty, "restore", str(file)))


def test_a_backup_without_our_tables_or_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    database = archive._opened(folder / archive.DATABASE)
    database.execute("CREATE TABLE other (x)")
    archive.pack(folder, "secret", tmp_path / "other.tar", folder / "none")
    with pytest.raises(Trouble, match="not one of Firsthand"):
        archive.unpack(tmp_path / "other.tar", tmp_path)
    database.execute("CREATE TABLE alembic_version (version_num)")
    database.execute("INSERT INTO alembic_version VALUES ('9999')")
    database.close()
    archive.pack(folder, "secret", tmp_path / "newer.tar", folder / "none")
    with pytest.raises(Trouble, match="newer version"):
        archive.unpack(tmp_path / "newer.tar", tmp_path)
    with tarfile.open(tmp_path / "newer.tar") as tar:
        assert tar.getnames() == [archive.DATABASE, archive.SECRET]


# Serving


def command(folder: Path, *args: str) -> tuple[list[str], dict[str, str]]:
    """What `make run` starts, on a data folder of its own."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("FIRSTHAND_", "FLASK_"))}
    return [sys.executable, server.__file__, *args], environ | {
        "FIRSTHAND_DATA_DIR": str(folder),
        "FIRSTHAND_DATABASE_URL": "",
        "FIRSTHAND_SMTP_URL": "",
    }


def refused(folder: Path, *args: str, **settings: str) -> str:
    """The one line with which a server does not start."""
    words, environ = command(folder, *args)
    ended = subprocess.run(words, cwd=ROOT, env=environ | settings, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 1 and ended.stdout == ""
    assert ended.stderr.count("\n") == 1 and ended.stderr.startswith("Firsthand: "), ended.stderr
    return ended.stderr


@contextmanager
def served(folder: Path, *args: str) -> Iterator[subprocess.Popen[str]]:
    """A server in a process group of its own, as a terminal would start it."""
    words, environ = command(folder, *args)
    process = subprocess.Popen(
        words,
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def ready(process: subprocess.Popen[str], port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                assert answer.read() == b"ok"
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise AssertionError(f"the server did not start: {process.communicate()}")


def until_said(process: subprocess.Popen[str], last: str) -> str:
    """What the server printed, up to and with a line that begins with `last`."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith(last):
            break
    return "".join(lines)


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_it_serves_a_demo_tells_how_to_see_it_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    with served(tmp_path, "--port", str(port)) as process:
        ready(process, port)
        said = until_said(process, "Ctrl-C")
        asked = [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "--json"]
        environ = os.environ | {"FIRSTHAND_DATA_DIR": str(tmp_path), "FIRSTHAND_DATABASE_URL": ""}
        made = json.loads(subprocess.run(asked, cwd=ROOT, env=environ, capture_output=True, check=True).stdout)
        assert made["base_url"] == f"http://127.0.0.1:{port}"
        assert all(person["password"] in said for person in made["people"] if person["password"])
        place = next(link["code"] for link in made["links"] if link["points_at"] == "place")
        assert f"HTTP://127.0.0.1:{port}/Q/{place}" in said and "▄" in said
        assert "this machine only" in said and "HOST=0.0.0.0" in said and "FIRSTHAND_SMTP_URL" in said
        with urlopen(f"http://127.0.0.1:{port}/q/{place}", timeout=10) as form:
            assert form.status == 200
        started = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(10) == 0
        assert time.monotonic() - started < 5
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)
        assert process.stderr is not None and process.stderr.read() == ""


def test_without_a_demo_it_says_how_to_begin_and_leaves_nothing_when_killed(tmp_path: Path) -> None:
    port = free_port()
    with served(tmp_path, "--no-demo", "--workers", "1", "--port", str(port)) as process:
        ready(process, port)
        said = until_said(process, "Ctrl-C")
        assert "create-admin EMAIL" in said and "/set-up?token=" in said
        process.kill()
        process.wait()
        deadline = time.monotonic() + 10
        while is_taken(port) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not is_taken(port)


def test_a_port_in_use_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"make run PORT={port + 1}" in refused(tmp_path, "--port", str(port))


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--host", "192.0.2.1"), "cannot listen on 192.0.2.1"),
        (("--port", "99999"), "no port"),
        (("--workers", "0"), "--workers"),
        (("--colour",), "--colour"),
    ],
)
def test_what_cannot_be_served_is_told_in_one_line(tmp_path: Path, args: tuple[str, ...], said: str) -> None:
    assert said in refused(tmp_path, *args)


def test_what_keeps_the_store_from_being_made_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "firsthand.db").write_bytes(b"something else, and not a database" * 100)
    assert "database" in refused(tmp_path, "--port", str(free_port()))


@pytest.mark.parametrize(
    ("name", "value"), [("WORKER", "maybe"), ("BASE_URL", "here"), ("DATABASE_URL", "firsthand.db")]
)
def test_a_setting_that_cannot_be_used_is_told_once(tmp_path: Path, name: str, value: str) -> None:
    said = refused(tmp_path, "--port", str(free_port()), **{f"FIRSTHAND_{name}": value})
    assert f"FIRSTHAND_{name}" in said and "write" in said


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "http://127.0.0.1:80"), ("localhost", "http://localhost:80"), ("::1", "http://[::1]:80")],
)
def test_the_address_is_the_host_that_was_asked_for(host: str, address: str) -> None:
    assert server.base_url(host, 80) == address


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_listening_everywhere_is_told_by_the_address_in_the_network(host: str) -> None:
    assert server.base_url(host, 80) == f"http://{server.in_network()}:80"


# Print


def test_posters_are_written_for_all_or_some_links(app: Flask, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "codes.pdf"
    result = run(app, "posters", str(file), "--format", "cards-a4", "--language", "en", "--language", "ar")
    assert result.exit_code == 0 and "3 codes" in result.stdout, result.output
    assert file.read_bytes().startswith(b"%PDF")
    result = run(app, "posters", str(file), "--code", cast.maria_link.lower(), "--distance", "1.2", "--marks")
    assert result.exit_code == 0 and "1 code\n" in result.stdout, result.output


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--code", "ZZZZZZZZ"), "no link in use with the code ZZZZZZZZ"),
        (("--language", "tlh"), "print has words in en, de"),
        (("--format", "a3"), "--format"),
        (("--distance", "99"), "--distance"),
    ],
)
def test_what_cannot_be_printed_is_told(
    app: Flask, cast: Cast, tmp_path: Path, args: tuple[str, ...], said: str
) -> None:
    file = tmp_path / "codes.pdf"
    assert said in trouble(run(app, "posters", str(file), *args))
    assert not file.exists()


def test_a_store_without_an_organisation_has_nothing_to_print(app: Flask, tmp_path: Path) -> None:
    assert "no organisation" in trouble(run(app, "posters", str(tmp_path / "codes.pdf")))


# Lists of people and places


def test_a_list_is_imported_as_a_whole_or_not_at_all(app: Flask, store: Store, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("reference,name,department\nP1,Nora,Kitchen\nP2,Zoe,Moon\n")
    refused = run(app, "import", "people", str(file))
    assert "nothing of" in trouble(refused)
    assert refused.stdout == "line 3: There is no department “Moon”.\nread 2, taken 0, skipped 1, refused 1\n"
    file.write_text("reference,name,department\nP1,Nora,Kitchen\nP2,Zoe,Packing\n")
    assert run(app, "import", "people", str(file)).stdout == "read 2, taken 2, skipped 0, refused 0\n"
    assert run(app, "import", "people", str(file)).stdout == "read 2, taken 0, skipped 2, refused 0\n"
    file.write_text("reference,name,department\n" + "".join(f"Q{n},Nora {n},Kitchen\n" for n in range(501)))
    assert run(app, "import", "people", str(file)).stdout.splitlines()[0] == "500 rows read"
    file.write_text("name\n")
    assert "column “department” is missing" in trouble(run(app, "import", "people", str(file)))
    file.write_bytes("name\nCafé\n".encode("windows-1252"))
    assert "Windows-1252" in run(app, "import", "places", str(file)).stdout
