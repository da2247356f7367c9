"""The tables. Ids are never reused, times are UTC, codes come from `core.domain.states`.

Nothing cascades from people or cameras to facts: a person or a camera is deactivated, never deleted.
"""

from core.storage.models.base import NEVER_REUSED, Base, UtcDateTime
from core.storage.models.facts import (
    AlertLog,
    Attendance,
    Camera,
    CameraCoverage,
    Event,
    Evidence,
    Presence,
    Visit,
    VisitCamera,
)
from core.storage.models.people import Consent, Employee, FaceTemplate, Site
from core.storage.models.programs import AuditLog, MaintenanceRun, User, WorkerRequest, WorkerStatus
from core.storage.models.working_time import (
    ExcusedAbsence,
    Holiday,
    Leave,
    ShiftAssignment,
    ShiftPlan,
)

__all__ = [
    "NEVER_REUSED",
    "AlertLog",
    "Attendance",
    "AuditLog",
    "Base",
    "Camera",
    "CameraCoverage",
    "Consent",
    "Employee",
    "Event",
    "Evidence",
    "ExcusedAbsence",
    "FaceTemplate",
    "Holiday",
    "Leave",
    "MaintenanceRun",
    "Presence",
    "ShiftAssignment",
    "ShiftPlan",
    "Site",
    "User",
    "UtcDateTime",
    "Visit",
    "VisitCamera",
    "WorkerRequest",
    "WorkerStatus",
]
