"""Settings: read once from the environment; what cannot be used is named, with what to write instead."""

import os
import re
import threading
from pathlib import Path

import pytest

from feedback.config import PUSH_HOSTS, SettingError, Settings, kept_secret


def read(folder: Path, **environ: str) -> Settings:
    return Settings.from_environment({"FIRSTHAND_DATA_DIR": str(folder), **environ})


def test_nothing_set_suits_one_shop(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path / 'firsthand.db'}"
    assert settings.base_url == "http://127.0.0.1:8000"
    assert (settings.smtp_url, settings.trusted_proxies, settings.worker, settings.limits) == ("", 0, "inline", True)
    assert not settings.is_https
    assert settings.sender == "firsthand@localhost"


def test_empty_is_as_if_not_set(tmp_path: Path) -> None:
    names = ("SECRET_KEY", "BASE_URL", "DATABASE_URL", "SMTP_URL", "MAIL_FROM", "TRUSTED_PROXIES", "WORKER", "LIMITS")
    assert read(tmp_path, **{f"FIRSTHAND_{name}": "" for name in names}) == read(tmp_path)


def test_everything_can_be_set(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        FIRSTHAND_SECRET_KEY="0123456789" * 4,
        FIRSTHAND_BASE_URL="https://feedback.example.org/",
        FIRSTHAND_DATABASE_URL="postgresql+psycopg://u:1234@db/firsthand",
        FIRSTHAND_SMTP_URL="smtp://user:1234@mail.example.org:587?starttls=1",
        FIRSTHAND_MAIL_FROM="Feedback <hello@example.org>",
        FIRSTHAND_TRUSTED_PROXIES="2",
        FIRSTHAND_WORKER="off",
        FIRSTHAND_LIMITS="off",
    )
    assert settings.secret_key == "0123456789" * 4  # digits stay text
    assert settings.base_url == "https://feedback.example.org" and settings.is_https
    assert settings.database_url.endswith(":1234@db/firsthand")
    assert (settings.trusted_proxies, settings.worker, settings.limits) == (2, "off", False)
    assert settings.sender == "Feedback <hello@example.org>"


def test_who_may_tell_phones_can_be_chosen_and_nobody_be(tmp_path: Path) -> None:
    folder = {"FIRSTHAND_DATA_DIR": str(tmp_path)}
    assert Settings.from_environment(folder).push_hosts == PUSH_HOSTS
    chosen = Settings.from_environment(folder | {"FIRSTHAND_PUSH_HOSTS": " Push.example  127.0.0.1:8080 "})
    assert chosen.push_hosts == ("push.example", "127.0.0.1:8080")
    assert Settings.from_environment(folder | {"FIRSTHAND_PUSH_HOSTS": ""}).push_hosts == ()


def test_without_a_sender_mails_come_from_the_host(tmp_path: Path) -> None:
    assert read(tmp_path, FIRSTHAND_BASE_URL="https://feedback.example.org:8443/x").sender == (
        "firsthand@feedback.example.org"
    )


def test_a_base_url_may_have_a_path(tmp_path: Path) -> None:
    assert read(tmp_path, FIRSTHAND_BASE_URL="https://example.org/say//").base_url == "https://example.org/say"


