"""The file that goes to payroll, config/config_payroll.json: which columns, and how they are written."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from core.settings.model import SettingsModel
from core.settings.problems import DOMAIN_PREFIX

PayrollCode = Literal[
    "code",
    "name",
    "department",
    "first_date",
    "last_date",
    "days_present",
    "days_late",
    "days_half",
    "days_absent",
    "days_leave",
    "days_holiday",
    "days_off",
    "days_not_observed",
    "days_pending",
    "days_attended",
    "days_corrected",
    "times_late",
    "times_left_early",
    "working",
    "present",
    "late_by",
    "left_early_by",
    "overtime",
    "missing",
    "not_observable",
    "coverage",
]
Header = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class PayrollColumn(SettingsModel):
    """header: what stands above it."""

    code: PayrollCode
    header: Header


def _columns(**headers: str) -> tuple[dict[str, Any], ...]:
    return tuple({"code": code, "header": header} for code, header in headers.items())


DEFAULT_COLUMNS = tuple(
    PayrollColumn.model_validate(column)
    for column in _columns(
        code="Employee code",
        name="Name",
        department="Department",
        first_date="From",
        last_date="To",
        days_attended="Days attended",
        days_half="Half days",
        days_absent="Days absent",
        days_leave="Days of leave",
        days_not_observed="Days not observed",
        working="Working time",
        present="Time present",
        late_by="Late by",
        left_early_by="Left early by",
        overtime="Overtime",
        missing="Missing",
        coverage="Coverage percent",
    )
)


class PayrollSettings(SettingsModel):
    """durations: as hours with two decimals, or as whole minutes."""

    columns: Annotated[tuple[PayrollColumn, ...], Field(min_length=1)] = DEFAULT_COLUMNS
    separator: Literal[",", ";", "\t", "|"] = ";"
    decimal_sign: Literal[".", ","] = "."
    durations: Literal["hours", "minutes"] = "hours"
    date_format: Literal["YYYY-MM-DD", "DD/MM/YYYY", "DD-MM-YYYY", "DD.MM.YYYY", "MM/DD/YYYY", "YYYYMMDD"] = (
        "YYYY-MM-DD"
    )

    @model_validator(mode="after")
    def _signs_differ(self) -> Self:
        if self.separator == self.decimal_sign:
            raise PydanticCustomError(f"{DOMAIN_PREFIX}payroll_signs", "the signs are the same")
        headers = [column.header for column in self.columns]
        if len(set(headers)) < len(headers):
            raise PydanticCustomError(f"{DOMAIN_PREFIX}payroll_headers", "a header comes twice")
        return self
