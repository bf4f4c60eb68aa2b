"""Numbers in addresses and forms: bounded to their column, and anything else names nothing."""

from flask import abort, request

LARGEST = 2**63 - 1


def id_of(text: str) -> int | None:
    """The id that `text` writes, None where it writes none."""
    is_id = text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= LARGEST
    return int(text) if is_id else None


def whole(text: str) -> int:
    """The id that `text` writes; what is none leads to the page of what does not exist."""
    found = id_of(text)
    if found is None:
        abort(404)
    return found


def id_in(name: str) -> int | None:
    """The id in the query parameter `name`, None where it is absent or empty."""
    text = request.args.get(name, "")
    return whole(text) if text else None
