"""A file as rows of our columns: what it is encoded in, how it separates, which columns it has."""

import codecs
import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feedback.core.directory import NotTaken, Problem

# The columns of each noun; the first ones are needed.
COLUMNS = {
    "person": (
        "name", "department", "public_name", "also_called", "email", "language", "places", "shown_on_forms", "manages",
        "reference",
    ),
    "department": ("name", "below", "reference"),
    "place": ("name", "within", "department", "reference"),
    "topic": ("name", "department", "reference"),
}  # fmt: skip
NEEDED = {"person": 2, "department": 1, "place": 1, "topic": 2}
SEPARATORS = ",;\t"
LONGEST_CELL = 20_000
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
GUESSED = "windows-1252"
# A cell that a spreadsheet would run as a formula is written with an apostrophe before it, and read without.
GUARDED = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Row:
    """The line it starts on, and its text by our names of columns; `problem` where it cannot be read."""

    line: int
    cells: Mapping[str, str]
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole file, read."""

    rows: Sequence[Row]
    encoding: str
    ignored: tuple[str, ...]  # columns that are not ours

    @property
    def is_guess(self) -> bool:
        """Whether the encoding is only the likeliest, so that someone should look at the accents."""
        return self.encoding == GUESSED


def read(data: bytes, noun: str, *, most: int) -> Sheet:
    """The rows of a CSV file with a header. Raises NotTaken, for more than `most` rows too."""
    text, encoding = _decoded(data)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=first.count))
    rows: list[Row] = []
    places: dict[str, int] | None = None
    ignored: tuple[str, ...] = ()
    end = 0
    try:
        for cells in reader:
            line, end = end + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if places is None:
                places, ignored = _header(cells, noun)
                continue
            rows.append(_row(line, cells, places))
            if len(rows) > most:
                raise NotTaken([Problem("file", "too_many_rows", {"most": f"{most:,}"})])
    except csv.Error as error:
        raise NotTaken([Problem("file", "no_csv", {"line": str(reader.line_num)})]) from error
    if places is None:
        raise NotTaken([Problem("file", "empty_file")])
    return Sheet(rows, encoding, ignored)


def _decoded(data: bytes) -> tuple[str, str]:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _as(data, encoding), encoding
    sample = data[:1000]
    if sample[1::2].count(0) > len(sample) // 4:
        return _as(data, "utf-16-le"), "utf-16-le"
    if sample[::2].count(0) > len(sample) // 4:
        return _as(data, "utf-16-be"), "utf-16-be"
    try:
        return data.decode(), "utf-8"
    except UnicodeDecodeError:
        return _as(data, GUESSED), GUESSED


def _as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotTaken([Problem("file", "no_text_file")]) from error


def _header(cells: Sequence[str], noun: str) -> tuple[dict[str, int], tuple[str, ...]]:
    """Where each of our columns stands, and the names that are none of ours."""
    names = [re.sub(r"[\s_-]+", "_", cell.strip().casefold()) for cell in cells]
    twice = next((name for name in names if name in COLUMNS[noun] and names.count(name) > 1), None)
    if twice:
        raise NotTaken([Problem("file", "column_twice", {"column": twice})])
    missing = [name for name in COLUMNS[noun][: NEEDED[noun]] if name not in names]
    if missing:
        raise NotTaken([Problem("file", "column_missing", {"column": missing[0], "columns": ", ".join(COLUMNS[noun])})])
    places = {name: names.index(name) for name in COLUMNS[noun] if name in names}
    pairs = zip(cells, names, strict=True)
    return places, tuple(cell.strip()[:80] for cell, name in pairs if cell.strip() and name not in places)


def _row(line: int, cells: Sequence[str], places: Mapping[str, int]) -> Row:
    texts = {name: _plain(cells[place]) if place < len(cells) else "" for name, place in places.items()}
    return Row(line, texts)


def _plain(cell: str) -> str:
    return cell[1:] if GUARDED.match(cell) else cell
