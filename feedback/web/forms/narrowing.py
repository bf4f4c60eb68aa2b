"""Lists that the address narrows: what it asks for, the choices it could ask for, and the filters in use."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import abort, request, url_for

from feedback.text import gettext as _

Choices = Sequence[tuple[str, str]]
LONGEST_SEARCH = 200


def searched(name: str = "q") -> str:
    """The words searched for, "" for none."""
    return request.args.get(name, "").replace("\0", "").strip()[:LONGEST_SEARCH]


def one_of(name: str, known: Iterable[str], values: Mapping[str, str] | None = None) -> str | None:
    """The value in the query parameter `name`, None where it is absent; one that is not known is not there."""
    text = (request.args if values is None else values).get(name, "")
    if text and text not in set(known):
        abort(404)
    return text or None


def select(name: str, options: Choices) -> list[tuple[str, str, bool]]:
    """Value, label and whether it is chosen, of each choice, that of not narrowing first."""
    chosen = request.args.get(name, "")
    return [("", _("Any"), not chosen), *((value, label, value == chosen) for value, label in options)]


class Address:
    """The address of one list with what narrows it; nothing else of the request is kept."""

    def __init__(self, endpoint: str, names: Sequence[str]) -> None:
        self._endpoint, self._names = endpoint, names

    def kept(self) -> dict[str, str]:
        """What narrows the list in the address of this request."""
        return {name: request.args[name] for name in self._names if request.args.get(name)}

    def with_(self, **changes: object) -> str:
        """This list's address with some of its parameters changed; None takes one away."""
        given: dict[str, object] = {**self.kept()}
        values: dict[str, Any] = {name: value for name, value in (given | changes).items() if value is not None}
        return url_for(self._endpoint, **values)

    def active(self, lists: Mapping[str, Choices]) -> list[dict[str, str]]:
        """The filters in use, each with the address that takes it away."""
        found = [
            self._removable(name, label)
            for name, options in lists.items()
            for value, label in options
            if request.args.get(name) == value
        ]
        words = searched()
        return [*found, self._removable("q", _("“%(words)s”") % {"words": words})] if words else found

    def _removable(self, name: str, label: str) -> dict[str, str]:
        return {"name": name, "value_label": label, "remove_url": self.with_(**{name: None, "after": None})}
