"""What the audit trail holds of a report that left the system."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.storage import audit

COMMAND = "system:command"


def note_export(session: Session, now: datetime, actor: str, subject: str, params: Mapping[str, Any]) -> None:
    """A row of the export and, where it shows pictures of people, one of that they were seen."""
    audit.append(session, now, actor, "report.exported", subject, params)
    if params.get("pictures"):
        shown = {name: params[name] for name in ("pictures", "period")}
        audit.append(session, now, actor, "pictures.viewed", subject, shown)
