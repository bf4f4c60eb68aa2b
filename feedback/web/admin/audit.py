"""Who changed what of the organisation, newest first."""

from flask import abort, render_template, request, url_for

from feedback.core import audit, people
from feedback.core.access import Permission
from feedback.outbound import changes
from feedback.web import house
from feedback.web.admin import blueprint
from feedback.web.forms.address import id_in
from feedback.web.security import needs

SIZE = 50


@blueprint.get("/audit", endpoint="audit")
@needs(Permission.ADMINISTER)
def audit_page() -> str:
    """The log, of one kind of thing if the address says so."""
    noun = request.args.get("noun") or None
    if noun is not None and noun not in changes.NOUNS:
        abort(404)
    with house().store.read() as session:
        found = audit.page(session, noun=noun, after=id_in("after"), size=SIZE + 1)
        names = people.person_names(session, {entry.by_id for entry in found})
    rows = [
        {
            "at": entry.at,
            "who": names.get(entry.by_id or 0, ""),
            "noun": changes.noun(entry.noun),
            "text": changes.sentence(entry.noun, entry.act, entry.details),
        }
        for entry in found[:SIZE]
    ]
    return render_template(
        "admin/audit.html",
        rows=rows,
        nouns=[(name, changes.noun(name), name == noun) for name in changes.NOUNS],
        is_narrowed=noun is not None,
        older=url_for("admin.audit", noun=noun, after=found[SIZE - 1].id) if len(found) > SIZE else "",
    )
