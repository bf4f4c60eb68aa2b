"""Thirty names planted among real comments, as customers write them: how many are suggested to the right person.

Exactly, with title and surname, as nickname, in small letters, a little misspelt. Every suggestion in a comment where
nobody was planted counts as wrong, whoever was meant there.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace

from feedback.core.mentions import Known, nicknames, suggested

PLANTED = 30
TIMES = 20
# None of these people, and none of these sentences, was there when the finder was written and tuned.
STAFF = (
    "Imogen Cartwright", "Lewis Okonkwo", "Saskia de Vries", "Bilal Hussain", "Faith Morgan", "Owen Pritchard",
    "Marianne Holt", "Deborah Quill", "Kwame Asante", "Gregory Shaw", "Aisha Siddiqui", "Max Feldmann",
    "Rosalind Peck", "Timothy Wynn", "Annika Sommer", "Drew Barclay", "Ivy Nakamura", "Lorenzo Bianchi",
    "Abigail Stubbs", "Mei-Ling Chow", "Nathaniel Croft", "Beatrice Lund", "Jamal Carter", "Svetlana Orlova",
    "Eve Rutherford", "Kenneth Mbeki", "Georgina Faulkner", "Harry Lennox", "Tomasz Gorski", "Pearl Addison",
    "Caroline Webb", "Frank Osei", "Noor Rahimi", "Jacqueline Starr", "Dylan Hughes", "Amber Singh",
    "Philip Cross", "Rhiannon Vale", "Viktor Hahn", "Lily Chambers",
)  # fmt: skip
TITLES = ("Mr", "Mrs", "Dr", "Nurse", "Sister", "Miss")
PLACES = (
    "{text} Please pass on my thanks to {name} on the night shift.",
    "Couldn't have asked for better than {name}. {text}",
    "{text} Shout out to {name}, absolute legend",
    "{name} sat with me until I felt better. {text}",
    "It was {name} who noticed something was wrong. {text}",
    "{text} So grateful for {name} today.",
    "Our waiter {name} made the evening. {text}",
    "{text} {name} answered all my questions",
    "When I rang, {name} picked up straight away. {text}",
    "{text} 10/10 for {name}",
    "Dear {name}, we will not forget you. {text}",
    "{text} I asked for {name} again because of last time.",
)
WAYS = ("first", "first", "whole", "titled", "nickname", "small", "misspelt", "misspelt")


@dataclass(slots=True)
class Naming:
    """What was planted, suggested and right, in all plantings together."""

    comments: int = 0
    planted: int = 0
    suggested: int = 0
    right: int = 0
    missed: Counter[str] = field(default_factory=Counter)  # by the way it was written
    wrong: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """The share of suggestions that were right."""
        return self.right / self.suggested if self.suggested else 0.0

    @property
    def recall(self) -> float:
        """The share of the planted names that was suggested to the right person."""
        return self.right / self.planted if self.planted else 0.0


def measured(comments: Sequence[str], *, times: int = TIMES) -> Naming:
    """Plant 30 names among the comments, `times` over, and look for them again."""
    people = [Known(number, name, name.split()[0]) for number, name in enumerate(STAFF, 1)]
    found = Naming(comments=len(comments))
    bare = [suggested((text,), people) for text in comments]
    for seed in range(times):
        chance = random.Random(seed)
        chosen = set(chance.sample(range(len(comments)), min(PLANTED, len(comments))))
        for number, text in enumerate(comments):
            if number in chosen:
                _plant(found, text, chance.choice(people), people, chance)
            else:
                found.suggested += len(bare[number])
                if seed == 0 and bare[number]:
                    found.wrong.append(text)
    return found


def lines(found: Naming) -> Iterator[str]:
    """The figures for a reader."""
    yield f"Names planted among {found.comments} comments: {found.planted}"
    yield f"  precision {found.precision:.1%} (wanted 98 %), recall {found.recall:.1%} (wanted 85 %)"
    yield f"  missed: {', '.join(f'{way} {n}' for way, n in found.missed.most_common()) or 'none'}"
    yield f"  suggestions where nobody was planted: {len(found.wrong)} comments"


def as_json(found: Naming) -> dict[str, object]:
    """The figures for build/bench.json; the comments are not ours to keep."""
    kept = asdict(replace(found, missed=Counter())) | {"missed": dict(found.missed)}
    return kept | {"precision": found.precision, "recall": found.recall, "wrong": len(found.wrong)}


def _plant(found: Naming, text: str, person: Known, people: Sequence[Known], chance: random.Random) -> None:
    way = chance.choice(WAYS)
    written = _called(person, way, chance)
    said = chance.choice(PLACES).format(text=text, name=written)
    named = set(suggested((said,), people))  # by the function that the page of letters asks
    found.planted += 1
    found.suggested += len(named)
    found.right += person.id in named
    found.missed[way] += person.id not in named
    if named - {person.id}:
        found.wrong.append(said)


def _called(person: Known, way: str, chance: random.Random) -> str:
    first, last = person.public_name, person.name.split()[-1]
    if way == "whole":
        return person.name
    if way == "titled":
        return f"{chance.choice(TITLES)} {last}"
    if way == "nickname" and (short := sorted(nicknames().get(first.casefold(), ()))):
        return chance.choice(short).title()
    if way == "small":
        return first.lower()
    return _misspelt(first, chance) if way == "misspelt" else first


def _misspelt(name: str, chance: random.Random) -> str:
    """With one slip behind its first letter: left out, doubled, exchanged or swapped."""
    if len(name) < 5:  # a slip in a short name makes another name
        return name
    at = chance.randrange(1, len(name) - 1)
    slip = chance.choice(("left out", "doubled", "exchanged", "swapped"))
    if slip == "left out":
        return name[:at] + name[at + 1 :]
    if slip == "doubled":
        return name[:at] + name[at] + name[at:]
    if slip == "swapped":
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + chance.choice("aeioulnrst") + name[at + 1 :]
