"""Requests are answered once, in order, and survive the worker's end; their photos do not stay behind."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.domain.states import RequestKind
from core.errors import GspeError
from core.paths import SitePaths
from core.storage.engine import reader_engine
from core.storage.requests import (
    MAX_INTERRUPTIONS,
    ClaimedRequest,
    claim_next,
    finish,
    has_waiting,
    read_request_photo,
    release_claims,
    remove_request_photo,
    result_of,
    store_request_photo,
    submit,
    sweep_request_photos,
)


def reload(session: Session, now: datetime, expires_in_s: float = 60) -> int:
    return submit(session, RequestKind.RELOAD, {}, "admin", now, expires_in_s)


def test_the_oldest_is_claimed_first_and_once(session: Session, now: datetime) -> None:
    payload = {"employee_id": 3, "photos": ["a"]}
    first = submit(session, RequestKind.ENROL, payload, "hr", now, 600)
    second = reload(session, now)
    expires_at = now + timedelta(seconds=600)
    assert claim_next(session, now) == ClaimedRequest(
        first, RequestKind.ENROL, payload, "hr", now, expires_at
    )
    claimed = claim_next(session, now)
    assert claimed is not None
    assert claimed.id == second
    assert claim_next(session, now) is None


def test_an_answer_comes_once(session: Session, now: datetime) -> None:
    request = reload(session, now)
    assert result_of(session, request) is None
    claim_next(session, now)
    assert result_of(session, request) is None
    finish(session, request, {"code": "done"}, now)
    session.commit()
    assert result_of(session, request) == {"code": "done"}
    with pytest.raises(ValueError, match="was finished"):
        finish(session, request, {"code": "again"}, now)
    with pytest.raises(GspeError, match="no request 99") as caught:
        result_of(session, 99)
    assert caught.value.code == "request_unknown"


def test_expired_ones_are_answered_so(session: Session, now: datetime) -> None:
    late, open_ = reload(session, now, 5), reload(session, now, 60)
    claimed = claim_next(session, now + timedelta(seconds=5))
    assert claimed is not None
    assert claimed.id == open_
    assert result_of(session, late) == {"code": "expired"}


def test_a_look_takes_no_lock(session: Session, engine: Engine, paths: SitePaths, now: datetime) -> None:
    reader = reader_engine(paths.database)

    def look() -> bool:
        with Session(reader) as reading:
            return has_waiting(reading)

    assert not look()
    request = reload(session, now)
    session.commit()
    with engine.begin():  # somebody else writes
        assert look()
    claim_next(session, now)
    session.commit()
    assert not look()
    finish(session, request, {}, now)
    session.commit()
    assert not look()
    reader.dispose()


def test_what_a_crashed_worker_claimed_waits_again(session: Session, now: datetime) -> None:
    done, request = reload(session, now), reload(session, now)
    claim_next(session, now)
    finish(session, done, {"code": "done"}, now)
    claim_next(session, now)
    session.commit()
    assert release_claims(session, now) == 1
    assert result_of(session, request) is None
    claimed = claim_next(session, now)
    assert claimed is not None
    assert claimed.id == request


def test_a_request_that_crashes_every_worker_is_given_up(session: Session, now: datetime) -> None:
    request = reload(session, now)
    for _ in range(MAX_INTERRUPTIONS):
        assert claim_next(session, now) is not None
        assert release_claims(session, now) == 1
    assert claim_next(session, now) is not None
    assert release_claims(session, now) == 0
    assert result_of(session, request) == {"code": "worker_crashed"}
    assert claim_next(session, now) is None


def test_a_photo_is_kept_for_the_owner_until_it_is_done(paths: SitePaths) -> None:
    name = store_request_photo(paths, b"jpeg")
    assert (paths.requests / name).stat().st_mode & 0o777 == 0o600
    assert read_request_photo(paths, name) == b"jpeg"
    remove_request_photo(paths, name)
    remove_request_photo(paths, name)
    assert list(paths.requests.iterdir()) == []
    with pytest.raises(GspeError, match="upload it again") as caught:
        read_request_photo(paths, name)
    assert caught.value.code == "photo_gone"


@pytest.mark.parametrize("name", ["../attendance.db", "/etc/passwd", "", "a" * 31, "A" * 32, "a" * 32 + "\n"])
def test_no_name_leads_out_of_the_folder(paths: SitePaths, name: str) -> None:
    for call in (read_request_photo, remove_request_photo):
        with pytest.raises(ValueError, match="no name"):
            call(paths, name)
    assert paths.database.exists()


def test_photos_that_nobody_waits_for_are_swept(session: Session, paths: SitePaths, now: datetime) -> None:
    def stored(age_s: float) -> str:
        name = store_request_photo(paths, b"jpeg")
        aged(paths.requests / name, now.timestamp() - age_s)
        return name

    waiting, answered, lost, fresh = stored(9999), stored(9999), stored(9999), stored(10)
    submit(session, RequestKind.ENROL, {"photos": [{"name": waiting}]}, "hr", now, 60)
    request = submit(session, RequestKind.ENROL, {"photos": [answered]}, "hr", now, 60)
    finish(session, request, {}, now)
    (paths.requests / "folder").mkdir()
    aged(paths.requests / "folder", now.timestamp() - 9999)
    assert sweep_request_photos(session, paths, now) == 2
    assert {path.name for path in paths.requests.iterdir()} == {waiting, fresh, "folder"}
    assert lost not in {waiting, fresh}


def aged(path: Path, modified_s: float) -> None:
    os.utime(path, (modified_s, modified_s))
