"""Fields that take one picture or a few photos, and what they say of those that cannot be used."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask_wtf.file import FileField, MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms.validators import ValidationError

from feedback import clock
from feedback.core import files
from feedback.core.attachments import MOST
from feedback.core.files import File, Picture, Unusable
from feedback.text import gettext as _
from feedback.web import house

ACCEPTED = "image/png,image/jpeg,image/webp,image/gif"

PROBLEMS: dict[str, Callable[[], str]] = {
    "too_large": lambda: _("This picture is larger than 8 MB. Please choose a smaller one."),
    "drawing": lambda: _("An SVG can hold programs, so it is not taken. Please save it as PNG and choose that."),
    "no_picture": lambda: _("This is no picture that can be read here. Please choose a PNG, JPEG, WebP or GIF."),
    "too_many_pixels": lambda: _("This picture has more than 40 million pixels. Please make it smaller first."),
    "damaged": lambda: _("This picture cannot be read; it may be damaged. Please save it anew and choose it again."),
    "busy": lambda: _("Many pictures are arriving at this moment. Please choose it once more and send it again."),
}


class PictureField(FileField):
    """One picture; after validation `picture` holds it drawn anew, None where none was chosen."""

    picture: Picture | None = None

    def __init__(self, label: str, *, longest: int, square: bool = False, **bound: Any) -> None:
        super().__init__(label, render_kw={"accept": ACCEPTED}, **bound)
        self.longest, self.square = longest, square

    def post_validate(self, form: object, validation_stopped: bool) -> None:
        """Draw it anew, in a process of its own."""
        if isinstance(self.data, FileStorage) and self.data.filename:
            data = self.data.stream.read(files.MOST_BYTES + 1)
            try:
                self.picture = files.prepared(data, longest=self.longest, square=self.square)
            except Unusable as error:
                raise ValidationError(PROBLEMS[error.problem]()) from error

    def ask_again(self) -> None:
        """Say that it has to be chosen once more: no browser sends a file with the form it gets back."""
        if self.picture and not self.errors:
            self.errors = [_("Please choose the picture once more; a browser does not keep it.")]


class PhotosField(MultipleFileField):
    """A few photos; after draw() `pictures` holds them drawn anew, in their order."""

    def __init__(self, label: str, **bound: Any) -> None:
        super().__init__(label, render_kw={"accept": ACCEPTED, "multiple": True}, **bound)
        self.pictures: list[Picture] = []
        self.laid: list[File] = []

    @property
    def chosen(self) -> list[FileStorage]:
        """The files that were chosen."""
        return [file for file in self.data or [] if isinstance(file, FileStorage) and file.filename]

    def draw(self) -> bool:
        """Draw them anew, once it is known that they may be added at all; False, and the error is said, otherwise."""
        if len(self.chosen) > MOST:
            self.errors = [_("Three photos can be sent at once. Please choose the three that show it best.")]
            return False
        try:
            self.pictures = [
                files.prepared(file.stream.read(files.MOST_BYTES + 1), longest=files.PHOTO, flat=True)
                for file in self.chosen
            ]
        except Unusable as error:
            self.errors = [PROBLEMS[error.problem]()]
        return not self.errors


def ask_again(photos: PhotosField | None) -> None:
    """Say that they have to be chosen once more, if any were: no browser sends a file with the form it gets back."""
    if photos and photos.chosen and not photos.errors:
        photos.errors = [_("Please choose your photos once more; a browser does not keep them.")]


@contextmanager
def laid(photos: PhotosField | None) -> Iterator[None]:
    """The photos on disk, as `laid` of their field, for the length of the write that names them. Raises StoreFull."""
    drawn = photos.pictures if photos else ()
    with files.laid(house().settings.data_dir, drawn, clock.now()) as kept:
        if photos:
            photos.laid = kept
        yield
