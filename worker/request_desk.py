"""Answers what the dashboard asks, on threads of its own: a frame never waits for a request."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.domain.states import Pose, RequestKind
from core.errors import GspeError, StorageError
from core.paths import SitePaths
from core.settings import Parameters
from core.storage import requests
from core.storage.asking import CameraTestAnswer, CameraTestPayload, CapturePayload, EnrolPayload, to_json
from core.storage.engine import reader_engine, writer_engine
from core.storage.requests import ClaimedRequest
from core.storage.retry import run_in_order
from worker.camera_trial import try_camera
from worker.enrolment import Enroller, Terms
from worker.frame_tap import FrameTap

log = logging.getLogger(__name__)

POLL_S = 0.15
FULL_RETRY_S = 2.0
PARALLEL = 3
"""A camera test that waits for a time-out, and a capture that waits for a face, hold up no enrolment."""
CAPTURE_WITHIN_S = 5.0
SITE_CAMERA = "site_camera"
"""The source of a template that was taken by a camera of the site."""

T = TypeVar("T")


@dataclass
class RequestDesk:
    """Polls `worker_requests` and answers them. `parameters` is replaced when the settings change.

    `tap` is offered the cameras' frames by whoever reads them.
    """

    paths: SitePaths
    enroller: Enroller
    parameters: Parameters
    tap: FrameTap = field(default_factory=FrameTap)

    def __post_init__(self) -> None:
        self._writer: Engine = writer_engine(self.paths.database)
        self._reader: Engine = reader_engine(self.paths.database)
        self._stopping = threading.Event()
        self._failure: Exception | None = None
        self._threads = [
            threading.Thread(target=self._run, name=f"request desk {number}", daemon=True)
            for number in range(PARALLEL)
        ]
        self._reload = threading.Event()

    def start(self) -> None:
        """Requests that an earlier worker left unfinished wait again."""
        run_in_order(self._writer, lambda session: requests.release_claims(session, datetime.now(UTC)))
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_s: float) -> None:
        """A request that goes on beyond the time-out is left; the next worker answers it."""
        self._stopping.set()
        deadline_s = time.monotonic() + timeout_s
        for thread in filter(threading.Thread.is_alive, self._threads):
            thread.join(max(0.0, deadline_s - time.monotonic()))

    def take_reload(self) -> bool:
        """Whether a reload was asked for since the last call."""
        asked = self._reload.is_set()
        self._reload.clear()
        return asked

    def raise_failure(self) -> None:
        """Raises in the main loop what ended one of the desk's threads, if anything did."""
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        """Each thread claims what it answers, so that nothing claimed waits behind a slow camera."""
        try:
            while not self._stopping.wait(POLL_S):
                while self._anything_waits() and (request := self._commit(_claim)) is not None:
                    self._answer(request)
        except Exception as error:  # noqa: BLE001  the main loop raises it again
            self._failure = error

    def _anything_waits(self) -> bool:
        if self._stopping.is_set():
            return False
        with Session(self._reader) as session:
            return requests.has_waiting(session)

    def _answer(self, request: ClaimedRequest) -> None:
        log.info("request %d (%s) of %s", request.id, request.kind, request.requested_by)
        try:
            result = self._result(request)
        except GspeError as error:
            log.warning("request %d: %s", request.id, error)
            result = {"code": error.code, **error.params}
        self._commit(lambda session: requests.finish(session, request.id, result, datetime.now(UTC)))
        for name in _files_of(request):
            requests.remove_request_photo(self.paths, name)

    def _commit(self, work: Callable[[Session], T]) -> T:
        """As run_in_order; while the disk is full it is tried again until the desk is to stop."""
        while True:
            try:
                return run_in_order(self._writer, work)
            except StorageError as error:
                if error.code != "storage_full" or self._stopping.wait(FULL_RETRY_S):
                    raise

    def _result(self, request: ClaimedRequest) -> dict[str, Any]:
        match request.kind:
            case RequestKind.ENROL:
                return self._enrol(EnrolPayload(**request.payload), request.requested_by)
            case RequestKind.CAPTURE:
                return self._capture(CapturePayload(**request.payload), request.requested_by)
            case RequestKind.TEST_CAMERA:
                return self._test_camera(CameraTestPayload(**request.payload))
            case RequestKind.RELOAD:
                self._reload.set()
                return {"code": "done"}

    def _enrol(self, asked: EnrolPayload, actor: str) -> dict[str, Any]:
        photo = requests.read_request_photo(self.paths, asked.photo)
        terms = Terms(asked.source, actor, None, _pose(asked.pose), asked.allow_look_alike)
        return to_json(self.enroller.enrol(asked.employee_id, photo, terms))

    def _capture(self, asked: CapturePayload, actor: str) -> dict[str, Any]:
        terms = Terms(SITE_CAMERA, actor, asked.camera_id, _pose(asked.pose), asked.allow_look_alike)
        with closing(self.tap.frames(asked.camera_id, CAPTURE_WITHIN_S)) as frames:
            return to_json(self.enroller.enrol_first_good(asked.employee_id, frames, terms))

    def _test_camera(self, asked: CameraTestPayload) -> dict[str, Any]:
        camera = asked.camera(self.paths)
        trial = try_camera(camera, self.parameters.for_camera(camera))
        picture = None
        if trial.picture_jpeg is not None:
            picture = requests.store_request_photo(self.paths, trial.picture_jpeg)
        result = trial.result
        return to_json(
            CameraTestAnswer(
                status=result["status"],
                cause=result["cause"],
                codec=result["codec"],
                width_px=result["width"],
                height_px=result["height"],
                fps=result["fps"],
                first_frame_s=result["time_to_first_frame_s"],
                picture=picture,
            )
        )


def _pose(asked: str | None) -> Pose | None:
    return None if asked is None else Pose(asked)


def _claim(session: Session) -> ClaimedRequest | None:
    return requests.claim_next(session, datetime.now(UTC))


def _files_of(request: ClaimedRequest) -> list[str]:
    """What came with the request: it stays until the answer is stored, for a worker that is killed before."""
    match request.kind:
        case RequestKind.ENROL:
            return [request.payload["photo"]]
        case RequestKind.TEST_CAMERA:
            return [request.payload["settings"]]
        case RequestKind.CAPTURE | RequestKind.RELOAD:
            return []
