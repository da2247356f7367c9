"""python -m dashboard users add | list | reset-password | disable | enable | first-admin

Works on the home that GSPE_HOME names. A password is made up and printed once; its owner replaces it at the
first sign-in. With --password-stdin the first line of standard input is the password.
"""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from core.demo import end_demo
from core.domain.states import Role
from core.errors import AccountError
from core.home import ResolvedHome, current_home
from core.paths import SitePaths
from core.storage.engine import reader_engine, writer_engine
from core.storage.models import User
from core.storage.passwords import generate_password, hash_password
from core.storage.retry import run_in_order
from core.storage.users import NewAccount, add_account, list_accounts, set_active, set_password
from core.storage.verify import verify_database

FIRST_ADMIN = "admin"

T = TypeVar("T")


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make an account")
    add.add_argument("username")
    add.add_argument("--role", choices=list(Role), default=Role.VIEWER)
    add.add_argument("--department", action="append", default=[], help="see only this one; may be repeated")
    add.add_argument("--language", choices=["en", "id"], default="en")
    reset = actions.add_parser("reset-password", help="give an account a new password and end its sessions")
    reset.add_argument("username")
    for parser_with_password in (add, reset):
        parser_with_password.add_argument("--password-stdin", action="store_true", help="read the password")
    for action, summary in (("disable", "keep somebody out"), ("enable", "let him in again")):
        actions.add_parser(action, help=summary).add_argument("username")
    actions.add_parser("list", help="show every account")
    actions.add_parser("first-admin", help="make the account 'admin' when there is none at all")


def main(arguments: argparse.Namespace) -> int:
    commands: dict[str, Callable[[SitePaths, argparse.Namespace], None]] = {
        "add": _add,
        "list": _list,
        "reset-password": _reset_password,
        "disable": lambda paths, parsed: _set_active(paths, parsed.username, False),
        "enable": lambda paths, parsed: _set_active(paths, parsed.username, True),
        "first-admin": lambda _paths, _parsed: make_first_admin(current_home(os.environ)),
    }
    paths = SitePaths.from_environment()
    verify_database(paths)
    commands[arguments.action](paths, arguments)
    return 0


def make_first_admin(home: ResolvedHome) -> None:
    """Makes an admin when there is no account, and prints his password, unless that would end in a log.

    A site that the demo came before has the demo's accounts.
    """
    demo = SitePaths(home.site.demo_home)
    if not home.demo and demo.database.exists():
        end_demo(demo, home.site)
    if _accounts(home.paths):
        return
    if prints_into_log():
        command = ".venv/bin/python -m core.home exec dashboard users first-admin"
        say(f"there is no account yet; in a terminal, run: GSPE_HOME={home.site.home} {command}")
        return
    password = _create(home.paths, NewAccount(FIRST_ADMIN, "", Role.ADMIN), None)
    say(f"first sign-in: user {FIRST_ADMIN}, password {password} (to be changed then; it is shown only now)")


def prints_into_log() -> bool:
    """Whether standard output is kept: by systemd's journal or, says GSPE_OUTPUT_IS_LOG, elsewhere."""
    if os.environ.get("GSPE_OUTPUT_IS_LOG"):
        return True
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    status = os.fstat(sys.stdout.fileno())
    return (device, inode) == (str(status.st_dev), str(status.st_ino))


def _add(paths: SitePaths, arguments: argparse.Namespace) -> None:
    account = NewAccount(
        arguments.username,
        "",
        Role(arguments.role),
        departments=tuple(arguments.department),
        language=arguments.language,
    )
    _tell(arguments, _create(paths, account, _given_password(arguments)))


def _create(paths: SitePaths, account: NewAccount, given: str | None) -> str:
    """The password of the new account."""
    password = given or generate_password()
    complete = replace(account, password_hash=hash_password(password, account.username))
    write(paths, lambda session: add_account(session, complete, datetime.now(UTC), acting()))
    return password


def _reset_password(paths: SitePaths, arguments: argparse.Namespace) -> None:
    password = _given_password(arguments) or generate_password()
    password_hash, at = hash_password(password, arguments.username), datetime.now(UTC)

    def reset(session: Session) -> None:
        set_password(session, arguments.username, password_hash, at, acting(), must_change=True)

    write(paths, reset)
    _tell(arguments, password)


def _set_active(paths: SitePaths, username: str, active: bool) -> None:
    write(paths, lambda session: set_active(session, username, active, datetime.now(UTC), acting()))
    say(f"{username} is {'enabled' if active else 'disabled'}")


def _list(paths: SitePaths, _arguments: argparse.Namespace) -> None:
    for user in _accounts(paths):
        state = "active" if user.active else "disabled"
        last = user.last_sign_in_at.isoformat(timespec="seconds") if user.last_sign_in_at else "never"
        departments = ", ".join(user.departments) or "all departments"
        say(f"{user.username}\t{user.role}\t{state}\t{departments}\tlast sign-in {last}")


def _accounts(paths: SitePaths) -> list[User]:
    engine = reader_engine(paths.database)
    try:
        with Session(engine) as session:
            return list_accounts(session)
    finally:
        engine.dispose()


def write(paths: SitePaths, work: Callable[[Session], T]) -> T:
    """One transaction, for a command beside a dashboard that may run."""
    engine = writer_engine(paths.database)
    try:
        return run_in_order(engine, work)
    finally:
        engine.dispose()


def _given_password(arguments: argparse.Namespace) -> str | None:
    if not arguments.password_stdin:
        return None
    password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise AccountError("--password-stdin found no password on standard input", code="password_missing")
    return password


def _tell(arguments: argparse.Namespace, password: str) -> None:
    shown = "as given" if arguments.password_stdin else password
    say(f"{arguments.username}: password {shown} (to be changed at the first sign-in)")


def acting() -> str:
    """Who works at this terminal, for the audit trail."""
    return f"system:{os.environ.get('SUDO_USER') or os.environ.get('USER') or os.getuid()}"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
