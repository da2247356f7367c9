"""Runs units of work one after the other, waiting for a locked database instead of losing facts."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.errors import DatabaseBusy, StorageError
from core.storage.failures import storage_failure

T = TypeVar("T")

PAUSE_S = 0.1


def run_in_order(
    engine: Engine,
    work: Callable[[Session], T],
    *,
    budget_s: float = 60.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """The result of `work`, committed in one transaction. While the database is locked it tries again.

    `work` may run several times and must keep nothing from a try that failed. What it returns stays readable
    after the commit. Errors that are not the storage's, broken constraints among them, pass unchanged.

    Raises DatabaseBusy when the lock lasted longer than `budget_s` seconds, DatabaseCorrupt, and StorageError
    with code `storage_full` when the disk takes no more; each is final, nothing of `work` is then stored.
    """
    deadline = clock() + budget_s
    while True:
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                return work(session)
        except DBAPIError as error:
            failure = failure_of(engine, error)
            if failure is None:
                raise
            if not isinstance(failure, DatabaseBusy) or clock() >= deadline:
                raise failure from error
        sleep(PAUSE_S)


def failure_of(engine: Engine, error: DBAPIError | sqlite3.Error) -> StorageError | None:
    """What a driver's error means for the storage, for callers that do not use `run_in_order`."""
    location = str(engine.url.database).removeprefix("file:")
    cause = error.orig if isinstance(error, DBAPIError) else error
    return storage_failure(cause, Path(unquote(location)))
