"""Accounts of the dashboard: made, changed and signed in to, each step with a row in the audit trail.

The functions that take a session work in the caller's transaction, which must be a writer's. Passwords are
hashed before (`hash_password`), so that no transaction waits for it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from core.domain.states import Role
from core.errors import AccountError
from core.storage import audit, user_sessions
from core.storage.lockout import Failures, lock_seconds
from core.storage.models import AuditLog, User
from core.storage.passwords import password_matches, renewed, spend_hashing_time
from core.storage.retry import run_in_order

SIGN_IN_BUDGET_S = 5.0
"""A person waits: a locked database is said sooner than the worker would."""

REFUSED = "user.sign_in_refused"
UNKNOWN = "users:unknown"
UNKNOWN_ACTOR = "system:sign-in"
LONGEST_NAME = 64
MOST_NOTED_AN_HOUR = 60
"""Refusals that the account itself does not count: so many fill no disk, and tell that somebody guesses."""

_failures = Failures()
"""Of names that are no account and of known devices."""


class SignInOutcome(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    """Wrong name, wrong password or a disabled account: which one is nobody's business."""
    LOCKED = "locked"


@dataclass(frozen=True)
class SignIn:
    outcome: SignInOutcome
    user_id: int | None = None
    session_epoch: int | None = None
    locked_until: datetime | None = None


@dataclass(frozen=True)
class KnownDevice:
    """A browser on which this account signed in before, as a cookie of ours proves."""

    user_id: int
    id: str


@dataclass(frozen=True)
class NewAccount:
    username: str
    password_hash: str
    role: Role
    departments: tuple[str, ...] = ()
    """The departments it may see; empty: all."""
    language: str = "en"
    must_change_password: bool = True


def list_accounts(session: Session) -> list[User]:
    return list(session.scalars(select(User).order_by(User.username)))


def add_account(session: Session, account: NewAccount, at: datetime, actor: str) -> User:
    """Raises AccountError, code `username_taken` or `username_invalid`."""
    username = normal_username(account.username)
    if _find(session, username) is not None:
        raise AccountError(
            f"there is an account {username} already", code="username_taken", username=username
        )
    user = User(
        username=username,
        password_hash=account.password_hash,
        role=account.role,
        departments=list(account.departments),
        language=account.language,
        must_change_password=account.must_change_password,
        created_at=at,
    )
    session.add(user)
    session.flush()
    params = {"username": username, "role": account.role, "departments": list(account.departments)}
    audit.append(session, at, actor, "user.added", f"users:{user.id}", params)
    return user


def set_password(
    session: Session, username: str, password_hash: str, at: datetime, actor: str, *, must_change: bool
) -> None:
    """Ends every session of the account and lifts a lock. Raises AccountError, code `unknown_account`.

    must_change: true when somebody else chose the password, so that its owner replaces it.
    """
    user = _get(session, username)
    user.password_hash = password_hash
    user.must_change_password = must_change
    user.failed_sign_ins, user.locked_until = 0, None
    _failures.forget_all(_devices_of(session, user))
    user_sessions.close_all(session, user, actor=actor, now=at)
    action = "user.password_reset" if must_change else "user.password_changed"
    audit.append(session, at, actor, action, f"users:{user.id}", {"username": user.username})


@dataclass(frozen=True)
class AccountChange:
    role: Role
    departments: tuple[str, ...]
    """The departments it may see; empty: all."""
    language: str


def change_account(session: Session, username: str, change: AccountChange, at: datetime, actor: str) -> None:
    """What an account may see and do from now on; its open pages follow within seconds.

    Raises AccountError, code `unknown_account`, or `last_admin` for the only admin of the whole site.
    """
    user = _get(session, username)
    departments = sorted(change.departments)
    after = {"role": str(change.role), "departments": departments, "language": change.language}
    before = {name: getattr(user, name) for name in after}
    changed = {name: [before[name], value] for name, value in after.items() if before[name] != value}
    if not changed:
        return
    _refuse_loss_of_admin(session, user, _Power(user.active, change.role, change.departments))
    for name, value in after.items():
        setattr(user, name, value)
    params = {"username": user.username, "changed": changed}
    audit.append(session, at, actor, "user.changed", f"users:{user.id}", params)


