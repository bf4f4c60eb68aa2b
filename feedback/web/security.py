"""Who may call a route, and the headers every answer carries. A route that names nobody is closed."""

import base64
import hashlib
import ipaddress
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from feedback.core import attachments, files, limits
from feedback.core.access import Permission
from feedback.core.limits import Mark
from feedback.web import NAME, house, session

View = TypeVar("View", bound=Callable[..., Any])
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # no-referrer would break the CSRF check over HTTPS
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
HEADED = "X-Content-Type-Options"
PUBLIC = "public"
BESIDE_PICTURE = 1024 * 1024  # bytes for the fields around it, and for telling of one that is a little too large


def public(view: View) -> View:
    """Open the route to anyone."""
    view.needs = PUBLIC  # type: ignore[attr-defined]
    return view


def needs(permission: Permission) -> Callable[[View], View]:
    """Open the route to those signed in whose role has `permission`; to others it does not exist."""

    def mark(view: View) -> View:
        view.needs = permission  # type: ignore[attr-defined]
        return view

    return mark


def takes_pictures(view: View) -> View:
    """Let the route, once it is open to the caller, take bodies with one picture in them."""
    view.largest = files.MOST_BYTES + BESIDE_PICTURE  # type: ignore[attr-defined]
    return view


def takes_photos(view: View) -> View:
    """Let the route, once it is open to the caller, take bodies with a few photos in them."""
    view.largest = attachments.MOST * files.MOST_BYTES + BESIDE_PICTURE  # type: ignore[attr-defined]
    return view


def install(app: Flask) -> None:
    """Guard every route of `app` and set the headers of every answer."""
    app.before_request(_guard)
    app.after_request(_headers)
    proxies = app.extensions[NAME].settings.trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0)  # type: ignore[method-assign]


def address() -> str:
    """The caller's address for counting: of IPv6 the network, as one household or phone has many addresses."""
    text = request.remote_addr or ""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(found, ipaddress.IPv4Address):
        return text
    if found.ipv4_mapped:  # how an IPv4 caller appears on a socket that takes both
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found), 64), strict=False))


def mark(purpose: str, at: datetime, who: str | None = None) -> Mark | None:
    """The mark that the caller, or `who`, leaves on the errand `purpose`; None where nobody is counted here."""
    here = house()
    if not here.settings.limits:
        return None
    return limits.mark(purpose, who or address(), at=at, secret=here.settings.secret_key, salt=here.salts.of(at.date()))


def count_try(purpose: str, at: datetime) -> None:
    """Count one try of the caller to come in by `purpose`. Raises TooMany, StoreError."""
    _take(mark(purpose, at), limits.SIGN_INS, at)


def count_proof(person_id: int, at: datetime) -> None:
    """Count one try to prove that one is that person, whoever tries and from wherever. Raises TooMany, StoreError."""
    _take(mark("proof", at, str(person_id)), limits.PROOFS, at)


def is_from_elsewhere() -> bool:
    """Whether a browser says that another site made it send this request."""
    if request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        return True
    origin = request.headers.get("Origin")
    own = urlsplit(house().settings.base_url)
    return bool(origin) and origin not in {request.host_url.rstrip("/"), f"{own.scheme}://{own.netloc}"}


@lru_cache(maxsize=256)
def policy(style: str, *, staff: bool = False, script: bool = False) -> str:
    """The Content-Security-Policy of a page whose one <style> element holds `style`."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    parts = [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    if staff:
        parts[1] = f"style-src 'self' 'sha256-{digest}'"
    if staff or script:
        parts.append("script-src 'self'")
    if staff:
        parts.append("connect-src 'self'")  # a page asks for what arrived since
        parts.append("frame-src 'self'")  # a survey is shown beside its builder
        parts += ["worker-src 'self'", "manifest-src 'self'"]  # so that a phone can be told
    return "; ".join(parts)


def _take(made: Mark | None, ceiling: int, at: datetime) -> None:
    if made:
        with house().store.write_rows() as connection:
            limits.take(connection, made, ceiling, at)


def _guard() -> Response | None:
    if request.endpoint is None or request.endpoint == "static":
        return None
    view = current_app.view_functions[request.endpoint]
    wanted = getattr(view, "needs", None)
    if wanted != PUBLIC:
        viewer = session.viewer()
        if viewer is None:
            back = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else None
            return redirect(url_for("employee.sign_in_form", next=back), 303)
        if not isinstance(wanted, Permission) or not viewer.may(wanted):
            abort(404)
    largest = getattr(view, "largest", None)
    if largest and request.mimetype == "multipart/form-data":  # no other form has pictures in it
        request.max_content_length = largest
    return None


def _headers(response: Response) -> Response:
    if HEADED in response.headers:
        return response  # a prepared page brings all of them
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "Content-Security-Policy" not in response.headers:
        response.headers["Content-Security-Policy"] = g.get("policy") or policy("")
    if request.endpoint == "static":
        response.headers["Cache-Control"] = "public, max-age=3600"
    return response
