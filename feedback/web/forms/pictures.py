"""A field that takes one picture, and what it says of one that cannot be used."""

from collections.abc import Callable
from typing import Any

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms.validators import ValidationError

from feedback.core import files
from feedback.core.files import Picture, Unusable
from feedback.text import gettext as _

ACCEPTED = "image/png,image/jpeg,image/webp,image/gif"

PROBLEMS: dict[str, Callable[[], str]] = {
    "too_large": lambda: _("This picture is larger than 8 MB. Please choose a smaller one."),
    "drawing": lambda: _("An SVG can hold programs, so it is not taken. Please save it as PNG and choose that."),
    "no_picture": lambda: _("This is no picture that can be read here. Please choose a PNG, JPEG, WebP or GIF."),
    "too_many_pixels": lambda: _("This picture has more than 40 million pixels. Please make it smaller first."),
    "damaged": lambda: _("This picture cannot be read; it may be damaged. Please save it anew and choose it again."),
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
