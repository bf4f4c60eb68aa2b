"""What the rounds came to: a table, ratios, and whether the targets were met; nothing here fails on them."""

import os
import platform
import statistics
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.rounds import Results, Series

HEAD = f"{'':28}{'conn.':>6}{'per second':>12}{'p50 ms':>9}{'p99 ms':>9}{'longest':>9}{'errors':>8}{'cpu ms':>8}"


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to be reached: what was found, what was asked for, and how far the rounds lay apart."""

    what: str
    found: float
    wanted: float
    at_least: bool
    lowest: float
    highest: float

    @property
    def is_met(self) -> bool:
        """Whether the median reached it."""
        return self.found >= self.wanted if self.at_least else self.found <= self.wanted

    def line(self) -> str:
        """The target in one line."""
        spread = f" ({self.lowest:.3g} to {self.highest:.3g})" if self.lowest != self.highest else ""
        bound = "at least" if self.at_least else "at most"
        verdict = "met" if self.is_met else "missed"
        return f"{verdict:7}{self.what}: {self.found:.3g}{spread}, wanted {bound} {self.wanted:g}"


def table(results: Results, series: list[Series]) -> Iterator[str]:
    """The medians, line by line."""
    yield HEAD
    for one in series:
        for connections in one.connections:
            yield _row(results, one, connections)


def _row(results: Results, one: Series, connections: int) -> str:
    rate, p50, p99, longest, processor = (
        results.median(one.name, connections, what) for what in ("rate", "p50", "p99", "longest", "processor")
    )
    errors = sum(found.errors for found in results.rounds[one.name, connections])
    text = f"{one.title:28}{connections:>6}{rate:>12,.0f}"
    return text + (f"{p50:>9.1f}{p99:>9.1f}{longest:>9.1f}{errors:>8}{processor:>8.2f}" if p50 else "")


def targets(results: Results) -> list[Target]:
    """Every target whose series were measured."""
    found: list[Target] = []
    for name in ("scan", "scan_plain"):
        if results.has(name):
            title = "scan page" if name == "scan" else "scan page, not compressed"
            found.append(_ratio(f"{title}, rate beside bare Flask, 16", results, name, "hello", "rate", 0.5))
            found.append(
                _ratio(f"{title}, p99 beside bare Flask, 16", results, name, "hello", "p99", 3, at_least=False)
            )
    if results.has("inserts"):
        found.append(_ratio("submission, rate beside bare inserts, 16", results, "submission", "inserts", "rate", 0.1))
    if results.has("postgresql") and results.has("submission"):
        found.append(_ratio("PostgreSQL, rate beside SQLite, 16", results, "postgresql", "submission", "rate", 1))
    for name, title in (("submission", "submission"), ("postgresql", "PostgreSQL")):
        if results.has(name):
            found += _limits(results, name, title)
    return found


def _limits(results: Results, name: str, title: str) -> Iterator[Target]:
    for connections, most in ((16, 60), (64, 250)):
        times = [one.p99 for one in results.rounds[name, connections]]
        yield Target(f"{title}, p99 ms, {connections}", statistics.median(times), most, False, min(times), max(times))
    errors = results.total(name, "errors")
    yield Target(f"{title}, errors", errors, 0, False, errors, errors)
    memory = results.largest(name, "memory")
    if memory is not None:
        yield Target(f"{title}, memory of the whole service, MB", memory, 250, False, memory, memory)


def _ratio(
    title: str, results: Results, name: str, other: str, what: str, wanted: float, *, at_least: bool = True
) -> Target:
    ratios = results.ratios(name, other, 16, what)
    return Target(title, statistics.median(ratios), wanted, at_least, min(ratios), max(ratios))


def complaints(results: Results) -> Iterator[str]:
    """What went wrong in single rounds, in the servers' own words."""
    for (name, connections), rounds in results.rounds.items():
        for found in rounds:
            if found.first_error:
                yield f"{name}, {connections} connections, {found.errors} errors: {found.first_error}"


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    return {
        "processors": os.cpu_count(),
        "processor": _processor(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "load": [round(share, 2) for share in os.getloadavg()],
    }


def as_json(results: Results, found: list[Target]) -> dict[str, object]:
    """All of it, for build/bench.json."""
    return {
        "machine": machine(),
        "series": results.as_json(),
        "targets": [asdict(target) | {"is_met": target.is_met} for target in found],
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
