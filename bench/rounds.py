"""Short rounds, one series after the other and again, so that what else the machine does falls on all alike."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from bench.load import Answers, Load
from bench.servers import Server


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of one series came to; times in milliseconds, rates per second, memory in MB."""

    rate: float
    p50: float = 0.0
    p99: float = 0.0
    longest: float = 0.0
    errors: int = 0
    first_error: str = ""
    processor: float = 0.0  # milliseconds of the server's processor time for each answer
    load_share: float = 0.0  # of one processor that the load itself took
    memory: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Something to be measured again and again, at each of some numbers of connections."""

    name: str
    title: str
    run: Callable[[int], Round]
    connections: tuple[int, ...]


class Results:
    """All rounds so far, by the name of their series and the number of connections."""

    def __init__(self) -> None:
        self.rounds: dict[tuple[str, int], list[Round]] = {}

    def add(self, name: str, connections: int, found: Round) -> None:
        """Note one round."""
        self.rounds.setdefault((name, connections), []).append(found)

    def has(self, name: str) -> bool:
        """Whether the series was measured."""
        return any(known == name for known, _ in self.rounds)

    def median(self, name: str, connections: int, what: str) -> float:
        """The median of one figure over the rounds."""
        return statistics.median(float(getattr(found, what)) for found in self.rounds[name, connections])

    def ratios(self, name: str, other: str, connections: int, what: str) -> list[float]:
        """One series beside another, round by round: neighbours in time share their noise."""
        pairs = zip(self.rounds[name, connections], self.rounds[other, connections], strict=True)
        return [getattr(one, what) / (getattr(two, what) or 1) for one, two in pairs]

    def total(self, name: str, what: str) -> float:
        """The sum of one figure over all rounds of a series."""
        return sum(float(getattr(found, what)) for key, found in self._all() if key[0] == name)

    def largest(self, name: str, what: str) -> float | None:
        """The largest of one figure over all rounds of a series; None where it is not known."""
        known = [getattr(found, what) for key, found in self._all() if key[0] == name]
        return max((value for value in known if value is not None), default=None)

    def as_json(self) -> dict[str, dict[str, object]]:
        """Medians and single rounds, by series and connections."""
        told: dict[str, dict[str, object]] = {}
        for (name, connections), rounds in self.rounds.items():
            medians = {what: self.median(name, connections, what) for what in ("rate", "p50", "p99", "longest")}
            told.setdefault(name, {})[str(connections)] = {**medians, "rounds": [asdict(found) for found in rounds]}
        return told

    def _all(self) -> list[tuple[tuple[str, int], Round]]:
        return [(key, found) for key, rounds in self.rounds.items() for found in rounds]


def play(series: Sequence[Series], *, times: int, tell: Callable[[str], None]) -> Results:
    """Every series at every number of connections, `times` over."""
    results = Results()
    for number in range(times):
        for connections in sorted({count for one in series for count in one.connections}):
            tell(f"round {number + 1} of {times}, {connections} connection{'s' if connections > 1 else ''}")
            for one in series:
                if connections in one.connections:
                    results.add(one.name, connections, one.run(connections))
    return results


def served(server: Server, load: Load, send: Callable[[Load], Answers]) -> Round:
    """One round of a load on a server."""
    before = server.processor_seconds()
    answers = send(load)
    spent = server.processor_seconds() - before
    short = "the requests ran out before the time" if answers.is_short and not answers.errors else ""
    return Round(
        rate=answers.rate,
        p50=answers.at(0.5),
        p99=answers.at(0.99),
        longest=answers.at(1),
        errors=answers.errors,
        first_error=answers.first_error or short,
        processor=1000 * spent / max(1, len(answers.times)),
        load_share=answers.own_seconds / answers.seconds,
        memory=server.megabytes(),
    )
