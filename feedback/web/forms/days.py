"""Days as forms write them."""

from datetime import date

YEARS = range(2000, 2101)


def day_in(text: str) -> date | None:
    """The day that `text` writes, within a lifetime; None where it writes none."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if day.year in YEARS else None
