"""Sessions begin, are seen, end from here or there, and are forgotten."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from core.domain.states import Role
from core.storage import audit, user_sessions
from core.storage.engine import writer_engine
from core.storage.models import AuditLog, User, UserSession
from core.storage.user_sessions import FORGOTTEN_AFTER, LASTS, SEEN_EVERY, Client, hash_of
from core.storage.users import NewAccount, add_account, set_active, set_password
from tests.fresh import fresh_site

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PHONE = Client("Chrome 128, Android", "192.0.2.23")
T = TypeVar("T")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    paths = fresh_site(tmp_path)
    opened = writer_engine(paths.database)
    yield opened
    opened.dispose()


def write(engine: Engine, work: Callable[[Session], T]) -> T:
    with Session(engine, expire_on_commit=False) as session, session.begin():
        return work(session)


@pytest.fixture
def budi(engine: Engine) -> int:
    write(engine, lambda session: add_account(session, NewAccount("root", "x", Role.ADMIN), NOW, "test"))
    return write(
        engine, lambda session: add_account(session, NewAccount("budi", "x", Role.HR), NOW, "test").id
    )


def begin(engine: Engine, user_id: int, key: str, at: datetime = NOW) -> int:
    write(engine, lambda session: user_sessions.begin(session, user_id, key, PHONE, at))
    with Session(engine) as session:
        found = session.scalar(select(UserSession.id).where(UserSession.key_sha256 == hash_of(key)))
    assert found is not None
    return found


def who(engine: Engine, key: str, at: datetime = NOW, epoch: int = 0) -> str | None:
    with Session(engine) as session:
        found = user_sessions.find(session, hash_of(key), epoch, at)
    return found and found.username


def told(engine: Engine) -> tuple[str, str, dict]:
    with Session(engine) as session:
        assert audit.verify(session) is None
        row = session.scalars(select(AuditLog).order_by(AuditLog.id.desc()).limit(1)).one()
        return row.actor, row.action, row.params


@pytest.mark.parametrize(
    ("key", "after", "epoch", "found"),
    [
        ("a", timedelta(), 0, "budi"),
        ("a", LASTS - timedelta(seconds=1), 0, "budi"),
        ("a", LASTS, 0, None),
        ("a", timedelta(), 1, None),
        ("b", timedelta(), 0, None),
    ],
)
def test_a_key_opens_its_session_while_it_lasts(
    engine: Engine, budi: int, key: str, after: timedelta, epoch: int, found: str | None
) -> None:
    begin(engine, budi, "a")
    assert who(engine, key, NOW + after, epoch) == found


def test_one_is_ended_from_elsewhere_and_the_trail_says_which(engine: Engine, budi: int) -> None:
    ended = begin(engine, budi, "a")
    begin(engine, budi, "b")
    assert write(engine, lambda session: user_sessions.end(session, ended, actor="root", now=NOW))
    params = {"username": "budi", "browser": PHONE.browser, "address": PHONE.address}
    assert told(engine) == ("root", "user.session_ended", params)
    assert (who(engine, "a"), who(engine, "b")) == (None, "budi")
    assert not write(engine, lambda session: user_sessions.end(session, ended, actor="root", now=NOW))


def test_signing_out_is_told_once(engine: Engine, budi: int) -> None:
    begin(engine, budi, "a")
    assert write(engine, lambda session: user_sessions.sign_out(session, hash_of("a"), NOW))
    assert told(engine) == ("budi", "user.signed_out", {})
    assert not write(engine, lambda session: user_sessions.sign_out(session, hash_of("a"), NOW))
    assert who(engine, "a") is None


@pytest.mark.parametrize(
    "deed",
    [
        lambda session, user_id: user_sessions.end_all(session, user_id, actor="root", now=NOW),
        lambda session, _: set_password(session, "budi", "y", NOW, "root", must_change=True),
        lambda session, _: set_active(session, "budi", False, NOW, "root"),
    ],
    ids=["signed out everywhere", "another password", "disabled"],
)
def test_what_ends_all_sessions_empties_the_list(
    engine: Engine, budi: int, deed: Callable[[Session, int], object]
) -> None:
    for key in "ab":
        begin(engine, budi, key)
    write(engine, lambda session: deed(session, budi))
    with Session(engine) as session:
        assert user_sessions.open_sessions_of(session, budi, NOW) == []
        assert session.get_one(User, budi).session_epoch == 1
        assert set(session.scalars(select(UserSession.ended_by))) == {"root"}


def test_use_is_noted_to_five_minutes(engine: Engine, budi: int) -> None:
    session_id = begin(engine, budi, "a")
    for after, noted in ((SEEN_EVERY / 2, NOW), (SEEN_EVERY, NOW + SEEN_EVERY)):
        at = NOW + after
        write(engine, lambda session, at=at: user_sessions.note_seen(session, session_id, at))
        with Session(engine) as session:
            (row,) = user_sessions.open_sessions(session, NOW)
        assert row.last_seen_at == noted


def test_browsers_of_long_ago_are_forgotten(engine: Engine, budi: int) -> None:
    begin(engine, budi, "old", NOW - FORGOTTEN_AFTER - timedelta(days=1))
    begin(engine, budi, "recent", NOW - timedelta(days=2))
    begin(engine, budi, "now")
    with Session(engine) as session:
        assert session.scalar(select(func.count(UserSession.id))) == 2


def test_what_a_browser_says_is_cut(engine: Engine, budi: int) -> None:
    write(engine, lambda session: user_sessions.begin(session, budi, "a", Client("x" * 500, "y" * 500), NOW))
    with Session(engine) as session:
        (row,) = user_sessions.open_sessions(session, NOW)
    assert (len(row.browser), len(row.address)) == (60, 45)
