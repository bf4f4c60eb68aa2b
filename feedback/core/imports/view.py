"""The organisation as it was at one version: its names, and as much of its picture as an import has met."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from feedback.core import routing
from feedback.core.imports.entry import Entry
from feedback.core.imports.names import Directory, Setting
from feedback.core.intake import Scene
from feedback.core.organisation import Organisation
from feedback.core.routing import Picture, Target
from feedback.core.submissions import Draft


class View:
    """Looked at once and kept while the organisation does not change, so that no row asks the store for it."""

    def __init__(self, session: Session, organisation: Organisation, *, create_missing: bool) -> None:
        self.version = organisation.version
        self.directory = Directory(session, create_missing=create_missing)
        self._timezone = organisation.timezone
        self._departments: set[int] = set()
        self._people: dict[int, tuple[str, int]] = {}
        self._places: set[int] = set()
        self._topics: dict[int, tuple[str, int]] = {}
        self._picture: Picture | None = None

    def include(self, session: Session, settings: Iterable[Setting]) -> None:
        """Let the picture hold all that `settings` name; drawn anew only where it does not yet."""
        before = self._size
        for setting in settings:
            for topic in setting.topics:
                self._topics[topic.id] = (topic.name, topic.department_id)
                self._departments.add(topic.department_id)
            if setting.person:
                self._people[setting.person.id] = (setting.person.public_name, setting.person.department_id)
                self._departments.add(setting.person.department_id)
            if setting.department_id:
                self._departments.add(setting.department_id)
            if setting.place:
                self._places.add(setting.place.id)
        if self._picture is None or self._size != before:
            self._picture = routing.picture(
                session, departments=self._departments, people=self._people, topics=self._topics, places=self._places
            )

    def scene(self, setting: Setting) -> Scene:
        """Where a submission of that setting comes from; it has to be included before."""
        if self._picture is None:
            raise RuntimeError("include() comes before scene()")
        place = setting.place.name if setting.place and setting.is_by_place else ""
        place_id = setting.place.id if setting.place else None
        target = Target(department_id=setting.department_id, place=place, place_id=place_id)
        return Scene(target, self._picture, self._timezone, mails=False)

    @staticmethod
    def draft(entry: Entry, setting: Setting) -> Draft:
        """What the customer said, by ids instead of names."""
        return Draft(
            kind=entry.kind,
            message=entry.message,
            person_id=setting.person.id if setting.person else None,
            person_note=setting.person_note,
            topic_ids=tuple(dict.fromkeys(topic.id for topic in setting.topics)),
            rating=entry.rating,
            language=entry.language,
            given=entry.given,
        )

    @property
    def _size(self) -> tuple[int, ...]:
        return len(self._departments), len(self._people), len(self._topics), len(self._places)
