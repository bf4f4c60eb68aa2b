"""Three hundred hostile files through the real form of a running server: none served raw, nothing carried along.

Each is sent as a customer sends a photo; what is taken is asked for again behind the receipt, as it is served. Memory
is watched meanwhile: that of the web processes, and of each child that draws a picture.
"""

import http.client
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from bench.installation import EMPTY, READ_FOR, SECRET, Installation, installed
from bench.servers import Server, tree
from feedback import clock
from feedback.core.attachments import MOST, Attachment
from feedback.core.files import File
from feedback.core.submissions import Submission, receipt_of
from feedback.db import Store
from feedback.web.customer import token
from tests.ground import hostile
from tests.ground.hostile import Hostile

AT_ONCE = 6  # customers
PATIENCE = 120.0  # seconds for one answer
TRIES = 60  # of a form that finds everybody busy
LARGE = 12  # forms with three photos of almost eight megabytes each
WEB_MORE, CHILD_MOST = 150, 1024  # megabytes: that all web processes together may grow by, and of one child
GOOD = {"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}
PHOTO = re.compile(r'href="(/r/photos/\d+)"')


@dataclass(slots=True)
class Outcome:
    """What became of everything that was sent."""

    sent: int = 0
    taken: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    served: int = 0
    busy: int = 0  # answers that asked to send again in a moment
    seconds: float = 0.0
    web_before: float = 0.0  # megabytes before the first photo
    web: float = 0.0  # at the most
    child: float = 0.0
    slowest: float = 0.0  # seconds for one answer
    faults: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The outcome in words."""
        answers = ", ".join(f"{status}: {n}" for status, n in sorted(self.answers.items()))
        yield f"hostile photos: {self.sent} forms in {self.seconds:.0f} s, answers {answers}; {self.busy} had to wait"
        yield f"  {self.taken} forms taken, {self.served} photos asked for again, slowest answer {self.slowest:.1f} s"
        yield f"  memory of the web processes: {self.web_before:.0f} MB before, {self.web:.0f} MB at most"
        yield f"  memory of one child at most: {self.child:.0f} MB, of which two can be at work"
        yield from (f"  FAULT {fault}" for fault in self.faults[:40])
        yield (
            f"  {len(self.faults)} faults" if self.faults else "  nothing raw, no metadata, no 500, nothing left behind"
        )


def measured(folder: Path, tell: Callable[[str], None]) -> Outcome:
    """Send everything, look at everything that came of it."""
    place = folder / "photos"
    laid = place / "laid"
    laid.mkdir(parents=True)
    made = installed(place)
    here = Installation(made.folder, made.environment | {"TMPDIR": str(laid)}, made.codes, made.topics)
    tell("photos: three hundred files are being made")
    forms = [((one,), one.name) for one in hostile.files()]
    whole = next(one for one in hostile.files() if one.name == "a photo of almost eight megabytes")
    forms += [((whole,) * MOST, f"three large ones, {n}") for n in range(LARGE)]
    found, begun = Outcome(sent=len(forms)), time.monotonic()
    with here.running() as server, watched(server, found), ThreadPoolExecutor(AT_ONCE) as pool:
        customers = [Customer(here, server.port, found) for _ in range(AT_ONCE)]
        ready = threading.local()

        def send(form: tuple[Sequence[Hostile], str]) -> None:
            if not hasattr(ready, "customer"):
                ready.customer = customers.pop()
            ready.customer.send(*form)
            if sum(found.answers.values()) % 50 == 0:
                tell(f"photos: {sum(found.answers.values())} of {len(forms)}")

        before = tree(server.process.pid)
        list(pool.map(send, forms))
        if not set(before) <= set(tree(server.process.pid)):
            found.faults.append("a web process ended")
    found.seconds = time.monotonic() - begun
    found.faults += left_over(here, found, laid)
    return found


class Customer:
    """Sends one form after the other, and comes back to each with its receipt."""

    def __init__(self, here: Installation, port: int, found: Outcome) -> None:
        self.here, self.port, self.found = here, port, found

    def send(self, photos: Sequence[Hostile], name: str) -> None:
        """Send a complaint with these photos until there is an answer to it; look at what was taken."""
        code = self.here.codes["place"]
        made = token.mint(code, clock.now() - READ_FOR, SECRET)
        body = hostile.form(EMPTY | {"kind": "complaint", "message": name, "token": made}, photos)
        for _ in range(TRIES):
            begun = time.monotonic()
            status, _headers, page = self.ask("POST", f"/q/{code}", body)
            self.found.slowest = max(self.found.slowest, time.monotonic() - begun)
            if status != 503:
                break
            self.found.busy += 1
            time.sleep(0.5)
        self.found.answers[status] += 1
        if status == 303:
            self.found.taken += 1
            key = token.read(made, code, clock.now(), SECRET).key
            self.look(receipt_of(key, SECRET), photos, name)
        elif status != 422 or b'id="photo-error"' not in page or name.encode() not in page:
            self.found.faults.append(f"{name}: answered {status}, or not in words")

    def look(self, receipt: str, photos: Sequence[Hostile], name: str) -> None:
        """Ask for every photo behind the receipt, as it is served; and without the receipt, where none may be."""
        cookie = {"Cookie": f"receipt={receipt}"}
        _status, _headers, page = self.ask("GET", "/r", headers=cookie)
        addresses = PHOTO.findall(page.decode())
        if len(addresses) != len(photos):
            self.found.faults.append(f"{name}: {len(addresses)} photos of {len(photos)}")
        for address, photo in zip(addresses, photos, strict=False):
            status, headers, data = self.ask("GET", address, headers=cookie)
            self.found.served += 1
            wrong = [key for key, value in GOOD.items() if headers.get(key) != value]
            wrong += hostile.faults(photo.data, data) if status == 200 else [f"answered {status}"]
            self.found.faults += [f"{name}: {fault}" for fault in wrong]
            if self.ask("GET", address)[0] != 404:
                self.found.faults.append(f"{name}: shown to anybody")

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """One answer, on a connection of its own."""
        told = {"Content-Type": hostile.FORM} if body else {}
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            line.request(method, path, body or None, told | (headers or {}))
            answer = line.getresponse()
            return answer.status, {name.title(): value for name, value in answer.getheaders()}, answer.read()
        except (OSError, http.client.HTTPException) as error:
            return 0, {}, str(error).encode()
        finally:
            line.close()


@contextmanager
def watched(server: Server, found: Outcome) -> Iterator[None]:
    """Within the block the memory of the server is looked at again and again, its children apart."""
    done, servers = threading.Event(), tree(server.process.pid)

    def look() -> None:
        while not done.wait(0.01):
            web = sum(memory(pid)[0] for pid in servers)
            found.web, found.web_before = max(found.web, web), found.web_before or web
            # What is not a picture's yet shares the memory of the server that it comes from.
            children = [pid for pid in tree(server.process.pid) if pid not in servers and draws(pid)]
            found.child = max([found.child, *(memory(pid)[1] for pid in children)])

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
    if found.web - found.web_before > WEB_MORE or found.child > CHILD_MOST:
        found.faults.append("more memory than a small machine has to spare")


def draws(pid: int) -> bool:
    """Whether that process draws a picture."""
    try:
        return b"redraw.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def memory(pid: int) -> tuple[float, float]:
    """Megabytes of a process now and at the most; zeros once it is gone."""
    try:
        told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return int(told["VmRSS"].split()[0]) / 1024, int(told["VmHWM"].split()[0]) / 1024
    except (OSError, KeyError, ValueError):
        return 0.0, 0.0


def left_over(here: Installation, found: Outcome, laid: Path) -> list[str]:
    """What lies about that belongs to nothing: rows twice, files without rows, bytes as they came in."""
    store = Store(here.database_url)
    try:
        with store.read() as session:
            named = {str(number) for number in session.scalars(select(File.id))}
            kept = session.scalar(select(func.count()).select_from(Attachment))
            sent = session.scalar(select(func.count()).select_from(Submission).where(~Submission.is_history))
    finally:
        store.close()
    on_disk = {path.name: path for path in (here.folder / "files").glob("*")}
    faults = [f"{name} lies on disk without a row" for name in on_disk.keys() - named]
    faults += [f"{name} has a row and no file" for name in named - on_disk.keys()]
    faults += [f"{name} holds what came in" for name, path in on_disk.items() if hostile.CANARY in path.read_bytes()]
    faults += [f"{path.name} was left of a body" for path in laid.iterdir()]
    if (kept, sent) != (found.served, found.taken):
        faults.append(f"{sent} submissions with {kept} photos, told of {found.taken} with {found.served}")
    return faults


def as_json(found: Outcome) -> dict[str, object]:
    """All of it, for build/bench.json."""
    return asdict(found) | {"answers": {str(status): n for status, n in found.answers.items()}}
