"""The end of the demo: the site starts empty, with the accounts that were made while it ran."""

from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.storage.engine import reader_engine, writer_engine
from core.storage.files import write_atomically
from core.storage.migrate import migrate
from core.storage.models import User

SIGN_IN_FILES = ("cookie.secret", "ended_sessions")
"""With the secret the cookies of this moment stay valid, with the other those that were ended stay ended."""


def end_demo(demo: SitePaths, site: SitePaths) -> None:
    """Makes the site's database and gives it the demo's accounts; of people and facts it takes nothing.

    May be repeated: a site that has accounts or a secret of its own keeps them. Raises StorageError.
    """
    migrate(site)
    source, target = reader_engine(demo.database), writer_engine(site.database)
    try:
        _copy_users(source, target)
    finally:
        source.dispose()
        target.dispose()
    if not (site.run / SIGN_IN_FILES[0]).exists():
        for name in reversed(SIGN_IN_FILES):  # the secret last, so that it is the mark of completeness
            if (demo.run / name).exists():
                write_atomically(site.run / name, (demo.run / name).read_bytes())


def _copy_users(source: Engine, target: Engine) -> None:
    """Cookies name an account by its id, so the ids stay."""
    columns = User.__table__.columns
    with Session(source) as demo:
        rows = [dict(row._mapping) for row in demo.execute(select(*columns))]
    with Session(target) as site, site.begin():
        if rows and site.execute(select(User.id).limit(1)).first() is None:
            site.execute(insert(User), rows)
