"""The audit trail: rows are only appended, and each carries the hash of the one before.

`python -m core.storage.audit verify` finds a row that was edited, removed or put in later. Where retention
removed the oldest part, the trail itself says up to which row. A newest part that somebody cut off, together
with what SQLite counted, is found only with `--expect ID:HASH` from the log or from a backup's manifest.
"""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.errors import GspeError
from core.paths import SitePaths
from core.storage.engine import reader_engine
from core.storage.models import AuditLog
from core.storage.verify import verify_database

FIRST_PREVIOUS_HASH = "0" * 64
SYSTEM = "system:retention"
PRUNED = "audit.pruned"
"""Says that retention removed the oldest rows; `last_hash` is that of the last of them."""
LEAST_KEPT = timedelta(days=365 - 1)
"""The least of the setting audit_retention_days, but for how a site's midnight moves within a year."""


@dataclass(frozen=True)
class AuditBreak:
    """The first row at which the chain does not hold; `reason` is a sentence for a terminal."""

    row_id: int
    reason: str


def append(
    session: Session, at: datetime, actor: str, action: str, subject: str, params: Mapping[str, Any]
) -> AuditLog:
    """Adds a row to the caller's transaction, which must be a writer's, so that nobody appends in between.

    actor: a user name or `system:…`; action: a code such as `employee.created`; subject: `table:id`.
    params must be JSON; no secret, picture or embedding belongs into it.
    """
    previous = session.scalar(select(AuditLog.hash).order_by(AuditLog.id.desc()).limit(1))
    row = AuditLog(
        at=at.astimezone(UTC),
        actor=actor,
        action=action,
        subject=subject,
        params=json.loads(_canonical(dict(params))),
        previous_hash=previous or FIRST_PREVIOUS_HASH,
    )
    row.hash = row_hash(row)
    session.add(row)
    session.flush()
    return row


def newest_mark(session: Session) -> str | None:
    """`ID:HASH` of the newest row, to be kept outside of the database and given to `verify --expect`."""
    newest = session.execute(select(AuditLog.id, AuditLog.hash).order_by(AuditLog.id.desc()).limit(1)).first()
    return newest and f"{newest.id}:{newest.hash}"


def newest_id(session: Session) -> int:
    """Grows with whatever anybody changes: who watches it need not look at each table."""
    return session.scalar(select(func.max(AuditLog.id))) or 0


def row_hash(row: AuditLog) -> str:
    """sha256, in hex, over the previous row's hash and this row's canonical JSON."""
    content = {
        "at": row.at.isoformat(timespec="microseconds"),
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "params": row.params,
    }
    return hashlib.sha256((row.previous_hash + _canonical(content)).encode()).hexdigest()


def _canonical(content: dict[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def verify(session: Session) -> AuditBreak | None:
    """The first break of the chain, or None when every row is as it was written and none is missing."""
    prunings = session.scalars(select(AuditLog).where(AuditLog.action == PRUNED).order_by(AuditLog.id)).all()
    begins_after = prunings[-1].params if prunings else {"through_id": 0, "last_hash": FIRST_PREVIOUS_HASH}
    first = session.scalar(select(func.min(AuditLog.id)))
    if first is not None and begins_after.get("through_id") != first - 1:
        return AuditBreak(first, f"the row before row {first} was removed or replaced")
    return _broken_after(session, 0, str(begins_after.get("last_hash"))) or _forged(prunings)


@dataclass(frozen=True)
class Checked:
    """rows: how many of the newest were looked at; whole: whether these are all."""

    found: AuditBreak | None
    rows: int
    whole: bool


def verify_newest(session: Session, rows: int) -> Checked:
    """As `verify` for the newest rows only, which takes a time that does not grow with the trail."""
    before = session.scalar(select(AuditLog.id).order_by(AuditLog.id.desc()).offset(rows).limit(1))
    if before is None:
        total = session.scalar(select(func.count(AuditLog.id))) or 0
        return Checked(verify(session), total, whole=True)
    previous = session.get_one(AuditLog, before).hash
    return Checked(_broken_after(session, before, previous), rows, whole=False)


def _broken_after(session: Session, row_id: int, previous: str) -> AuditBreak | None:
    """Follows the chain from the row after this one, whose hash is `previous`."""
    last_id = row_id
    later = select(AuditLog).where(AuditLog.id > row_id).order_by(AuditLog.id)
    for row in session.scalars(later.execution_options(yield_per=1000)):
        if row.previous_hash != previous:
            return AuditBreak(row.id, f"the row before row {row.id} was removed or replaced")
        if row.hash != row_hash(row):
            return AuditBreak(row.id, f"row {row.id} was edited")
        previous, last_id = row.hash, row.id
    written = session.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = 'audit_log'")) or 0
    if written != last_id:
        return AuditBreak(last_id + 1, f"the rows {last_id + 1} to {written} at the end were removed")
    return None


def _forged(prunings: Sequence[AuditLog]) -> AuditBreak | None:
    """The first of these rows that retention cannot have written."""
    through_id = None
    for row in prunings:
        if row.actor != SYSTEM or not _fits(row, through_id):
            return AuditBreak(row.id, f"row {row.id} tells of a removal that retention did not make")
        through_id = row.params["through_id"]
    return None


def _fits(row: AuditLog, earlier_id: int | None) -> bool:
    """earlier_id: up to where the pruning before it went; None when that one is not known any more."""
    try:
        over_at = datetime.fromisoformat(row.params["over_at"])
        rows, through_id = int(row.params["rows"]), int(row.params["through_id"])
        is_over = over_at <= row.at - LEAST_KEPT
    except (KeyError, TypeError, ValueError):
        return False
    return is_over and (0 < rows <= through_id if earlier_id is None else 0 < rows == through_id - earlier_id)


def missed(session: Session, row_id: int, expected: str) -> AuditBreak | None:
    """What is wrong with a row that `newest_mark` told of; finds a cut-off end, which nothing else shows."""
    found = session.scalar(select(AuditLog.hash).where(AuditLog.id == row_id))
    if found == expected:
        return None
    return AuditBreak(row_id, f"row {row_id} is {'missing' if found is None else 'not the expected one'}")


def _mark(written: str) -> tuple[int, str]:
    parts = re.fullmatch(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", written.strip())
    if parts is None:
        raise argparse.ArgumentTypeError("write it as ID:HASH, as the log and the backup's manifest do")
    return int(parts[1]), parts[2]


def main(argv: list[str] | None = None) -> int:
    """Exit status 0 when the chain holds, 1 when it is broken, 2 when the database cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m core.storage.audit", description=__doc__)
    parser.add_argument("command", choices=["verify"])
    parser.add_argument("--expect", type=_mark, metavar="ID:HASH", help="a row that must still be there")
    expected = parser.parse_args(argv).expect
    paths = SitePaths.from_environment()
    try:
        verify_database(paths)
    except GspeError as error:
        sys.stderr.write(f"core.storage.audit verify: {error}\n")
        return 2
    engine = reader_engine(paths.database)
    with Session(engine) as session:
        found, rows = verify(session), session.scalar(select(func.count(AuditLog.id)))
        if found is None and expected is not None:
            found = missed(session, *expected)
    engine.dispose()
    sys.stdout.write(f"the chain is broken: {found.reason}\n" if found else f"{rows} rows, the chain holds\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
