"""A home with a database that looks like a working day, for tests of pages and queries."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.domain.states import (
    AlertKind,
    AlertResolution,
    AlertState,
    CameraStatus,
    EvidenceKind,
    PresenceState,
    Role,
    VisitClosedBy,
    WorkerPhase,
)
from core.paths import SitePaths
from core.settings import Parameters
from core.settings_store import MISSING, SettingsStore
from core.storage.models import (
    AlertLog,
    Attendance,
    Base,
    Camera,
    Consent,
    Employee,
    Evidence,
    FaceTemplate,
    Presence,
    Site,
    User,
    Visit,
    WorkerStatus,
)
from core.storage.site_setup import DISMISSED
from tests.fresh import fresh_site, hurried_engine

PACK = "open"


def portrait(seed: int, size_px: int = 96) -> Image.Image:
    """A drawn head and shoulders; the seed chooses the colours. No real person."""
    background = Image.new("HSV", (size_px, size_px), (_hue(seed), 60, 200)).convert("RGB")
    draw_person(ImageDraw.Draw(background), seed, (0, 0), size_px)
    return background


@cache
def _photo(seed: int) -> bytes:
    content = BytesIO()
    portrait(seed).save(content, "JPEG")
    return content.getvalue()


def draw_person(draw: ImageDraw.ImageDraw, seed: int, corner: tuple[float, float], size_px: int) -> None:
    """Into a square of this size, from its left top corner; the shoulders reach below it."""
    left, top = corner
    s = size_px / 96

    def box(*edges: float) -> tuple[float, float, float, float]:
        x0, y0, x1, y1 = (edge * s for edge in edges)
        return left + x0, top + y0, left + x1, top + y1

    skin = ((224, 172, 105), (198, 134, 66), (141, 85, 36), (241, 194, 125))[seed % 4]
    draw.ellipse(box(14, 66, 82, 130), fill=(60 + _hue(seed) // 4, 70, 110))
    draw.ellipse(box(28, 16, 68, 70), fill=skin)
    draw.pieslice(box(26, 10, 70, 54), 180, 360, fill=(40, 30, 25))
    for x in (40, 56):
        draw.ellipse(box(x - 3, 42, x + 3, 47), fill=(20, 20, 20))
    draw.arc(box(40, 50, 56, 60), 20, 160, fill=(120, 40, 40), width=max(1, int(2 * s)))


def _hue(seed: int) -> int:
    return (seed * 47) % 256


@dataclass
class Seed:
    """Writes rows and pictures below `home`. Each method commits, so that order is all that matters."""

    home: Path
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    engine: Engine = field(init=False)
    paths: SitePaths = field(init=False)

    def __post_init__(self) -> None:
        self.paths = fresh_site(self.home)
        self.engine = hurried_engine(self.paths.database)
        with Session(self.engine) as session, session.begin():
            session.query(Site).update({"site_name": "Bengkel Maju", "setup": {DISMISSED: ""}})

    def add(self, row: Base) -> int:
        with Session(self.engine) as session, session.begin():
            session.add(row)
            session.flush()
            return int(getattr(row, "id", 0) or 0)

    def picture(self, relative: str, seed: int) -> str:
        target = self.paths.home / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_photo(seed))
        return relative

    def worker(self, age_s: float = 0.0, **columns: Any) -> None:
        facts: dict[str, Any] = {
            "pid": 1,
            "phase": WorkerPhase.RUNNING,
            "started_at": self.now - timedelta(hours=5),
            "heartbeat_at": self.now - timedelta(seconds=age_s),
            "pack_id": PACK,
            "pack_licence": "MIT",
            "provider": "CPUExecutionProvider",
            "providers_wanted": "CPUExecutionProvider",
        }
        with Session(self.engine) as session, session.begin():
            session.merge(WorkerStatus(id=1, **(facts | columns)))

    def camera(self, camera_id: int, name: str, **columns: Any) -> int:
        facts: dict[str, Any] = {
            "enabled": True,
            "status": CameraStatus.ONLINE,
            "status_since": self.now - timedelta(hours=2),
            "last_frame_at": self.now,
            "frame_width": 1920,
            "frame_height": 1080,
            "codec": "h264",
            "source_fps": 25.0,
            "analysed_fps": 5.0,
            "updated_at": self.now,
            "refused_faces": {"too_small": 12, "too_blurry": 3},
        }
        self.add(Camera(id=camera_id, name=name, **(facts | columns)))
        return camera_id

    def employee(
        self, code: str, name: str, department: str | None = None, *, enrolled: bool = True, **columns: Any
    ) -> int:
        """Somebody whom cameras can know from his first day on, unless he is not enrolled."""
        created = self.now - timedelta(days=30)
        row = Employee(
            code=code, name=name, department=department, created_at=created, updated_at=created, **columns
        )
        employee_id = self.add(row)
        if enrolled:
            self.template(employee_id, created_at=created)
        return employee_id

    def consent(self, employee_id: int, basis: str = "consent") -> None:
        facts = {"text_version": "1", "recorded_at": self.now, "recorded_by": "hr"}
        self.add(Consent(employee_id=employee_id, basis=basis, **facts))

    def template(self, employee_id: int, number: int = 1, **columns: Any) -> int:
        path = self.picture(f"data/photos/E{employee_id}/{number}.jpg", employee_id)
        facts: dict[str, Any] = {
            "pack_id": PACK,
            "pack_sha256": "0" * 64,
            "dim": 1,
            "embedding": b"\0\0\x80?",
            "source": "upload",
            "photo_sha256": sha256(f"{employee_id}/{number}".encode()).hexdigest(),
            "photo_path": path,
            "quality": {"face_px": 142, "sharpness": 210.5, "brightness": 0.48, "score": 0.97},
            "created_at": self.now - timedelta(days=number),
        }
        return self.add(FaceTemplate(employee_id=employee_id, **(facts | columns)))

    def visit(
        self,
        employee_id: int,
        arrived_at: datetime,
        last_seen_at: datetime,
        *,
        camera_id: int = 1,
        open_: bool = False,
    ) -> int:
        """A visit with a picture of arrival and one of departure."""
        visit_id = self.add(
            Visit(
                employee_id=employee_id,
                camera_id=camera_id,
                last_camera_id=camera_id,
                arrived_at=arrived_at,
                last_seen_at=last_seen_at,
                departed_at=None if open_ else last_seen_at,
                closed_by=None if open_ else VisitClosedBy.TIMEOUT,
            )
        )
        for kind, at in ((EvidenceKind.ARRIVAL, arrived_at), (EvidenceKind.DEPARTURE, last_seen_at)):
            self.evidence(visit_id, kind, at, camera_id=camera_id, look=employee_id)
        return visit_id

    def evidence(self, visit_id: int, kind: str, at: datetime, *, camera_id: int = 1, look: int = 0) -> int:
        path = self.picture(f"data/evidence/V{visit_id}/{kind}.jpg", look)
        return self.add(
            Evidence(
                visit_id=visit_id,
                camera_id=camera_id,
                kind=kind,
                captured_at=at,
                path=path,
                sha256="0" * 64,
                score=0.71,
                sharpness=180.0,
                pack_id=PACK,
            )
        )

    def evidence_id(self, visit_id: int, kind: str) -> int:
        with Session(self.engine) as session:
            return session.query(Evidence.id).filter_by(visit_id=visit_id, kind=kind).scalar()

    def presence(self, employee_id: int, state: PresenceState, since: datetime, **columns: Any) -> None:
        facts: dict[str, Any] = {"last_seen_at": since, "last_camera_id": 1} | columns
        self.add(Presence(employee_id=employee_id, state=state, since=since, **facts))

    def attendance(self, employee_id: int, day: date, visits: list[int], final_at: datetime | None) -> int:
        """The projection of these visits, in order."""
        with Session(self.engine) as session:
            first, last = session.get(Visit, visits[0]), session.get(Visit, visits[-1])
        assert first is not None
        assert last is not None
        row = Attendance(
            employee_id=employee_id,
            attendance_date=day,
            first_in_at=first.arrived_at,
            first_in_evidence_id=self.evidence_id(visits[0], EvidenceKind.ARRIVAL),
            last_out_at=last.last_seen_at,
            last_out_evidence_id=self.evidence_id(visits[-1], EvidenceKind.DEPARTURE),
            last_out_final_at=final_at,
            visit_count=len(visits),
        )
        return self.add(row)

    def alert(
        self, employee_id: int, opened_at: datetime, *, absent_for_s: float = 60, back_after_s: float = 0
    ) -> int:
        """An absence alert; `back_after_s` after its opening the person came back, 0 leaves it open."""
        absent_since = opened_at - timedelta(seconds=absent_for_s)
        resolved_at = opened_at + timedelta(seconds=back_after_s) if back_after_s else None
        return self.add(
            AlertLog(
                kind=AlertKind.ABSENT,
                state=AlertState.RESOLVED if resolved_at else AlertState.OPEN,
                employee_id=employee_id,
                absent_since=absent_since,
                opened_at=opened_at,
                resolved_at=resolved_at,
                resolution=AlertResolution.RETURNED if resolved_at else None,
                duration_s=absent_for_s + back_after_s if resolved_at else None,
            )
        )

    def user(self, username: str, role: Role, departments: tuple[str, ...] = (), language: str = "en") -> int:
        return self.add(
            User(
                username=username,
                password_hash="unusable",
                role=role,
                departments=list(departments),
                language=language,
                must_change_password=False,
                created_at=self.now,
            )
        )


PEOPLE = (
    ("E01", "Ayu Lestari", "Produksi", "Operator"),
    ("E02", "Budi Santoso", "Produksi", "Kepala regu"),
    ("E03", "Citra Dewi", "Gudang", "Admin gudang"),
    ("E04", "Dedi Kurniawan", "Gudang", "Forklift"),
    ("E05", "Eka Putri", "Kantor", "Akuntan"),
    ("E06", "Fajar Nugroho", "Produksi", "Operator"),
    ("E07", "Gita Maharani", "Kantor", "HR"),
    ("E08", "Hendra Wijaya", None, None),
)


def working_day(home: Path, now: datetime | None = None) -> Seed:
    """Eight people: four present, two off (one alerted), one unobserved, one never seen; two cameras."""
    seed = Seed(home) if now is None else Seed(home, now)
    SettingsStore(seed.paths).save_parameters(Parameters(time_zone="UTC"), MISSING)
    seed.worker()
    seed.camera(1, "Gerbang depan", location="Pintu masuk")
    seed.camera(
        2,
        "Gudang",
        location="Lorong B",
        status=CameraStatus.UNREACHABLE,
        cause="refused",
        last_frame_at=seed.now - timedelta(minutes=12),
        status_since=seed.now - timedelta(minutes=12),
        analysed_fps=0.0,
    )
    for role in Role:
        seed.user(str(role), role)
    seed.user("spv.gudang", Role.SUPERVISOR, ("Gudang",), "id")
    people = [
        seed.employee(code, name, dept, enrolled=False, position=position)
        for code, name, dept, position in PEOPLE
    ]
    for number, employee_id in enumerate(people[:-1]):
        seed.consent(employee_id)
        seed.template(employee_id)
        _day_of(seed, employee_id, number)
    return seed


def _day_of(seed: Seed, employee_id: int, number: int) -> None:
    """The day of the `number`th person; 0-3 are present, 4 and 5 left, 6 is not observed."""
    now, today = seed.now, seed.now.astimezone(UTC).date()
    first = seed.visit(employee_id, now - timedelta(minutes=200 + number * 3), now - timedelta(minutes=90))
    last_seen_at = now - timedelta(seconds=2) if number < 4 else now - timedelta(minutes=4 + number)
    arrived_at = now - timedelta(minutes=40 - number)
    last = seed.visit(employee_id, arrived_at, last_seen_at, open_=number < 4)
    state = PresenceState.AVAILABLE if number < 4 else PresenceState.OFF
    state = PresenceState.UNOBSERVED if number == 6 else state
    since = arrived_at if number < 4 else last_seen_at
    camera_id = 2 if number == 6 else 1
    seed.presence(
        employee_id, state, since, last_seen_at=last_seen_at, last_camera_id=camera_id, visit_id=last
    )
    final_at = None if number < 4 else last_seen_at + timedelta(seconds=30)
    seed.attendance(employee_id, today, [first, last], final_at)
    seed.alert(employee_id, now - timedelta(minutes=80), back_after_s=600 + number)
    if number == 4:
        seed.alert(employee_id, last_seen_at + timedelta(seconds=60))
