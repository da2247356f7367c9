"""What changes, as server-sent events: each with the cursor by which a client takes the stream up again."""

import asyncio
import json
import logging
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Security
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.responses import StreamingResponse

from core.domain.states import ChangeKind, Role, Scope
from core.storage import changes
from core.storage.models import Change, Employee
from dashboard.api.rest.access import Access, Caller, still_stands
from dashboard.api.rest.problems import Refused, responses
from dashboard.api.rest.values import LARGEST_ID
from dashboard.attention import sight_of
from dashboard.database import reader

log = logging.getLogger(__name__)

router = APIRouter(tags=["presence"])

POLL_S = 0.5
HEARTBEAT_S = 15.0
RECHECK_S = 5.0
"""How soon a stream ends after its session or token."""
BATCH = 200
MOST_STREAMS = 64
MOST_OF_ONE = 8
"""Of one account or token, so that none takes them all."""
RETRY_MS = 2000

PRESENCE = (ChangeKind.ARRIVED, ChangeKind.DEPARTED, ChangeKind.PRESENCE_CHANGED)
ALERTS = (ChangeKind.ALERT_LOG_CREATED, ChangeKind.ALERT_LOG_CHANGED)

HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
"""A proxy that gathers the events would make them late."""

Following = Annotated[
    Caller,
    Security(
        Access(Role.VIEWER, Scope.READ_PRESENCE, Scope.READ_CAMERAS, Scope.READ_ALERTS, Scope.WRITE_ALERTS)
    ),
]
Cursor = Annotated[int | None, Query(ge=0, le=LARGEST_ID, description="Tell what came after this one")]


@router.get(
    "/stream",
    summary="Follow what changes",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "Events until either side ends them"},
        **responses(429, 503),
    },
)
async def stream(
    caller: Following,
    cursor: Cursor = None,
    last_event_id: Annotated[str | None, Header(description="As `cursor`, which it overrules")] = None,
) -> StreamingResponse:
    """Server-sent events. Each has the kind as its name, its cursor as `id` and a JSON object as `data`.

    Begins with `ready`, or with `gap` where what followed the cursor is not kept any more: read the state
    anew. A token hears of presence, cameras and alerts as its scopes say, an account as its role; whoever is
    limited to departments hears of their people only. Ends with the session or the token.
    """
    if open_streams[caller.username] >= MOST_OF_ONE:
        raise Refused("too_many_own_streams", most=MOST_OF_ONE)
    if open_streams.total() >= MOST_STREAMS:
        raise Refused("too_many_streams")
    following = Follower(caller, _cursor_of(last_event_id, cursor))
    return StreamingResponse(following.events(), media_type="text/event-stream", headers=HEADERS)


open_streams: Counter[str] = Counter()
"""By the name of the account or token."""


def server_ends() -> bool:
    """Whether the web server was asked to end: it waits for open responses, so streams must end first.

    Uvicorn answers the signal with a method of its own, which is the one way to it from here.
    """
    answers = signal.getsignal(signal.SIGTERM)
    return bool(getattr(getattr(answers, "__self__", None), "should_exit", False))


@dataclass
class Follower:
    """One client's stream. cursor None: from now on."""

    caller: Caller
    cursor: int | None
    ends: Callable[[], bool] = server_ends
    clock: Callable[[], float] = time.monotonic
    _heard_s: float = field(default=0.0, init=False)
    _checked_s: float = field(default=0.0, init=False)
    _failed: bool = field(default=False, init=False)

    async def events(self) -> AsyncIterator[str]:
        name = self.caller.username
        open_streams[name] += 1
        try:
            yield f"retry: {RETRY_MS}\n\n" + await asyncio.to_thread(self._begin)
            self._heard_s = self._checked_s = self.clock()
            while not self.ends() and await self._may_go_on():
                if text := await asyncio.to_thread(self._next):
                    self._heard_s = self.clock()
                    yield text
                    continue
                if self.clock() - self._heard_s >= HEARTBEAT_S:
                    self._heard_s = self.clock()
                    yield ": heartbeat\n\n"
                await asyncio.sleep(POLL_S)
        finally:
            open_streams[name] -= 1

    async def _may_go_on(self) -> bool:
        if self.clock() - self._checked_s < RECHECK_S:
            return True
        self._checked_s = self.clock()
        now = await asyncio.to_thread(still_stands, self.caller)
        if now is None:
            return False
        self.caller = now
        return True

    def _begin(self) -> str:
        """Where the stream stands."""
        with Session(reader()) as session:
            oldest, newest = changes.bounds(session)
        wanted = newest if self.cursor is None else self.cursor
        lost = wanted > newest or 0 < wanted < oldest - 1
        self.cursor = max(min(wanted, newest), oldest - 1, 0)
        return _event("gap" if lost else "ready", self.cursor, {"cursor": self.cursor})

    def _next(self) -> str:
        """What the client may hear of the next changes; empty while there is nothing, or nobody answers."""
        try:
            with Session(reader()) as session:
                rows = changes.after(session, self.cursor or 0, BATCH)
                told = [_event(row.kind, row.id, _content(row)) for row in heard(session, self.caller, rows)]
        except DBAPIError as error:
            if not self._failed:
                log.warning("a stream waits for the database: %s", error)
            self._failed = True
            return ""
        self._failed = False
        if rows:
            self.cursor = rows[-1].id
        return "".join(told)


def heard(session: Session, caller: Caller, rows: Sequence[Change]) -> list[Change]:
    """The changes that are for the caller's ears."""
    rows = [row for row in rows if _kind_is_his(caller, ChangeKind(row.kind))]
    if not caller.departments:
        return rows
    people = {row.employee_id for row in rows if row.employee_id is not None}
    own = select(Employee.id).where(Employee.id.in_(people), Employee.department.in_(caller.departments))
    seen, whole_site = set(session.scalars(own)), sight_of(caller).whole_site
    return [
        row
        for row in rows
        if row.employee_id in seen
        or (row.employee_id is None and (whole_site or row.kind == ChangeKind.CAMERA_CHANGED))
    ]


def _kind_is_his(caller: Caller, kind: ChangeKind) -> bool:
    if kind in ALERTS:
        return caller.has(Role.SUPERVISOR, Scope.READ_ALERTS) or Scope.WRITE_ALERTS in caller.scopes
    return caller.has(Role.VIEWER, Scope.READ_PRESENCE if kind in PRESENCE else Scope.READ_CAMERAS)


def _content(row: Change) -> dict[str, Any]:
    about = {"employee_id": row.employee_id, "camera_id": row.camera_id, "alert_id": row.alert_id}
    known = {name: number for name, number in about.items() if number is not None}
    return {"id": row.id, "kind": row.kind, "at": row.at.isoformat(), **known, **row.params}


def _event(name: str, cursor: int, content: dict[str, Any]) -> str:
    return f"id: {cursor}\nevent: {name}\ndata: {json.dumps(content, separators=(',', ':'))}\n\n"


def _cursor_of(last_event_id: str | None, cursor: int | None) -> int | None:
    """Raises Refused, code `cursor_unknown`, for an id that no event of ours had."""
    if not last_event_id:
        return cursor
    if not (last_event_id.isascii() and last_event_id.isdecimal() and len(last_event_id) <= 18):
        raise Refused("cursor_unknown")
    return int(last_event_id)
