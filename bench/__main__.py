"""`python -m bench` measures everything; `python -m bench NAME` one of NAMES."""

import argparse
import csv
import json
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

NAMES = ("scan", "submission", "postgresql", "kill", "outbox", "race", "print", "inbox", "photos")
SPEEDS = NAMES[:3]


def main() -> None:
    """Measure, print, and keep the figures in build/bench.json."""
    from bench import (
        inbox,
        kill,
        outbox,
        paper,
        photos,
        race,
        report,
    )  # not at import: the process that makes the load is started from this file

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that whatever ends it, the servers end too
    asked = _asked()
    names = [name for name in NAMES if name in asked.names or not asked.names]
    told: dict[str, object] = {}
    wrong = False
    build = Path("build")
    build.mkdir(exist_ok=True)
    # Beside the working copy, because a temporary folder may lie in memory, where nothing is durable.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=build) as folder:
        place = Path(folder).absolute()
        if speeds := [name for name in names if name in SPEEDS]:
            told |= _speeds(place, speeds, asked)
        if "kill" in names:
            tallies = list(kill.on_both_stores(place, times=asked.kills, tell=_tell))
            print("", *(line for tally in tallies for line in kill.lines(tally)), sep="\n")
            told |= {"kill": [kill.as_json(tally) for tally in tallies]}
        if "outbox" in names:
            found = list(outbox.on_both_stores(place, count=asked.notices, tell=_tell))
            print("", *(line for tally in found for line in outbox.lines(tally)), sep="\n")
            told |= {"outbox": [outbox.as_json(tally) for tally in found]}
        if "race" in names:
            races = list(race.on_both_stores(place, times=asked.races, tell=_tell))
            print("", *(line for tally in races for line in race.lines(tally)), sep="\n")
            told |= {"race": [race.as_json(tally) for tally in races]}
        if "inbox" in names:
            listed = inbox.measured(place, asked.cases, _tell)
            print("", *inbox.lines(listed, asked.cases), sep="\n")
            told |= {"inbox": inbox.as_json(listed)}
        if "photos" in names:
            hostile = photos.measured(place, _tell)
            print("", *hostile.lines(), sep="\n")
            told |= {"photos": photos.as_json(hostile)}
            wrong = bool(hostile.faults)
    if "print" in names:
        printed = paper.measured(_tell)
        print("", *paper.lines(printed), sep="\n")
        told |= {"print": paper.as_json(printed)}
    file = build / "bench.json"
    file.write_text(json.dumps({"machine": report.machine()} | told, indent=1, ensure_ascii=False) + "\n")
    print(f"\nAll figures: {file}")
    if wrong:
        sys.exit(1)  # what must never happen did


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
