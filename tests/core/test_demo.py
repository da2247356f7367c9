"""Ending the demo: accounts go over to the site, people and facts do not."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core.demo import end_demo
from core.paths import SitePaths
from core.storage.engine import reader_engine, writer_engine
from core.storage.migrate import migrate
from core.storage.models import Employee, Site, User, UserSession

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def add_user(paths: SitePaths, username: str, user_id: int) -> None:
    engine = writer_engine(paths.database)
    with Session(engine) as session, session.begin():
        session.add(
            User(
                id=user_id,
                username=username,
                password_hash="hash",
                role="admin",
                departments=["A"],
                created_at=NOW,
            )
        )
    engine.dispose()


def rows(paths: SitePaths, *columns):
    engine = reader_engine(paths.database)
    with Session(engine) as session:
        found = [tuple(row) for row in session.execute(select(*columns))]
    engine.dispose()
    return found


@pytest.fixture
def demo(tmp_path) -> SitePaths:
    paths = SitePaths(tmp_path / "demo")
    migrate(paths)
    add_user(paths, "admin", 7)
    engine = writer_engine(paths.database)
    with Session(engine) as session, session.begin():
        session.execute(
            insert(Employee).values(code="DEMO-01", name="Demo", active=True, created_at=NOW, updated_at=NOW)
        )
        for key, ended_at in (("open", None), ("ended", NOW)):
            values = {"user_id": 7, "key_sha256": key, "browser": "", "address": "", "ended_at": ended_at}
            session.execute(insert(UserSession).values(started_at=NOW, last_seen_at=NOW, **values))
    engine.dispose()
    (paths.run / "cookie.secret").write_text("secret of the demo")
    return paths


@pytest.fixture
def site(tmp_path) -> SitePaths:
    return SitePaths(tmp_path / "site")


def test_the_site_has_the_accounts_with_their_ids_and_no_people(demo, site):
    end_demo(demo, site)
    assert rows(site, User.id, User.username, User.password_hash, User.departments, User.created_at) == [
        (7, "admin", "hash", ["A"], NOW)
    ]
    assert rows(site, func.count(Employee.id)) == [(0,)]


def test_who_is_signed_in_stays_so_and_who_signed_out_too(demo, site):
    end_demo(demo, site)
    assert (site.run / "cookie.secret").read_text() == "secret of the demo"
    assert (site.run / "cookie.secret").stat().st_mode & 0o777 == 0o600
    assert rows(site, UserSession.user_id, UserSession.key_sha256, UserSession.ended_at) == [
        (7, "open", None),
        (7, "ended", NOW),
    ]


def test_the_site_keeps_an_identity_of_its_own(demo, site):
    end_demo(demo, site)
    assert rows(site, Site.site_id) != rows(demo, Site.site_id)


def test_repeating_it_changes_nothing(demo, site):
    end_demo(demo, site)
    add_user(demo, "late", 8)
    end_demo(demo, site)
    assert rows(site, User.username) == [("admin",)]


def test_a_site_with_accounts_and_a_secret_keeps_them(demo, site):
    migrate(site)
    add_user(site, "owner", 1)
    (site.run / "cookie.secret").write_text("secret of the site")
    end_demo(demo, site)
    assert rows(site, User.username) == [("owner",)]
    assert (site.run / "cookie.secret").read_text() == "secret of the site"
    assert rows(site, UserSession.id) == []
