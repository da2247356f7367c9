from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from core.domain.states import Role
from core.errors import AccountError
from core.storage import audit
from core.storage.engine import writer_engine
from core.storage.lockout import FIRST_LOCK_S, FREE_FAILURES, LONGEST_LOCK_S, Failures, lock_seconds
from core.storage.models import AuditLog, User
from core.storage.passwords import MAX_LENGTH, MIN_LENGTH, generate_password, hash_password, password_matches
from core.storage.users import (
    MOST_NOTED_AN_HOUR,
    AccountChange,
    KnownDevice,
    NewAccount,
    SignInOutcome,
    add_account,
    change_account,
    list_accounts,
    locked_until,
    normal_username,
    set_active,
    set_password,
    sign_in,
    unlock,
)
from tests.fresh import fresh_site

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PASSWORD = "a long sentence"
HASH = hash_password(PASSWORD, "budi")
ACTOR = "system:test"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    paths = fresh_site(tmp_path)
    opened = writer_engine(paths.database)
    yield opened
    opened.dispose()


@pytest.fixture
def budi(engine: Engine) -> str:
    write(engine, lambda session: add_account(session, NewAccount("Budi", HASH, Role.HR), NOW, ACTOR))
    return "budi"


def write(engine: Engine, work: Callable[[Session], object]) -> None:
    with Session(engine) as session, session.begin():
        work(session)


def user(engine: Engine, name: str = "budi") -> User:
    with Session(engine, expire_on_commit=False) as session:
        return session.scalars(select(User).where(User.username == name)).one()


def actions(engine: Engine) -> list[str]:
    with Session(engine) as session:
        assert audit.verify(session) is None
        return list(session.scalars(select(AuditLog.action).order_by(AuditLog.id)))


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("x" * (MIN_LENGTH - 1), "password_too_short"),
        ("", "password_too_short"),
        ("abcdefgh" * 20, "password_too_long"),
        ("aaaaaaaaaaaa", "password_too_easy"),
        ("abababababab", "password_too_easy"),
        ("my name is BUDI", "password_too_easy"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str, code: str) -> None:
    with pytest.raises(AccountError) as refused:
        hash_password(password, "budi")
    assert refused.value.code == code
    assert not password or password not in str(refused.value)


@pytest.mark.parametrize("password", ["kata sandi saya", "パスワードは長いです、ね", "Zq" + "1!x" * 42])
def test_a_long_password_of_any_kind_is_kept(password: str) -> None:
    kept = hash_password(password, "budi")
    assert len(password) <= MAX_LENGTH
    assert kept.startswith("$argon2id$")
    assert password_matches(kept, password)
    assert not password_matches(kept, password + "x")


def test_generated_passwords_differ_and_are_allowed() -> None:
    made = {generate_password() for _ in range(200)}
    assert len(made) == 200
    hash_password(made.pop(), "admin")


@pytest.mark.parametrize("name", ["", "x", "two words", "x" * 65, "a/b", "a\nb"])
def test_a_user_name_that_cannot_be_typed_is_refused(name: str) -> None:
    with pytest.raises(AccountError, match="user name"):
        normal_username(name)


def test_user_names_are_compared_without_case(engine: Engine, budi: str) -> None:
    with pytest.raises(AccountError) as refused:
        write(engine, lambda session: add_account(session, NewAccount(" BUDI ", HASH, Role.HR), NOW, ACTOR))
    assert refused.value.code == "username_taken"
    assert sign_in(engine, " BuDi ", PASSWORD, NOW).outcome == SignInOutcome.ACCEPTED


def test_a_new_account_must_change_its_password(engine: Engine, budi: str) -> None:
    account = user(engine)
    assert (account.must_change_password, account.role, account.departments) == (True, Role.HR, [])
    with Session(engine) as session:
        assert [found.username for found in list_accounts(session)] == ["budi"]


def test_a_hash_of_another_cost_is_made_anew_when_its_owner_signs_in(engine: Engine, budi: str) -> None:
    dear = PasswordHasher(time_cost=2, memory_cost=8_192, parallelism=4).hash(PASSWORD)
    write(engine, lambda session: session.execute(update(User).values(password_hash=dear)))
    assert sign_in(engine, budi, "another sentence", NOW).outcome == SignInOutcome.REFUSED
    assert user(engine).password_hash == dear
    accepted = sign_in(engine, budi, PASSWORD, NOW)
    assert (accepted.outcome, accepted.session_epoch) == (SignInOutcome.ACCEPTED, 0)
    kept = user(engine).password_hash
    assert extract_parameters(kept) == extract_parameters(HASH)
    assert sign_in(engine, budi, PASSWORD, NOW).outcome == SignInOutcome.ACCEPTED
    assert user(engine).password_hash == kept


