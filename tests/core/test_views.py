"""Saved views: two at once who change the same one. What they keep and show is tested in the browser."""

from feedback import clock
from feedback.core import views
from feedback.db import Store
from tests.factories import Cast
from tests.story import at_once, viewer


def test_who_is_late_finds_the_view_gone(store: Store, cast: Cast) -> None:
    berta = viewer(store, cast.berta)
    with store.write() as session:
        view_id = views.save(session, berta, "Mine", {"status": "open"}, clock.now()).id

    def rename() -> None:
        with store.write() as session:
            if view := views.one(session, berta, view_id):
                views.rename(session, berta, view, "Ours")

    def remove() -> None:
        with store.write() as session:
            if view := views.one(session, berta, view_id):
                views.remove(session, view)

    at_once(rename, remove, rename, remove)
    with store.read() as session:
        assert views.of(session, berta) == []
