"""The formats that codes are printed in: measures in millimetres, type in points; laying out is left to Typst."""

from dataclasses import dataclass

PER_DISTANCE = 10  # a code is scanned from ten times its width
CROWDED = (1.0, 0.92, 0.82)  # how much of its width a code keeps beside one, two and three languages


@dataclass(frozen=True, slots=True)
class Type:
    """Sizes of type in points, the largest each line is set in; 0 leaves the line out."""

    organisation: float
    call: float
    name: float
    under: float
    address: float
    hint: float
    why: float


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the pieces of a ready-cut sheet are."""

    width: float
    height: float
    columns: int
    rows: int
    left: float
    top: float
    across: float  # from one piece to the next
    down: float


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of print: the finished piece, its type, and the width of its code as usual and at most."""

    key: str
    width: float
    height: float
    margin: float
    ribbon: float
    qr: float
    most_qr: float
    type: Type
    lies: bool = False
    folds: tuple[float, ...] = ()
    grid: Grid | None = None

    @property
    def page(self) -> tuple[float, float]:
        """The sheet that goes through the printer, without bleed and marks."""
        return (self.grid.width, self.grid.height) if self.grid else (self.width, self.height)

    @property
    def columns(self) -> int:
        """How many codes stand side by side on a page."""
        return self.grid.columns if self.grid else 1

    @property
    def rows(self) -> int:
        """How many codes stand one below the other on a page."""
        return self.grid.rows if self.grid else 1

    def widths(self, languages: int) -> tuple[float, float]:
        """The width of its code in millimetres, as usual and at most; a lying piece has room beside the words."""
        share = 1.0 if self.lies else CROWDED[min(languages, len(CROWDED)) - 1]
        return self.qr * share, self.most_qr * share

    def farthest(self, languages: int) -> float:
        """From how many metres its largest code is scanned, beside words in so many languages."""
        return self.widths(languages)[1] * PER_DISTANCE / 1000


BUSINESS = Type(organisation=7, call=12, name=9.5, under=7, address=6.5, hint=0, why=5.5)
CARDS_A4 = Grid(210, 297, columns=2, rows=5, left=15, top=13.5, across=95, down=54)
CARDS_LETTER = Grid(215.9, 279.4, columns=2, rows=5, left=19.05, top=12.7, across=88.9, down=50.8)
STICKERS = Grid(210, 297, columns=3, rows=7, left=7.25, top=15.15, across=66, down=38.1)

FORMATS = {
    form.key: form
    for form in (
        Format("a4", 210, 297, 16, 14, 100, 125, Type(18, 52, 26, 15, 15, 13, 11)),
        Format("letter", 215.9, 279.4, 16, 14, 95, 115, Type(18, 50, 26, 15, 15, 13, 11)),
        Format("a5", 148, 210, 11, 10, 70, 85, Type(13, 36, 19, 11.5, 11.5, 9.5, 8.5)),
        Format("tent", 210, 297, 9, 9, 60, 64, Type(13, 32, 20, 12, 12, 0, 9),
            lies=True, folds=(99, 198),
        ),
        Format("badge", 54, 85.6, 3.5, 4, 31, 34, Type(7, 14, 9, 6.5, 6, 5.5, 5)),
        Format("cards-a4", 85, 54, 4.5, 3.2, 30, 33, BUSINESS,
            lies=True, grid=CARDS_A4,
        ),
        Format("cards-letter", 88.9, 50.8, 4.5, 3.2, 29, 31, BUSINESS,
            lies=True, grid=CARDS_LETTER,
        ),
        Format("stickers", 63.5, 38.1, 3, 2.4, 22, 24, Type(5.5, 9, 7.5, 5.5, 5, 0, 0),
            lies=True, grid=STICKERS,
        ),
    )
}  # fmt: skip
