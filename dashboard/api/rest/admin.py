"""Deleting logs, with the contract that scripts rely on."""

from typing import Annotated

from fastapi import APIRouter, Security
from pydantic import BaseModel, ConfigDict, Field

from core.domain.states import Role, Scope
from core.storage.reset_logs import ResetRequest, ResetTable
from dashboard.api.rest.access import Access, Caller
from dashboard.api.rest.problems import responses
from dashboard.api.rest.values import Day
from dashboard.record_commands import reset_by

router = APIRouter(tags=["admin"])


class ResetOrder(BaseModel):
    """Site days, both inclusive. One of them alone is open-ended; without both everything goes."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"table": "both", "from_date": "2026-11-01", "to_date": "2026-11-23"},
        },
    )

    table: ResetTable
    from_date: Day | None = None
    to_date: Day | None = None


class ResetDone(BaseModel):
    ok: bool = True
    deleted_events: int = Field(ge=0, description="0 when the table was not chosen")
    deleted_alert_logs: int = Field(ge=0, description="0 when the table was not chosen")


@router.post(
    "/admin/reset_logs",
    summary="Delete events, alert logs or both",
    response_model=ResetDone,
    responses=responses(409),
)
def reset(
    order: ResetOrder,
    caller: Annotated[Caller, Security(Access(Role.ADMIN, Scope.RESET_LOGS, whole_site=True))],
) -> ResetDone:
    """What a legal hold keeps stays. Presence, visits and attendance do not change.

    400 for an unknown table, a day that is none, and a first day after the last.
    """
    result = reset_by(caller, ResetRequest.parse(order.table, order.from_date, order.to_date))
    return ResetDone(deleted_events=result.deleted_events, deleted_alert_logs=result.deleted_alert_logs)
