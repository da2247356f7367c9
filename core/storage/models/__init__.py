"""The tables. Ids are never reused, times are UTC, codes come from `core.domain.states`.

Nothing cascades from people or cameras to facts: a person or a camera is deactivated, never deleted.
"""

from core.storage.models.alerts import AlertLog, AlertStep, NotificationDelivery, NotificationOutbox
from core.storage.models.base import NEVER_REUSED, Base, UtcDateTime
from core.storage.models.days import Correction, JudgedDay, MonthLock
from core.storage.models.facts import (
    Attendance,
    Camera,
    CameraCoverage,
    Event,
    Evidence,
    Presence,
    Visit,
    VisitCamera,
)
from core.storage.models.people import Consent, Employee, FaceTemplate, InactiveTime, LegalHold, Site
from core.storage.models.programs import AuditLog, MaintenanceRun, User, WorkerRequest, WorkerStatus
from core.storage.models.working_time import (
    CameraTie,
    ExcusedAbsence,
    Holiday,
    Leave,
    ShiftAssignment,
    ShiftPlan,
    SitePause,
)

__all__ = [
    "NEVER_REUSED",
    "AlertLog",
    "AlertStep",
    "Attendance",
    "AuditLog",
    "Base",
    "Camera",
    "CameraCoverage",
    "CameraTie",
    "Consent",
    "Correction",
    "Employee",
    "Event",
    "Evidence",
    "ExcusedAbsence",
    "FaceTemplate",
    "Holiday",
    "InactiveTime",
    "JudgedDay",
    "Leave",
    "LegalHold",
    "MaintenanceRun",
    "MonthLock",
    "NotificationDelivery",
    "NotificationOutbox",
    "Presence",
    "ShiftAssignment",
    "ShiftPlan",
    "Site",
    "SitePause",
    "User",
    "UtcDateTime",
    "Visit",
    "VisitCamera",
    "WorkerRequest",
    "WorkerStatus",
]
