"""The closed vocabularies of the system; the database and the catalogue use these codes."""

from enum import StrEnum


class CameraStatus(StrEnum):
    """What a camera's reader is doing; anything but `online` carries its cause."""

    CONNECTING = "connecting"
    ONLINE = "online"
    UNAUTHORISED = "unauthorised"
    UNREACHABLE = "unreachable"
    NO_FRAMES = "no_frames"
    MISCONFIGURED = "misconfigured"
    DISABLED = "disabled"


class CameraCause(StrEnum):
    """Why a camera is not online; its sentence is `camera.cause.<code>`, its help an anchor of the docs."""

    UNAUTHORISED = "unauthorised"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    HOST_UNKNOWN = "host_unknown"
    NO_ROUTE = "no_route"
    NOT_FOUND = "not_found"
    REJECTED = "rejected"
    """The camera understood the request and answered with an error of its own."""
    PROTOCOL = "protocol"
    """Something answers at that port, but it does not speak RTSP."""
    TLS = "tls"
    CODEC = "codec"
    LOST = "lost"
    """The connection was there and the other side ended it."""
    NO_FRAMES = "no_frames"
    FROZEN = "frozen"
    STUCK = "stuck"
    """A call into native code did not return in time; the reader was abandoned and replaced."""
    FAILED = "failed"
    """Reading ended with an error that nobody foresaw; it is tried again."""
    ENDED = "ended"
    """The recording is over and does not loop."""
    SOURCE_MISSING = "source_missing"
    NOT_READABLE = "not_readable"
    BACKEND_MISSING = "backend_missing"
    """GStreamer is wanted and not installed."""
    URL_INVALID = "url_invalid"
    SETTINGS_INVALID = "settings_invalid"
    ID_MISMATCH = "id_mismatch"
    """The folder's number and the id in its settings differ."""


class CoverageState(StrEnum):
    """What a camera covered during an interval: it was observing, or why it was not."""

    OBSERVING = "observing"
    CONNECTING = "connecting"
    UNAUTHORISED = "unauthorised"
    UNREACHABLE = "unreachable"
    NO_FRAMES = "no_frames"
    MISCONFIGURED = "misconfigured"
    DISABLED = "disabled"
    WORKER_STOPPED = "worker_stopped"
    STORAGE_FULL = "storage_full"
    COVERED = "covered"
    """The picture shows next to nothing: something is before the lens."""
    TOO_DARK = "too_dark"
    PAUSED = "paused"
    """Somebody paused the site and chose that nobody is recognised meanwhile."""
    NOT_ANALYSED = "not_analysed"
    """Frames came but the worker was too busy to analyse them in time."""


class PresenceState(StrEnum):
    AVAILABLE = "available"
    OFF = "off"
    UNOBSERVED = "unobserved"
    """His cameras do not observe: nothing is known, and his clocks stand still."""


class TrackState(StrEnum):
    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    LOST = "lost"


class FaceRefusal(StrEnum):
    """Why a detected face was not used to recognise anybody."""

    TOO_SMALL = "too_small"
    LOW_SCORE = "low_score"
    TOO_BLURRY = "too_blurry"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    CUT_OFF = "cut_off"
    TURNED_AWAY = "turned_away"
    OUTSIDE_ZONE = "outside_zone"
    """The camera has zones, and the face is in none of them."""


class Unnamed(StrEnum):
    """Why a usable face or its track carries no name."""

    BELOW_THRESHOLD = "below_threshold"
    AMBIGUOUS = "ambiguous"
    """The margin to the runner-up is too small."""
    TAKEN = "taken"
    """Another face of the same frame matches this person better."""
    VOTING = "voting"
    NO_TEMPLATES = "no_templates"
    IGNORED = "ignored"
    """Most alike is a face that somebody chose to ignore for good."""


class UnknownState(StrEnum):
    """What somebody decided about a face that had no name."""

    OPEN = "open"
    NAMED = "named"
    IGNORED = "ignored"
    DISCARDED = "discarded"


class VisitOrigin(StrEnum):
    WORKER = "worker"
    NAMED = "named"
    """Somebody named an unknown face afterwards."""


class ChangeKind(StrEnum):
    """What a presence stream tells."""

    ARRIVED = "arrived"
    DEPARTED = "departed"
    PRESENCE_CHANGED = "presence_changed"
    CAMERA_CHANGED = "camera_changed"
    ALERT_LOG_CREATED = "alert_log_created"
    ALERT_LOG_CHANGED = "alert_log_changed"


class Scope(StrEnum):
    """What a token of the REST API may do."""

    READ_PRESENCE = "presence:read"
    READ_ATTENDANCE = "attendance:read"
    READ_EMPLOYEES = "employees:read"
    WRITE_EMPLOYEES = "employees:write"
    READ_CAMERAS = "cameras:read"
    READ_ALERTS = "alerts:read"
    WRITE_ALERTS = "alerts:write"
    RESET_LOGS = "logs:reset"
    READ_METRICS = "metrics:read"


