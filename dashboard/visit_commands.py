"""Saying whose a visit was: with a preview first. Each checks role and departments again."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.domain.states import Role
from core.errors import AccessDenied
from core.storage import reassignments
from core.storage.corrections import Deed
from core.storage.day_repair import point_links
from core.storage.reassignments import Effect
from dashboard.auth import Account, require
from dashboard.database import reader, site_paths
from dashboard.day_commands import parameters
from dashboard.writes import refuse_department, refuse_foreign, rehearse, write


def preview_visit(visit_id: int, to_employee_id: int | None) -> Effect:
    """What `reassign_visit` would change."""
    account, settings = require(Role.SUPERVISOR), parameters()

    def work(session: Session, now: datetime) -> Effect:
        deed = Deed(account.username, now, settings)
        _refuse(session, account, visit_id, to_employee_id, deed)
        return reassignments.preview(session, visit_id, to_employee_id, deed)

    return rehearse(work)


def reassign_visit(visit_id: int, to_employee_id: int | None, reason: str) -> Effect:
    """None: to nobody we know."""
    account, settings = require(Role.SUPERVISOR), parameters()

    def work(session: Session, now: datetime) -> Effect:
        deed = Deed(account.username, now, settings)
        _refuse(session, account, visit_id, to_employee_id, deed)
        return reassignments.apply(session, visit_id, to_employee_id, reason, deed)

    effect = write(work)
    point_links(reader(), site_paths(), effect.repair)
    return effect


def may_reassign(account: Account, arrived_at: datetime, now: datetime) -> bool:
    """Whether this account may say whose a visit was that began then, as far as the day goes."""
    return account.may(Role.HR) or not reassignments.needs_hr(arrived_at, parameters(), now)


def _refuse(
    session: Session, account: Account, visit_id: int, to_employee_id: int | None, deed: Deed
) -> None:
    """Both people must be of the account's departments; who was nobody's may have been taken from one."""
    visit = reassignments.find_visit(session, visit_id)
    if not account.may(Role.HR) and reassignments.needs_hr(visit.arrived_at, deed.parameters, deed.now):
        raise AccessDenied("this day is over; ask HR to say whose visit it was", code="visit_needs_hr")
    before = visit.employee_id
    if before is None:
        before = reassignments.last_owner(session, visit_id)
    if before is None:
        refuse_department(account, None)
    for employee_id in (before, to_employee_id):
        if employee_id is not None:
            refuse_foreign(session, account, employee_id)
