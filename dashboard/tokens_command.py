"""python -m dashboard tokens add | list | revoke

Works on the home that GSPE_HOME names. A token is printed once, and only when it is made.
"""

import argparse
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from core.domain.states import Scope
from core.paths import SitePaths
from core.storage import api_tokens
from core.storage.verify import verify_database
from dashboard.users_command import acting, say, write


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make a token and print it")
    add.add_argument("name", help="the program that gets it")
    add.add_argument("--scope", action="append", choices=list(Scope), default=[], help="may be repeated")
    add.add_argument("--department", action="append", default=[], help="see only this one; may be repeated")
    add.add_argument("--days", type=int, help="how long it opens something; without: until it is revoked")
    actions.add_parser("list", help="show every token, the ended ones too")
    actions.add_parser("revoke", help="end a token at once").add_argument("id", type=int)


def main(arguments: argparse.Namespace) -> int:
    paths = SitePaths.from_environment()
    verify_database(paths)
    commands = {"add": _add, "list": _list, "revoke": _revoke}
    for line in write(
        paths, lambda session: commands[arguments.action](session, arguments, datetime.now(UTC))
    ):
        say(line)
    return 0


def _add(session: Session, arguments: argparse.Namespace, now: datetime) -> list[str]:
    ends_at = None if arguments.days is None else now + timedelta(days=min(arguments.days, 36_500))
    token = api_tokens.NewToken(arguments.name, arguments.scope, arguments.department, ends_at)
    return [api_tokens.create(session, token, actor=acting(), now=now)]


def _list(session: Session, _arguments: argparse.Namespace, now: datetime) -> list[str]:
    lines = []
    for token in api_tokens.tokens(session):
        state = "in force" if api_tokens.is_in_force(token, now) else "ended"
        departments = ", ".join(token.departments) or "all departments"
        may = ", ".join(token.scopes)
        lines.append(f"{token.id}\t{token.name}\t{state}\t{may}\t{departments}\t…{token.hint}")
    return lines


def _revoke(session: Session, arguments: argparse.Namespace, now: datetime) -> list[str]:
    api_tokens.revoke(session, arguments.id, actor=acting(), now=now)
    return [f"{arguments.id} is revoked"]
