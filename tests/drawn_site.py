"""A made-up site for the pictures of the user guide: drawn people, two weeks of days, and a day that goes on.

Nobody in it is real, so that its pictures may be shown to everybody.
"""

import json
import random
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlalchemy import update
from sqlalchemy.orm import Session

from core.domain.placement import FaceStats
from core.domain.schedule import WEEKDAYS
from core.domain.states import (
    AlertKind,
    AlertState,
    Channel,
    CoverageState,
    DeliveryState,
    LeaveKind,
    PresenceState,
    Role,
    Scope,
)
from core.settings import CameraSettings, Parameters
from core.settings.files import SettingsFile
from core.settings_store import MISSING, SEEN_BY_WORKER, SettingsStore
from core.storage import api_tokens, backup, corrections, day_rounds, judged_days, settings_changes
from core.storage.alerts import open_alert
from core.storage.api_tokens import NewToken
from core.storage.corrections import Deed, Entry
from core.storage.models import (
    AlertLog,
    CameraCoverage,
    Evidence,
    Holiday,
    Leave,
    MaintenanceRun,
    NotificationDelivery,
    NotificationOutbox,
    ShiftAssignment,
    ShiftPlan,
    VisitCamera,
    WorkerStatus,
)
from core.storage.projection import rebuild
from core.storage.rulebook import attendance_rules, read_rulebook
from core.storage.work_days import work_days
from tests.seed import Seed
from tests.unknown import DIM, MATCH, SHA256, look, unknown_face

ZONES = (
    "Asia/Jakarta",
    *("Asia/Makassar", "Asia/Jayapura", "Pacific/Port_Moresby", "Pacific/Noumea", "Pacific/Fiji"),
    *("Asia/Dhaka", "Asia/Tashkent", "Asia/Dubai", "Africa/Nairobi", "Africa/Johannesburg", "Africa/Lagos"),
    *("Africa/Abidjan", "Atlantic/Cape_Verde", "America/Noronha", "America/Argentina/Buenos_Aires"),
    *("America/Caracas", "America/Bogota", "America/Costa_Rica", "America/Phoenix", "Pacific/Pitcairn"),
    *("Pacific/Gambier", "Pacific/Honolulu", "Pacific/Pago_Pago"),
)
"""One for each hour of offset."""
AFTERNOON_H = 14
"""By the site's clock, whenever the pictures are made: then there is something to see."""
ONE_DAY = timedelta(days=1)
DAYS_BACK = 24
OUTAGE = 3
"""So many days ago the power failed for an hour."""

PEOPLE = (
    ("E01", "Ayu Lestari", "Produksi", "Operator"),
    ("E02", "Budi Santoso", "Produksi", "Kepala regu"),
    ("E03", "Citra Dewi", "Gudang", "Admin gudang"),
    ("E04", "Dedi Kurniawan", "Gudang", "Forklift"),
    ("E05", "Eka Putri", "Kantor", "Akuntan"),
    ("E06", "Fajar Nugroho", "Produksi", "Operator"),
    ("E07", "Gita Maharani", "Kantor", "HR"),
    ("E08", "Hendra Wijaya", "Gudang", "Keamanan"),
    ("E09", "Indah Permata", "Produksi", "Quality control"),
)
AYU, BUDI, CITRA, DEDI, EKA, FAJAR, GITA, HENDRA, INDAH = range(1, 10)
PRESENT = (AYU, BUDI, CITRA, EKA, GITA, HENDRA)
CAMERA_OF = (3, 3, 2, 2, 4, 3, 4, 2, 3)
STRANGERS = (14, 15)
"""Of looks that no employee has."""
CAMERAS = (
    (1, "Gerbang depan", "Pintu masuk"),
    (2, "Gudang utara", "Lorong B"),
    (3, "Lini produksi", "Lantai 1"),
    (4, "Ruang kantor", "Lantai 2"),
)
MEASURED = {
    "faces": 200,
    "width_px": {"p10": 34.0, "p50": 46.0, "p90": 92.0},
    "sharpness": {"p50": 210.0},
    "brightness": {"p10": 0.38, "p50": 0.52, "p90": 0.63},
}
"""What a camera's faces were like; the shares follow below, by camera."""
MASKED = 1
MASK = ((0.0, 0.0), (0.3, 0.0), (0.3, 0.5), (0.0, 0.5))
ZONE = ((0.34, 0.15), (1.0, 0.15), (1.0, 1.0), (0.34, 1.0))
AREAS = {"privacy_masks": (MASK,), "zones": (ZONE,)}
"""Of the camera MASKED, as fractions of the picture."""
REFUSED = {
    1: {"too_small": 14, "turned_away": 10, "too_blurry": 4},
    2: {"turned_away": 74, "too_small": 12, "too_dark": 8},
    3: {"too_small": 31, "too_blurry": 12},
    4: {"turned_away": 16, "cut_off": 7},
}
EVERY_DAY = {day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in WEEKDAYS}


