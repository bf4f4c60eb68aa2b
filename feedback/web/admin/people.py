"""People: the list, a page for each, new ones, and those who leave; managers keep those of their own departments."""

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import directory, invitations, second_factor
from feedback.core.access import Permission, Viewer
from feedback.core.directory import NOUNS, ChangedMeanwhile, NotTaken, Paths, staff
from feedback.core.directory.staff import Filters
from feedback.core.people import Department, Person, Place
from feedback.outbound.isolation import isolated
from feedback.text import gettext as _
from feedback.web import house, pictures
from feedback.web.admin import blueprint, portrait, retirement, story
from feedback.web.admin.forms import PersonForm, RetirementForm
from feedback.web.forms.address import id_in, whole
from feedback.web.forms.choosing import told_apart
from feedback.web.forms.organisation import sent
from feedback.web.security import needs, takes_pictures
from feedback.web.session import signed_in_viewer
from feedback.web.text import offered, organisation

SIZE = 50
LONGEST_SEARCH = 200
PERSON = NOUNS["person"]


@blueprint.get("/people", endpoint="people")
@needs(Permission.MANAGE_PEOPLE)
def people_page() -> str:
    """The people one keeps, by name, narrowed by the address."""
    viewer, filters, after = signed_in_viewer(), _filters(), id_in("after")
    with house().store.read() as session:
        found = staff.page(session, viewer, filters, after=after, size=SIZE + 1)
        departments = directory.paths(session, Department)
        names = staff.department_names(session, {person.department_id for person in found})
    return render_template(
        "admin/people.html",
        rows=[
            {
                "person": person,
                "url": url_for("admin.person", n=person.id),
                "department": names[person.department_id],
                "seen": pictures.seen(person),
            }
            for person in found[:SIZE]
        ],
        filters=filters,
        departments=told_apart(staff.departments_open_to(viewer, departments)),
        more=_address(filters, after=found[SIZE - 1].id) if len(found) > SIZE else "",
        others=_address(filters, retired=None if filters.retired else "yes"),
        is_admin=viewer.is_admin,
    )


@blueprint.get("/people/new", endpoint="person_new")
@needs(Permission.MANAGE_PEOPLE)
def new_page() -> str:
    """The form for a new person."""
    form = PersonForm(formdata=None)
    form.department.data = str(id_in("department") or "")
    with house().store.read() as session:
        _offer(session, signed_in_viewer(), form)
    return _new(form)


@blueprint.post("/people/new")
@needs(Permission.MANAGE_PEOPLE)
@takes_pictures
def people_new() -> Response | tuple[str, int]:
    """Add a person."""
    viewer, form, here = signed_in_viewer(), PersonForm(sent()), house()
    with here.store.read() as session:
        _offer(session, viewer, form)
    if not form.validate():
        return _new(form), 422
    try:
        with here.store.write() as session:
            made = staff.make(session, viewer, form.values(with_manages=viewer.is_admin), clock.now())
            portrait.settle(session, made, form)
    except NotTaken as error:
        form.blame(error.problems)
        return _new(form), 422
    flash(_("%(name)s is added.") % {"name": isolated(made.name)})
    return redirect(url_for("admin.person", n=made.id), 303)


@blueprint.get("/people/<n>", endpoint="person")
@needs(Permission.MANAGE_PEOPLE)
def person_page(n: str) -> str:
    """One person with all that can be changed."""
    with house().store.read() as session:
        return _page(session, _visible(session, n))


@blueprint.post("/people/<n>/details")
@needs(Permission.MANAGE_PEOPLE)
@takes_pictures
def person_details(n: str) -> Response | tuple[str, int]:
    """Change a person; of two at once the second is shown what the first did."""
    viewer, form, here = signed_in_viewer(), PersonForm(sent()), house()
    with here.store.read() as session:
        person = changeable(session, n)
        _offer(session, viewer, form, person)
    if not form.validate():
        return _again(n, form), 422
    values = form.values(with_manages=viewer.is_admin)
    try:
        with here.store.write() as session:
            directory.hold(session)
            person = changeable(session, n)
            staff.change(session, viewer, person, values, shown=form.shown.data or "", at=clock.now())
            portrait.settle(session, person, form)
            still_seen = staff.one(session, viewer, person.id) is not None
    except NotTaken as error:
        form.blame(error.problems)
        return _again(n, form), 422
    except ChangedMeanwhile:
        return _again(n, form, meanwhile=True), 409
    flash(_("Saved."))
    return redirect(url_for("admin.person", n=n) if still_seen else url_for("admin.people"), 303)


