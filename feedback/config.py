"""The settings of one installation, read once from the environment; nothing else reads it."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

BASE_URL = "http://127.0.0.1:8000"
Worker = Literal["inline", "off"]
# The push services of the browsers there are: Chrome and its kin, Firefox, Safari, Edge.
PUSH_HOSTS = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)


class SettingError(ValueError):
    """A setting cannot be used; the text says which one and what to write instead."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator decides from outside; the defaults suit one shop on one machine."""

    secret_key: str
    data_dir: Path
    database_url: str
    base_url: str = BASE_URL
    smtp_url: str = ""
    mail_from: str = ""
    trusted_proxies: int = 0
    worker: Worker = "inline"
    limits: bool = True
    push_hosts: tuple[str, ...] = PUSH_HOSTS

    @property
    def is_https(self) -> bool:
        """Whether customers reach the installation over TLS, so that cookies may be Secure."""
        return self.base_url.startswith("https://")

    @property
    def opens_here_only(self) -> bool:
        """Whether QR codes carry an address that no device but this one opens."""
        host = urlsplit(self.base_url).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")

    @property
    def sender(self) -> str:
        """The address mails come from; without FIRSTHAND_MAIL_FROM one made of the host's name."""
        host = urlsplit(self.base_url).hostname or "localhost"
        is_number = ":" in host or host.replace(".", "").isdigit()
        return self.mail_from or f"firsthand@{'localhost' if is_number else host}"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Settings as `environ` has them; SettingError names the first that cannot be used."""
        data_dir = Path(environ.get("FIRSTHAND_DATA_DIR") or "instance").absolute()
        try:
            data_dir.mkdir(parents=True, exist_ok=True, mode=0o750)
        except OSError as error:
            raise SettingError(f"FIRSTHAND_DATA_DIR: {data_dir} cannot be a folder: {error.strerror}") from error
        return cls(
            secret_key=environ.get("FIRSTHAND_SECRET_KEY") or kept_secret(data_dir / "secret_key"),
            data_dir=data_dir,
            database_url=_database_url(
                environ.get("FIRSTHAND_DATABASE_URL") or f"sqlite:///{data_dir / 'firsthand.db'}"
            ),
            base_url=_base_url(environ.get("FIRSTHAND_BASE_URL") or BASE_URL),
            smtp_url=_smtp_url(environ.get("FIRSTHAND_SMTP_URL") or ""),
            mail_from=environ.get("FIRSTHAND_MAIL_FROM") or "",
            trusted_proxies=_whole(environ.get("FIRSTHAND_TRUSTED_PROXIES") or "0"),
            worker=_worker(environ.get("FIRSTHAND_WORKER") or "inline"),
            limits=_on_or_off(environ.get("FIRSTHAND_LIMITS") or "on"),
            push_hosts=_hosts(environ.get("FIRSTHAND_PUSH_HOSTS", " ".join(PUSH_HOSTS))),
        )


def machine_zone(environ: Mapping[str, str] = os.environ) -> str:
    """The time zone of this machine as far as it tells its name, else UTC."""
    zone = environ.get("TZ") or os.path.realpath("/etc/localtime").rpartition("zoneinfo/")[2]
    return zone if zone in available_timezones() else "UTC"


def kept_secret(file: Path) -> str:
    """The secret kept in `file`, made on first use; two processes starting at once agree on one."""
    if not file.exists():
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(48))
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(draft, file)  # fails where another process was first; its secret holds then
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    kept = file.read_text().strip()
    if not kept:
        raise SettingError(
            f"{file} is empty; write the installation's secret into it again, or delete it for a new one"
        )
    return kept


def _base_url(text: str) -> str:
    parts = _address(text)
    if parts is None or parts.scheme not in {"http", "https"} or parts.query or parts.fragment:
        raise SettingError(f"FIRSTHAND_BASE_URL is {text!r}; write it like https://feedback.example.org")
    return parts.geturl().rstrip("/")  # with the scheme in small letters


def _address(text: str) -> SplitResult | None:
    """The parts of an address with a host; None where `text` is none."""
    try:
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return parts if has_host and text.isprintable() and " " not in text else None


def _database_url(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")) or not _is_database(text):
        raise SettingError("FIRSTHAND_DATABASE_URL: write it like postgresql+psycopg://user:password@host/name")
    return text


def _is_database(text: str) -> bool:
    """Whether the address can be read, and names a file where it is SQLite's."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # of a port that is no number
        return False
    is_sqlite = url.get_backend_name() == "sqlite"
    return not is_sqlite or (bool(url.database) and ":memory:" not in text)


def _hosts(text: str) -> tuple[str, ...]:
    """The hosts in `text`, with spaces between; none where nobody is to be told on a device."""
    return tuple(text.lower().split())


def _smtp_url(text: str) -> str:
    parts = _address(text)
    if text and (parts is None or parts.scheme not in {"smtp", "smtps"}):
        raise SettingError("FIRSTHAND_SMTP_URL: write it like smtp://user:password@mail.example.org:587?starttls=1")
    return text


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 2 or int(text) > 10:
        raise SettingError(f"FIRSTHAND_TRUSTED_PROXIES is {text!r}; write how many proxies stand in front, 0 to 10")
    return int(text)


def _worker(text: str) -> Worker:
    if text == "inline":
        return "inline"
    if text == "off":
        return "off"
    raise SettingError(f"FIRSTHAND_WORKER is {text!r}; write inline or off")


def _on_or_off(text: str) -> bool:
    if text not in {"on", "off"}:
        raise SettingError(f"FIRSTHAND_LIMITS is {text!r}; write on or off")
    return text == "on"
