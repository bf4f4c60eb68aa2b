"""A page's HTML as a tree, with the faults met on the way; what they mean is left to `pages`."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser


def words(names: str) -> frozenset[str]:
    return frozenset(names.split())


VOID = words("area base br col embed hr img input link meta param source track wbr")
BLOCKS = words(
    "address article aside blockquote body br dd details dialog div dl dt fieldset figcaption"
    " figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol option p pre"
    " search section select summary table tbody td tfoot th thead tr ul"
)
OPERATED = words("a button details iframe label select textarea")
# A browser closes or drops one of the two where the second stands anywhere within the first.
NEVER_WITHIN = {
    "a": OPERATED,
    "button": OPERATED,
    "form": frozenset({"form"}),
    "label": frozenset({"label"}),
    "p": BLOCKS - words("body br html option select legend summary"),
}
MISPLACED = frozenset().union(*NEVER_WITHIN.values())
DRAWN = frozenset({"svg", "math"})


@dataclass(eq=False)
class Element:
    tag: str
    attributes: dict[str, str]
    line: int
    parent: "Element | None" = None
    children: "list[Element | str]" = field(default_factory=list)

    def __str__(self) -> str:
        return f"line {self.line}: <{self.tag}>"

    def everything(self) -> "Iterator[Element]":
        """Itself and all within it, in the order of the page."""
        ahead = [self]
        while ahead:
            element = ahead.pop()
            yield element
            ahead += [child for child in reversed(element.children) if isinstance(child, Element)]

    def above(self) -> "Iterator[Element]":
        """What it stands in, nearest first."""
        outer = self.parent
        while outer is not None:
            yield outer
            outer = outer.parent

    @property
    def text(self) -> str:
        """All characters within it, as they stand in the page."""
        parts = (child if isinstance(child, str) else child.text for child in self.children)
        return "".join(parts)

    @property
    def kind(self) -> str:
        """The type of a control: that of an input or button, else the tag's name."""
        usual = {"input": "text", "button": "submit"}.get(self.tag, self.tag)
        return self.attributes.get("type", usual).lower()


class PageText(HTMLParser):
    """A page as a tree, with the faults met on the way; stricter than a browser, which forgives."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {}, 0)
        self.faults: list[str] = []
        self.doctype = ""
        self._open = self.root
        self.feed(html)
        self.close()
        self._unwind(self.root)

    @property
    def elements(self) -> list[Element]:
        return list(self.root.everything())[1:]

    def handle_decl(self, decl: str) -> None:
        self.doctype = decl

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._add(tag, attrs)
        if tag not in VOID:
            self._open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        drawn = any(name in DRAWN for name in (tag, *(outer.tag for outer in self._path())))
        if tag in VOID or drawn:
            self._add(tag, attrs)
        else:
            self.handle_starttag(tag, attrs)
            self.faults.append(f"{self._open} is not closed by its slash")

    def handle_endtag(self, tag: str) -> None:
        opener = next((element for element in self._path() if element.tag == tag), None)
        if opener is None or opener.parent is None:
            self.faults.append(f"line {self.getpos()[0]}: </{tag}> closes nothing")
            return
        self._unwind(opener)
        self._open = opener.parent

    def handle_data(self, data: str) -> None:
        self._open.children.append(data)

    def _path(self) -> list[Element]:
        return [self._open, *self._open.above()]

    def _unwind(self, opener: Element) -> None:
        while self._open is not opener and self._open.parent is not None:
            self.faults.append(f"{self._open} is never closed")
            self._open = self._open.parent

    def _add(self, tag: str, attrs: list[tuple[str, str | None]]) -> Element:
        attributes = {name: value or "" for name, value in reversed(attrs)}  # the first one counts
        element = Element(tag, attributes, self.getpos()[0], self._open)
        if len(attributes) < len(attrs):
            counted = Counter(name for name, _ in attrs)
            self.faults += [f"{element} has {name} twice" for name, times in counted.items() if times > 1]
        if tag in MISPLACED:
            self.faults += [
                f"{element} stands in <{outer.tag}> of line {outer.line}"
                for outer in self._path()
                if tag in NEVER_WITHIN.get(outer.tag, ())
            ]
        self._open.children.append(element)
        return element