BAD = {
    "FIRSTHAND_BASE_URL": [
        "example.org",
        "ftp://example.org",
        "https://",
        "https://example.org?x=1",
        "https://a#b",
        "x",
    ],
    "FIRSTHAND_DATABASE_URL": [
        "sqlite:///",
        "sqlite:///?x=y",
        "sqlite:///:memory:",
        "postgresql+psycopg://user:secret@host:port/name",
        "firsthand.db",
        "postgres://db/firsthand",
        "mysql://db/firsthand",
        "sqlite:firsthand.db",
    ],
    "FIRSTHAND_SMTP_URL": ["mail.example.org", "http://mail", "smtp://", "smtp:mail"],
    "FIRSTHAND_TRUSTED_PROXIES": ["-1", "11", "one", "1.0", "²", "٣", " 1", "9" * 5000],
    "FIRSTHAND_WORKER": ["on", "OFF", "true", "outline"],
    "FIRSTHAND_LIMITS": ["0", "no", "ON", "false"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_what_cannot_be_used_is_named_with_what_to_write(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name) as caught:
        read(tmp_path, **{name: value})
    assert "write" in str(caught.value)


@pytest.mark.parametrize("name", ["FIRSTHAND_SMTP_URL", "FIRSTHAND_DATABASE_URL"])
def test_a_password_is_not_told_in_the_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingError) as caught:
        read(tmp_path, **{name: "http://user:hunter2@db.example.org"})
    assert "hunter2" not in str(caught.value)


def test_a_base_url_that_is_no_url_is_named(tmp_path: Path) -> None:
    for bad in (
        "http://[::1",
        "http://example.org:port",
        "http://exa mple.org",
        "http://example.org:99999",
        "http://a\nb",
    ):
        with pytest.raises(SettingError, match="FIRSTHAND_BASE_URL"):
            read(tmp_path, FIRSTHAND_BASE_URL=bad)
    for bad in ("smtp://[::1", "smtp://mail:smtp", "smtp://mail server"):
        with pytest.raises(SettingError, match="FIRSTHAND_SMTP_URL"):
            read(tmp_path, FIRSTHAND_SMTP_URL=bad)


def test_capitals_in_the_base_url_are_https_all_the_same(tmp_path: Path) -> None:
    assert read(tmp_path, FIRSTHAND_BASE_URL="HTTPS://Feedback.example.org").is_https


def test_a_secret_that_got_lost_is_not_taken_for_one(tmp_path: Path) -> None:
    """Whoever knows an empty secret can forge every token."""
    (tmp_path / "secret_key").write_text("\n")
    with pytest.raises(SettingError, match="secret_key is empty"):
        read(tmp_path)


def test_the_data_folder_is_made_and_not_everyones(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert read(folder).data_dir == folder
    assert folder.stat().st_mode & 0o007 == 0


def test_a_data_folder_beside_where_one_stands_is_kept_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_environment({})
    assert settings.data_dir == tmp_path / "instance"
    assert settings.database_url == f"sqlite:///{tmp_path / 'instance' / 'firsthand.db'}"


def test_the_secret_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    first = read(tmp_path).secret_key
    assert read(tmp_path).secret_key == first
    assert re.fullmatch(r"[\w-]{64}", first)
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert os.listdir(tmp_path) == ["secret_key"]
    assert read(tmp_path / "other").secret_key != first


def test_a_secret_that_is_given_is_not_written(tmp_path: Path) -> None:
    assert read(tmp_path, FIRSTHAND_SECRET_KEY="given").secret_key == "given"
    assert os.listdir(tmp_path) == []


def test_two_that_start_at_once_agree_on_one_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each process drafts under its own number; here threads play the processes."""
    numbers = threading.local()
    monkeypatch.setattr(os, "getpid", lambda: numbers.mine)
    found: list[str] = []
    start = threading.Barrier(8)

    def begin(number: int) -> None:
        numbers.mine = number
        start.wait()
        found.append(kept_secret(tmp_path / "secret_key"))

    threads = [threading.Thread(target=begin, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 1
    assert os.listdir(tmp_path) == ["secret_key"]


def test_settings_do_not_change() -> None:
    with pytest.raises(AttributeError):
        Settings("s", Path(), "sqlite://").base_url = "x"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("address", "is_so"),
    [("http://127.0.0.1:8000", True), ("http://localhost", True), ("http://[::1]:8000", True),
     ("http://192.168.1.20:8000", False), ("https://feedback.example.org", False)],
)  # fmt: skip
def test_an_address_of_this_machine_opens_here_only(tmp_path: Path, address: str, is_so: bool) -> None:
    assert read(tmp_path, FIRSTHAND_BASE_URL=address).opens_here_only is is_so
