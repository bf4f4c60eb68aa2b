"""The sections of the admin's room, in the order of its menu, and the way into it."""

from dataclasses import dataclass

from flask import abort, current_app, redirect, url_for
from werkzeug.wrappers import Response

from feedback.core.access import Permission, Viewer
from feedback.web.admin import blueprint
from feedback.web.forms.labels import later
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the menu and who may open it."""

    endpoint: str
    title: str
    permission: Permission


SECTIONS = (
    Section("admin.people", later("People"), Permission.MANAGE_PEOPLE),
    Section("admin.departments", later("Departments"), Permission.ADMINISTER),
    Section("admin.places", later("Places"), Permission.ADMINISTER),
    Section("admin.topics", later("Topics"), Permission.ADMINISTER),
    Section("admin.routing", later("Routing"), Permission.ADMINISTER),
    Section("admin.deadlines", later("Deadlines"), Permission.ADMINISTER),
    Section("admin.replies", later("Replies"), Permission.ADMINISTER),
    Section("admin.absences", later("Absences"), Permission.MANAGE_PEOPLE),
    Section("admin.challenges", later("Challenges"), Permission.MANAGE_PEOPLE),
    Section("admin.wording", later("Words on print"), Permission.ADMINISTER),
    Section("admin.settings", later("Settings"), Permission.ADMINISTER),
    Section("admin.audit", later("Changes"), Permission.ADMINISTER),
)


def sections(viewer: Viewer) -> list[Section]:
    """The sections that `viewer` may open."""
    return [
        section
        for section in SECTIONS
        if viewer.may(section.permission) and section.endpoint in current_app.view_functions
    ]


@blueprint.context_processor
def _menu() -> dict[str, object]:
    return {"admin_sections": lambda: sections(signed_in_viewer())}


@blueprint.get("", endpoint="start")
@needs(Permission.MANAGE_PEOPLE)
def start() -> Response:
    """The first section one may open."""
    for section in sections(signed_in_viewer()):
        return redirect(url_for(section.endpoint), 303)
    abort(404)
