"""The access grid: what every address answers to each of nine kinds of visitor."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from feedback.core import accounts, walls
from feedback.core.absences import Absence
from feedback.core.cases import Case
from feedback.core.challenges import Challenge
from feedback.core.praise import Praise
from feedback.core.replies import ReplyTemplate, ReplyText
from feedback.core.rules import About, Action, Condition, Does, Rule, RuleRow
from feedback.db import Store
from feedback.web import NAME
from tests.factories import BEGINNING, Cast, send
from tests.ground.pages import field_values
from tests.story import SECRET, arrives, at_work, photographed, viewer
from tests.surveys import POLL, published

# Two customers hold receipts. Maria has written nothing: the complaint {case} with its {photo}, which Hans was asked to
# handle, is about her, and so are the letter {held} that waits for a manager, the {letter} she has and the link {link};
# for whom {sought} is, nobody has said. Karim is her colleague, Berta their manager, who noted Maria's {absence}, may
# answer her {challenge}, has the {wall} at the address of that {token} and the {survey}, Paula that of another department, Anna the
# admin. "door" is the way to /sign-in and back; a form's fields stand behind the dash. An assignment of version 9 is one
# of a page grown old, so that it changes nothing.
GRID = """
                                nobody  holder  other   maria   karim   hans    berta   paula   anna
GET  /static/css/base.css       200     200     200     200     200     200     200     200     200
GET  /favicon.ico               200     200     200     200     200     200     200     200     200
GET  /healthz                   200     200     200     200     200     200     200     200     200
GET  /.well-known/firsthand-keys.json  200 200   200     200     200     200     200     200     200
GET  /logo                      404     404     404     404     404     404     404     404     404
GET  /set-up                    404     404     404     404     404     404     404     404     404
POST /set-up                    404     404     404     404     404     404     404     404     404

GET  /q/{code}                  200     200     200     200     200     200     200     200     200
GET  /Q/{code}                  200     200     200     200     200     200     200     200     200
GET  /q/{code}/scan.gif         200     200     200     200     200     200     200     200     200
GET  /Q/{code}/start.gif        200     200     200     200     200     200     200     200     200
GET  /q/{code}/1.jpg            404     404     404     404     404     404     404     404     404
GET  /Q/{code}/1.jpg            404     404     404     404     404     404     404     404     404
POST /q/{code}                  422     422     422     422     422     422     422     422     422   - kind=praise
POST /Q/{code}                  422     422     422     422     422     422     422     422     422   - kind=praise
GET  /thanks                    200     200     200     200     200     200     200     200     200
POST /thanks                    303     303     303     303     303     303     303     303     303
GET  /thanks/farewell           200     200     200     200     200     200     200     200     200
GET  /thanks/receipt.png        404     200     200     404     404     404     404     404     404
POST /thanks/mail               303     404     404     303     303     303     303     303     303   - email=a@b.example
GET  /r                         200     200     200     200     200     200     200     200     200
GET  /R                         200     200     200     200     200     200     200     200     200
POST /r                         422     422     422     422     422     422     422     422     422   - receipt=ABCD
GET  /r/photos/{photo}          404     404     404     404     404     404     404     404     404

GET  /                          303     303     303     303     303     303     303     303     303
GET  /sign-in                   200     200     200     200     200     200     200     200     200
POST /sign-in                   422     422     422     422     422     422     422     422     422   - email=a@b.example
GET  /sign-in/unknown           200     200     200     200     200     200     200     200     200
POST /sign-in/unknown           door    door    door    door    door    door    door    door    door
POST /sign-in/pin               422     422     422     422     422     422     422     422     422   - pin=384756
GET  /sign-in/code              303     303     303     303     303     303     303     303     303
POST /sign-in/code              door    door    door    door    door    door    door    door    door  - code=1
GET  /join/unknown              404     404     404     404     404     404     404     404     404
POST /join/unknown              404     404     404     404     404     404     404     404     404   - name=ada&password=x
POST /sign-out                  door    door    door    door    door    door    door    door    door

