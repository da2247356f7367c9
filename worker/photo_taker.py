"""Enrols photos from a command line: here when no worker runs, else by asking the one that does."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.domain.states import RequestKind
from core.errors import AlreadyRunning, GspeError
from core.paths import SitePaths
from core.settings_store import SettingsStore
from core.storage import requests
from core.storage.asking import EnrolAnswer, EnrolPayload, to_json
from core.storage.lock import worker_lock
from core.storage.retry import run_in_order
from worker.enrolment import Enroller, Terms
from worker.packs import load_pack

ANSWER_WITHIN_S = 120.0
"""A worker that starts may have to load its models first."""
LOOK_AGAIN_S = 0.1


class TakePhoto(Protocol):
    def __call__(
        self, employee_id: int, photo: bytes, file_name: str, *, allow_look_alike: bool = False
    ) -> EnrolAnswer:
        """What became of the photo. Raises GspeError when that cannot be told."""


@contextmanager
def photo_taker(paths: SitePaths, engine: Engine, source: str, actor: str) -> Iterator[TakePhoto]:
    """While the block runs, no worker starts, or one does the work. Raises ModelError."""
    lock = worker_lock(paths)
    try:
        lock.__enter__()
    except AlreadyRunning:
        yield _Asking(paths, engine, source, actor)
        return
    try:
        yield _Doing(_enroller(paths, engine), source, actor)
    finally:
        lock.__exit__(None, None, None)


def _enroller(paths: SitePaths, engine: Engine) -> Enroller:
    parameters = SettingsStore(paths).load_parameters().value
    return Enroller(paths, engine, load_pack(parameters), parameters.similarity_threshold)


@dataclass(frozen=True)
class _Doing:
    enroller: Enroller
    source: str
    actor: str

    def __call__(
        self, employee_id: int, photo: bytes, file_name: str, *, allow_look_alike: bool = False
    ) -> EnrolAnswer:
        terms = Terms(self.source, self.actor, allow_look_alike=allow_look_alike)
        return self.enroller.enrol(employee_id, photo, terms)


@dataclass(frozen=True)
class _Asking:
    paths: SitePaths
    engine: Engine
    source: str
    actor: str

    def __call__(
        self, employee_id: int, photo: bytes, file_name: str, *, allow_look_alike: bool = False
    ) -> EnrolAnswer:
        stored = requests.store_request_photo(self.paths, photo)
        payload = EnrolPayload(employee_id, stored, file_name, self.source, allow_look_alike)
        request_id = run_in_order(
            self.engine,
            lambda session: requests.submit(
                session,
                RequestKind.ENROL,
                to_json(payload),
                self.actor,
                datetime.now(UTC),
                ANSWER_WITHIN_S,
            ),
        )
        return self._answer(request_id)

    def _answer(self, request_id: int) -> EnrolAnswer:
        deadline = time.monotonic() + ANSWER_WITHIN_S
        while time.monotonic() < deadline:
            with Session(self.engine) as session:
                result = requests.result_of(session, request_id)
            if result is None:
                time.sleep(LOOK_AGAIN_S)
            elif "outcome" in result:
                return EnrolAnswer(**result)
            else:
                raise GspeError(
                    f"the worker could not look at the photo ({result['code']}): see its log and try again",
                    code=result["code"],
                )
        raise GspeError(
            f"the worker did not answer within {ANSWER_WITHIN_S:.0f} s: see `python -m worker doctor`",
            code="no_answer",
        )
