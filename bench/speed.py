"""The scan page and the submission beside what bare parts reach on the same machine at the same time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench import ceilings, installation, servers
from bench.installation import Installation
from bench.load import Answers, Load, loader
from bench.rounds import Round, Series, served
from bench.servers import Server
from tests.ground import free_port
from tests.ground.postgres import create_database, postgres

CONNECTIONS = (1, 16, 64)
MOST_PER_SECOND = 3000  # submissions prepared for each second of a round
HELLO = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
WARM_UP = 0.3  # seconds

Send = Callable[[Load], Answers]


@dataclass(slots=True)
class Stage:
    """What a run has standing: the servers asked for, the load, and how long a round is."""

    folder: Path
    seconds: float
    words: Sequence[str]
    send: Send
    open: ExitStack
    series: list[Series] = field(default_factory=list)
    shops: dict[str, tuple[Installation, Server]] = field(default_factory=dict)


@contextmanager
def stage(folder: Path, seconds: float, words: Sequence[str]) -> Iterator[Stage]:
    """An empty stage; its servers end with it."""
    with ExitStack() as opened:
        yield Stage(folder, seconds, words, opened.enter_context(loader()), opened)


def set_scan(here: Stage) -> None:
    """The scan page, and three bare answers."""
    shop, server = _shop(here, "sqlite")
    code = shop.codes["place"]
    page = here.folder / "page.html"
    page.write_bytes(_as_template(servers.answers(server.port, f"/q/{code}")[1]))
    told = {ceilings.PAGE: str(page)}
    for name, title in (
        ("bare", "bare WSGI answer"),
        ("hello", "bare Flask, hello"),
        ("page", "bare Flask, same page"),
    ):
        bare = here.open.enter_context(servers.running(f"bench.ceilings:{name}", folder=here.folder, environment=told))
        _add(here, name, title, bare, HELLO)
    _add(here, "scan", "scan page", server, installation.scan(code, gzip=True))
    _add(here, "scan_plain", "scan page, not compressed", server, installation.scan(code, gzip=False))


def set_submission(here: Stage) -> None:
    """The submission on SQLite, and a bare loop of durable inserts into the same file."""
    shop, server = _shop(here, "sqlite")
    loop = partial(_insert, shop.database, here.seconds)
    here.series.append(Series("inserts", "bare inserts, one process", loop, CONNECTIONS))
    _add_submission(here, "submission", "submission", shop, server)


def set_postgresql(here: Stage) -> None:
    """The submission on PostgreSQL, which keeps what it committed through a power loss as SQLite does."""
    if not any(one.name == "submission" for one in here.series):
        set_submission(here)
    database = create_database(here.open.enter_context(postgres(fsync=True)), "measured")
    shop, server = _shop(here, "postgresql", database)
    _add_submission(here, "postgresql", "submission, PostgreSQL", shop, server)


def _shop(here: Stage, name: str, database_url: str = "") -> tuple[Installation, Server]:
    """An installation and its server, the same one where it stands already."""
    if name not in here.shops:
        folder = here.folder / name
        folder.mkdir()
        # Nobody answers there: notices are written as they are with a mail server, and wait.
        mail = f"smtp://127.0.0.1:{free_port()}"
        shop = installation.installed(folder, database_url=database_url, smtp_url=mail)
        here.shops[name] = shop, here.open.enter_context(shop.running())
    return here.shops[name]


def _add(here: Stage, name: str, title: str, server: Server, request: bytes) -> None:
    def run(connections: int, seconds: float = here.seconds) -> Round:
        return served(server, Load(server.port, [request], 200, connections, seconds, again=True), here.send)

    run(16, WARM_UP)
    here.series.append(Series(name, title, run, CONNECTIONS))


def _add_submission(here: Stage, name: str, title: str, shop: Installation, server: Server) -> None:
    def run(connections: int, seconds: float = here.seconds) -> Round:
        sent = installation.submissions(shop, int(seconds * MOST_PER_SECOND), here.words)
        return served(server, Load(server.port, sent, 303, connections, seconds), here.send)

    run(16, WARM_UP)
    here.series.append(Series(name, title, run, CONNECTIONS))


def _insert(file: Path, seconds: float, connections: int) -> Round:
    done, took = ceilings.durable_inserts(file, seconds / 2)
    return Round(rate=done / took)


def _as_template(answer: bytes) -> bytes:
    """The page of an answer as a Jinja template whose token is a slot."""
    html = answer.partition(b"\r\n\r\n")[2]
    before, _, rest = html.partition(b'name="token" value="')
    _, _, after = rest.partition(b'"')
    if not after:
        raise RuntimeError("the scan page has no token where this looks for it")
    raw = b"{%% raw %%}%s{%% endraw %%}"
    return raw % (before + b'name="token" value="') + b"{{ token }}" + raw % (b'"' + after)


SETS: dict[str, Callable[[Stage], None]] = {
    "scan": set_scan,
    "submission": set_submission,
    "postgresql": set_postgresql,
}