def unlock(session: Session, username: str, at: datetime, actor: str) -> None:
    """Lifts the lock that wrong passwords brought. Raises AccountError, code `unknown_account`."""
    user = _get(session, username)
    user.failed_sign_ins, user.locked_until = 0, None
    _failures.forget_all(_devices_of(session, user))
    audit.append(session, at, actor, "user.unlocked", f"users:{user.id}", {"username": user.username})


def _devices_of(session: Session, user: User) -> tuple[str, ...]:
    """How the keys of the account's known devices begin."""
    return str(session.get_bind().engine.url), "device", str(user.id)


def locked_until(session: Session, user: User, at: datetime) -> datetime | None:
    """The end of the longest lock that keeps the account's owner from signing in somewhere; None: no lock."""
    device = _failures.latest(_devices_of(session, user), at)
    locks = [until for until in (user.locked_until, device) if until is not None and until > at]
    return max(locks, default=None)


def set_active(session: Session, username: str, active: bool, at: datetime, actor: str) -> None:
    """Disables or enables an account; disabling ends its sessions.

    Raises AccountError, code `unknown_account`, or `last_admin` for the only admin who can still sign in.
    """
    user = _get(session, username)
    if user.active == active:
        return
    _refuse_loss_of_admin(session, user, replace(_power_of(user), active=active))
    user.active = active
    user_sessions.close_all(session, user, actor=actor, now=at)
    action = "user.enabled" if active else "user.disabled"
    audit.append(session, at, actor, action, f"users:{user.id}", {"username": user.username})


def sign_in(
    engine: Engine, username: str, password: str, at: datetime, device: KnownDevice | None = None
) -> SignIn:
    """Checks a password outside of any transaction and records how it went.

    A locked account answers LOCKED whatever the password, so that guessing during the lock tells nothing; a
    name that is no account is counted and locked alike. A device on which the account signed in before has
    its own count instead, so that nobody elsewhere can keep the account's owner out.

    Raises DatabaseBusy and StorageError as `run_in_order` does.
    """
    name = username.strip().casefold()
    with Session(engine) as session:
        user = _find(session, name)
        session.expunge_all()
    if user is None or not user.active:
        answer = _refuse_stranger((str(engine.url), "name", name), password, at)
        _note_refusal(engine, name, UNKNOWN if user is None else f"users:{user.id}", answer, at)
        return answer
    known = device is not None and device.user_id == user.id
    key = (str(engine.url), "device", str(user.id), device.id) if device is not None and known else None
    locked_until = _failures.locked_until(key, at) if key else user.locked_until
    if locked_until is not None and locked_until > at:
        answer = SignIn(SignInOutcome.LOCKED, locked_until=locked_until)
        _note_refusal(engine, name, f"users:{user.id}", answer, at)
        return answer
    matches = password_matches(user.password_hash, password)
    kept = renewed(user.password_hash, password) if matches else user.password_hash
    attempt = _Attempt(user.id, user.password_hash, matches, known, kept)
    answer = run_in_order(engine, lambda session: _record(session, attempt, at), budget_s=SIGN_IN_BUDGET_S)
    return answer if key is None else _count_device(key, answer, at)


def _refuse_stranger(key: tuple[str, ...], password: str, at: datetime) -> SignIn:
    locked_until = _failures.locked_until(key, at)
    if locked_until is None:
        spend_hashing_time(password)
        locked_until = _failures.add(key, at)
    return _refused(locked_until)


def _note_refusal(engine: Engine, name: str, subject: str, answer: SignIn, at: datetime) -> None:
    """What the account's own row does not count, in the trail, up to a number an hour that guessing fills.

    Of a name that is no account only its length is kept: people type their password there.
    """
    known = subject != UNKNOWN
    actor = name if known else UNKNOWN_ACTOR
    locked = {"locked": answer.outcome == SignInOutcome.LOCKED}
    params = locked if known else locked | {"characters": len(name)}
    lately = select(func.count(AuditLog.id)).where(
        AuditLog.at > at - timedelta(hours=1), AuditLog.action == REFUSED, AuditLog.subject == subject
    )

    def note(session: Session) -> None:
        if (session.scalar(lately) or 0) < MOST_NOTED_AN_HOUR:
            audit.append(session, at, actor, REFUSED, subject, params)

    run_in_order(engine, note, budget_s=SIGN_IN_BUDGET_S)


