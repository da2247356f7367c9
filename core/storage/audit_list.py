"""What the page Audit shows of the trail: the rows of some days, the newest first."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core.storage.models import AuditLog, Employee

COLUMNS = ("id", "at", "actor", "action", "subject", "params", "previous_hash", "hash")


@dataclass(frozen=True)
class AuditRow:
    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    params: dict[str, Any]
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class AuditFilter:
    """Rows of [start_at, end_at); what is None or empty limits nothing. subject: how it begins."""

    start_at: datetime
    end_at: datetime
    actor: str | None = None
    action: str | None = None
    subject: str = ""


def rows(session: Session, chosen: AuditFilter, offset: int, limit: int) -> list[AuditRow]:
    query = _chosen(select(*(getattr(AuditLog, name) for name in COLUMNS)), chosen)
    page = query.order_by(AuditLog.at.desc(), AuditLog.id.desc()).offset(offset).limit(limit)
    return [AuditRow(*row) for row in session.execute(page)]


def count(session: Session, chosen: AuditFilter) -> int:
    return session.scalar(_chosen(select(func.count(AuditLog.id)), chosen)) or 0


def names(session: Session, start_at: datetime, end_at: datetime) -> tuple[list[str], list[str]]:
    """Who did what in these days: the actors and the actions, in alphabetical order."""
    days = AuditFilter(start_at, end_at)
    found = session.execute(_chosen(select(AuditLog.actor, AuditLog.action).distinct(), days)).all()
    return sorted({row.actor for row in found}), sorted({row.action for row in found})


def people(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Names with codes by employee id, also of those who were deactivated."""
    query = select(Employee.id, Employee.name, Employee.code).where(Employee.id.in_(ids))
    return {row.id: f"{row.name} ({row.code})" for row in session.execute(query)}


def _chosen(query: Select[*tuple[Any, ...]], chosen: AuditFilter) -> Select[*tuple[Any, ...]]:
    query = query.where(AuditLog.at >= chosen.start_at, AuditLog.at < chosen.end_at)
    if chosen.actor is not None:
        query = query.where(AuditLog.actor == chosen.actor)
    if chosen.action is not None:
        query = query.where(AuditLog.action == chosen.action)
    if chosen.subject:
        query = query.where(AuditLog.subject.startswith(chosen.subject, autoescape=True))
    return query