def test_signing_in_tells_account_and_epoch(engine: Engine, budi: str) -> None:
    accepted = sign_in(engine, budi, PASSWORD, NOW)
    assert (accepted.user_id, accepted.session_epoch) == (user(engine).id, 0)
    assert user(engine).last_sign_in_at == NOW
    assert actions(engine) == ["user.added", "user.signed_in"]


@pytest.mark.parametrize(("name", "password"), [("budi", "a wrong one"), ("nobody", PASSWORD), ("", "")])
def test_wrong_name_and_wrong_password_get_the_same_answer(
    engine: Engine, budi: str, name: str, password: str
) -> None:
    refused = sign_in(engine, name, password, NOW)
    assert (refused.outcome, refused.user_id, refused.locked_until) == (SignInOutcome.REFUSED, None, None)


def fail(engine: Engine, times: int, at: datetime = NOW) -> SignInOutcome:
    return [sign_in(engine, "budi", "a wrong one", at).outcome for _ in range(times)][-1]


def test_wrong_passwords_lock_the_account_for_a_while(engine: Engine, budi: str) -> None:
    assert fail(engine, FREE_FAILURES - 1) == SignInOutcome.REFUSED
    assert fail(engine, 1) == SignInOutcome.LOCKED
    locked = sign_in(engine, budi, PASSWORD, NOW + timedelta(seconds=FIRST_LOCK_S - 1))
    assert (locked.outcome, locked.locked_until) == (
        SignInOutcome.LOCKED,
        NOW + timedelta(seconds=FIRST_LOCK_S),
    )
    later = NOW + timedelta(seconds=FIRST_LOCK_S)
    assert sign_in(engine, budi, PASSWORD, later).outcome == SignInOutcome.ACCEPTED
    assert user(engine).failed_sign_ins == 0
    assert fail(engine, FREE_FAILURES - 1, later) == SignInOutcome.REFUSED


def test_guessing_during_the_lock_does_not_lengthen_it(engine: Engine, budi: str) -> None:
    fail(engine, FREE_FAILURES)
    until = user(engine).locked_until
    fail(engine, 3, NOW + timedelta(seconds=1))
    assert user(engine).locked_until == until


@pytest.mark.parametrize("disabled", [False, True])
def test_a_name_that_is_no_account_locks_as_one_that_is(engine: Engine, budi: str, disabled: bool) -> None:
    if disabled:
        write(engine, lambda session: set_active(session, "budi", False, NOW, ACTOR))
    name = "budi" if disabled else "nobody"

    def answers() -> list[tuple[SignInOutcome, datetime | None]]:
        moments = [NOW] * (FREE_FAILURES + 1) + [NOW + timedelta(seconds=FIRST_LOCK_S)] * 2
        found = [sign_in(engine, name, "a wrong one", at) for at in moments]
        return [(answer.outcome, answer.locked_until) for answer in found]

    of_nobody = answers()
    name = "citra"
    write(engine, lambda session: add_account(session, NewAccount("citra", HASH, Role.HR), NOW, ACTOR))
    assert of_nobody == answers()
    assert of_nobody[-1][0] == SignInOutcome.LOCKED


def test_who_guesses_elsewhere_keeps_nobody_out_of_his_own_device(engine: Engine, budi: str) -> None:
    own, of_another = KnownDevice(user(engine).id, "laptop"), KnownDevice(user(engine).id + 1, "laptop 2")
    fail(engine, FREE_FAILURES)
    until = user(engine).locked_until

    assert sign_in(engine, budi, PASSWORD, NOW, of_another).outcome == SignInOutcome.LOCKED
    assert sign_in(engine, budi, PASSWORD, NOW, own).outcome == SignInOutcome.ACCEPTED
    assert user(engine).locked_until == until, "the lock holds for those elsewhere"
    assert sign_in(engine, budi, PASSWORD, NOW).outcome == SignInOutcome.LOCKED


