"""The list of people: read, added to, changed and deactivated, as on the page Employees."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response, Security
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core.domain.states import Role, Scope
from core.storage.employees import EDITABLE, MAX_LENGTH
from core.storage.models import Employee, FaceTemplate
from dashboard import employee_deeds
from dashboard.api.rest.access import Access, Caller
from dashboard.api.rest.listing import HEADERS, Paged
from dashboard.api.rest.problems import Refused, responses
from dashboard.api.rest.values import Id
from dashboard.database import reader
from dashboard.writes import write

router = APIRouter(tags=["employees"])

Reading = Annotated[Caller, Security(Access(Role.HR, Scope.READ_EMPLOYEES, Scope.WRITE_EMPLOYEES))]
Writing = Annotated[Caller, Security(Access(Role.HR, Scope.WRITE_EMPLOYEES))]
Text = Annotated[str, Field(max_length=MAX_LENGTH)]


class EmployeeOut(BaseModel):
    """templates: how many enrolled faces are in use."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    code: str
    name: str
    department: str | None
    position: str | None
    phone: str | None
    active: bool
    templates: int
    created_at: datetime
    updated_at: datetime


READ_ONLY = EmployeeOut.model_fields.keys() - {*EDITABLE, "active"}


def _without_read_only(body: Any) -> Any:
    """What a program read it may send back: the fields that are not its own to change are left out."""
    if not isinstance(body, dict):
        return body
    return {name: value for name, value in body.items() if name not in READ_ONLY}


class NewEmployee(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"code": "E01", "name": "Ayu Lestari", "department": "Gudang"}},
    )

    code: Annotated[str, Field(min_length=1, max_length=MAX_LENGTH, description="Unique on the site")]
    name: Annotated[str, Field(min_length=1, max_length=MAX_LENGTH)]
    department: Text | None = None
    position: Text | None = None
    phone: Text | None = None
    active: bool = True


class EmployeeChanges(BaseModel):
    """Only what is named changes; null clears department, position or phone."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"position": "Kepala regu"}})

    code: Text | None = None
    name: Text | None = None
    department: Text | None = None
    position: Text | None = None
    phone: Text | None = None
    active: bool | None = None


@router.get(
    "/employees",
    summary="List employees",
    response_model=list[EmployeeOut],
    responses={200: {"headers": HEADERS}},
)
def list_employees(
    page: Paged,
    caller: Reading,
    active: Annotated[bool | None, Query(description="Only active, or only deactivated ones")] = None,
    code: Annotated[str | None, Query(max_length=MAX_LENGTH, description="Only the one of this code")] = None,
) -> object:
    """In order of id, deactivated ones among them."""
    query = _query(caller).where(Employee.id > page.after()).order_by(Employee.id).limit(page.limit + 1)
    if active is not None:
        query = query.where(Employee.active.is_(active))
    if code is not None:
        query = query.where(Employee.code == code)
    with Session(reader()) as session:
        rows = session.execute(query).all()
    return page.cut(rows, lambda row: row.id)


@router.get(
    "/employees/{employee_id}",
    summary="One employee",
    response_model=EmployeeOut,
    responses=responses(404),
)
def get_employee(employee_id: Id, caller: Reading) -> object:
    with Session(reader()) as session:
        return _seen(session, caller, employee_id)


@router.post(
    "/employees",
    summary="Add an employee",
    status_code=201,
    response_model=EmployeeOut,
    responses=responses(409),
)
def add_employee(
    body: Annotated[NewEmployee, BeforeValidator(_without_read_only)], caller: Writing, response: Response
) -> object:
    """409 `employee_code_taken` when somebody has the code."""
    fields = body.model_dump(exclude={"active"})

    def work(session: Session, now: datetime) -> Any:
        added = employee_deeds.save(session, caller, None, fields, now)
        if not body.active:
            employee_deeds.set_active(session, caller, added.id, False, now)
        return _seen(session, caller, added.id)

    row = write(work)
    response.headers["Location"] = f"/api/employees/{row.id}"
    return row


@router.put(
    "/employees/{employee_id}",
    summary="Change an employee",
    response_model=EmployeeOut,
    responses=responses(404, 409),
)
def change_employee(
    employee_id: Id,
    body: Annotated[EmployeeChanges, BeforeValidator(_without_read_only)],
    caller: Writing,
) -> object:
    """Partial: what the body does not name stays. `active` false deactivates, true takes the person back.

    id, templates, created_at and updated_at are ignored, so that what was read can be sent back.
    """
    fields = body.model_dump(exclude_unset=True)
    active = fields.pop("active", None)

    def work(session: Session, now: datetime) -> Any:
        _seen(session, caller, employee_id)
        employee_deeds.save(session, caller, employee_id, fields, now)
        if active is not None:
            employee_deeds.set_active(session, caller, employee_id, active, now)
        return _seen(session, caller, employee_id)

    return write(work)


@router.delete(
    "/employees/{employee_id}",
    summary="Deactivate an employee",
    response_model=EmployeeOut,
    responses=responses(404),
)
def deactivate_employee(employee_id: Id, caller: Writing) -> object:
    """Ends his recognition and keeps his attendance; nothing is deleted. Repeating it changes nothing."""

    def work(session: Session, now: datetime) -> Any:
        _seen(session, caller, employee_id)
        employee_deeds.set_active(session, caller, employee_id, False, now)
        return _seen(session, caller, employee_id)

    return write(work)


def _seen(session: Session, caller: Caller, employee_id: int) -> Any:
    """The row. Somebody of a department that is not the caller's is as unknown as nobody."""
    row = session.execute(_query(caller).where(Employee.id == employee_id)).first()
    if row is None:
        raise Refused("employee_unknown", employee_id=employee_id)
    return row


def _query(caller: Caller) -> Select[Any]:
    templates = (
        select(func.count(FaceTemplate.id))
        .where(FaceTemplate.employee_id == Employee.id, FaceTemplate.revoked_at.is_(None))
        .correlate(Employee)
        .scalar_subquery()
        .label("templates")
    )
    stored = [getattr(Employee, name) for name in EmployeeOut.model_fields if name != "templates"]
    query = select(*stored, templates)
    return query.where(Employee.department.in_(caller.departments)) if caller.departments else query
