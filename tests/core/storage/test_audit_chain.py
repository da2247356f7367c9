"""The chain holds as written, and no edit, removal or insertion stays unnoticed."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.storage import audit
from core.storage.models import AuditLog


@pytest.fixture
def trail(session: Session, now: datetime) -> Session:
    for number in range(5):
        params = {"number": number, "name": "Sari é", "list": [1, None, {"b": 1, "a": 2}]}
        audit.append(
            session, now + timedelta(seconds=number), "hr", "employee.updated", "employees:1", params
        )
    session.commit()
    return session


def test_a_trail_as_written_holds(trail: Session) -> None:
    assert audit.verify(trail) is None
    rows = trail.scalars(select(AuditLog).order_by(AuditLog.id)).all()
    assert rows[0].previous_hash == "0" * 64
    assert [row.previous_hash for row in rows[1:]] == [row.hash for row in rows[:-1]]


def test_an_empty_trail_holds(session: Session) -> None:
    assert audit.verify(session) is None


@pytest.mark.parametrize(
    ("change", "broken_at"),
    [
        ("UPDATE audit_log SET actor = 'someone' WHERE id = 3", 3),
        ("UPDATE audit_log SET at = '2020-01-01 00:00:00.000000' WHERE id = 2", 2),
        ("UPDATE audit_log SET action = 'x' WHERE id = 1", 1),
        ("UPDATE audit_log SET subject = 'employees:2' WHERE id = 5", 5),
        ("UPDATE audit_log SET params = '{}' WHERE id = 4", 4),
        ("UPDATE audit_log SET hash = 'x' WHERE id = 2", 2),
        ("UPDATE audit_log SET previous_hash = 'x' WHERE id = 2", 2),
        ("DELETE FROM audit_log WHERE id = 1", 2),
        ("DELETE FROM audit_log WHERE id = 3", 4),
        ("DELETE FROM audit_log WHERE id = 5", 5),
        ("DELETE FROM audit_log", 1),
        ("INSERT INTO audit_log SELECT 9, at, actor, action, subject, params, previous_hash, hash"
         " FROM audit_log WHERE id = 5", 9),
    ],
)  # fmt: skip
def test_any_tampering_is_found_where_it_begins(trail: Session, change: str, broken_at: int) -> None:
    trail.execute(text(change))
    trail.commit()
    trail.expire_all()
    found = audit.verify(trail)
    assert found is not None
    assert found.row_id == broken_at
    assert str(broken_at) in found.reason


def test_the_time_zone_of_the_caller_does_not_matter(session: Session, now: datetime) -> None:
    audit.append(session, now.astimezone(timezone(timedelta(hours=7))), "hr", "a", "b:1", {})
    session.commit()
    session.expire_all()
    assert audit.verify(session) is None


finite = st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | finite | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(params=st.dictionaries(st.text(), json_values, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_comes_back_as_it_was_hashed(
    session: Session, now: datetime, params: dict[str, object]
) -> None:
    session.execute(delete(AuditLog))
    session.execute(text("DELETE FROM sqlite_sequence WHERE name = 'audit_log'"))
    audit.append(session, now, "hr", "a", "b:1", params)
    session.commit()
    session.expire_all()
    assert audit.verify(session) is None


def test_the_command(
    trail: Session, paths: SitePaths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GSPE_HOME", str(paths.home))
    assert audit.main(["verify"]) == 0
    assert capsys.readouterr().out == "5 rows, the chain holds\n"
    trail.execute(text("UPDATE audit_log SET actor = 'someone' WHERE id = 3"))
    trail.commit()
    assert audit.main(["verify"]) == 1
    assert capsys.readouterr().out == "the chain is broken: row 3 was edited\n"
    monkeypatch.setenv("GSPE_HOME", str(paths.home / "nowhere"))
    assert audit.main(["verify"]) == 2
    assert "is missing" in capsys.readouterr().err


def test_a_cut_off_end_is_found_by_what_was_noted_elsewhere(
    trail: Session,
    paths: SitePaths,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GSPE_HOME", str(paths.home))
    mark = audit.newest_mark(trail)
    assert mark is not None
    assert mark.startswith("5:")
    assert audit.main(["verify", "--expect", mark]) == 0
    trail.execute(text("DELETE FROM audit_log WHERE id >= 4"))
    trail.execute(text("UPDATE sqlite_sequence SET seq = 3 WHERE name = 'audit_log'"))
    trail.commit()
    assert audit.main(["verify"]) == 0, "the trail alone does not show it"
    capsys.readouterr()
    assert audit.main(["verify", "--expect", mark]) == 1
    assert capsys.readouterr().out == "the chain is broken: row 5 is missing\n"
    for number in range(2):
        audit.append(trail, now, "hr", "another", "b:1", {"number": number})
    trail.commit()
    assert audit.main(["verify"]) == 0
    capsys.readouterr()
    assert audit.main(["verify", "--expect", mark]) == 1
    assert capsys.readouterr().out == "the chain is broken: row 5 is not the expected one\n"


@pytest.mark.parametrize("written", ["", "5", "5:", ":" + "a" * 64, "5:xyz", "-5:" + "a" * 64])
def test_what_is_no_mark_is_refused(written: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        audit.main(["verify", f"--expect={written}"])
    assert refused.value.code == 2
    assert "write it as ID:HASH" in capsys.readouterr().err


def test_an_empty_trail_has_no_mark(session: Session) -> None:
    assert audit.newest_mark(session) is None