GET  /account                   door    door    door    200     200     200     200     200     200
POST /account/password          door    door    door    422     422     422     422     422     422   - name=
POST /account/devices           door    door    door    422     422     422     422     422     422   - pin=
POST /account/devices/x/removal door    door    door    404     404     404     404     404     404
POST /account/mails             door    door    door    422     422     422     422     422     422   - cases=
POST /account/sign-outs         door    door    door    303     303     303     303     303     303
GET  /account/second-factor     door    door    door    303     303     303     303     303     303
POST /account/second-factor     door    door    door    422     422     422     422     422     422
POST /account/second-factor/confirmation  door  door  door  303  303    303     303     303     303   - first=1
POST /account/second-factor/removal       door  door  door  422  422    422     422     422     422   - code=1
GET  /account/record            door    door    door    200     200     200     200     200     200
GET  /account/record?letter={held}  door  door  door    404     404     404     404     404     404
GET  /account/record.json       door    door    door    200     200     200     200     200     200
POST /account/record/challenges door    door    door    422     422     422     422     422     422   - part=mails&said=
GET  /notices                   door    door    door    200     200     200     200     200     200
POST /notices/reading           door    door    door    303     303     303     303     303     303

GET  /praise                    door    door    door    200     200     200     200     200     200
GET  /praise?person={maria}     door    door    door    404     404     404     200     404     200
GET  /praise?department={dept}  door    door    door    404     404     404     200     404     200
GET  /praise?whose=to-me        door    door    door    200     200     200     200     200     200
GET  /praise?whose=team         door    door    door    200     200     200     200     200     200
GET  /praise?whose=favourites   door    door    door    200     200     200     200     200     200
GET  /praise?whose=own&q=soup   door    door    door    200     200     200     200     200     200
POST /praise/{held}/favourite   door    door    door    404     404     404     404     404     404
POST /praise/{held}/favourite/removal  door  door  door 404     404     404     404     404     404
GET  /praise/arrivals           door    door    door    200     200     200     200     200     200
GET  /praise/{held}/thanks      door    door    door    404     404     404     404     404     404
POST /praise/{held}/thanks      door    door    door    404     404     404     404     404     404
POST /praise/{held}/showing     door    door    door    404     404     404     404     404     404
POST /praise/{held}/showing/removal  door  door  door   404     404     404     404     404     404
GET  /praise/{held}/certificate.pdf  door  door  door   404     404     404     404     404     404
GET  /praise/slips              door    door    door    404     404     404     200     200     200
GET  /praise/slips?department={dept}  door  door  door  404     404     404     200     404     200
GET  /praise/slips.pdf?since=2020-01-01  door  door  door  404  404   404     404     404     404
POST /account/push              door    door    door    303     303     303     303     303     303   - address=x
POST /account/push/9/removal    door    door    door    404     404     404     404     404     404
GET  /sw.js                     200     200     200     200     200     200     200     200     200
GET  /manifest.webmanifest      200     200     200     200     200     200     200     200     200
GET  /walls                     door    door    door    404     404     404     200     200     200
POST /walls                     door    door    door    404     404     404     422     422     422   - name=
GET  /walls/{wall}              door    door    door    404     404     404     200     404     200
GET  /walls/{wall}/code.svg     door    door    door    404     404     404     200     404     200
GET  /walls/{wall}/sheet.pdf    door    door    door    404     404     404     200     404     200
GET  /wall/{token}              200     200     200     200     200     200     200     200     200
GET  /wall/{token}/feed         200     200     200     200     200     200     200     200     200
POST /walls/{wall}/closure      door    door    door    404     404     404     303     404     303   - open=yes
GET  /praise?whose=passed-on    door    door    door    404     404     404     200     200     200
GET  /praise/{letter}/line      door    door    door    404     404     404     200     404     404
POST /praise/{letter}/line      door    door    door    404     404     404     303     404     404   - words=So+kind
POST /praise/{letter}/beyond    door    door    door    404     404     404     303     404     404
POST /praise/{letter}/beyond/removal  door  door  door  404     404     404     303     404     404
POST /praise/{letter}/bringing  door    door    door    404     404     404     303     404     404
GET  /praise/{letter}/notes/employee  door  door  door  404     404     404     404     404     404
POST /praise/{letter}/notes/employee  door  door  door  404     404     404     404     404     404
POST /praise/{letter}/notes/customer  door  door  door  404     404     404     404     404     404
GET  /praise/promptness         door    door    door    404     404     404     200     200     200
GET  /praise/letters            door    door    door    200     200     200     200     200     200
GET  /praise/letters.pdf        door    door    door    200     200     200     200     200     200
GET  /praise/letters.json       door    door    door    200     200     200     200     200     200
GET  /praise/{held}/withholding door    door    door    404     404     404     200     404     200
POST /praise/{held}/withholding door    door    door    404     404     404     422     404     422   - reason=
GET  /praise?whose=waiting      door    door    door    404     404     404     200     200     200
GET  /praise/{sought}/person    door    door    door    404     404     404     200     404     200
GET  /praise/{held}/person      door    door    door    404     404     404     404     404     404
POST /praise/{sought}/person    door    door    door    404     404     404     422     404     422   - person=
POST /praise/{sought}/person/removal      door  door  door  404  404    404     404     404     404
POST /praise/{sought}/suggestion/removal  door  door  door  404  404    404     422     404     422   - person=
POST /praise/{held}/delivery    door    door    door    404     404     404     303     404     303

