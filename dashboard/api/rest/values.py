"""Ids, days and times as requests give them, refused before they could overflow anything."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

LARGEST_ID = 2**63 - 1

Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]


_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _only_iso(value: Any) -> Any:
    """A date as text of this form alone, so that no number passes for the seconds or days since 1970."""
    if isinstance(value, str) and _WRITTEN.fullmatch(value):
        return value
    raise ValueError("a day is written as YYYY-MM-DD")


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("no such time in UTC") from error


Day = Annotated[date, BeforeValidator(_only_iso), Field(examples=["2026-11-23"])]
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc), Field(examples=["2026-11-23T09:30:00+07:00"])]
"""With an offset; taken as UTC from then on."""
