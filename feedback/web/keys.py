"""The public keys that the organisation signs with, at the address where anyone looks for them."""

import base64

from flask import Response, abort, jsonify

from feedback.core import signing
from feedback.core.organisation import the_organisation
from feedback.web import house
from feedback.web.security import public
from feedback.web.status import blueprint

FORMAT = "firsthand-keys/1"
PATH = "/.well-known/firsthand-keys.json"
KEPT = 300  # seconds in a browser


@blueprint.get(PATH)
@public
def signing_keys() -> Response:
    """Every key that something was signed with, also those of before the secret key changed."""
    here = house()
    with here.store.read() as session:
        known = the_organisation(session) or abort(404)
        answer = jsonify(
            format=FORMAT,
            organisation=known.name,
            base_url=here.settings.base_url,
            keys=[_told(key) for key in signing.published(session)],
        )
    answer.headers["Cache-Control"] = f"public, max-age={KEPT}"
    answer.headers["Access-Control-Allow-Origin"] = "*"  # a page elsewhere may verify too; there is no secret in it
    return answer


def published_at() -> str:
    """The whole address of the list, as files and books name it."""
    return house().settings.base_url + PATH


def _told(key: signing.SigningKey) -> dict[str, str]:
    return {
        "id": signing.id_of(key.public_key),
        "algorithm": signing.ALGORITHM,
        "public_key": base64.b64encode(key.public_key).decode(),
        "since": key.since.isoformat(timespec="seconds"),
    }
