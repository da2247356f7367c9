"""Who may do what with an alert; each step leaves its audit row."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import AlertKind, AlertState, Role
from core.errors import AccessDenied, GspeError
from core.storage import alerts
from core.storage.models import AlertLog, AuditLog, ExcusedAbsence
from dashboard import alert_commands, data
from dashboard.auth import SESSION_COOKIE
from tests.dashboard.signed_in import session_cookie
from tests.seed import Seed

AYU, CITRA = 1, 2


class SignedIn:
    """Somebody who is signed in, and what he finds: Ayu and Citra missed, a camera down."""

    def __init__(self, seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seed = seed
        self._patch = monkeypatch
        self.ayu, self.citra = (self._open(AlertKind.ABSENT, employee_id=who) for who in (AYU, CITRA))
        self.camera = self._open(AlertKind.CAMERA_DOWN, camera_id=1)

    def _open(self, kind: AlertKind, **columns: Any) -> int:
        since = self.seed.now - timedelta(minutes=10)
        with Session(self.seed.engine) as session, session.begin():
            return alerts.open_alert(
                session, AlertLog(kind=kind, opened_at=since, absent_since=since, **columns)
            ).id

    def as_(self, username: str) -> None:
        cookie = {SESSION_COOKIE: session_cookie(self.seed, username)}
        self._patch.setattr(type(st.context), "cookies", property(lambda _context: cookie))

    def state(self, alert_id: int) -> str:
        with Session(self.seed.engine) as session:
            return session.get_one(AlertLog, alert_id).state

    def audited(self) -> list[tuple[str, str, dict[str, Any]]]:
        with Session(self.seed.engine) as session:
            rows = session.scalars(select(AuditLog).order_by(AuditLog.id))
            return [(row.actor, row.action, row.params) for row in rows]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SignedIn]:
    monkeypatch.setenv("GSPE_HOME", str(tmp_path))
    data.forget()
    seed = Seed(tmp_path)
    seed.camera(1, "Gate")
    for code, name, department in (("E1", "Ayu", "Produksi"), ("E2", "Citra", "Gudang")):
        seed.employee(code, name, department)
    for role in Role:
        seed.user(str(role), role)
    seed.user("spv.gudang", Role.SUPERVISOR, ("Gudang",))
    seed.user("admin.gudang", Role.ADMIN, ("Gudang",))
    yield SignedIn(seed, monkeypatch)
    seed.engine.dispose()


def test_each_step_is_taken_and_audited(site: SignedIn) -> None:
    site.as_("supervisor")
    until = site.seed.now + timedelta(hours=1)
    assert alert_commands.acknowledge([site.camera]) == alert_commands.Acknowledged(1, 0)
    alert_commands.snooze(site.ayu, until)
    alert_commands.excuse(site.ayu, "  Ke dokter ")
    alert_commands.resolve(site.camera, "Kabel diganti")
    assert (site.state(site.ayu), site.state(site.camera)) == (AlertState.EXCUSED, AlertState.RESOLVED)
    camera = {"kind": "camera_down", "employee_id": None}
    ayu = {"kind": "absent", "employee_id": AYU}
    assert site.audited() == [
        ("supervisor", "alert.acknowledged", camera),
        ("supervisor", "alert.snoozed", ayu | {"until": until.isoformat()}),
        ("supervisor", "alert.excused", ayu | {"note": "Ke dokter"}),
        ("supervisor", "alert.resolved", camera | {"note": "Kabel diganti"}),
    ]


@pytest.mark.parametrize("username", ["viewer", "spv.gudang"])
def test_role_and_department_decide(site: SignedIn, username: str) -> None:
    site.as_(username)
    until = site.seed.now + timedelta(hours=1)
    for alert_id in (site.ayu, site.camera):
        for command in (
            lambda one=alert_id: alert_commands.acknowledge([one]),
            lambda one=alert_id: alert_commands.snooze(one, until),
            lambda one=alert_id: alert_commands.excuse(one, "x"),
            lambda one=alert_id: alert_commands.resolve(one),
        ):
            with pytest.raises(AccessDenied):
                command()
    assert site.audited() == []


def test_a_department_s_supervisor_sees_to_its_own_people(site: SignedIn) -> None:
    site.as_("spv.gudang")
    alert_commands.acknowledge([site.citra])
    with pytest.raises(AccessDenied):
        alert_commands.acknowledge([site.ayu])
    assert site.state(site.ayu) == AlertState.OPEN
    site.as_("admin.gudang")
    alert_commands.acknowledge([site.camera])
    with pytest.raises(AccessDenied):
        alert_commands.resolve(site.ayu)


def test_who_moved_department_meanwhile_ends_no_batch(site: SignedIn) -> None:
    site.as_("spv.gudang")
    assert alert_commands.acknowledge([site.ayu, site.citra]) == alert_commands.Acknowledged(1, 1)
    assert (site.state(site.ayu), site.state(site.citra)) == (AlertState.OPEN, AlertState.ACKNOWLEDGED)
    assert [params["employee_id"] for _, _, params in site.audited()] == [CITRA]
    with pytest.raises(AccessDenied):
        alert_commands.acknowledge([site.citra, site.camera])


def test_somebody_was_faster(site: SignedIn) -> None:
    site.as_("supervisor")
    alert_commands.resolve(site.ayu)
    for command in (
        lambda: alert_commands.excuse(site.ayu, "x"),
        lambda: alert_commands.resolve(site.ayu),
        lambda: alert_commands.snooze(site.ayu, site.seed.now + timedelta(hours=1)),
    ):
        with pytest.raises(GspeError) as refused:
            command()
        assert refused.value.code == "alert_moved_on"
    done = alert_commands.acknowledge([site.ayu, site.citra, 999])
    assert done == alert_commands.Acknowledged(1, 2)
    with pytest.raises(GspeError) as refused:
        alert_commands.resolve(999)
    assert refused.value.code == "alert_unknown"


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 201])
def test_an_excuse_needs_a_reason(site: SignedIn, reason: str) -> None:
    site.as_("supervisor")
    with pytest.raises(GspeError) as refused:
        alert_commands.excuse(site.ayu, reason)
    assert refused.value.code == "alert_reason_missing"
    assert site.state(site.ayu) == AlertState.OPEN


@pytest.mark.parametrize("minutes", [-5, 8 * 24 * 60])
def test_a_snooze_ends_in_the_days_to_come(site: SignedIn, minutes: int) -> None:
    site.as_("supervisor")
    with pytest.raises(GspeError) as refused:
        alert_commands.snooze(site.ayu, site.seed.now + timedelta(minutes=minutes))
    assert refused.value.code == "alert_snooze_invalid"


def test_only_who_is_away_can_be_excused(site: SignedIn) -> None:
    site.as_("supervisor")
    with pytest.raises(GspeError) as refused:
        alert_commands.excuse(site.camera, "x")
    assert refused.value.code == "alert_moved_on"


def test_hr_enters_the_hours_with_the_excuse(site: SignedIn) -> None:
    end = site.seed.now + timedelta(hours=2)
    site.as_("supervisor")
    with pytest.raises(AccessDenied):
        alert_commands.excuse(site.ayu, "Ke dokter", end)
    site.as_("hr")
    alert_commands.excuse(site.ayu, "Ke dokter", end)
    with Session(site.seed.engine) as session:
        (hours,) = session.scalars(select(ExcusedAbsence))
    assert (hours.employee_id, hours.reason) == (AYU, "Ke dokter")
    assert (hours.started_at, hours.ended_at) == (site.seed.now - timedelta(minutes=10), end)
    assert [action for _, action, _ in site.audited()] == ["alert.excused", "excuse.added"]


def test_hours_that_end_before_they_begin_excuse_nothing(site: SignedIn) -> None:
    site.as_("hr")
    with pytest.raises(GspeError) as refused:
        alert_commands.excuse(site.ayu, "x", site.seed.now - timedelta(hours=1))
    assert refused.value.code == "working_time_invalid"
    assert site.state(site.ayu) == AlertState.OPEN