GET  /cases                     door    door    door    200     200     200     200     200     200
GET  /cases/{case}              door    door    door    404     404     200     200     404     200
GET  /cases/{case}/photos/{photo}  door  door   door    404     404     200     200     404     200
POST /cases/assignments         door    door    door    422     422     422     422     422     422   - handler=none
POST /cases/views               door    door    door    422     422     422     422     422     422   - name=
POST /cases/views/1/name        door    door    door    404     404     404     404     404     404   - name=Mine
POST /cases/views/1/removal     door    door    door    404     404     404     404     404     404
POST /cases/{case}/notes        door    door    door    404     404     303     303     404     303   - text=Asked
POST /cases/{case}/assignment   door    door    door    404     404     409     409     404     409   - handler=&version=9
POST /cases/{case}/status       door    door    door    404     404     409     409     404     409   - status=in_progress&version=9
POST /cases/{case}/severity     door    door    door    404     404     409     409     404     409   - severity=3&version=9
POST /cases/{case}/replies      door    door    door    404     404     422     422     404     422   - text=&version=9
GET  /cases/{case}/shared       door    door    door    404     404     404     404     404     404
GET  /cases/{case}/shared/photos/{photo}  door  door  door  404  404     404     404     404     404
POST /cases/{case}/share        door    door    door    404     404     409     409     404     409   - note=
POST /cases/{case}/draft        door    door    door    404     404     422     422     404     422   - template=
POST /cases/{case}/reopening    door    door    door    404     404     422     422     404     422   - reason=&version=9
POST /cases/{case}/closure      door    door    door    404     404     422     422     404     422   - outcome=&version=9
GET  /cases/{case}/concerns     door    door    door    404     404     200     200     404     200
POST /cases/{case}/concerns     door    door    door    404     404     422     422     404     422   - person=&version=9
POST /cases/{case}/concerns/own door    door    door    404     404     409     409     404     409   - version=9
POST /cases/{case}/concerns/{maria}/removal  door  door  door  404  404 409     409     404     409   - version=9
GET  /cases/{case}/duplicate    door    door    door    404     404     200     200     404     200
POST /cases/{case}/duplicate    door    door    door    404     404     422     422     404     422   - other=&version=9
POST /cases/{case}/duplicate/removal         door  door  door  404  404 409     409     404     409   - version=9
GET  /cases/{case}/duplicates   door    door    door    404     404     200     200     404     200
POST /cases/{case}/duplicates   door    door    door    404     404     422     422     404     422   - text=&version=9
GET  /cases/{case}/praise       door    door    door    404     404     200     200     404     200
POST /cases/{case}/praise       door    door    door    404     404     422     422     404     422   - text=

