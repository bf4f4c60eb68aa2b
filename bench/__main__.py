"""`python -m bench` measures everything; `python -m bench NAME` one of NAMES."""

import argparse
import csv
import json
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

NAMES = (
    "scan",
    "submission",
    "postgresql",
    "kill",
    "outbox",
    "race",
    "inbox",
    "photos",
    "print",
    "naming",
    "wall",
    "surveys",
)
SPEEDS = NAMES[:3]
Told = tuple[Iterable[str], object, bool]  # lines for a reader, figures for build/bench.json, whether all is well


def main() -> None:
    """Measure, print, and keep the figures in build/bench.json; status 1 where something was not as it must be."""
    from bench import report  # not at import: the process that makes the load is started from this file

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that whatever ends it, the servers end too
    asked = _asked()
    names = [name for name in NAMES if name in asked.names or not asked.names]
    told: dict[str, object] = {}
    is_well = True
    build = Path("build")
    build.mkdir(exist_ok=True)
    # Beside the working copy, because a temporary folder may lie in memory, where nothing is durable.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=build) as folder:
        place = Path(folder).absolute()
        if speeds := [name for name in names if name in SPEEDS]:
            told |= _speeds(place, speeds, asked)
        for name, measure in _others().items():
            if name in names:
                lines, figures, ok = measure(place, asked)
                print("", *lines, sep="\n")
                told[name] = figures
                is_well = is_well and ok
    file = build / "bench.json"
    file.write_text(json.dumps({"machine": report.machine()} | told, indent=1, ensure_ascii=False) + "\n")
    print(f"\nAll figures: {file}")
    sys.exit(0 if is_well else 1)


def _others() -> Mapping[str, Callable[[Path, argparse.Namespace], Told]]:
    """What is measured beside speed under load, by name."""
    from bench import inbox, installation, kill, naming, outbox, paper, photos, race, surveys, wall

    def killed(place: Path, asked: argparse.Namespace) -> Told:
        tallies = list(kill.on_both_stores(place, times=asked.kills, tell=_tell))
        return _each(kill.lines, tallies), [kill.as_json(one) for one in tallies], all(one.is_clean for one in tallies)

    def owed(place: Path, asked: argparse.Namespace) -> Told:
        tallies = list(outbox.on_both_stores(place, count=asked.notices, tell=_tell))
        is_well = all(one.is_clean for one in tallies)
        return _each(outbox.lines, tallies), [outbox.as_json(one) for one in tallies], is_well

    def raced(place: Path, asked: argparse.Namespace) -> Told:
        tallies = list(race.on_both_stores(place, times=asked.races, tell=_tell))
        return _each(race.lines, tallies), [race.as_json(one) for one in tallies], all(one.is_clean for one in tallies)

    def listed(place: Path, asked: argparse.Namespace) -> Told:
        found = inbox.measured(place, asked.cases, _tell)
        return inbox.lines(found, asked.cases), inbox.as_json(found), True

    def drawn(place: Path, asked: argparse.Namespace) -> Told:
        found = photos.measured(place, _tell)
        return found.lines(), photos.as_json(found), not found.faults

    def printed(place: Path, asked: argparse.Namespace) -> Told:
        found = paper.measured(_tell)
        return paper.lines(found), paper.as_json(found), True

    def named(place: Path, asked: argparse.Namespace) -> Told:
        words = _words(asked.words, asked.column) if asked.words else installation.WORDS
        found = naming.measured(words)
        return naming.lines(found), naming.as_json(found), True

    def watched(place: Path, asked: argparse.Namespace) -> Told:
        found = wall.measured(place, asked.changes, _tell)
        return wall.lines(found), wall.as_json(found), found.is_well

    def summed(place: Path, asked: argparse.Namespace) -> Told:
        found = surveys.measured(place, asked.responses, _tell)
        return surveys.lines(found, asked.responses), surveys.as_json(found), True

    return {
        "kill": killed,
        "outbox": owed,
        "race": raced,
        "inbox": listed,
        "photos": drawn,
        "print": printed,
        "naming": named,
        "wall": watched,
        "surveys": summed,
    }


def _each(lines: Callable[..., Iterable[str]], tallies: Sequence[object]) -> list[str]:
    return [line for tally in tallies for line in lines(tally)]


def _speeds(place: Path, names: Sequence[str], asked: argparse.Namespace) -> dict[str, object]:
    from bench import installation, report, rounds, speed

    words = _words(asked.words, asked.column) if asked.words else installation.WORDS
    with speed.stage(place, asked.seconds, words) as stage:
        for name in names:
            speed.SETS[name](stage)
        results = rounds.play(stage.series, times=asked.rounds, tell=_tell)
    found = report.targets(results)
    print("", *report.table(results, stage.series), sep="\n")
    print("", *report.complaints(results), *(target.line() for target in found), sep="\n")
    return report.as_json(results, found)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures Firsthand on this machine.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"what to measure: {', '.join(NAMES)}; all of it if none"
    )
    parser.add_argument("--seconds", type=float, default=3.0, help="length of one round (3)")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is repeated (3)")
    parser.add_argument("--kills", type=int, default=20, help="how often the server is killed (20)")
    parser.add_argument("--notices", type=int, default=10_000, help="how many notices are owed at once (10000)")
    parser.add_argument("--races", type=int, default=1000, help="how often two managers press at once (1000)")
    parser.add_argument("--cases", type=int, default=1_000_000, help="cases of the large inbox (1,000,000)")
    parser.add_argument("--responses", type=int, default=1_000_000, help="of the large survey (1,000,000)")
    parser.add_argument("--changes", type=int, default=10_000, help="how often the wall turns (10000)")
    parser.add_argument("--words", type=Path, help="a CSV whose comments are sent instead of our own sentences")
    parser.add_argument("--column", default="comment", help="the name of its column (comment)")
    asked = parser.parse_args()
    for name in asked.names:
        if name not in NAMES:
            parser.error(f"{name!r} is not one of {', '.join(NAMES)}")
    return asked


def _words(file: Path, column: str) -> list[str]:
    with file.open(newline="", encoding="utf-8") as rows:
        found = [row[column] for row in csv.DictReader(rows) if (row[column] or "").strip()]
    if not found:
        raise SystemExit(f"{file} has no words in its column {column}")
    return found


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
