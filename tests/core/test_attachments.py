"""Photos that belong to a step: kept in their order, never tidied away, and gone from the disk where no row names them."""

import io
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from feedback.core import attachments, files, history
from feedback.core.files import File, Picture, Unusable, drawing
from feedback.core.history import Event
from feedback.core.submissions import Draft, Submission, digest
from feedback.db import Store, StoreBusy, StoreFull
from tests.factories import BEGINNING, Cast
from tests.ground import hostile
from tests.story import SECRET, arrives, photographed

PICTURE = Picture("jpeg", 4, 3, b"\xff\xd8\xff\xd9")
LATER = BEGINNING.replace(year=2099)


def test_each_step_has_its_photos_in_order(store: Store, cast: Cast, tmp_path: Path) -> None:
    number, other = arrives(store, cast.table_link), arrives(store, cast.table_link)
    with store.write() as session:
        laid = files.put_all(tmp_path, [PICTURE] * 3, BEGINNING)
        event = history.add(session, session.get_one(Submission, number), "wrote", BEGINNING)
        attachments.attach(session, event, [laid[2], laid[0], laid[1]])
    photographed(store, tmp_path, number, step=0)
    with store.read() as session:
        found = attachments.of(session, number)
        assert [photo.id for photo in found[event.id]] == [laid[2].id, laid[0].id, laid[1].id]
        assert attachments.counted(session, [number, other]) == {(number, 1): 1, (number, 2): 3}
        assert attachments.counted(session, []) == attachments.of(session, other) == {}
        assert attachments.one(session, number, laid[0].id, among={"wrote"}) is not None
        assert attachments.one(session, number, laid[0].id, among={"received"}) is None
        assert attachments.one(session, other, laid[0].id) is None


def test_what_belongs_to_a_step_is_never_tidied_away(store: Store, cast: Cast, tmp_path: Path) -> None:
    kept = photographed(store, tmp_path, arrives(store, cast.table_link))
    with store.write() as session:
        files.keep(session, tmp_path, PICTURE, BEGINNING)
    for path in (tmp_path / "files").iterdir():
        files.os.utime(path, (0, 0))
    for removed in (0, 1, 0):
        with store.write() as session:
            assert files.tidy(session, tmp_path, LATER) == removed
    with store.read() as session:
        assert session.scalars(select(File.id)).all() == [kept]
    assert [path.name for path in (tmp_path / "files").iterdir()] == [str(kept)]


def test_what_no_row_came_to_name_is_off_the_disk_again(store: Store, cast: Cast, tmp_path: Path) -> None:
    number = arrives(store, cast.table_link)
    with files.laid(tmp_path, [PICTURE, PICTURE], BEGINNING) as laid, store.write() as session:
        attachments.attach(session, session.scalars(select(Event)).one(), laid[:1])
    assert [path.name for path in (tmp_path / "files").iterdir()] == [str(laid[0].id)]
    with pytest.raises(ZeroDivisionError), files.laid(tmp_path, [PICTURE], BEGINNING), store.write():
        raise ZeroDivisionError
    assert len(list((tmp_path / "files").iterdir())) == 1
    with pytest.raises(StoreBusy), files.laid(tmp_path, [PICTURE], BEGINNING):
        raise StoreBusy  # for all we know its rows were kept
    assert len(list((tmp_path / "files").iterdir())) == 2
    with store.read() as session:
        assert len(attachments.of(session, number)) == 1


def test_without_room_none_of_them_stays(tmp_path: Path) -> None:
    (tmp_path / "files").write_bytes(b"in the way")
    with pytest.raises(StoreFull):
        files.put_all(tmp_path, [PICTURE], BEGINNING)


def test_the_digest_tells_which_photos_came_and_is_as_it_was_without() -> None:
    plain = Draft(kind="complaint", message="x")
    drafts = [
        Draft(kind="complaint", message="x", photos=photos) for photos in ((), ("a",), ("b",), ("a", "b"), ("b", "a"))
    ]
    assert digest(plain, SECRET) == digest(drafts[0], SECRET)
    assert len({digest(draft, SECRET) for draft in drafts}) == len(drafts)
    # As it has been since the first submissions, so that a form sent again after an upgrade is known.
    assert digest(plain, SECRET).hex() == "99c5706644db26d8c0d3893a9f708f28"


def test_a_photo_becomes_a_bare_jpeg_whatever_it_was(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (2_000, 1_000), (1, 2, 3, 0))
    with (tmp_path / "in.png").open("w+b") as file:
        file.write(hostile.saved(clear, "PNG"))
        picture = files.photo(file)
    assert (picture.format, picture.width, picture.height) == ("jpeg", 1_600, 800)
    assert hostile.faults(b"", picture.data) == []
    assert min(Image.open(io.BytesIO(picture.data)).getpixel((5, 5))) > 250  # type: ignore[arg-type]


def test_too_many_about_it_at_once_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "TURN", 0.01)
    with drawing.DRAWING, pytest.raises(Unusable, match="busy"):
        files.prepared(hostile.jpeg(), longest=9)
    assert files.prepared(hostile.jpeg(), longest=9).width == 9
