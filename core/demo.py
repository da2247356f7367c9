"""The end of the demo: the site starts empty, with the accounts that were made while it ran."""

from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.storage.engine import reader_engine, writer_engine
from core.storage.files import write_atomically
from core.storage.migrate import migrate
from core.storage.models import User, UserSession

COOKIE_SECRET = "cookie.secret"
"""With it, and with their sessions, the cookies of this moment stay valid."""


def end_demo(demo: SitePaths, site: SitePaths) -> None:
    """Makes the site's database and gives it the demo's accounts; of people and facts it takes nothing.

    May be repeated: a site that has accounts or a secret of its own keeps them. Raises StorageError.
    """
    migrate(site)
    source, target = reader_engine(demo.database), writer_engine(site.database)
    try:
        _copy_accounts(source, target)
    finally:
        source.dispose()
        target.dispose()
    secret = demo.run / COOKIE_SECRET
    if secret.exists() and not (site.run / COOKIE_SECRET).exists():
        write_atomically(site.run / COOKIE_SECRET, secret.read_bytes())


def _copy_accounts(source: Engine, target: Engine) -> None:
    """Cookies name an account by its id, so the ids stay. Who signed out of the demo stays signed out."""
    with Session(source) as demo:
        rows = {
            table: [dict(row._mapping) for row in demo.execute(select(*table.__table__.columns))]
            for table in (User, UserSession)
        }
    with Session(target) as site, site.begin():
        if site.execute(select(User.id).limit(1)).first() is not None:
            return
        for table, found in rows.items():
            if found:
                site.execute(insert(table), found)