GET  /poll/{poll}               200     200     200     200     200     200     200     200     200
POST /poll/{poll}               422     422     422     422     422     422     422     422     422   - a_q1=o1
GET  /poll/{poll}/screen        200     200     200     200     200     200     200     200     200
GET  /poll/{poll}/feed          200     200     200     200     200     200     200     200     200
GET  /surveys                   door    door    door    404     404     404     200     200     200
POST /surveys                   door    door    door    404     404     404     422     422     422   - name=
GET  /surveys/new               door    door    door    404     404     404     200     200     200
GET  /surveys/{survey}          door    door    door    404     404     404     200     404     200
GET  /surveys/{survey}/preview  door    door    door    404     404     404     200     404     200
POST /surveys/{survey}/questions           door  door  door  404  404   404     422     404     422   - type=riddle&seen=1
POST /surveys/{survey}/questions/q1        door  door  door  404  404   404     409     404     409   - seen=9
POST /surveys/{survey}/questions/q1/place  door  door  door  404  404   404     409     404     409   - seen=9&to=1
POST /surveys/{survey}/questions/q1/removal  door  door  door  404  404  404    409     404     409   - seen=9
POST /surveys/{survey}/settings            door  door  door  404  404   404     409     404     409   - seen=9
POST /surveys/{survey}/publication         door  door  door  404  404   404     409     404     409   - seen=9
POST /surveys/{survey}/draft/removal       door  door  door  404  404   404     409     404     409   - seen=9
POST /surveys/{survey}/closure             door  door  door  404  404   404     303     404     303   - open=yes
POST /surveys/{survey}/links               door  door  door  404  404   404     303     404     303
GET  /surveys/{survey}/results             door  door  door  404  404   404     200     404     200
GET  /surveys/{survey}/results/words?question=q3  door  door  door  404  404  404  200  404     200
GET  /surveys/{survey}/results.csv         door  door  door  404  404   404     200     404     200
GET  /surveys/{survey}/results.xlsx        door  door  door  404  404   404     200     404     200
GET  /surveys/{survey}/dictionary.csv      door  door  door  404  404   404     200     404     200
POST /links/{link}/survey       door    door    door    404     404     404     303     404     303   - survey=
POST /links/{link}/audience     door    door    door    404     404     404     303     404     303   - internal=no
GET  /links                     door    door    door    404     404     404     200     200     200
GET  /links?points_at=person    door    door    door    404     404     404     200     200     200
GET  /links/new                 door    door    door    404     404     404     200     200     200
POST /links                     door    door    door    404     404     404     422     422     422   - kind=person
POST /links/{link}/target       door    door    door    404     404     404     409     404     409   - target=person-{maria}
POST /links/{link}/settings     door    door    door    404     404     404     409     404     409   - topic=&language=
POST /links/{link}/retirement   door    door    door    404     404     404     409     404     409   - retired=yes
POST /links/{link}/reissue      door    door    door    404     404     404     422     404     422   - old=
GET  /links/{link}              door    door    door    404     404     404     200     404     200
GET  /links/{link}.svg          door    door    door    404     404     404     200     404     200
GET  /links/print               door    door    door    404     404     404     200     200     200
GET  /links/print?link={link}   door    door    door    404     404     404     200     404     200
GET  /links/print.png?link={link}  door  door   door    404     404     404     200     404     200
GET  /links/{link}.png          door    door    door    404     404     404     200     404     200

