"""Numbers in addresses: bounded to their column, and anything else is an address of nothing."""

from flask import abort, request

LARGEST = 2**63 - 1


def whole(text: str) -> int:
    """The id that `text` writes; what is none leads to the page of what does not exist."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= LARGEST):
        abort(404)
    return int(text)


def id_in(name: str) -> int | None:
    """The id in the query parameter `name`, None where it is absent or empty."""
    text = request.args.get(name, "")
    return whole(text) if text else None
