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
    Reassignment,
    UnknownFace,
    Visit,
    VisitCamera,
)
from core.storage.models.people import Consent, Employee, FaceTemplate, InactiveTime, LegalHold, Site
from core.storage.models.programs import (
    ApiToken,
    AuditLog,
    Change,
    MaintenanceRun,
    User,
    UserSession,
    WorkerRequest,
    WorkerStatus,
)
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
    "ApiToken",
    "Attendance",
    "AuditLog",
    "Base",
    "Camera",
    "CameraCoverage",
    "CameraTie",
    "Change",
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
    "Reassignment",
    "ShiftAssignment",
    "ShiftPlan",
    "Site",
    "SitePause",
    "UnknownFace",
    "User",
    "UserSession",
    "UtcDateTime",
    "Visit",
    "VisitCamera",
    "WorkerRequest",
    "WorkerStatus",
]
