"""The WebSocket of one viewer: who may watch, which camera, one frame at a time."""

import asyncio
from datetime import UTC, datetime

import anyio
from anyio.abc import TaskGroup
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.live_frame import Overlay, OverlayBox
from core.storage.models import Camera, Employee
from dashboard.auth import SESSION_COOKIE, Account, account_of
from dashboard.database import reader
from dashboard.live.feed import Feeds
from dashboard.live.messages import (
    error_message,
    frame_message,
    parse_viewer_message,
    stopped_message,
)
from dashboard.origin import same_origin
from dashboard.viewing import note_faces

RECHECK_S = 30.0
CLOSE_SIGNED_OUT = 4401
CLOSE_BAD_MESSAGE = 1008
REDACTED = "other_department"
"""Reason on a box whose person belongs to a department that the viewer may not see."""


def live_routes(feeds: Feeds, recheck_s: float = RECHECK_S) -> list[BaseRoute]:
    async def watch(websocket: WebSocket) -> None:
        cookie = websocket.cookies.get(SESSION_COOKIE)
        account = await _account(cookie) if same_origin(websocket) else None
        if account is None:
            await websocket.close()  # before the handshake: the viewer gets 403
            return
        await websocket.accept()
        await asyncio.to_thread(note_faces, account, "live")
        await _Viewer(websocket, feeds, account, cookie).serve(recheck_s)

    return [WebSocketRoute("/api/live", watch)]


class _Over(Exception):
    """Ends the connection with this close code."""


class _Viewer:
    """One connection. Three tasks: what the viewer says, whether he may still watch, and the stream."""

    def __init__(self, websocket: WebSocket, feeds: Feeds, account: Account, cookie: str | None) -> None:
        self._websocket = websocket
        self._feeds = feeds
        self._cookie = cookie
        self._account = account
        self._visible: frozenset[int] | None = None
        self._acknowledged = asyncio.Event()
        self._stream = anyio.CancelScope()

    async def serve(self, recheck_s: float) -> None:
        """Returns when the viewer leaves, his session ends or he sends something else than messages."""
        self._visible = await asyncio.to_thread(_visible_employees, self._account.departments)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._listen, tasks)
                tasks.start_soon(self._recheck, recheck_s)
        except* WebSocketDisconnect:
            pass  # he left
        except* _Over as over:
            await self._websocket.close(over.exceptions[0].args[0])

    async def _listen(self, tasks: TaskGroup) -> None:
        while True:
            try:
                message = parse_viewer_message(await self._websocket.receive_text())
            except (ValueError, KeyError) as error:  # KeyError: a binary message has no text
                raise _Over(CLOSE_BAD_MESSAGE) from error
            if message.type == "ack":
                self._acknowledged.set()
                continue
            self._stream.cancel()
            if message.camera_id is None:
                await self._websocket.send_text(stopped_message())
            else:
                self._stream = anyio.CancelScope()
                tasks.start_soon(self._send_frames, message.camera_id, self._stream)

    async def _recheck(self, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            account = await _account(self._cookie)
            if account is None:
                await self._websocket.send_text(error_message(None, "signed_out"))
                raise _Over(CLOSE_SIGNED_OUT)
            self._visible = await asyncio.to_thread(_visible_employees, account.departments)
            await asyncio.to_thread(note_faces, account, "live")

    async def _send_frames(self, camera_id: int, until_cancelled: anyio.CancelScope) -> None:
        """Sends the newest frame whenever there is a newer one and the last was acknowledged."""
        with until_cancelled:
            await self._send_frames_of(camera_id)

    async def _send_frames_of(self, camera_id: int) -> None:
        refusal = await asyncio.to_thread(_refusal, camera_id)
        if refusal is not None:
            await self._websocket.send_text(error_message(camera_id, refusal))
            return
        async with self._feeds.watch(camera_id) as feed:
            self._acknowledged.set()
            version = 0
            while True:
                await self._acknowledged.wait()
                state = await feed.after(version)
                version = state.version
                if state.frame is None:
                    await self._websocket.send_text(error_message(camera_id, state.error or "no_frame"))
                    continue
                self._acknowledged.clear()
                overlay = redacted(state.frame.overlay, self._visible)
                message = frame_message(camera_id, state.frame, overlay, datetime.now(UTC))
                await self._websocket.send_bytes(message)


def redacted(overlay: Overlay | None, visible: frozenset[int] | None) -> Overlay | None:
    """The overlay without the names of people whom the viewer may not see; `visible` None: all."""
    if overlay is None or visible is None:
        return overlay
    redacted_overlay = overlay.copy()
    redacted_overlay["boxes"] = [_redacted_box(box, visible) for box in overlay["boxes"]]
    return redacted_overlay


def _redacted_box(box: OverlayBox, visible: frozenset[int]) -> OverlayBox:
    if box["employee_id"] is None or box["employee_id"] in visible:
        return box
    return {**box, "employee_id": None, "name": None, "reason": REDACTED, "score": None}


async def _account(cookie: str | None) -> Account | None:
    account = await asyncio.to_thread(account_of, cookie)
    return None if account is None or account.must_change_password else account


def _visible_employees(departments: tuple[str, ...]) -> frozenset[int] | None:
    if not departments:
        return None
    with Session(reader()) as database:
        return frozenset(database.scalars(select(Employee.id).where(Employee.department.in_(departments))))


def _refusal(camera_id: int) -> str | None:
    """Why this camera cannot be watched, None when it can."""
    query = select(Camera.enabled).where(Camera.id == camera_id, Camera.removed_at.is_(None))
    with Session(reader()) as database:
        enabled = database.scalar(query)
    if enabled is None:
        return "unknown_camera"
    return None if enabled else "camera_disabled"
