"""The list of all rooms, each with the doors (routes) that its files hang in."""

from flask import Flask
from flask_wtf import CSRFProtect

from feedback.web import admin, employee, keys, manager, status, text, wall
from feedback.web.admin import (
    absences,
    audit,
    challenges,
    deadlines,
    files,
    invitation,
    menu,
    people,
    replies,
    routing,
    set_up,
    settings,
    trees,
    wording,
)
from feedback.web.customer import poll, receipt, scan, thanks
from feedback.web.employee import (
    account,
    addressing,
    certificate,
    favourites,
    joining,
    letters,
    news,
    passing,
    praise,
    pushes,
    record,
    second_factor,
    second_step,
    shared,
    showing,
    start,
    thanking,
    withholding,
)
from feedback.web.manager import (
    assignments,
    cases,
    concerns,
    duplicates,
    handling,
    link_changes,
    links,
    new_links,
    praising,
    printing,
    promptness,
    slips,
    survey_changes,
    survey_links,
    survey_results,
    surveys,
    views,
    walls,
)

# Importing a file hangs its doors in.
FILES = (
    receipt, scan, thanks, poll,
    praise, thanking, passing, favourites, showing, certificate, addressing, withholding, shared, letters,
    start, second_step, joining, account, second_factor, news, record, pushes,
    cases, handling, assignments, views, concerns, duplicates, praising, promptness, walls, slips,
    links, link_changes, new_links, printing,
    surveys, survey_changes, survey_links, survey_results,
    menu, people, invitation, trees, files, wording, settings, audit, set_up, status, keys,
    routing, absences, deadlines, replies, challenges,
)  # fmt: skip
FOR_CUSTOMERS = (
    scan.blueprint,
    thanks.blueprint,
    receipt.blueprint,
    poll.blueprint,
)  # their token is in the form, not in a session
AT_WORK = (employee.blueprint, manager.blueprint, admin.blueprint, set_up.blueprint)


def install(app: Flask) -> None:
    """Open the rooms of `app`; forms at work carry Flask-WTF's token."""
    csrf = CSRFProtect(app)
    for blueprint in (*FOR_CUSTOMERS, *AT_WORK, status.blueprint, wall.blueprint):
        app.register_blueprint(blueprint)
    for blueprint in AT_WORK:
        app.before_request_funcs.setdefault(blueprint.name, []).append(text.speak_to_staff)
    for blueprint in FOR_CUSTOMERS:
        csrf.exempt(blueprint)
    for view in (start.sign_in, start.pin_sign_in):  # they need no session yet, and look at who sent the request
        csrf.exempt(view)