GET  /admin/wording             door    door    door    404     404     404     404     404     200
POST /admin/wording/de          door    door    door    404     404     404     404     404     303   - call=Na?
POST /admin/wording/de/reset    door    door    door    404     404     404     404     404     303
GET  /admin                     door    door    door    404     404     404     303     303     303
GET  /admin/people              door    door    door    404     404     404     200     200     200
GET  /admin/people/new          door    door    door    404     404     404     200     200     200
POST /admin/people/new          door    door    door    404     404     404     422     422     422   - name=
GET  /admin/people/{maria}      door    door    door    404     404     404     200     404     200
GET  /admin/people/{maria}/1.jpg        door    door    door    404     404     404     404     404     404
POST /admin/people/{maria}/details      door    door    door    404     404     404     422     404     422   - name=
POST /admin/people/{maria}/retirement   door    door    door    404     404     404     422     404     422   - codes=
POST /admin/people/{maria}/return       door    door    door    404     404     404     303     404     303
POST /admin/people/{maria}/invitation   door    door    door    404     404     404     404     404     200
POST /admin/people/{maria}/invitation-mail  door  door  door   404     404     404     404     404     404
POST /admin/people/{maria}/second-factor-removal  door  door  door  404  404  404  404  404  404
GET  /admin/people.csv          door    door    door    404     404     404     404     404     200
GET  /admin/import/people       door    door    door    404     404     404     404     404     200
POST /admin/import/people       door    door    door    404     404     404     404     404     422   - file=
GET  /admin/import/people/x     door    door    door    404     404     404     404     404     404
POST /admin/import/people/x/confirmation   door    door    door    404     404     404     404     404     404   - shown=
GET  /admin/departments         door    door    door    404     404     404     404     404     200
GET  /admin/places              door    door    door    404     404     404     404     404     200
GET  /admin/topics              door    door    door    404     404     404     404     404     200
GET  /admin/departments/new     door    door    door    404     404     404     404     404     200
POST /admin/departments/new     door    door    door    404     404     404     404     404     422   - name=
GET  /admin/departments/{dept}  door    door    door    404     404     404     404     404     200
POST /admin/departments/{dept}/details     door    door    door    404     404     404     404     404     422   - name=
POST /admin/departments/{dept}/retirement  door    door    door    404     404     404     404     404     422   - codes=
POST /admin/departments/{dept}/return      door    door    door    404     404     404     404     404     303
POST /admin/departments/{dept}/deletion    door    door    door    404     404     404     404     404     303
GET  /admin/routing             door    door    door    404     404     404     404     404     200
GET  /admin/routing/new         door    door    door    404     404     404     404     404     200
POST /admin/routing/new         door    door    door    404     404     404     404     404     422   - kinds=
GET  /admin/routing/{rule}      door    door    door    404     404     404     404     404     200
POST /admin/routing/{rule}/details       door   door    door    404     404     404     404     404     422   - kinds=
POST /admin/routing/{rule}/activation    door   door    door    404     404     404     404     404     303
POST /admin/routing/{rule}/deactivation  door   door    door    404     404     404     404     404     303
POST /admin/routing/{rule}/position      door   door    door    404     404     404     404     404     303   - where=later
POST /admin/routing/{rule}/removal       door   door    door    404     404     404     404     404     303
GET  /admin/deadlines           door    door    door    404     404     404     404     404     200
POST /admin/deadlines           door    door    door    404     404     404     404     404     422   - s1-answer=0
GET  /admin/replies             door    door    door    404     404     404     404     404     200
POST /admin/replies/ours        door    door    door    404     404     404     404     404     303
GET  /admin/replies/new         door    door    door    404     404     404     404     404     200
POST /admin/replies/new         door    door    door    404     404     404     404     404     422   - name=
GET  /admin/replies/{reply}     door    door    door    404     404     404     404     404     200
POST /admin/replies/{reply}/details      door   door    door    404     404     404     404     404     422   - name=
POST /admin/replies/{reply}/preview      door   door    door    404     404     404     404     404     200
POST /admin/replies/{reply}/removal      door   door    door    404     404     404     404     404     303
GET  /admin/absences            door    door    door    404     404     404     200     200     200
POST /admin/absences            door    door    door    404     404     404     422     422     422   - person=
POST /admin/absences/{absence}/return    door   door    door    404     404     404     303     404     303
GET  /admin/challenges          door    door    door    404     404     404     200     200     200
GET  /admin/challenges/{challenge}  door  door  door    404     404     404     200     404     200
POST /admin/challenges/{challenge}/answer  door  door  door  404  404   404     422     404     422   - outcome=
POST /walls/{wall}/address      door    door    door    404     404     404     303     404     303
GET  /admin/audit               door    door    door    404     404     404     404     404     200
GET  /admin/settings            door    door    door    404     404     404     404     404     200
POST /admin/settings/details    door    door    door    404     404     404     404     404     422   - name=
POST /admin/settings/logo       door    door    door    404     404     404     404     404     422   - logo=
POST /admin/settings/logo-removal door  door    door    404     404     404     404     404     303
POST /admin/settings/holidays   door    door    door    404     404     404     404     404     422   - day=
POST /admin/settings/holiday-removal door door  door    404     404     404     404     404     404   - day=
"""
HEADER, *LINES = [line for line in GRID.splitlines() if line.strip()]
VISITORS = HEADER.split()
CUSTOMERS = ("nobody", "holder", "other")
STAFF = VISITORS[3:]
CLOSED = ("/praise", "/cases", "/links", "/surveys", "/admin", "/walls")
OWNED = (
    "/praise/",
    "/cases/",
    "/links/{",
    "/admin/people/{",
    "/admin/absences",
    "/admin/challenges",
    "/walls/",
    "/surveys/{",
)
ON_ONE_STORE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is not the store's to say
DOOR = {"GET": "/sign-in?next=", "HEAD": "/sign-in?next=", "OPTIONS": "/sign-in", "POST": "/sign-in"}
RULE, ABSENCE, REPLY, CHALLENGE, LONG_AGO, LONG_FROM_NOW = 71, 72, 73, 74, date(2026, 1, 1), date(2099, 1, 1)
# Random in a page, or a repetition of the address that was asked for.
RANDOM = re.compile(r'name="csrf_token"[^>]*?value="[^"]*"|href="[^"]*lang=[^"]*"')


@dataclass(frozen=True, slots=True)
class Row:
    """One address with what each visitor is answered."""

    method: str
    address: str
    expected: dict[str, str]
    fields: dict[str, str]


def rows() -> Iterator[Row]:
    for line in LINES:
        told, _, fields = line.partition(" - ")
        method, address, *answers = told.split()
        pairs = [pair.partition("=") for pair in fields.strip().split("&") if pair]
        yield Row(method, address, dict(zip(VISITORS, answers, strict=True)), {name: value for name, _, value in pairs})


class Town:
    """The cast at their browsers, two customers at theirs, and everything the grid names."""

    def __init__(self, app: Flask, cast: Cast) -> None:
        self.app, self.cast = app, cast
        store = app.extensions[NAME].store
        case = arrives(store, cast.maria_link, message="Maria was rude to me")
        photo = photographed(store, app.extensions[NAME].settings.data_dir, case)
        held = arrives(store, cast.maria_link, kind="compliment", message="Nice, for once", rating=1)
        kind = arrives(store, cast.maria_link, kind="compliment", message="So kind")
        sought = arrives(store, cast.table_link, kind="compliment", person_note="tall man at till 4")
        with store.write() as session:
            session.get_one(Case, case).handler_id = cast.hans
            session.add(Absence(id=ABSENCE, person_id=cast.maria, from_on=LONG_AGO, until_on=LONG_FROM_NOW))
            said = {"person_id": cast.maria, "part": "mails", "said": "Not mine", "at": BEGINNING}
            session.add(Challenge(id=CHALLENGE, **said))
            wall = walls.make(session, viewer(store, cast.berta), cast.kitchen, "Staff room", "en", BEGINNING, SECRET)
            assert wall is not None
            rule = RuleRow(id=RULE, position=1, made_at=BEGINNING)
            rule.put(Rule((Condition(About.WORDS, ("refund",)),), (Action(Does.GRADE, "3"),)))
            session.add(rule)
            session.add(ReplyTemplate(id=REPLY, name="Thanks", says="replied"))
            session.flush()
            session.add(ReplyText(template_id=REPLY, language="en", text="Thank you, {customer}"))
            letter = session.scalars(select(Praise.id).where(Praise.submission_id == held)).one()
            delivered = session.scalars(select(Praise.id).where(Praise.submission_id == kind)).one()
            other = session.scalars(select(Praise.id).where(Praise.submission_id == sought)).one()
        survey = published(store, cast, key="berta", department_id=cast.kitchen)
        poll = published(store, cast, POLL, is_poll=True)
        self.names = {
            "survey": survey.id,
            "poll": poll.code,
            "case": case,
            "photo": photo,
            "held": letter,
            "sought": other,
            "letter": delivered,
            "link": cast.link_ids["maria"],
            "code": cast.maria_link,
            "maria": cast.maria,
            "dept": cast.kitchen,
            "rule": RULE,
            "reply": REPLY,
            "absence": ABSENCE,
            "challenge": CHALLENGE,
            "wall": wall.id,
            "token": walls.token_of(wall, SECRET),
        }
        self.at_work: dict[str, FlaskClient] = {}
        self.tokens: dict[str, dict[str, str]] = {}
        self.receipts = {key: send(app.test_client(), cast.table_link, kind="compliment") for key in CUSTOMERS[1:]}

    def browser(self, visitor: str) -> FlaskClient:
        """The browser of that visitor; a customer's is a fresh one each time."""
        if visitor in STAFF:
            if visitor not in self.at_work:
                self.at_work[visitor] = at_work(self.app, self.cast, visitor)
            return self.at_work[visitor]
        browser = self.app.test_client()
        if visitor in self.receipts:
            name, _, value = self.receipts[visitor].headers["Set-Cookie"].partition(";")[0].partition("=")
            browser.set_cookie(name, value, path="/thanks")
        return browser

    def ask(self, visitor: str, row: Row) -> TestResponse:
        """The answer to that row's request, with the token that a form would have carried."""
        browser, address = self.browser(visitor), row.address.format(**self.names)
        if row.address == "/sign-out":
            self.at_work.pop(visitor, None)
            self.tokens.pop(visitor, None)
        if row.method == "GET":
            return browser.get(address, buffered=True)
        token = self.tokens.get(visitor) or field_values(browser.get("/sign-in/unknown").text, "/sign-in/unknown")
        if visitor in STAFF and row.address != "/sign-out":
            self.tokens[visitor] = token  # it holds as long as they are signed in
        fields = {name: value.format(**self.names) for name, value in row.fields.items()}
        return browser.post(address, data=token | fields)