class VisitClosedBy(StrEnum):
    TIMEOUT = "timeout"
    UNOBSERVED = "unobserved"
    """Nothing was observed for so long that the visit cannot be said to have gone on."""
    DEACTIVATED = "deactivated"
    CLOCK = "clock"
    """The clock was set back behind its last sighting."""


class EvidenceKind(StrEnum):
    ARRIVAL = "arrival"
    DEPARTURE = "departure"


class EventKind(StrEnum):
    SEEN = "seen"
    UNKNOWN = "unknown"


class AlertKind(StrEnum):
    """What is told. `came_back` and `camera_back` tell of an alert's end and are no alerts of their own."""

    ABSENT = "absent"
    CAME_BACK = "came_back"
    NOT_ARRIVED = "not_arrived"
    UNKNOWN_PERSON = "unknown_person"
    CAMERA_DOWN = "camera_down"
    CAMERA_BACK = "camera_back"
    WORKER_FAULT = "worker_fault"
    MODEL_FAULT = "model_fault"


class UnknownAlerts(StrEnum):
    """When a person whom nobody enrolled raises an alert."""

    OFF = "off"
    WORKING_HOURS = "working_hours"
    ALWAYS = "always"


class AlertState(StrEnum):
    """`open` and, once its time is over, `snoozed` want somebody's attention."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    EXCUSED = "excused"
    RESOLVED = "resolved"


class AlertAction(StrEnum):
    """A step in an alert's life, each with who and when."""

    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    """The snooze is over."""
    EXCUSED = "excused"
    ESCALATED = "escalated"
    RESOLVED = "resolved"


class AlertResolution(StrEnum):
    RETURNED = "returned"
    DAY_ENDED = "day_ended"
    DEACTIVATED = "deactivated"
    CLOCK = "clock"
    """The clock was set back to before the alert."""
    ARRIVED = "arrived"
    OFF_DUTY = "off_duty"
    """His working time ended, or nobody expects him any more: leave, a holiday, an excuse, a pause."""
    BACK = "back"
    """The camera, the worker or the model works again."""
    BY_HAND = "by_hand"


class RequestKind(StrEnum):
    ENROL = "enrol"
    CAPTURE = "capture"
    """Enrol from a frame of one of the site's cameras."""
    TEST_CAMERA = "test_camera"
    RELOAD = "reload"


class PhotoOutcome(StrEnum):
    """The worker's answer to an enrolment photo."""

    ACCEPTED = "accepted"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_SMALL = "too_small"
    TOO_BLURRY = "too_blurry"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    TURNED_AWAY = "turned_away"
    LOOKS_LIKE = "looks_like"
    NOT_AN_IMAGE = "not_an_image"
    IMAGE_TOO_LARGE = "image_too_large"
    ALREADY_ENROLLED = "already_enrolled"
    """The very same photo is a template of this person already."""
    NO_CONSENT = "no_consent"
    WRONG_POSE = "wrong_pose"
    """Another turn of the head was asked for."""
    CAMERA_SILENT = "camera_silent"
    """The camera that was to take it gives no frames."""


class Pose(StrEnum):
    """Which way a person looks, as he would say it himself: `left` is his own left."""

    FRONT = "front"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


class Role(StrEnum):
    """Least to most; each role may do what the ones before it may."""

    VIEWER = "viewer"
    SUPERVISOR = "supervisor"
    HR = "hr"
    ADMIN = "admin"


class WorkerPhase(StrEnum):
    LOADING = "loading"
    RUNNING = "running"
    STOPPING = "stopping"


class DayStatus(StrEnum):
    PRESENT = "present"
    LATE = "late"
    HALF_DAY = "half_day"
    ABSENT = "absent"
    LEAVE = "leave"
    HOLIDAY = "holiday"
    DAY_OFF = "day_off"
    NOT_OBSERVED = "not_observed"
    PENDING = "pending"
    """The day has not shown yet what it becomes."""


class LeaveKind(StrEnum):
    LEAVE = "leave"
    SICK = "sick"
    EXCUSED = "excused"


class Minute(StrEnum):
    """What is known of a piece of a person's day."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    NOT_OBSERVABLE = "not_observable"
    BREAK = "break"
    EXCUSED = "excused"


class CorrectionState(StrEnum):
    PENDING = "pending"
    """Waits for a second person."""
    IN_FORCE = "in_force"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    """A later correction of the same day took its place."""


class Channel(StrEnum):
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    WEBHOOK = "webhook"


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    """Handed to the channel, which has not answered; after a crash nobody knows whether it arrived."""
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
