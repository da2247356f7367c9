"""Rows that are removed together: those of one table with what hangs on them, so that no reference breaks.

Counting and removing read the same condition: what a preview tells cannot differ from what is done.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    SQLColumnExpression,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.orm import Session

from core.storage.models import Base

CHUNK = 500
"""Roots a transaction."""

Ids = Select[int] | Sequence[int]
Column = SQLColumnExpression[Any]


@dataclass(frozen=True)
class Part:
    """Rows of another table that go with their roots; `of` tells which."""

    table: type[Base]
    of: Callable[[Ids], ColumnElement[bool]]
    picture: Column | None = None


@dataclass(frozen=True)
class Bundle:
    """The rows of a table that meet a condition.

    at: when a row was, for the oldest. picture: the file that goes with a row, if any. forget: the column
    that is emptied instead of removing the row. parts: removed before, in this order.
    """

    root: type[Base]
    at: Column
    due: ColumnElement[bool]
    picture: Column | None = None
    forget: str | None = None
    parts: tuple[Part, ...] = ()

    @property
    def key(self) -> ColumnElement[int]:
        return self.root.__table__.c.id


@dataclass(frozen=True)
class Gone:
    """What was removed, or would be: rows by table, and the pictures that they named."""

    rows: Counter[str]
    pictures: list[str]


def count(session: Session, bundle: Bundle) -> Gone:
    """What `remove` would remove of all its rows."""
    roots: Ids = select(bundle.key).where(bundle.due)
    rows: Counter[str] = Counter()
    for part in bundle.parts:
        rows[part.table.__tablename__] += _count(session, part.table, part.of(roots))
    rows[_row_name(bundle)] += _count(session, bundle.root, bundle.due)
    return Gone(rows, _pictures(session, bundle, roots, bundle.due))


def oldest(session: Session, bundle: Bundle) -> Any:
    """The earliest `at` of its rows; None when there is none."""
    return session.scalar(select(func.min(bundle.at)).where(bundle.due))


def chunks(session: Session, bundle: Bundle) -> list[Sequence[int]]:
    """The ids of its rows, so many at a time as one transaction takes."""
    ids = session.scalars(select(bundle.key).where(bundle.due).order_by(bundle.key)).all()
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]


def remove(session: Session, bundle: Bundle, ids: Sequence[int]) -> Gone:
    """Removes those of these rows that still meet the condition."""
    key = bundle.key
    due = list(session.scalars(select(key).where(key.in_(ids), bundle.due)))
    pictures = _pictures(session, bundle, due, key.in_(due))
    rows: Counter[str] = Counter()
    for part in bundle.parts:
        rows[part.table.__tablename__] += _rowcount(session.execute(delete(part.table).where(part.of(due))))
    change: Any = delete(bundle.root)
    if bundle.forget is not None:
        change = update(bundle.root).values({bundle.forget: None})
    rows[_row_name(bundle)] += _rowcount(session.execute(change.where(key.in_(due))))
    return Gone(rows, pictures)


def _row_name(bundle: Bundle) -> str:
    table = bundle.root.__tablename__
    return table if bundle.forget is None else f"{table}.{bundle.forget}"


def _pictures(session: Session, bundle: Bundle, roots: Ids, due: ColumnElement[bool]) -> list[str]:
    named = [(part.picture, part.of(roots)) for part in bundle.parts if part.picture is not None]
    if bundle.picture is not None:
        named.append((bundle.picture, due))
    found: list[str] = []
    for picture, which in named:
        found += [path for path in session.scalars(select(picture).where(which)) if path is not None]
    return found


def _count(session: Session, table: type[Base], which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(which)) or 0


def _rowcount(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
