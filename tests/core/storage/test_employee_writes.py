"""The list of people: what is refused, what is recorded, and that nothing else changes."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import GspeError
from core.storage import audit
from core.storage.employees import (
    clean_text,
    create_employee,
    deactivate_employee,
    employee_by_code,
    has_consent,
    reactivate_employee,
    record_consent,
    update_employee,
)
from core.storage.models import AuditLog, Consent, Employee

LATER = timedelta(minutes=5)


@pytest.fixture
def sari(session: Session, now: datetime) -> Employee:
    fields = {"code": "E01", "name": "Sari", "department": "Bengkel"}
    return create_employee(session, fields, actor="hr", now=now)


def last_audit(session: Session) -> tuple[str, str, str, dict[str, Any]]:
    row = session.scalars(select(AuditLog).order_by(AuditLog.id.desc()).limit(1)).one()
    return row.actor, row.action, row.subject, row.params


def test_a_new_person_is_active_and_recorded(session: Session, sari: Employee, now: datetime) -> None:
    session.commit()
    assert (sari.active, sari.created_at, sari.updated_at, sari.phone) == (True, now, now, None)
    assert last_audit(session) == (
        "hr", "employee.created", f"employees:{sari.id}",
        {"code": "E01", "name": "Sari", "department": "Bengkel"},
    )  # fmt: skip
    assert audit.verify(session) is None


@pytest.mark.parametrize("active", [True, False])
def test_a_code_is_given_once_also_among_the_inactive(
    session: Session, sari: Employee, now: datetime, active: bool
) -> None:
    if not active:
        deactivate_employee(session, sari.id, actor="hr", now=now)
    other = create_employee(session, {"code": "E02", "name": "Budi"}, actor="hr", now=now)
    for taken in (
        lambda: create_employee(session, {"code": " E01 ", "name": "Budi"}, actor="hr", now=now),
        lambda: update_employee(session, other.id, {"code": "E01"}, actor="hr", now=now),
    ):
        with pytest.raises(
            GspeError, match="belongs to Sari" + ("" if active else ", who is inactive")
        ) as caught:
            taken()
        assert caught.value.code == "employee_code_taken"
        assert caught.value.params["employee_id"] == sari.id


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "A"}, "code"),
        ({"code": "E9"}, "name"),
        ({"code": "  ", "name": "A"}, "code"),
        ({"code": "E9", "name": None}, "name"),
        ({"code": "E9", "name": 7}, "name"),
        ({"code": "E9", "name": "A", "phone": 62811}, "phone"),
        ({"code": "E9", "name": "A" * 201}, "name"),
        ({"code": "E9", "name": "A", "salary": "1"}, "salary"),
        ({"code": "E9", "name": "A", "active": "yes"}, "active"),
        ({"code": "E9", "name": "A", "id": "1"}, "id"),
    ],
)
def test_a_wrong_field_is_named(session: Session, now: datetime, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(GspeError, match=field) as caught:
        create_employee(session, fields, actor="hr", now=now)
    assert (caught.value.code, caught.value.params) == ("employee_field_invalid", {"field": field})
    assert session.scalar(select(func.count(Employee.id))) == 0


def test_a_partial_update_leaves_the_rest(session: Session, sari: Employee, now: datetime) -> None:
    changes = {"position": "Mekanik", "department": None}
    update_employee(session, sari.id, changes, actor="admin", now=now + LATER)
    session.commit()
    assert (sari.name, sari.position, sari.department) == ("Sari", "Mekanik", None)
    assert (sari.created_at, sari.updated_at) == (now, now + LATER)
    assert last_audit(session)[1:] == (
        "employee.updated", f"employees:{sari.id}",
        {"before": {"position": None, "department": "Bengkel"}, "after": changes},
    )  # fmt: skip


def test_the_trail_knows_that_a_phone_number_changed_and_not_which(session: Session, now: datetime) -> None:
    fields = {"code": "E02", "name": "Budi", "phone": "+6281234567890"}
    budi = create_employee(session, fields, actor="hr", now=now)
    assert last_audit(session)[3] == {**fields, "phone": "+628•••890"}
    update_employee(session, budi.id, {"phone": "0811"}, actor="hr", now=now + LATER)
    assert last_audit(session)[3] == {"before": {"phone": "+628•••890"}, "after": {"phone": "•••"}}
    update_employee(session, budi.id, {"phone": None}, actor="hr", now=now + LATER)
    assert last_audit(session)[3] == {"before": {"phone": "•••"}, "after": {"phone": None}}
    assert budi.phone is None


def test_an_update_that_changes_nothing_writes_nothing(
    session: Session, sari: Employee, now: datetime
) -> None:
    before = session.scalar(select(func.count(AuditLog.id)))
    update_employee(
        session, sari.id, {"name": " Sari ", "code": "E01", "phone": ""}, actor="hr", now=now + LATER
    )
    reactivate_employee(session, sari.id, actor="hr", now=now + LATER)
    assert session.scalar(select(func.count(AuditLog.id))) == before
    assert sari.updated_at == now


def test_deactivated_and_back(session: Session, sari: Employee, now: datetime) -> None:
    deactivate_employee(session, sari.id, actor="hr", now=now + LATER)
    assert (sari.active, sari.deactivated_at, sari.updated_at) == (False, now + LATER, now + LATER)
    assert last_audit(session)[1] == "employee.deactivated"
    reactivate_employee(session, sari.id, actor="hr", now=now + 2 * LATER)
    assert (sari.active, sari.deactivated_at, sari.updated_at) == (True, None, now + 2 * LATER)
    assert last_audit(session)[1] == "employee.reactivated"


def test_nobody_is_nobody(session: Session, now: datetime) -> None:
    for call in (
        lambda: update_employee(session, 99, {}, actor="hr", now=now),
        lambda: deactivate_employee(session, 99, actor="hr", now=now),
        lambda: record_consent(session, 99, "consent", "1", actor="hr", now=now),
    ):
        with pytest.raises(GspeError, match="no employee with id 99") as caught:
            call()
        assert caught.value.code == "employee_unknown"


def test_consent_is_recorded_with_its_basis(session: Session, sari: Employee, now: datetime) -> None:
    assert not has_consent(session, sari.id)
    record_consent(session, sari.id, " consent ", "2026-1", actor="hr", now=now)
    session.commit()
    consent = session.scalars(select(Consent)).one()
    assert (consent.basis, consent.text_version, consent.recorded_by) == ("consent", "2026-1", "hr")
    assert last_audit(session)[1] == "consent.recorded"
    assert has_consent(session, sari.id)
    consent.withdrawn_at = now
    assert not has_consent(session, sari.id)
    with pytest.raises(GspeError, match="basis"):
        record_consent(session, sari.id, " ", "1", actor="hr", now=now)


def test_a_code_is_found_however_it_is_typed(session: Session, now: datetime) -> None:
    composed = create_employee(session, {"code": "É\t 1", "name": "A"}, actor="hr", now=now)
    assert employee_by_code(session, " E\u0301  1\n") is composed
    assert employee_by_code(session, "é 1") is None


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  a \n b\t", "a b"),
        ("a\x00b", "a b"),
        ("a\ud800", "a"),
        ("", ""),
        ("\u00a0x", "x"),
        ("e\u0301", "é"),
    ],
)
def test_clean_text(text: str, clean: str) -> None:
    assert clean_text(text) == clean
