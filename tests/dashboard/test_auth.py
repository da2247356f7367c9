"""A cookie stands for an account only as long as signature, age, epoch, session and account allow it."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import streamlit as st
from itsdangerous import TimestampSigner
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.domain.states import Role
from core.errors import AccessDenied
from core.storage.home_secret import home_secret
from core.storage.models import User, UserSession
from core.storage.user_sessions import Client
from dashboard import auth
from tests.core.storage.no_room import files_end_at
from tests.seed import Seed

NOW_S = int(datetime(2026, 11, 23, 8, tzinfo=UTC).timestamp())


@pytest.fixture
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seed:
    monkeypatch.setenv("GSPE_HOME", str(tmp_path))
    return Seed(tmp_path)


def issued_at(monkeypatch: pytest.MonkeyPatch, at_s: int) -> None:
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _signer: at_s)


def change(seed: Seed, user_id: int, **values: object) -> None:
    with seed.engine.begin() as connection:
        connection.execute(update(User).where(User.id == user_id).values(**values))


def test_a_fresh_cookie_stands_for_its_account(seed: Seed) -> None:
    user_id = seed.user("budi", Role.HR, ("Gudang",), "id")
    account = auth.account_of(auth.issue_session(user_id, 0))
    assert account == auth.Account(user_id, "budi", Role.HR, ("Gudang",), "id", must_change_password=False)


@pytest.mark.parametrize("cookie", [None, "", "x", "WzEsMCwieCJd.abc.def"])
def test_what_we_did_not_sign_stands_for_nobody(seed: Seed, cookie: str | None) -> None:
    seed.user("budi", Role.HR)
    assert auth.account_of(cookie) is None


def test_one_changed_letter_breaks_the_signature(seed: Seed) -> None:
    cookie = auth.issue_session(seed.user("budi", Role.HR), 0)
    changed = cookie[:-2] + ("A" if cookie[-2] != "A" else "B") + cookie[-1]
    assert auth.account_of(changed) is None


def test_a_token_for_forms_is_no_session(seed: Seed) -> None:
    seed.user("budi", Role.HR)
    assert auth.account_of(auth.new_csrf_token()) is None


@pytest.mark.parametrize(("age_s", "valid"), [(0, True), (12 * 3600, True), (12 * 3600 + 1, False)])
def test_a_session_ends_after_twelve_hours(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, age_s: int, valid: bool
) -> None:
    user_id = seed.user("budi", Role.HR)
    issued_at(monkeypatch, NOW_S)
    cookie = auth.issue_session(user_id, 0)
    issued_at(monkeypatch, NOW_S + age_s)
    assert (auth.account_of(cookie) is not None) == valid


@pytest.mark.parametrize("values", [{"active": False}, {"session_epoch": 1}])
def test_a_disabled_account_or_a_later_epoch_ends_it_at_once(seed: Seed, values: dict[str, object]) -> None:
    user_id = seed.user("budi", Role.HR)
    cookie = auth.issue_session(user_id, 0)
    assert auth.account_of(cookie) is not None
    change(seed, user_id, **values)
    assert auth.account_of(cookie) is None


def test_signing_out_ends_this_session_only_also_after_a_restart(seed: Seed) -> None:
    user_id = seed.user("budi", Role.HR)
    here, elsewhere = auth.issue_session(user_id, 0), auth.issue_session(user_id, 0)
    auth.end_session(here)
    auth._ended_unstored.clear()
    assert auth.account_of(here) is None
    assert auth.account_of(elsewhere) is not None


def test_signing_out_without_a_session_changes_nothing(seed: Seed) -> None:
    auth.end_session("forged")
    assert sessions(seed) == []


def sessions(seed: Seed) -> list[UserSession]:
    with Session(seed.engine) as session:
        return list(session.scalars(select(UserSession).order_by(UserSession.id)))


def test_the_database_knows_only_the_keys_hash(seed: Seed) -> None:
    cookie = auth.issue_session(seed.user("budi", Role.HR), 0, Client("Firefox 128, Linux", "192.0.2.7"))
    (row,) = sessions(seed)
    assert (row.browser, row.address) == ("Firefox 128, Linux", "192.0.2.7")
    assert row.key_sha256 == auth.session_key(cookie)
    key = auth._session_of(cookie)[2]
    assert key.encode() not in seed.paths.database.read_bytes()


def test_a_session_that_the_database_does_not_know_is_over(seed: Seed) -> None:
    """As after an older backup was restored, or with a cookie of an earlier release."""
    cookie = auth.issue_session(seed.user("budi", Role.HR), 0)
    with seed.engine.begin() as connection:
        connection.execute(delete(UserSession))
    assert auth.account_of(cookie) is None


def test_when_a_session_was_used_is_noted_every_five_minutes(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_at_page_with(monkeypatch, auth.issue_session(seed.user("budi", Role.HR), 0))
    long_ago = datetime.now(UTC) - timedelta(minutes=6)
    for before, is_noted in ((long_ago, True), (long_ago + timedelta(minutes=2), False)):
        auth._seen_tried_at.clear()
        with seed.engine.begin() as connection:
            connection.execute(update(UserSession).values(last_seen_at=before))
        assert auth.current_account() is not None
        assert (sessions(seed)[0].last_seen_at != before) == is_noted


def test_a_database_that_takes_nothing_keeps_nobody_from_his_page(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    look_at_page_with(monkeypatch, auth.issue_session(seed.user("budi", Role.HR), 0))
    auth._seen_tried_at.clear()
    with seed.engine.begin() as connection:
        connection.execute(update(UserSession).values(last_seen_at=seed.now - timedelta(hours=1)))
    with files_end_at(0):
        for _refresh in range(3):
            assert auth.current_account() is not None
    assert caplog.text.count("could not be noted") == 1, "it is not tried with every refresh"


@pytest.mark.parametrize("role", Role)
def test_each_role_may_what_the_ones_before_it_may(role: Role) -> None:
    account = auth.Account(1, "budi", role, (), "en", must_change_password=False)
    ranks = list(Role)
    assert [account.may(other) for other in ranks] == [ranks.index(role) >= n for n in range(len(ranks))]


def test_the_secret_is_made_once_and_for_the_owner_only(seed: Seed) -> None:
    auth.new_csrf_token()
    secret = seed.paths.run / "cookie.secret"
    first = secret.read_text()
    home_secret.cache_clear()
    auth.new_csrf_token()
    assert secret.read_text() == first
    assert len(first) > 40
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def look_at_page_with(monkeypatch: pytest.MonkeyPatch, cookie: str) -> None:
    cookies = {auth.SESSION_COOKIE: cookie}
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _context: cookies))


@pytest.mark.parametrize(
    ("role", "must_change", "code"),
    [
        (Role.HR, False, None),
        (Role.ADMIN, False, None),
        (Role.SUPERVISOR, False, "role_too_low"),
        (Role.ADMIN, True, "not_signed_in"),
    ],
)
def test_every_change_asks_for_the_role_again(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, role: Role, must_change: bool, code: str | None
) -> None:
    user_id = seed.user("budi", role)
    change(seed, user_id, must_change_password=must_change)
    look_at_page_with(monkeypatch, auth.issue_session(user_id, 0))
    if code is None:
        assert auth.require(Role.HR).username == "budi"
        return
    with pytest.raises(AccessDenied) as refused:
        auth.require(Role.HR)
    assert refused.value.code == code


def test_nobody_signed_in_may_change_nothing(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    look_at_page_with(monkeypatch, "")
    with pytest.raises(AccessDenied) as refused:
        auth.require(Role.VIEWER)
    assert refused.value.code == "not_signed_in"


def test_a_form_must_repeat_the_browsers_own_token(seed: Seed) -> None:
    mine, other = auth.new_csrf_token(), auth.new_csrf_token()
    assert auth.csrf_matches(mine, mine)
    for cookie, field in ((mine, other), (mine, None), (None, mine), ("x", "x"), ("", ""), ("é", mine)):
        assert not auth.csrf_matches(cookie, field)
