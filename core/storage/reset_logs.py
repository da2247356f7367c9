"""Reset Logs: deletes events, alert logs or both, of some site days or all, and leaves everything else.

Presence, visits and attendance do not change, and no absence alerts again because its alert is gone. What a
legal hold covers stays. Works in small transactions, for which the worker never waits long; what was recorded
after the counting is left, so that what was shown is what goes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Engine, and_, func, not_, or_, select, true, update
from sqlalchemy.orm import Session

from core.domain.schedule import day_bounds
from core.domain.states import DeliveryState
from core.errors import GspeError
from core.paths import SitePaths
from core.storage import audit, bundles
from core.storage.bundles import Bundle, Column, Gone, Part
from core.storage.engine import reader_engine
from core.storage.holds import holds_in_force
from core.storage.models import AlertLog, AlertStep, Event, NotificationDelivery, NotificationOutbox
from core.storage.retry import run_in_order
from core.storage.sweeps import remove_unnamed

UNSENT = (DeliveryState.QUEUED, DeliveryState.SENDING)
FIRST_DAY, LAST_DAY = date(1, 1, 3), date(9999, 12, 29)
EVENTS = Bundle(Event, Event.occurred_at, true(), Event.picture_path)
ALERTS = Bundle(
    AlertLog,
    AlertLog.opened_at,
    true(),
    AlertLog.picture_path,
    parts=(Part(AlertStep, AlertStep.alert_id.in_),),
)
"""All of each table; of these a request chooses."""


class ResetTable(StrEnum):
    EVENTS = "events"
    ALERT_LOGS = "alert_logs"
    BOTH = "both"


@dataclass(frozen=True)
class ResetRequest:
    """Site days, inclusive; one bound alone is open-ended, none means all."""

    table: ResetTable
    from_date: date | None = None
    to_date: date | None = None

    @classmethod
    def parse(
        cls, table: str, from_date: date | str | None = None, to_date: date | str | None = None
    ) -> "ResetRequest":
        """Takes ISO dates, too.

        Raises GspeError, code `reset_table_unknown`, `reset_date_invalid` or `reset_dates_disordered`.
        """
        if table not in list(ResetTable):
            raise GspeError(
                "there is no such log; choose events, alert_logs or both", code="reset_table_unknown"
            )
        first, last = _date(from_date), _date(to_date)
        if first is not None and last is not None and first > last:
            raise GspeError(
                f"the first day {first} is after the last day {last}; swap them",
                code="reset_dates_disordered",
            )
        return cls(ResetTable(table), first, last)

    @property
    def tables(self) -> tuple[ResetTable, ...]:
        """Those that it empties, one by one."""
        return (ResetTable.EVENTS, ResetTable.ALERT_LOGS) if self.table is ResetTable.BOTH else (self.table,)

    def params(self) -> dict[str, Any]:
        """For the audit trail."""
        days = {"from_date": self.from_date, "to_date": self.to_date}
        return {"table": str(self.table)} | {name: day.isoformat() for name, day in days.items() if day}


@dataclass(frozen=True)
class TableCount:
    """rows: what would go; held: what legal holds keep; through_id: the newest row that was looked at."""

    rows: int = 0
    held: int = 0
    through_id: int = 0


@dataclass(frozen=True)
class ResetCount:
    """Of a table that the request does not name everything is 0."""

    events: TableCount = TableCount()
    alert_logs: TableCount = TableCount()

    def of(self, table: ResetTable) -> TableCount:
        return self.events if table is ResetTable.EVENTS else self.alert_logs


@dataclass(frozen=True)
class ResetResult:
    deleted_events: int
    deleted_alert_logs: int
    counted: ResetCount
    """Before the deletion began."""

    @property
    def is_as_counted(self) -> bool:
        """False when others removed or held some of it meanwhile."""
        counted = (self.counted.events.rows, self.counted.alert_logs.rows)
        return (self.deleted_events, self.deleted_alert_logs) == counted


@dataclass(frozen=True)
class ResetOrder:
    """Who asks for it when. counted: what he was shown; by default it is counted now."""

    request: ResetRequest
    zone: ZoneInfo
    actor: str
    now: datetime
    counted: ResetCount | None = None


def count(session: Session, request: ResetRequest, zone: ZoneInfo) -> ResetCount:
    """What `delete` would delete now."""
    found = {str(table): _Range(session, table, request, zone).count() for table in request.tables}
    return ResetCount(**found)


def delete(
    engine: Engine, paths: SitePaths, order: ResetOrder, *, lock_budget_s: float = 60.0
) -> ResetResult:
    """Deletes what was counted, with two rows in the audit trail: who began, and what went.

    An end in between leaves whole rows only; asked for again, it deletes the rest. Pictures that no row names
    any more go after the commit, or in the next night. Raises StorageError as `run_in_order` does, and
    GspeError, code `reset_counted_anew`, when more would go than was counted, as after a hold was lifted.
    """
    in_order = partial(run_in_order, engine, budget_s=lock_budget_s)
    deleted = dict.fromkeys(ResetTable, 0)
    reader = reader_engine(paths.database)
    try:
        counted, going = run_in_order(reader, partial(_going, order=order))
        in_order(partial(_begin, order=order, counted=counted))
        for table, chunks in going.items():
            through_id = counted.of(table).through_id
            for ids in chunks:
                remove = partial(_remove, order=order, table=table, through_id=through_id, ids=ids)
                gone = in_order(remove)
                deleted[table] += gone.rows[str(table)]
                remove_unnamed(reader, paths, gone.pictures)
    finally:
        reader.dispose()
    result = ResetResult(deleted[ResetTable.EVENTS], deleted[ResetTable.ALERT_LOGS], counted)
    in_order(partial(_end, order=order, result=result))
    return result


class _Range:
    """The rows of one table that a request is about, by the holds of this very moment."""

    def __init__(
        self,
        session: Session,
        table: ResetTable,
        request: ResetRequest,
        zone: ZoneInfo,
        through_id: int | None = None,
    ) -> None:
        whole = EVENTS if table is ResetTable.EVENTS else ALERTS
        self._session = session
        self._is_alerts = whole is ALERTS
        if through_id is None:
            through_id = session.scalar(select(func.max(whole.key))) or 0
        self._through_id = through_id
        self._within = and_(whole.key <= through_id, _within(whole.at, request, zone))
        self._free = holds_in_force(session, zone).free(_employee_id(whole), whole.at)
        self._bundle = replace(whole, due=and_(self._within, self._free))

    def count(self) -> TableCount:
        held = select(func.count()).select_from(self._bundle.root).where(self._within, not_(self._free))
        rows = select(func.count()).select_from(self._bundle.root).where(self._bundle.due)
        count_of = self._session.scalar
        return TableCount(count_of(rows) or 0, count_of(held) or 0, self._through_id)

    def chunks(self) -> list[Sequence[int]]:
        return bundles.chunks(self._session, self._bundle)

    def remove(self, ids: Sequence[int], now: datetime) -> Gone:
        if self._is_alerts:
            due = select(AlertLog.id).where(AlertLog.id.in_(ids), self._bundle.due)
            _cancel_messages(self._session, list(self._session.scalars(due)), now)
        return bundles.remove(self._session, self._bundle, ids)


def _cancel_messages(session: Session, alert_ids: Sequence[int], now: datetime) -> None:
    """What was not sent about these alerts is not sent any more; what was stays listed, about no alert."""
    messages = select(NotificationOutbox.id).where(NotificationOutbox.alert_id.in_(alert_ids))
    unsent = select(NotificationDelivery.outbox_id).where(NotificationDelivery.state.in_(UNSENT))
    still_to_send = or_(NotificationOutbox.addressed_at.is_(None), NotificationOutbox.id.in_(unsent))
    session.execute(
        update(NotificationOutbox)
        .where(
            NotificationOutbox.alert_id.in_(alert_ids),
            NotificationOutbox.cancelled_at.is_(None),
            still_to_send,
        )
        .values(cancelled_at=now)
    )
    session.execute(
        update(NotificationDelivery)
        .where(NotificationDelivery.outbox_id.in_(messages), NotificationDelivery.state.in_(UNSENT))
        .values(state=DeliveryState.CANCELLED, changed_at=now)
    )
    session.execute(
        update(NotificationOutbox).where(NotificationOutbox.alert_id.in_(alert_ids)).values(alert_id=None)
    )


def _going(session: Session, order: ResetOrder) -> tuple[ResetCount, dict[ResetTable, list[Sequence[int]]]]:
    """What was counted, and the rows that go: all are chosen here, so no hold lifted later adds to them."""
    counted = order.counted or count(session, order.request, order.zone)
    going = {}
    for table in order.request.tables:
        shown = counted.of(table)
        going[table] = _Range(session, table, order.request, order.zone, shown.through_id).chunks()
        if sum(map(len, going[table])) > shown.rows:
            raise GspeError(
                "there is more to delete than was shown; look at the new count and confirm again",
                code="reset_counted_anew",
            )
    return counted, going


def _remove(
    session: Session, order: ResetOrder, table: ResetTable, through_id: int, ids: Sequence[int]
) -> Gone:
    return _Range(session, table, order.request, order.zone, through_id).remove(ids, order.now)


def _begin(session: Session, order: ResetOrder, counted: ResetCount) -> None:
    params = order.request.params() | {"events": counted.events.rows, "alert_logs": counted.alert_logs.rows}
    _note(session, order, "logs.reset_began", params)


def _end(session: Session, order: ResetOrder, result: ResetResult) -> None:
    params = order.request.params() | {
        "deleted_events": result.deleted_events,
        "deleted_alert_logs": result.deleted_alert_logs,
        "held_events": result.counted.events.held,
        "held_alert_logs": result.counted.alert_logs.held,
    }
    _note(session, order, "logs.reset", params)


def _note(session: Session, order: ResetOrder, action: str, params: dict[str, Any]) -> None:
    audit.append(session, order.now, order.actor, action, f"logs:{order.request.table}", params)


def _within(at: Column, request: ResetRequest, zone: ZoneInfo) -> ColumnElement[bool]:
    bounds: list[ColumnElement[bool]] = []
    if request.from_date is not None:
        bounds.append(at >= day_bounds(_in_calendar(request.from_date), zone)[0])
    if request.to_date is not None:
        bounds.append(at < day_bounds(_in_calendar(request.to_date), zone)[1])
    return and_(true(), *bounds)


def _in_calendar(day: date) -> date:
    """Nothing was recorded near the ends of the calendar, where a zone's midnight is no time any more."""
    return min(max(day, FIRST_DAY), LAST_DAY)


def _employee_id(whole: Bundle) -> Column:
    return whole.root.__table__.c.employee_id


def _date(value: date | str | None) -> date | None:
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise GspeError("this is no date; write it as YYYY-MM-DD", code="reset_date_invalid") from error
