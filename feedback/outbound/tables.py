"""Rows for other programs: CSV that no spreadsheet takes for formulas, and XLSX written row by row."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import IO

Value = str | int | float | None
Sheet = tuple[str, Sequence[str], Iterable[Sequence[Value]]]  # name, head and rows
SHEET = 1_048_575  # rows below the head of one sheet
ROWS = 500  # of CSV in one piece
FORMULA = ("=", "+", "-", "@", "\t", "\r")
BOM = "\ufeff"  # by which spreadsheets know that it is UTF-8


def csv_pieces(head: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """A CSV file, piece by piece, however many rows there are."""
    buffer = io.StringIO()
    buffer.write(BOM)
    writer = csv.writer(buffer)
    writer.writerow(head)
    for n, row in enumerate(rows, start=1):
        writer.writerow([safe(value) for value in row])
        if n % ROWS == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def write_xlsx(file: IO[bytes], sheets: Sequence[Sheet]) -> None:
    """Write the sheets (name, head, rows) as XLSX into `file`; one row at a time is in memory.

    Rows beyond what a sheet holds go on to further ones, "name 2" and so on.
    """
    from xlsxwriter import Workbook  # not at import: megabytes in every process, of which few ever write a workbook

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        bold = book.add_format({"bold": True})
        for name, head, rows in sheets:
            left, number = iter(rows), 0
            part = list(islice(left, 1))
            while part or not number:
                number += 1
                sheet = book.add_worksheet(name if number == 1 else f"{name} {number}")
                sheet.freeze_panes(1, 0)
                sheet.write_row(0, 0, head, bold)
                for n, row in enumerate(chain(part, islice(left, SHEET - len(part))), start=1):
                    sheet.write_row(n, 0, ["" if value is None else value for value in row])
                part = list(islice(left, 1))


def safe(value: Value) -> Value:
    """A cell that a spreadsheet shows as it is: what it would take for a formula gets an apostrophe; numbers do not."""
    if not isinstance(value, str) or not value.startswith(FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value