def test_a_known_device_has_its_own_count(engine: Engine, budi: str) -> None:
    device = KnownDevice(user(engine).id, "tablet")
    guesses = [sign_in(engine, budi, "a wrong one", NOW, device).outcome for _ in range(FREE_FAILURES)]

    assert guesses == [SignInOutcome.REFUSED] * (FREE_FAILURES - 1) + [SignInOutcome.LOCKED]
    assert sign_in(engine, budi, PASSWORD, NOW, device).outcome == SignInOutcome.LOCKED
    assert user(engine).failed_sign_ins == 0
    assert actions(engine).count("user.sign_in_refused") == FREE_FAILURES + 1, "the locked one, too"
    later = NOW + timedelta(seconds=FIRST_LOCK_S)
    assert sign_in(engine, budi, PASSWORD, later, device).outcome == SignInOutcome.ACCEPTED
    assert sign_in(engine, budi, "a wrong one", later, device).outcome == SignInOutcome.REFUSED


def test_the_counts_in_memory_are_bounded() -> None:
    failures = Failures(max_counted=3)
    for name in ("a", "b", "c", "a", "d"):
        failures.add((name,), NOW)
    assert list(failures._counts) == [("c",), ("a",), ("d",)]


@given(st.integers(0, 10_000))
def test_locks_grow_up_to_a_bound(failures: int) -> None:
    assert 0 <= lock_seconds(failures) <= lock_seconds(failures + 1) <= LONGEST_LOCK_S


@pytest.mark.parametrize(("failures", "lock_s"), [(4, 0), (5, 60), (6, 120), (8, 480), (9, 900), (99, 900)])
def test_each_further_failure_doubles_the_lock(failures: int, lock_s: int) -> None:
    assert lock_seconds(failures) == lock_s


def test_a_password_change_ends_sessions_and_lifts_the_lock(engine: Engine, budi: str) -> None:
    fail(engine, FREE_FAILURES)
    changed = hash_password("another long one", budi)
    write(engine, lambda session: set_password(session, budi, changed, NOW, budi, must_change=False))
    account = user(engine)
    assert (account.session_epoch, account.must_change_password) == (1, False)
    assert sign_in(engine, budi, "another long one", NOW).session_epoch == 1
    assert sign_in(engine, budi, PASSWORD, NOW).outcome == SignInOutcome.REFUSED


def test_a_reset_asks_for_a_new_password_again(engine: Engine, budi: str) -> None:
    changed = hash_password("another long one", budi)
    write(engine, lambda session: set_password(session, budi, changed, NOW, ACTOR, must_change=True))
    assert user(engine).must_change_password
    assert actions(engine)[-1] == "user.password_reset"


def test_a_disabled_account_is_out_and_its_sessions_too(engine: Engine, budi: str) -> None:
    write(engine, lambda session: set_active(session, budi, False, NOW, ACTOR))
    assert sign_in(engine, budi, PASSWORD, NOW).outcome == SignInOutcome.REFUSED
    assert user(engine).session_epoch == 1
    write(engine, lambda session: set_active(session, budi, True, NOW, ACTOR))
    assert sign_in(engine, budi, PASSWORD, NOW).session_epoch == 2
    assert actions(engine) == [
        "user.added",
        "user.disabled",
        "user.sign_in_refused",
        "user.enabled",
        "user.signed_in",
    ]


def refusals(engine: Engine) -> list[AuditLog]:
    with Session(engine) as session:
        query = select(AuditLog).where(AuditLog.action == "user.sign_in_refused").order_by(AuditLog.id)
        return list(session.scalars(query))


def test_of_a_name_that_is_no_account_only_its_length_is_noted(engine: Engine) -> None:
    sign_in(engine, "  Hunter2!\n", "hunter2 secret", NOW)
    (row,) = refusals(engine)
    assert (row.actor, row.subject) == ("system:sign-in", "users:unknown")
    assert row.params == {"locked": False, "characters": 8}


def test_guessing_names_fills_no_disk(engine: Engine) -> None:
    def guess(session: Session) -> None:
        for _ in range(MOST_NOTED_AN_HOUR - 1):
            audit.append(session, NOW, "system:sign-in", "user.sign_in_refused", "users:unknown", {})

    write(engine, guess)
    for name in ("nobody", "nobody2"):
        sign_in(engine, name, "x", NOW)
    assert [row.params.get("characters") for row in refusals(engine)[-2:]] == [None, 6]
    sign_in(engine, "nobody three", "x", NOW + timedelta(hours=1, seconds=1))
    assert refusals(engine)[-1].params["characters"] == 12


def test_a_try_during_a_lock_is_noted(engine: Engine, budi: str) -> None:
    fail(engine, FREE_FAILURES)
    sign_in(engine, budi, PASSWORD, NOW)
    row = refusals(engine)[-1]
    assert (row.actor, row.subject, row.params) == (budi, f"users:{user(engine).id}", {"locked": True})


