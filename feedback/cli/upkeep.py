"""Commands that keep an installation going: delivering notices, the jobs of a cron, a look at its health."""

import signal
import threading

import click
from flask.cli import with_appcontext

from feedback import clock, migrations, web
from feedback.cli.errand import Errand, Trouble, house, with_known_address
from feedback.core import cases, files, promptness, retention, unfinished
from feedback.core import doctor as doctors
from feedback.core.imports.lists import Waiting
from feedback.core.surveys import counting
from feedback.core.surveys import keeping as surveys
from feedback.outbound import worker as outbox


@click.command(cls=Errand)
@click.option("--once", is_flag=True, help="Deliver what is due now, then end.")
@with_appcontext
def worker(once: bool) -> None:
    """Deliver notices as they become due, until told to stop."""
    here = house()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if not here.settings.smtp_url:
        click.echo("No mail server is set (FIRSTHAND_SMTP_URL): notices stay in the application.", err=True)
    sent = outbox.run(here.store, here.settings, once=once, stop=stop)
    if once:
        click.echo(f"sent {sent}")


@click.command(cls=Errand)
@with_appcontext
def jobs() -> None:
    """Do what the calendar asks for; a cron calls it once an hour."""
    here = house()
    Waiting(here.settings.data_dir).forget(clock.now())
    with here.store.write() as session:
        cleared = retention.tidy(session, clock.now())
        surveys.close_past(session, clock.now())
        files.tidy(session, here.settings.data_dir, clock.now())
        while cases.watch(session, clock.now(), mails=bool(here.settings.smtp_url)):
            pass
    outbox.let_lapse(here.store, mails=bool(here.settings.smtp_url))
    outbox.index_words(here.store)
    unfinished.take_in(here.store, clock.now(), secret=here.settings.secret_key)
    counting.count_all(here.store, clock.now())
    promptness.recount(here.store, clock.now())
    click.echo(f"cleared {cleared} expired sign-ins")


@click.command(cls=Errand)
@with_appcontext
def doctor() -> None:
    """Look at the installation and say what needs a hand."""
    here = with_known_address(web.house())
    findings = doctors.findings(here.store, here.settings, clock.now(), is_newest=migrations.is_newest(here.store))
    for finding in findings:
        click.echo(f"{'ok  ' if finding.is_ok else 'look'}  {finding.name}: {finding.text}")
    wrong = [finding.name for finding in findings if not finding.is_ok]
    if wrong:
        raise Trouble(f"needs a look: {', '.join(wrong)}")
