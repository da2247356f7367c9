"""The WebSocket of one page: who may watch, which cameras, and of each one frame at a time."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

import anyio
from anyio.abc import TaskGroup
from sqlalchemy.orm import Session
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from core.errors import GspeError
from dashboard.auth import SESSION_COOKIE, Account, account_of
from dashboard.database import reader
from dashboard.live.camera_states import CameraState, camera_states, worker_is_silent
from dashboard.live.feed import Feeds
from dashboard.live.messages import (
    SentFrame,
    ViewerMessage,
    error_message,
    frame_message,
    parse_viewer_message,
    snapshot_message,
    states_message,
    stopped_message,
)
from dashboard.live.sight import NOTHING, redacted, sight_of
from dashboard.origin import same_origin
from dashboard.viewing import note_faces, note_picture

RECHECK_S = 30.0
STATES_S = 2.0
CLOSE_SIGNED_OUT = 4401
CLOSE_BAD_MESSAGE = 1008
CLOSE_GONE = 1006

P = TypeVar("P")
R = TypeVar("R")


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


@dataclass(eq=False)
class _Tile:
    """One camera on the page. `stream` is there while its frames are sent."""

    stream: anyio.CancelScope | None = None
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    acknowledged_at_s: float = 0.0

    def acknowledge(self) -> None:
        self.acknowledged_at_s = time.monotonic()
        self.acknowledged.set()

    def end(self) -> None:
        if self.stream is not None:
            self.stream.cancel()
            self.stream = None


class _Viewer:
    """One connection: what the viewer says, whether he may still watch, how cameras are, a stream a tile."""

    def __init__(self, websocket: WebSocket, feeds: Feeds, account: Account, cookie: str | None) -> None:
        self._websocket = websocket
        self._feeds = feeds
        self._cookie = cookie
        self._account = account
        self._sight = NOTHING
        self._tiles: dict[int, _Tile] = {}
        self._looking = asyncio.Lock()
        self._tasks: TaskGroup

    async def serve(self, recheck_s: float) -> None:
        """Returns when the viewer leaves, his session ends or he sends something else than messages."""
        self._sight = await asyncio.to_thread(_read, sight_of, self._account)
        try:
            async with anyio.create_task_group() as self._tasks:
                self._tasks.start_soon(self._listen)
                self._tasks.start_soon(self._recheck, recheck_s)
                self._tasks.start_soon(self._keep_looking)
        except* WebSocketDisconnect:
            pass  # he left
        except* _Over as over:
            await self._websocket.close(over.exceptions[0].args[0])

    async def _tell(self, content: str | bytes) -> None:
        """Raises WebSocketDisconnect when he left."""
        self._refuse_gone()
        if isinstance(content, str):
            await self._websocket.send_text(content)
        else:
            await self._websocket.send_bytes(content)

    def _refuse_gone(self) -> None:
        """Another task may have met the end of the connection first, which Starlette calls a RuntimeError."""
        if self._websocket.application_state is not WebSocketState.CONNECTED:
            raise WebSocketDisconnect(CLOSE_GONE)

    async def _listen(self) -> None:
        while True:
            try:
                self._refuse_gone()
                message = parse_viewer_message(await self._websocket.receive_text())
            except (ValueError, KeyError) as error:  # KeyError: a binary message has no text
                raise _Over(CLOSE_BAD_MESSAGE) from error
            await self._answer(message)

    async def _answer(self, message: ViewerMessage) -> None:
        if message.type == "ack":
            if (tile := self._tiles.get(message.cameras[0])) is not None:
                tile.acknowledge()
        elif message.type == "snapshot":
            await self._note_snapshot(message.cameras[0])
        else:
            self._choose(message.cameras)
            if message.type == "stop":
                await self._tell(stopped_message())
            else:
                await self._look()

    def _choose(self, cameras: tuple[int, ...]) -> None:
        for camera_id in self._tiles.keys() - set(cameras):
            self._tiles.pop(camera_id).end()
        for camera_id in cameras:
            self._tiles.setdefault(camera_id, _Tile())

    async def _note_snapshot(self, camera_id: int) -> None:
        """A picture is kept only when that could be noted, as one that is shown alone."""
        code = None
        if camera_id not in self._tiles:
            code = "unknown_camera"
        else:
            try:
                await asyncio.to_thread(note_picture, self._account, "snapshot", f"cameras:{camera_id}")
            except GspeError:
                code = "not_noted"
        await self._tell(snapshot_message(camera_id, code))

    async def _recheck(self, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            account = await _account(self._cookie)
            if account is None:
                await self._tell(error_message(None, "signed_out"))
                raise _Over(CLOSE_SIGNED_OUT)
            self._account = account
            self._sight = await asyncio.to_thread(_read, sight_of, account)
            await asyncio.to_thread(note_faces, account, "live")

    async def _keep_looking(self) -> None:
        """The viewer takes the regular word also as a sign that this program lives."""
        while True:
            await asyncio.sleep(STATES_S)
            await self._look()

    async def _look(self) -> None:
        """Tells how the cameras are; streams those that can be watched and ends the others."""
        async with self._looking:
            states, silent = await asyncio.to_thread(_read, _states, tuple(self._tiles))
            states = {camera_id: state for camera_id, state in states.items() if camera_id in self._tiles}
            await self._tell(states_message(states, worker_silent=silent))
            for camera_id, state in states.items():
                tile = self._tiles.get(camera_id)
                if tile is not None and state.refusal is not None:
                    tile.end()
                elif tile is not None and tile.stream is None:
                    tile.stream = anyio.CancelScope()
                    self._tasks.start_soon(self._send_frames, camera_id, tile, tile.stream)

    async def _send_frames(self, camera_id: int, tile: _Tile, until_cancelled: anyio.CancelScope) -> None:
        """Sends the newest frame whenever there is a newer one and the last was acknowledged."""
        with until_cancelled:
            async with self._feeds.watch(camera_id) as feed:
                tile.acknowledge()
                version = 0
                while True:
                    await tile.acknowledged.wait()
                    state = await feed.after(version)
                    version = state.version
                    if state.frame is None:
                        await self._tell(error_message(camera_id, state.error or "no_frame"))
                        continue
                    tile.acknowledged.clear()
                    waited_s = time.monotonic() - tile.acknowledged_at_s
                    overlay = redacted(state.frame.overlay, self._sight)
                    sent = SentFrame(camera_id, state.frame, overlay, waited_s)
                    await self._tell(frame_message(sent, datetime.now(UTC)))


async def _account(cookie: str | None) -> Account | None:
    account = await asyncio.to_thread(account_of, cookie)
    return None if account is None or account.must_change_password else account


def _read(query: Callable[[Session, P], R], subject: P) -> R:
    with Session(reader()) as session:
        return query(session, subject)


def _states(session: Session, cameras: tuple[int, ...]) -> tuple[dict[int, CameraState], bool]:
    return camera_states(session, cameras), worker_is_silent(session, datetime.now(UTC))
