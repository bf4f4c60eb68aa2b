"""A CSV file as rows of our columns, each with the line it starts on; what they mean is left to others."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

COLUMNS = (
    "date", "place", "department", "team", "person", "topics", "kind", "rating", "message", "language", "reference",
)  # fmt: skip
JOINTS = {"message": "\n\n", "topics": "; ", "reference": "/"}  # what stands between joined columns; else a space
SEPARATORS = ",;\t"
LONGEST_CELL = 16 * 1024 * 1024  # an unclosed quote takes the rest of a file; longer ones end there
NO_TEXT = re.compile("[\0\ud800-\udfff]")  # bytes that are no UTF-8 come as lone surrogates


class Unreadable(ValueError):
    """The file as a whole, or what was said about its columns, cannot be used; the text says what to do."""


class Refused(ValueError):
    """One row cannot be taken; the text says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the physical line it starts on, and its text by our names of columns; `fault` if it has none."""

    line: int
    cells: Mapping[str, str]
    fault: str = ""


def column_map(pairs: Iterable[str], questions: Collection[str] = ()) -> dict[str, str]:
    """Our column to theirs, from texts like "theirs=ours" and "a+b=ours"; `questions` are columns too.

    Raises Unreadable.
    """
    known = (*COLUMNS, *questions)
    found: dict[str, str] = {}
    for pair in pairs:
        theirs, _, ours = pair.rpartition("=")
        if not theirs or ours not in known:
            raise Unreadable(f"cannot map {pair!r}: write theirs=ours, where ours is one of {', '.join(known)}")
        if ours in found:
            raise Unreadable(f"{ours} is mapped twice; to join two columns write a+b={ours}")
        found[ours] = theirs
    return found


def rows(file: BinaryIO, mapped: Mapping[str, str]) -> Iterator[Row]:
    """The rows of a CSV file with a header, in order. Raises Unreadable before the first of them."""
    csv.field_size_limit(LONGEST_CELL)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        yield from _rows(text, mapped)
    finally:
        text.detach()  # the file is the caller's to close


def _rows(text: io.TextIOWrapper, mapped: Mapping[str, str]) -> Iterator[Row]:
    first = text.readline()
    if not first.strip() or NO_TEXT.search(first):
        raise Unreadable("this is no CSV file with a header in UTF-8")
    reader = csv.reader(chain([first], text), delimiter=max(SEPARATORS, key=first.count), strict=True)
    try:
        header = [name.strip() for name in next(reader)]
    except csv.Error as error:
        raise Unreadable(f"the header is not written as CSV: {error}") from error
    places = _places(header, mapped)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, {}, f"is not written as CSV: {error}")
            continue
        if any(cells):
            yield _row(line, cells, len(header), places)


def _row(line: int, cells: list[str], width: int, places: Mapping[str, list[int]]) -> Row:
    if any(cells[width:]):
        return Row(line, {}, f"has {len(cells)} columns where the header has {width}")
    cells += [""] * (width - len(cells))  # spreadsheets leave out empty cells at the end of a row
    texts = {ours: _joined(ours, [cells[place] for place in taken]) for ours, taken in places.items()}
    wrong = next((text for text in texts.values() if NO_TEXT.search(text)), None)
    if wrong is None:
        return Row(line, texts)
    return Row(line, {}, "contains a NUL character" if "\0" in wrong else "is not in UTF-8")


def _joined(ours: str, parts: list[str]) -> str:
    joint = JOINTS.get(ours, " ")
    if ours == "reference":  # an empty half still tells two references apart
        return joint.join(parts) if any(parts) else ""
    return joint.join(part for part in parts if part.strip())


def _places(header: list[str], mapped: Mapping[str, str]) -> dict[str, list[int]]:
    """Where each of our columns stands in a row; those not mapped are looked for under our own name."""
    own = {ours: ours for ours in COLUMNS if ours not in mapped and _index(header, ours) is not None}
    found: dict[str, list[int]] = {}
    for ours, theirs in (own | dict(mapped)).items():
        names = [theirs] if _index(header, theirs) is not None else theirs.split("+")
        found[ours] = [_place(header, name.strip()) for name in names]
    if "date" not in found:
        raise Unreadable(f"there is no column date; name it with --map theirs=date (theirs: {_listed(header)})")
    return found


def _place(header: list[str], name: str) -> int:
    place = _index(header, name)
    if place is None:
        raise Unreadable(f"there is no column {name!r}; the file has {_listed(header)}")
    if header.count(header[place]) > 1:
        raise Unreadable(f"the column {name!r} is there twice; rename one of them")
    return place


def _index(header: list[str], name: str) -> int | None:
    if name in header:
        return header.index(name)
    folded = [column.casefold() for column in header]
    return folded.index(name.casefold()) if name.casefold() in folded else None


def _listed(header: list[str]) -> str:
    return ", ".join(header)[:300]