def test_the_last_admin_stays(engine: Engine) -> None:
    for name in ("ana", "ani"):
        admin = NewAccount(name, HASH, Role.ADMIN)
        write(engine, lambda session, admin=admin: add_account(session, admin, NOW, ACTOR))
    write(engine, lambda session: set_active(session, "ana", False, NOW, ACTOR))
    with pytest.raises(AccountError) as refused:
        write(engine, lambda session: set_active(session, "ani", False, NOW, ACTOR))
    assert refused.value.code == "last_admin"


@pytest.mark.parametrize(
    "change",
    [
        lambda session: set_active(session, "nobody", False, NOW, ACTOR),
        lambda session: set_password(session, "nobody", HASH, NOW, ACTOR, must_change=True),
    ],
)
def test_an_unknown_account_is_told(engine: Engine, change: Callable[[Session], None]) -> None:
    with pytest.raises(AccountError) as refused:
        write(engine, change)
    assert refused.value.code == "unknown_account"


def test_the_trail_holds_no_password(engine: Engine, budi: str) -> None:
    fail(engine, FREE_FAILURES)
    with Session(engine) as session:
        rows = session.scalars(select(AuditLog)).all()
    trail = " ".join(f"{row.actor} {row.subject} {row.params}" for row in rows)
    assert not any(secret in trail for secret in (PASSWORD, HASH, "a wrong one"))


def test_role_departments_and_language_change_with_what_was_before(engine: Engine, budi: str) -> None:
    change = AccountChange(Role.SUPERVISOR, ("Kantor", "Gudang"), "id")
    for _again in range(2):
        write(engine, lambda session: change_account(session, budi, change, NOW, ACTOR))
    changed = user(engine)
    assert (changed.role, changed.departments, changed.language) == (
        "supervisor",
        ["Gudang", "Kantor"],
        "id",
    )
    with Session(engine) as session:
        (row,) = session.scalars(select(AuditLog).where(AuditLog.action == "user.changed"))
    assert row.params["changed"] == {
        "role": ["hr", "supervisor"],
        "departments": [[], ["Gudang", "Kantor"]],
        "language": ["en", "id"],
    }


@pytest.mark.parametrize(
    ("others", "change", "refused"),
    [
        ([], AccountChange(Role.HR, (), "en"), True),
        ([], AccountChange(Role.ADMIN, ("Gudang",), "en"), True),
        ([], AccountChange(Role.ADMIN, (), "id"), False),
        ([("other", ("Gudang",))], AccountChange(Role.HR, (), "en"), True),
        ([("other", ())], AccountChange(Role.HR, (), "en"), False),
    ],
)
def test_the_last_admin_of_the_whole_site_cannot_be_lost(
    engine: Engine, others: list[tuple[str, tuple[str, ...]]], change: AccountChange, refused: bool
) -> None:
    for name, departments in [("root", ()), *others]:
        account = NewAccount(name, HASH, Role.ADMIN, departments)
        write(engine, lambda session, account=account: add_account(session, account, NOW, ACTOR))

    def attempt() -> None:
        write(engine, lambda session: change_account(session, "root", change, NOW, ACTOR))

    if not refused:
        attempt()
        return
    with pytest.raises(AccountError) as error:
        attempt()
    assert error.value.code == "last_admin"
    assert user(engine, "root").role == Role.ADMIN
    with pytest.raises(AccountError):
        write(engine, lambda session: set_active(session, "root", False, NOW, ACTOR))


def test_a_lock_is_shown_and_lifted_also_on_his_own_device(engine: Engine, budi: str) -> None:
    device = KnownDevice(user(engine).id, "his browser")
    for _attempt in range(FREE_FAILURES):
        sign_in(engine, budi, "wrong", NOW, device)
    with Session(engine) as session:
        assert locked_until(session, user(engine), NOW) == NOW + timedelta(seconds=FIRST_LOCK_S)
    assert sign_in(engine, budi, PASSWORD, NOW, device).outcome == SignInOutcome.LOCKED
    write(engine, lambda session: unlock(session, budi, NOW, ACTOR))
    with Session(engine) as session:
        assert locked_until(session, user(engine), NOW) is None
    assert sign_in(engine, budi, PASSWORD, NOW, device).outcome == SignInOutcome.ACCEPTED
    assert "user.unlocked" in actions(engine)