def _count_device(key: tuple[str, ...], answer: SignIn, at: datetime) -> SignIn:
    if answer.outcome == SignInOutcome.ACCEPTED:
        _failures.forget(key)
        return answer
    return _refused(_failures.add(key, at))


def _refused(locked_until: datetime | None) -> SignIn:
    if locked_until is None:
        return SignIn(SignInOutcome.REFUSED)
    return SignIn(SignInOutcome.LOCKED, locked_until=locked_until)


def normal_username(username: str) -> str:
    """Lower case, without spaces around. Raises AccountError, code `username_invalid`."""
    normal = username.strip().casefold()
    if not 2 <= len(normal) <= LONGEST_NAME or not all(
        letter.isalnum() or letter in "._-@" for letter in normal
    ):
        raise AccountError(
            "a user name has 2 to 64 letters, digits, dots, dashes, underscores or @", code="username_invalid"
        )
    return normal


@dataclass(frozen=True)
class _Attempt:
    user_id: int
    checked_hash: str
    matches: bool
    on_known_device: bool
    kept_hash: str


def _record(session: Session, attempt: _Attempt, at: datetime) -> SignIn:
    """The account may have been locked, disabled or given another password while the hash was computed."""
    user = session.get_one(User, attempt.user_id)
    locked = user.locked_until is not None and user.locked_until > at
    if locked and not attempt.on_known_device:
        return _refused(user.locked_until)
    if attempt.matches and user.active and user.password_hash == attempt.checked_hash:
        user.password_hash = attempt.kept_hash
        return _record_success(session, user, at, lift=not locked)
    return _record_failure(session, user, at, counted=not attempt.on_known_device)


def _record_success(session: Session, user: User, at: datetime, *, lift: bool) -> SignIn:
    """lift: false on a known device during a lock, which stays for those who guess elsewhere."""
    if lift:
        user.failed_sign_ins, user.locked_until = 0, None
    user.last_sign_in_at = at
    audit.append(session, at, user.username, "user.signed_in", f"users:{user.id}", {})
    return SignIn(SignInOutcome.ACCEPTED, user.id, user.session_epoch)


def _record_failure(session: Session, user: User, at: datetime, *, counted: bool) -> SignIn:
    """counted: whether it counts against the account."""
    user.failed_sign_ins += counted
    params = {"failures": user.failed_sign_ins}
    audit.append(session, at, user.username, REFUSED, f"users:{user.id}", params)
    lock_s = lock_seconds(user.failed_sign_ins) if counted else 0
    if lock_s:
        user.locked_until = at + timedelta(seconds=lock_s)
    return _refused(user.locked_until if lock_s else None)


def _find(session: Session, username: str) -> User | None:
    return session.scalars(select(User).where(User.username == username)).one_or_none()


def _get(session: Session, username: str) -> User:
    user = _find(session, username.strip().casefold())
    if user is None:
        raise AccountError(f"there is no account {username}", code="unknown_account", username=username)
    return user


def _refuse_loss_of_admin(session: Session, user: User, after: "_Power") -> None:
    """Somebody must be left who manages accounts, and somebody who does so for the whole site."""
    others = [_power_of(one) for one in session.scalars(select(User).where(User.id != user.id))]
    before = _power_of(user)
    for holds in (_Power.is_admin, _Power.answers_for_all):
        if holds(before) and not holds(after) and not any(map(holds, others)):
            raise AccountError(
                f"{user.username} is the last admin; add another one for the whole site first",
                code="last_admin",
                username=user.username,
            )


@dataclass(frozen=True)
class _Power:
    active: bool
    role: str
    departments: tuple[str, ...]

    def is_admin(self) -> bool:
        return self.active and self.role == Role.ADMIN

    def answers_for_all(self) -> bool:
        return self.is_admin() and not self.departments


def _power_of(user: User) -> _Power:
    return _Power(user.active, user.role, tuple(user.departments))