class DrawnSite:
    """`seed` writes; `parameters` are those in force. Times are given by the site's clock."""

    def __init__(self, home: Path) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.zone = next(ZoneInfo(name) for name in ZONES if self._hour(name) == AFTERNOON_H)
        self.today = self.now.astimezone(self.zone).date()
        self.seed = Seed(home, self.now)
        self.parameters = Parameters.parse(
            {
                "time_zone": self.zone.key,
                "working_hours": EVERY_DAY,
                "late_grace_min": 15,
                "corrections_need_approval": True,
            }
        )
        self.chance = random.Random(7)
        self._settings()
        self._cameras()
        self._people()
        self._plan()
        self._days()
        self._today()
        self._decisions()
        self._unknown()
        self._alerts()
        self._upkeep()

    def beat(self, now: datetime) -> None:
        """The worker lives."""
        with self.seed.engine.begin() as connection:
            connection.execute(update(WorkerStatus).values(heartbeat_at=now))

    def at(self, clock: str, day: date) -> datetime:
        return datetime.combine(day, time.fromisoformat(clock), self.zone).astimezone(UTC)

    def minute(self, clock: str, day: date, spread: int) -> datetime:
        """Somewhat before or after this time, as people are."""
        return self.at(clock, day) + timedelta(minutes=self.chance.randint(-spread, spread))

    def _hour(self, zone: str) -> int:
        return self.now.astimezone(ZoneInfo(zone)).hour

    def _settings(self) -> None:
        store = SettingsStore(self.seed.paths)
        before = store.save_parameters(self.parameters.changed(late_grace_min=10), MISSING)
        wanted = settings_changes.Save(SettingsFile.PARAMETERS, self.parameters, before.fingerprint)
        with Session(self.seed.engine) as session, session.begin():
            settings_changes.save(session, store, wanted, actor="admin", now=self.now)
        for position, (camera_id, name, location) in enumerate(CAMERAS, 1):
            url = SecretStr(f"rtsp://viewer:hidden@192.168.1.{20 + camera_id}:554/stream1")
            facts = {"id": camera_id, "name": name, "location": location, "position": position}
            areas = AREAS if camera_id == MASKED else {}
            store.save_camera(CameraSettings(rtsp_url=url, **facts, **areas))
        self.seed.paths.run.mkdir(parents=True, exist_ok=True)
        (self.seed.paths.run / SEEN_BY_WORKER).write_text(json.dumps(store.key_digests()))

    def _cameras(self) -> None:
        self.seed.worker(**MATCH | {"similarity_threshold": 0.42})
        for position, (camera_id, name, location) in enumerate(CAMERAS, 1):
            refused = REFUSED[camera_id]
            shares = {
                "usable": 1 - sum(refused.values()) / 200,
                "turned": refused.get("turned_away", 0) / 200,
            }
            stats = FaceStats(**MEASURED, **shares, refused=refused)
            figures = {
                "frame_age_ms": 160.0 + 20 * camera_id,
                "drops": 3 * camera_id,
                "reconnects": camera_id % 2,
            }
            facts = {"location": location, "position": position, "refused_faces": refused, **figures}
            self.seed.camera(camera_id, name, face_stats=stats.as_json(), **facts)

    def _people(self) -> None:
        for code, name, department, position in PEOPLE:
            number = self.seed.employee(
                code, name, department, enrolled=False, position=position, phone=f"+62812345678{code[1:]}"
            )
            self.seed.consent(number)
            for photo in range(1, 1 if number == INDAH else 4):
                template = {"dim": DIM, "pack_sha256": SHA256, "photo_sha256": f"{number}/{photo}"}
                quality = {"face_px": 130 + 9 * photo, "sharpness": 190.0 + 20 * photo, "brightness": 0.5}
                template["created_at"] = self.now - timedelta(days=30)
                pose = {"pose": ("front", "left", "right")[photo - 1]}
                vector = look(number % 6, 0.1 * photo).tobytes()
                self.seed.template(number, photo, embedding=vector, quality=quality | pose, **template)

    def _plan(self) -> None:
        night = ShiftPlan(
            name="Malam", start="22:00", end="06:00", breaks=[["01:00", "01:30"]], weekdays=[*range(7)]
        )
        saturday = ShiftPlan(name="Sabtu", start="08:00", end="13:00", breaks=[], weekdays=[5])
        shift, _ = self.seed.add(night), self.seed.add(saturday)
        first = self.today - 30 * ONE_DAY
        self.seed.add(ShiftAssignment(shift_id=shift, employee_id=DEDI, first_date=first))
        self.seed.add(Holiday(day=self.today + 12 * ONE_DAY, name="Ulang tahun perusahaan"))
        sick = {"first_date": self.today - 2 * ONE_DAY, "last_date": self.today - ONE_DAY}
        self.seed.add(Leave(employee_id=EKA, kind=LeaveKind.SICK, **sick))

    def _days(self) -> None:
        for back in range(DAYS_BACK, 0, -1):
            day = self.today - back * ONE_DAY
            self._cover(day, day + ONE_DAY, outage=back == OUTAGE)
            for person in range(1, len(PEOPLE)):
                if not self._is_away(person, back):
                    self._a_day_of(person, day)

    def _is_away(self, person: int, back: int) -> bool:
        return (person == EKA and back <= 2) or person == DEDI or self.chance.random() < 0.04

    def _a_day_of(self, person: int, day: date) -> None:
        late = 35 if self.chance.random() < 0.12 else 0
        self._see(
            person, self.minute("07:52", day, 9) + timedelta(minutes=late), self.minute("12:02", day, 5)
        )
        self._see(person, self.minute("12:52", day, 7), self.minute("17:08", day, 12))

    def _see(self, person: int, first: datetime, last: datetime, *, open_: bool = False) -> int:
        camera = CAMERA_OF[person - 1]
        visit = self.seed.visit(person, first, last, camera_id=camera, open_=open_)
        seen = {"first_seen_at": first, "last_seen_at": last}
        self.seed.add(VisitCamera(visit_id=visit, camera_id=camera, **seen))
        return visit

    def _cover(self, first: date, last: date, *, outage: bool = False) -> None:
        start, end = self.at("00:00", first), min(self.at("00:00", last), self.now)
        gap = (self.at("10:10", first), self.at("11:05", first)) if outage else (end, end)
        spans = [(start, gap[0], "observing"), (*gap, "worker_stopped"), (gap[1], end, "observing")]
        for begin, finish, state in spans:
            if begin < finish:
                for camera_id, *_ in CAMERAS:
                    times = {"started_at": begin, "ended_at": finish}
                    self.seed.add(CameraCoverage(camera_id=camera_id, state=CoverageState(state), **times))

    def _today(self) -> None:
        self._cover(self.today, self.today + ONE_DAY)
        for person in range(1, len(PEOPLE)):
            if person in (DEDI, INDAH):
                continue
            gone = (
                self.now - timedelta(minutes=24) if person == FAJAR else self.minute("12:02", self.today, 5)
            )
            self._see(person, self.minute("07:50", self.today, 8), gone)
            if person in PRESENT:
                back = self.minute("12:51", self.today, 6)
                visit = self._see(person, back, self.now, open_=True)
                self._presence(person, PresenceState.AVAILABLE, back, self.now, visit_id=visit)
        self._presence(FAJAR, PresenceState.OFF, self.now - timedelta(minutes=24), last_camera_id=3)
        self._presence(DEDI, PresenceState.OFF, self.now - timedelta(hours=8), last_camera_id=2)
        next_best = update(Evidence).values(runner_up_id=HENDRA, runner_up_score=0.23)
        with Session(self.seed.engine) as session, session.begin():
            session.execute(next_best.where(Evidence.camera_id != CAMERA_OF[HENDRA - 1]))
            first = self.today - (DAYS_BACK + 1) * ONE_DAY
            rebuild(session, first, self.today, attendance_rules(self.parameters))
            book = read_rulebook(session, first, self.today, self.parameters)
            judged_days.store(session, work_days(session, first, self.today, book, self.now), self.now)
            for back in range(DAYS_BACK + 1):
                day_rounds.note(session, self.today - back * ONE_DAY, self.now, complete=back > 1)

    def _presence(
        self, person: int, state: PresenceState, since: datetime, seen: datetime | None = None, **columns: int
    ) -> None:
        camera = {"last_camera_id": CAMERA_OF[person - 1]}
        self.seed.presence(person, state, since, last_seen_at=seen or since, **(camera | columns))

    def _decisions(self) -> None:
        """Corrections, tokens and accounts, and a leave that was entered after its day had been judged."""
        left_out = self.today - 6 * ONE_DAY
        leave = {"kind": LeaveKind.LEAVE, "first_date": left_out, "last_date": left_out}
        self.seed.add(Leave(employee_id=GITA, **leave))
        yesterday, earlier = self.today - ONE_DAY, self.today - 4 * ONE_DAY
        with Session(self.seed.engine) as session, session.begin():
            for person, day, entry, author in (
                (BUDI, yesterday, Entry("Meeting with a customer outside", note="Customer visit"), "hr"),
                (HENDRA, earlier, Entry("Came by the back gate", status="present"), "supervisor"),
            ):
                corrections.correct(session, person, day, entry, Deed(author, self.now, self.parameters))
            for name, scopes in (
                ("Payroll", (Scope.READ_ATTENDANCE, Scope.READ_EMPLOYEES)),
                ("Monitoring", (Scope.READ_METRICS,)),
            ):
                ends = self.now + timedelta(days=365)
                api_tokens.create(
                    session, NewToken(name, scopes, expires_at=ends), actor="admin", now=self.now
                )
        for role in Role:
            self.seed.user(str(role), role)
        self.seed.user("spv.gudang", Role.SUPERVISOR, ("Gudang",), "id")

    def _unknown(self) -> None:
        for number, stranger in enumerate(STRANGERS):
            for hour in range(8, 12 - number):
                first = self.at(f"{hour:02}:{17 * (number + 1)}", self.today)
                unknown_face(self.seed, stranger, first, first + timedelta(seconds=40), camera_id=1)
        first = self.at("09:05", self.today)
        unknown_face(self.seed, CITRA, first, first + timedelta(minutes=2), camera_id=2)

    def _alerts(self) -> None:
        ago = {minutes: self.now - timedelta(minutes=minutes) for minutes in (9, 21, 130, 200, 290)}
        fajar = self._alert(AlertKind.ABSENT, ago[21], employee_id=FAJAR, absent_since=ago[21])
        self._told(fajar, DeliveryState.DELIVERED)
        indah = self._alert(
            AlertKind.NOT_ARRIVED, ago[9], employee_id=INDAH, absent_since=self.at("08:00", self.today)
        )
        self._told(indah, DeliveryState.ACCEPTED, channel=Channel.EMAIL, address="sari@example.com")
        for minutes, person in ((130, BUDI), (200, CITRA), (290, GITA)):
            self.seed.alert(person, ago[minutes], back_after_s=420 + minutes)

    def _alert(self, kind: AlertKind, opened_at: datetime, **columns: object) -> int:
        with Session(self.seed.engine) as session, session.begin():
            alert = AlertLog(kind=kind, state=AlertState.OPEN, opened_at=opened_at, **columns)
            return open_alert(session, alert).id

    def _told(self, alert_id: int, state: DeliveryState, **columns: object) -> None:
        with Session(self.seed.engine) as session, session.begin():
            outbox = session.query(NotificationOutbox).filter_by(alert_id=alert_id).one()
            outbox.addressed_at = self.now
            facts = {"channel": Channel.WHATSAPP, "recipient": "Sari", "address": "+6281234567890"}
            times = {"created_at": self.now, "due_at": self.now, "changed_at": self.now}
            row = {"language": "id", "attempts": 1, "state": state, **facts, **times, **columns}
            session.add(NotificationDelivery(outbox_id=outbox.id, **row))

    def _upkeep(self) -> None:
        made = backup.create_backup(self.seed.paths, self.seed.paths.backups)
        for back in (1, 0):
            began = self.at("00:00", self.today - back * ONE_DAY) + timedelta(seconds=40)
            run = {"kind": "nightly", "site_date": self.today - back * ONE_DAY, "started_at": began}
            result = {"backup": made.name, "retention": {}}
            self.seed.add(MaintenanceRun(**run, finished_at=began + timedelta(seconds=12), result=result))
