"""The line of writers: one at a time, across threads and processes, and nobody waits longer than agreed."""

import fcntl
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from feedback.db import queue
from feedback.db.queue import FULL, PATIENCE, Busy, WriterQueue

# The module on its own: another process need not load all of the house for it.
ALONE = f"from pathlib import Path; import runpy; WriterQueue = runpy.run_path({queue.__file__!r})['WriterQueue']"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.writer"


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Another process has the turn; to the kernel another open file is another process."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o640)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def test_writers_of_one_process_take_turns(file: Path) -> None:
    line, inside, most = WriterQueue(file), 0, 0

    def write() -> None:
        nonlocal inside, most
        for _ in range(20):
            with line.turn(PATIENCE):
                inside += 1
                most = max(most, inside)
                time.sleep(0.0005)
                inside -= 1

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (inside, most) == (0, 1)


def test_writers_of_two_processes_take_turns(file: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = textwrap.dedent(
        f"""
        import os, time
        {ALONE}
        line, log = WriterQueue(Path({str(file)!r})), os.open({str(log)!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for _ in range(30):
            with line.turn(5):
                os.write(log, b"(")
                time.sleep(0.001)
                os.write(log, b")")
        """
    )
    others = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    assert [other.wait(30) for other in others] == [0, 0]
    assert log.read_text() == "()" * 60


def test_a_turn_tells_what_is_left_of_its_patience(file: Path) -> None:
    with WriterQueue(file).turn(PATIENCE) as left:
        assert 4.5 < left <= PATIENCE == 5


def test_who_waits_too_long_is_told_and_the_line_goes_on(file: Path) -> None:
    line = WriterQueue(file)
    with held(file):
        began = time.monotonic()
        with pytest.raises(Busy), line.turn(0.2):
            pass
        assert 0.2 <= time.monotonic() - began < 1.5
    with line.turn(PATIENCE):
        pass


def test_the_same_within_one_process(file: Path) -> None:
    line, inside, done = WriterQueue(file), threading.Event(), threading.Event()

    def hold() -> None:
        with line.turn(PATIENCE):
            inside.set()
            done.wait(5)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait(5)
    with pytest.raises(Busy), line.turn(0.2):
        pass
    done.set()
    holder.join()
    with line.turn(PATIENCE):
        pass


def test_a_full_line_before_a_stuck_store_is_not_joined(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The web server's other threads stay free for those who only read."""
    monkeypatch.setattr(queue, "LONG", 0.3)
    line = WriterQueue(file)

    def wait() -> float:
        began = time.monotonic()
        with pytest.raises(Busy), line.turn(1.5):
            pass
        return time.monotonic() - began

    with held(file), ThreadPoolExecutor(FULL + 4) as pool:
        first = [pool.submit(wait) for _ in range(FULL)]
        time.sleep(0.6)
        late = [pool.submit(wait) for _ in range(4)]
        assert max(one.result() for one in late) < 1
        assert max(one.result() for one in first) >= 1.4
    with line.turn(PATIENCE):
        pass


def test_a_long_line_that_moves_is_joined(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "LONG", 0.2)
    line = WriterQueue(file)

    def write(_: int) -> bool:
        with line.turn(PATIENCE):
            line.moved()
            time.sleep(0.03)
        return True

    with ThreadPoolExecutor(3 * FULL) as pool:
        assert all(pool.map(write, range(4 * FULL)))


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_write_that_fails_gives_its_turn_back(file: Path, error: type[BaseException]) -> None:
    line = WriterQueue(file)
    for _ in range(2 * FULL):
        with pytest.raises(error), line.turn(PATIENCE):
            raise error
    other = WriterQueue(file)
    with other.turn(PATIENCE):
        pass


def test_a_forked_process_has_a_lock_of_its_own(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An inherited descriptor would share its parent's lock, and let both write at once."""
    line = WriterQueue(file)
    with line.turn(PATIENCE):
        first = line._descriptor
        monkeypatch.setattr(os, "getpid", lambda: 1)
        assert line._open() != first


def test_a_writer_that_is_killed_leaves_no_lock(file: Path) -> None:
    program = (
        f"{ALONE}\nimport time\nwith WriterQueue(Path({str(file)!r})).turn(5): print('in', flush=True); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert other.stdout and other.stdout.readline() == b"in\n"
    other.kill()
    other.wait(10)
    other.stdout.close()
    began = time.monotonic()
    with WriterQueue(file).turn(PATIENCE):
        assert time.monotonic() - began < 3


def test_a_lock_that_cannot_be_made_is_busy(tmp_path: Path) -> None:
    """Not even an empty file fits on the disk, or the folder is gone."""
    with pytest.raises(Busy), WriterQueue(tmp_path / "gone" / "store.writer").turn(PATIENCE):
        pass


def test_the_file_is_not_everyones(file: Path) -> None:
    with WriterQueue(file).turn(PATIENCE):
        assert file.stat().st_mode & 0o007 == 0
