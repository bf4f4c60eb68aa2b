"""Rows for other programs: no cell is a formula, numbers stay numbers, and files come in pieces."""

import csv
import io

import pytest

from feedback.outbound import tables


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30 1", "'+49 30 1"),
        ("-", "'-"),
        ("@here", "'@here"),
        ("\tx", "'\tx"),
        ("-7.5", "-7.5"),
        ("+3", "+3"),
        ("Soup", "Soup"),
        (-3, -3),
        (None, None),
    ],
)
def test_what_a_spreadsheet_would_compute_gets_an_apostrophe(cell: tables.Value, kept: tables.Value) -> None:
    assert tables.safe(cell) == kept


def test_a_file_comes_in_pieces_and_is_whole() -> None:
    rows = [[n, f"Line\n{n}", None] for n in range(tables.ROWS * 2 + 1)]
    pieces = list(tables.csv_pieces(["n", "words", "none"], rows))
    assert len(pieces) == 3
    told = list(csv.reader(io.StringIO(b"".join(pieces).decode("utf-8-sig"))))
    assert told[0] == ["n", "words", "none"] and len(told) == len(rows) + 1 and told[-1] == ["1000", "Line\n1000", ""]
