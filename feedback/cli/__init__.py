"""The commands of `flask --app wsgi`: what an operator or a script asks for; the work is done further down."""

from flask import Flask

from feedback.cli.keeping import backup, restore
from feedback.cli.linking import link, print_posters
from feedback.cli.serving import serve
from feedback.cli.setting_up import create_admin, demo, init, sign_in_link
from feedback.cli.taking_in import take_in
from feedback.cli.upkeep import doctor, jobs, worker

COMMANDS = (
    init,
    demo,
    create_admin,
    sign_in_link,
    link,
    print_posters,
    take_in,
    worker,
    jobs,
    backup,
    restore,
    doctor,
    serve,
)


def register(app: Flask) -> None:
    """Give `app` its commands."""
    for command in COMMANDS:
        app.cli.add_command(command)