@blueprint.post("/people/<n>/retirement")
@needs(Permission.MANAGE_PEOPLE)
def person_retirement(n: str) -> Response | tuple[str, int]:
    """Let a person go; their praise and history stay."""
    form, here = RetirementForm(request.form), house()
    with here.store.read() as session:
        person = changeable(session, n)
        retirement.offer(session, person, form)
        if not form.validate():
            return _page(session, person, leaving=form), 422
    try:
        with here.store.write() as session:
            directory.hold(session)
            retirement.retire(session, changeable(session, n), form)
    except NotTaken as error:
        retirement.blame(form, error)
        with here.store.read() as session:
            return _page(session, changeable(session, n), leaving=form), 422
    return redirect(url_for("admin.person", n=n), 303)


@blueprint.post("/people/<n>/second-factor-removal")
@needs(Permission.ADMINISTER)
def person_second_factor_removal(n: str) -> Response:
    """Take the second factor away from someone who lost it with all recovery codes; one's own goes by /account."""
    by_id = signed_in_viewer().person_id
    with house().store.write() as session:
        person = changeable(session, n)
        if person.id == by_id or not second_factor.switch_off(session, person.id, clock.now(), by_id=by_id):
            abort(404)
    flash(_("The second factor is off. The password alone signs %(name)s in.") % {"name": isolated(person.name)})
    return redirect(url_for("admin.person", n=person.id), 303)


@blueprint.post("/people/<n>/return")
@needs(Permission.MANAGE_PEOPLE)
def person_return(n: str) -> Response:
    """Bring a person back."""
    with house().store.write() as session:
        directory.hold(session)
        retirement.bring_back(session, changeable(session, n))
    return redirect(url_for("admin.person", n=n), 303)


def _visible(session: Session, n: str) -> Person:
    return staff.one(session, signed_in_viewer(), whole(n)) or abort(404)


def changeable(session: Session, n: str) -> Person:
    """The person of that number, if the viewer may change what is kept about them."""
    person = _visible(session, n)
    return person if staff.may_change(session, signed_in_viewer(), person) else abort(404)


def _again(n: str, form: PersonForm, *, meanwhile: bool = False) -> str:
    with house().store.read() as session:
        return _page(session, changeable(session, n), form=form, meanwhile=meanwhile)


def _page(
    session: Session,
    person: Person,
    *,
    form: PersonForm | None = None,
    leaving: RetirementForm | None = None,
    meanwhile: bool = False,
) -> str:
    viewer, values = signed_in_viewer(), directory.values_of(session, person)
    if form is None:
        form = PersonForm(formdata=None)
        form.fill(values)
        _offer(session, viewer, form, person)
    if form.shown.data is None or meanwhile:
        form.shown.data = directory.mark(values)
    form.photo.ask_again()
    return render_template(
        "admin/person.html",
        person=person,
        seen=pictures.seen(person),
        form=form,
        may_change=(may_change := staff.may_change(session, viewer, person)),
        may_invite=may_change and invitations.may_invite(session, viewer, person),
        may_mail=bool(person.email and house().settings.smtp_url),
        has_second_factor=viewer.is_admin and second_factor.is_on_for(session, person.id),
        is_oneself=person.id == viewer.person_id,
        is_admin=viewer.is_admin,
        leaving=retirement.asked(session, person, leaving),
        told=story.of(session, PERSON, person.id),
        meanwhile=meanwhile,
        department=staff.department_names(session, {person.department_id}).get(person.department_id, ""),
    )


def _new(form: PersonForm) -> str:
    form.photo.ask_again()
    return render_template("admin/person_new.html", form=form, is_admin=signed_in_viewer().is_admin)


def _offer(session: Session, viewer: Viewer, form: PersonForm, person: Person | None = None) -> None:
    departments: Paths = directory.paths(session, Department)
    within = staff.departments_open_to(viewer, departments)
    if person and person.department_id not in dict(within):  # retired by now; it may stay as it is
        within.append(
            (person.department_id, staff.department_names(session, {person.department_id})[person.department_id])
        )
    tags = offered(organisation())
    if person and person.language and person.language not in tags:
        tags = [*tags, person.language]
    form.offer(departments, within, directory.paths(session, Place), tags)


def _filters() -> Filters:
    q = request.args.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    return Filters(q=q, department_id=id_in("department"), retired=request.args.get("retired") == "yes")


def _address(filters: Filters, **changes: object) -> str:
    values = {
        "q": filters.q or None,
        "department": filters.department_id,
        "retired": "yes" if filters.retired else None,
    }
    return url_for("admin.people", **(values | changes))  # type: ignore[arg-type]
