"""What a page says and offers, read from its HTML without a browser.

Whether it is pleasant and accessible is left to `browser` and `axe`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from tests.ground.tree import BLOCKS, Element, PageText, words

UNSEEN = words("desc head metadata script style template textarea title")
CONTROLS = words("button input meter output progress select textarea")
# Attributes that hold ids of other elements of the page.
REFERENCES = (
    *("for", "form", "list", "headers", "aria-activedescendant", "aria-controls"),
    *("aria-describedby", "aria-details", "aria-errormessage", "aria-labelledby", "aria-owns"),
)
BUTTONS = frozenset({"submit", "button", "reset", "image"})


parsed = lru_cache(maxsize=4)(PageText)  # a test asks one page for several things


class Link(NamedTuple):
    href: str
    text: str


def visible_text(html: str) -> str:
    """What a person reads: one line for each block, spaces as one; nothing typed into fields."""
    lines = "".join(_spoken(parsed(html).root)).split("\n")
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)


def links(html: str) -> list[Link]:
    """Where the page's links lead and what they say."""
    anchors = (element for element in parsed(html).elements if element.tag == "a")
    led = (element for element in anchors if "href" in element.attributes)
    return [Link(element.attributes["href"], _words(element)) for element in led]


def field_values(html: str, form: str | None = None) -> dict[str, str]:
    """What a browser would send if the form went off untouched, without any button's own value.

    `form` is the id or action of the form, needed where the page has several. A radio button or
    checkbox that is not chosen is absent. Text comes as it stands in the page. ValueError where a
    name is sent twice: see `field_pairs`; LookupError where there is no such form.
    """
    pairs = field_pairs(html, form)
    twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
    if twice:
        raise ValueError(f"sent more than once: {', '.join(twice)}")
    return dict(pairs)


def field_pairs(html: str, form: str | None = None) -> list[tuple[str, str]]:
    """Like `field_values`, as pairs, for forms that send several values under one name."""
    page = parsed(html)
    chosen = _form(page, form)
    controls = (element for element in page.elements if _form_of(page, element) is chosen)
    return [
        (element.attributes["name"], value)
        for element in controls
        if element.attributes.get("name") and "disabled" not in element.attributes
        for value in _values(element)
    ]


def field_names(html: str, form: str | None = None) -> list[str]:
    """The names of all fields the form offers, chosen or not, in the order of the page."""
    page = parsed(html)
    chosen = _form(page, form)
    named = (element for element in page.elements if element.attributes.get("name"))
    offered = (element for element in named if element.tag in CONTROLS)
    mine = (element for element in offered if _form_of(page, element) is chosen)
    return list(dict.fromkeys(element.attributes["name"] for element in mine))


def well_formed(html: str) -> list[str]:
    """The faults in a whole page's HTML, one a line; empty for a page that is in order."""
    page = parsed(html)
    faults = [*page.faults, *_frame_faults(page), *_id_faults(page), *_name_faults(page)]
    return sorted(faults, key=lambda fault: int(fault.removeprefix("line ").partition(":")[0]))


def _spoken(element: Element) -> Iterator[str]:
    closed = element.tag == "dialog" and "open" not in element.attributes
    if element.tag in UNSEEN or "hidden" in element.attributes or closed:
        return
    edge = "\n" if element.tag in BLOCKS or element.tag in ("button", "label") else ""
    yield edge
    if element.tag == "input" and element.kind in BUTTONS:
        yield element.attributes.get("value", "")
    for child in element.children:
        if isinstance(child, str):
            yield child if element.tag == "pre" else child.replace("\n", " ")
        else:
            yield from _spoken(child)
    yield edge


def _words(element: Element) -> str:
    return " ".join("".join(_spoken(element)).split()) or element.attributes.get("aria-label", "")


def _form(page: PageText, name: str | None) -> Element:
    forms = [element for element in page.elements if element.tag == "form"]
    names = ("id", "action")
    named = [form for form in forms if name in map(form.attributes.get, names)]
    found = forms if name is None else named
    if len(found) == 1:
        return found[0]
    actions = ", ".join(repr(form.attributes.get("action", "")) for form in forms) or "none"
    raise LookupError(f"{len(found)} forms fit {name!r}; those of the page lead to: {actions}")


def _form_of(page: PageText, element: Element) -> Element | None:
    name = element.attributes.get("form")
    forms = element.above() if name is None else page.elements
    fitting = (form for form in forms if name is None or form.attributes.get("id") == name)
    return next((form for form in fitting if form.tag == "form"), None)


def _values(control: Element) -> list[str]:
    if control.tag == "select":
        return _choices(control)
    if control.tag == "textarea":
        # A line break right after the tag is the markup's, not the text's.
        return [re.sub(r"\A\r?\n", "", control.text)]
    if control.tag != "input" or control.kind in BUTTONS | {"file"}:
        return []
    if control.kind in ("radio", "checkbox"):
        chosen = "checked" in control.attributes
        return [control.attributes.get("value", "on")] if chosen else []
    return [control.attributes.get("value", "")]


def _choices(select: Element) -> list[str]:
    options = [element for element in select.everything() if element.tag == "option"]
    chosen = [option for option in options if "selected" in option.attributes]
    if "multiple" not in select.attributes:
        free = [option for option in options if "disabled" not in option.attributes]
        chosen = chosen[-1:] or free[:1]
    return [option.attributes.get("value", " ".join(option.text.split())) for option in chosen]


def _frame_faults(page: PageText) -> Iterator[str]:
    if page.doctype.lower() != "doctype html":
        yield "line 1: the page does not begin with <!doctype html>"
    roots = [element for element in page.elements if element.tag == "html"]
    if not any(element.attributes.get("lang", "").strip() for element in roots):
        yield "line 1: <html> has no lang"
    titles = [e for e in page.elements if e.tag == "title" and e.parent and e.parent.tag == "head"]
    if len(titles) != 1 or not titles[0].text.strip():
        yield "line 1: <head> needs one <title> with words"


def _id_faults(page: PageText) -> Iterator[str]:
    seen: dict[str, Element] = {}
    for element in (element for element in page.elements if "id" in element.attributes):
        name = element.attributes["id"]
        if not name or name in seen:
            yield f"{element} has the id {name!r}, which is {'taken' if name else 'empty'}"
        seen[name] = element
    for element in page.elements:
        for attribute, name in _references(element):
            if name not in seen:
                yield f"{element} has {attribute}={name!r}, an id the page does not have"
            elif element.tag == "label" and seen[name].tag not in CONTROLS:
                yield f"{element} is for {name!r}, which is no field"


def _references(element: Element) -> Iterator[tuple[str, str]]:
    for attribute in REFERENCES:
        for name in element.attributes.get(attribute, "").split():
            yield attribute, name
    target = element.attributes.get("href", "")
    if element.tag == "a" and target.startswith("#") and target not in ("#", "#top"):
        yield "href", target[1:]


def _name_faults(page: PageText) -> Iterator[str]:
    groups: dict[tuple[int, str], list[Element]] = defaultdict(list)
    for element in page.elements:
        if element.tag in CONTROLS and element.attributes.get("name"):
            groups[id(_form_of(page, element)), element.attributes["name"]].append(element)
    for (_, name), members in groups.items():
        kinds = {element.kind for element in members}
        if len(members) > 1 and kinds not in ({"radio"}, {"checkbox"}, {"submit"}):
            yield f"{members[-1]} has the name {name!r} that a field before it has"