@pytest.fixture
def town(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr(accounts, "check_password_hash", lambda kept, typed: False)  # nine times hashing is slow
    return Town(app, cast)


def told(answer: TestResponse) -> str:
    """The status, or "door" where the way leads to signing in; after asking for a page, back to it."""
    return (
        "door"
        if answer.headers.get("Location", "").startswith(DOOR[answer.request.method])
        else str(answer.status_code)
    )


def test_every_visitor_gets_what_the_grid_says(town: Town, store: Store) -> None:
    """On PostgreSQL the addresses whose answer hangs on whose a thing in the store is, and on SQLite all."""
    wrong = [
        f"{visitor}: {row.method} {row.address} answers {found}, not {expected}"
        for row in rows()
        if store.is_sqlite or row.address.startswith(OWNED)
        for visitor, expected in row.expected.items()
        if (found := told(town.ask(visitor, row))) != expected
    ]
    assert not wrong, "\n".join(wrong)


@ON_ONE_STORE
def test_every_route_has_a_row_and_every_row_a_route(town: Town) -> None:
    table = town.app.url_map.bind("localhost")
    paths = [(row.method, row.address.format(**town.names).partition("?")[0]) for row in rows()]
    in_grid = {(method, table.match(path, method)[0]) for method, path in paths}
    routes = {
        (method, rule.endpoint)
        for rule in town.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert in_grid == routes


def test_every_route_says_whom_it_is_for(app: Flask) -> None:
    silent = {name for name, view in app.view_functions.items() if not getattr(view, "needs", None)}
    assert silent == {"static"}


def test_a_route_that_says_nothing_is_closed(app: Flask, cast: Cast) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    assert app.test_client().get("/forgotten").status_code == 303
    for visitor in STAFF:
        assert at_work(app, cast, visitor).get("/forgotten").status_code == 404


@ON_ONE_STORE
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_asking_about_an_address_tells_no_more_than_asking_for_it(town: Town, method: str) -> None:
    for row in rows():
        for visitor in ("nobody", "maria", "paula", "berta"):
            if row.method == "GET" and row.address.startswith(CLOSED):
                answer = town.browser(visitor).open(row.address.format(**town.names), method=method)
                closed = row.expected[visitor] in ("door", "404")
                assert method == "OPTIONS" or told(answer) == row.expected[visitor], (visitor, row.address)
                assert not (method == "OPTIONS" and closed and visitor == "nobody") or told(answer) == "door"


@ON_ONE_STORE
@pytest.mark.parametrize("visitor", STAFF)
def test_what_one_may_not_see_looks_like_what_is_not_there(town: Town, visitor: str) -> None:
    reference = page(town.browser(visitor).get("/cases/12345"))
    assert reference[0] == 404
    for row in rows():
        if row.expected[visitor] == "404" and row.address.startswith(CLOSED):
            assert page(town.ask(visitor, row)) == reference, row.address


def test_it_looks_so_in_every_language(town: Town) -> None:
    """Whichever the browser before it spoke on the same thread."""
    maria, karim = town.browser("maria"), town.browser("karim")
    maria.get("/praise?lang=qps")
    missing = page(maria.get("/cases/12345"))
    karim.get("/praise?lang=en")
    assert page(maria.get("/links")) == missing
    assert page(karim.get("/links")) == page(karim.get("/cases/12345")) != missing


def page(answer: TestResponse) -> tuple[int, str, dict[str, str]]:
    """An answer without what is random in it or repeats the question."""
    headers = {name: value for name, value in answer.headers.items() if name not in ("Set-Cookie", "Content-Length")}
    return answer.status_code, RANDOM.sub("", answer.text), headers


def test_the_door_leads_back_to_where_one_wanted_to_go(town: Town) -> None:
    answer = town.browser("nobody").get("/cases?q=soup&status=received")
    assert answer.headers["Location"] == "/sign-in?next=/cases?q%3Dsoup%26status%3Dreceived"


def test_a_receipt_opens_its_own_words_only(town: Town) -> None:
    codes = {}
    for visitor in ("holder", "other"):
        shown = town.browser(visitor).get("/thanks").text
        codes[visitor] = re.findall(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}", shown)[0]
    assert codes["holder"] != codes["other"]
    for visitor in CUSTOMERS:
        shown = town.browser(visitor).get("/thanks").text
        assert [key for key, code in codes.items() if code in shown] == [key for key in codes if key == visitor]


def test_a_receipt_is_no_way_in_for_staff(town: Town) -> None:
    browser = town.browser("holder")
    with browser.session_transaction() as cookie:
        cookie["token"] = "x" * 43
    assert told(browser.get("/praise")) == "door"
