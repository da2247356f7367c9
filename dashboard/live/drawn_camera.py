"""One camera's newest picture with its boxes drawn here, for a view that cannot draw them itself."""

import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy.orm import Session

from core.domain.states import CameraStatus
from core.live_frame import OverlayBox
from dashboard.auth import account_of
from dashboard.database import reader, site_paths
from dashboard.live.camera_states import CameraState, camera_states
from dashboard.live.drawing import Drawing, Pixels, blank, drawn, even
from dashboard.live.feed import POLL_S, LiveFrame, file_signature, read_live_frame, renew_lease
from dashboard.live.sight import Sight, redacted, sight_of
from dashboard.live.viewer import OLD_AFTER_S
from dashboard.widgets.words import Words

if TYPE_CHECKING:
    import av

UNWATCHED_S = 5.0
"""So long after the last picture was taken the reader ends: the stream is over, whatever ended it."""
LOOK_S = 2.0
"""How often the account and the camera's state are asked for."""
SIZE = (960, 540)
"""Of a camera's pictures (width, height in px) until one was seen."""


class DrawnCamera:
    """The newest picture of a camera as this account may see it, drawn on a thread of its own.

    The thread begins with the first picture that is asked for and ends UNWATCHED_S after the last one.
    """

    def __init__(self, camera_id: int, name: str, cookie: str | None, words: Words) -> None:
        self._camera_id = camera_id
        self._name = name
        self._cookie = cookie
        self._words = words
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._asked_at_s = 0.0
        self._size = self._size_now()
        self._picture: Pixels = self._blank(words("live.connecting"))

    def frame(self, _pts: int, _time_base: Fraction) -> "av.VideoFrame":
        """A picture of what is there; never waits, as the server's event loop calls it."""
        from av import VideoFrame  # noqa: PLC0415

        with self._lock:
            self._asked_at_s = time.monotonic()
            if self._thread is None:
                name = f"webrtc {self._camera_id}"
                self._thread = threading.Thread(target=self._work, name=name, daemon=True)
                self._thread.start()
        return VideoFrame.from_ndarray(np.ascontiguousarray(self._picture), format="rgb24")

    @property
    def works(self) -> bool:
        """Whether its thread runs."""
        return self._thread is not None

    def _size_now(self) -> tuple[int, int]:
        """A stream keeps the size that it begins with on the page, so it begins with the camera's."""
        frame, _ = read_live_frame(site_paths().live_frame(self._camera_id))
        overlay = frame.overlay if frame else None
        return even(overlay["width"], overlay["height"]) if overlay else SIZE

    def _blank(self, words: str) -> Pixels:
        return blank(self._size, words, self._name)

    def _work(self) -> None:
        try:
            self._keep_drawing()
        finally:  # whatever ended it, its last picture must not pass for the present
            with self._lock:
                self._thread = None
                self._picture = self._blank(self._words("live.connecting"))

    def _keep_drawing(self) -> None:
        file = site_paths().live_frame(self._camera_id)
        shown: tuple[object, ...] = ()
        looked_at_s = -LOOK_S
        while self._is_watched():
            if time.monotonic() - looked_at_s >= LOOK_S:
                looked_at_s = time.monotonic()
                seen = self._look()
            if (signature := file_signature(file)) not in shown:
                frame, error = read_live_frame(file)
            age_s = frame.age_s(datetime.now(UTC)) if frame else None
            trouble = self._trouble(frame, error, age_s, *seen)
            said = (self._caption(age_s), trouble)
            if (signature, said, *seen) != shown:
                shown = (signature, said, *seen)
                self._picture = self._draw(frame, said, seen[0])
            time.sleep(POLL_S)

    def _is_watched(self) -> bool:
        with self._lock:
            return time.monotonic() - self._asked_at_s < UNWATCHED_S

    def _look(self) -> tuple[Sight | None, CameraState]:
        """What the account may see, None when it is signed out, and how the camera is."""
        with suppress(OSError):  # without a lease the worker writes fewer frames: slow, but frames
            renew_lease(site_paths().viewer_lease(self._camera_id))
        account = account_of(self._cookie)
        with Session(reader()) as session:
            state = camera_states(session, [self._camera_id])[self._camera_id]
            sight = None if account is None else sight_of(session, account)
        return sight, state

    def _draw(self, frame: LiveFrame | None, said: tuple[str, str | None], sight: Sight | None) -> Pixels:
        caption, trouble = said
        if frame is None or sight is None:
            return self._blank(trouble or "")
        overlay = redacted(frame.overlay, sight)
        boxes = overlay["boxes"] if overlay else []
        try:
            return drawn(Drawing(frame.jpeg, boxes, caption, trouble, self.label))
        except OSError:
            return self._blank(self._words("live.error.unreadable_frame"))

    def _caption(self, age_s: float | None) -> str:
        """To the second: the picture is drawn again only when something on it changes."""
        words = self._words
        if age_s is None:
            return f"{self._name} · {words('wall.age_unknown')}"
        return f"{self._name} · {words('units.ago', duration=words.duration(int(age_s)))}"

    def _trouble(
        self,
        frame: LiveFrame | None,
        error: str | None,
        age_s: float | None,
        sight: Sight | None,
        state: CameraState,
    ) -> str | None:
        """Why what is there is not the present; None when it is."""
        words = self._words
        if sight is None:
            return words("live.error.signed_out")
        if state.refusal is not None:
            return words(f"live.error.{state.refusal}")
        if state.status != CameraStatus.ONLINE:
            return words(f"camera.status.{state.status}")
        if frame is None:
            return words(f"live.error.{error}")
        return None if age_s is not None and age_s <= OLD_AFTER_S else words("wall.old")

    def label(self, box: OverlayBox) -> str:
        score, words = box["score"], self._words
        if box["name"]:
            return box["name"] if score is None else f"{box['name']} {words.number(score, 2)}"
        reason = words.first(f"live.reason.{box['reason']}", "live.reason.voting")
        if not box.get("candidate"):
            return reason
        margin = box.get("margin")
        values = {"reason": reason, "name": box.get("candidate"), "score": words.number(score or 0, 2)}
        if margin is None:
            return words("wall.candidate_only", **values)
        return words("wall.candidate", **values, margin=words.number(margin, 2))
