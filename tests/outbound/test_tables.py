"""Rows for other programs: no cell is a formula, numbers stay numbers, and files come in pieces."""

import csv
import io
import re
import zipfile

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


def test_rows_beyond_what_a_sheet_holds_go_on_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "SHEET", 3)
    for n, sheets in ((0, [0]), (3, [3]), (7, [3, 3, 1])):
        file = io.BytesIO()
        tables.write_xlsx(file, [("Answers", ["n"], ([row] for row in range(n)))])
        with zipfile.ZipFile(file) as book:
            told = [book.read(f"xl/worksheets/sheet{at + 1}.xml").decode() for at in range(len(sheets))]
            names = re.findall('<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        assert [sheet.count("<row ") - 1 for sheet in told] == sheets
        assert names == ["Answers", "Answers 2", "Answers 3"][: len(sheets)]


def test_a_file_comes_in_pieces_and_is_whole() -> None:
    rows = [[n, f"Line\n{n}", None] for n in range(tables.ROWS * 2 + 1)]
    pieces = list(tables.csv_pieces(["n", "words", "none"], rows))
    assert len(pieces) == 3
    told = list(csv.reader(io.StringIO(b"".join(pieces).decode("utf-8-sig"))))
    assert told[0] == ["n", "words", "none"] and len(told) == len(rows) + 1 and told[-1] == ["1000", "Line\n1000", ""]
