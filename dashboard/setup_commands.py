"""The first set-up: what an administrator of the whole site confirms, and the site's name."""

from functools import partial

from core.storage import site_setup
from core.storage.site_setup import SetupStep
from dashboard.record_commands import require_whole_site
from dashboard.writes import write


def confirm_step(step: SetupStep) -> None:
    actor = require_whole_site().username
    write(lambda session, now: site_setup.confirm(session, step, actor=actor, now=now))


def put_away() -> None:
    actor = require_whole_site().username
    write(lambda session, now: site_setup.dismiss(session, actor=actor, now=now))


def rename_site(name: str) -> None:
    """Raises GspeError, code `site_name_invalid`."""
    actor = require_whole_site().username
    rename = partial(site_setup.rename_site, name=name, actor=actor)
    write(lambda session, now: rename(session, now=now))
