"""A real Chromium for the tests: found, or installed with apt where that is possible.

What it looks at is left to the tests, and accessibility to `axe`.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
CACHES = (
    "chromium-*/chrome-*/chrome",
    "chromium-*/chrome-*/*.app/Contents/MacOS/*",
    "chromium_headless_shell-*/chrome-*/*headless*shell",
)
MISSING = (
    "The tests need Chromium or Chrome. Install one (Debian: apt-get install chromium; elsewhere:"
    " playwright install --with-deps chromium), or say where it is in FIRSTHAND_CHROMIUM."
)
FONT = "fonts-dejavu-core"

_running: list[Playwright] = []


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless browser. Raises RuntimeError, saying what to install, where none can be had."""
    program = chromium()
    have_arabic_font()
    with _playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield launched
        finally:
            launched.close()


@contextmanager
def _playwright() -> Iterator[Playwright]:
    """Shared by nested uses, because a thread can hold only one."""
    if _running:
        yield _running[-1]
        return
    with sync_playwright() as playwright:
        _running.append(playwright)
        try:
            yield playwright
        finally:
            _running.pop()


def chromium() -> str:
    """The path of a Chromium that runs; installs it with apt where that is possible."""
    named = os.environ.get("FIRSTHAND_CHROMIUM")
    if named:
        if not _runs(named):
            raise RuntimeError(f"FIRSTHAND_CHROMIUM names {named}, which does not run.")
        return named
    found = _installed()
    if found is None and _may_install():
        _apt_install("chromium", FONT, seconds=900)
        found = _installed()
    if found is None:
        raise RuntimeError(MISSING)
    return found


def have_arabic_font() -> bool:
    """Whether Arabic can be drawn, after trying to install a font; without one it shows boxes."""
    if _has_arabic_font():
        return True
    if _may_install():
        _apt_install(FONT, seconds=120)
    return _has_arabic_font()


def _installed() -> str | None:
    on_path = [path for path in map(shutil.which, NAMES) if path]
    return next((path for path in [*on_path, *_in_caches()] if _runs(path)), None)


def _in_caches() -> list[str]:
    """What Playwright downloaded earlier for this user, newest revision first."""
    home = Path.home()
    places = [home / ".cache/ms-playwright", home / "Library/Caches/ms-playwright"]
    if os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "0") != "0":
        places.insert(0, Path(os.environ["PLAYWRIGHT_BROWSERS_PATH"]))
    found = [file for place in places for pattern in CACHES for file in place.glob(pattern)]
    return [str(file) for file in sorted(found, key=_revision, reverse=True)]


def _revision(file: Path) -> int:
    folder = next(part for part in reversed(file.parts) if part.startswith("chromium"))
    number = folder.rpartition("-")[2]
    return int(number) if number.isdigit() else 0


def _runs(program: str) -> bool:
    """Asked because some systems have a `chromium` that only says how to get the real one."""
    try:
        asked = subprocess.run([program, "--version"], capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def _has_arabic_font() -> bool:
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    listed = subprocess.run([lister, ":lang=ar"], capture_output=True, timeout=60)
    return bool(listed.stdout.strip())


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt_install(*packages: str, seconds: int) -> None:
    """Tries to; whether it helped is for the caller to see. What apt complains of is printed."""
    print(f"Installing {' and '.join(packages)} for the tests …", file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
    for step in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        try:
            done = subprocess.run([*apt, *step], env=environment, capture_output=True, text=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            print(f"apt-get {step[0]} took more than {seconds} s.", file=sys.stderr)
            return
        if done.returncode != 0:
            print(done.stderr[-2000:], file=sys.stderr)
