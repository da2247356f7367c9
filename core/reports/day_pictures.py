"""The pictures behind a person's first in and last out, day by day."""

from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy.orm import Session

from core.domain.schedule import ONE_DAY, day_bounds
from core.errors import GspeError
from core.paths import SitePaths
from core.reports.periods import Period
from core.settings import Parameters
from core.storage.biometrics import read_picture
from core.storage.report_rows import Person, VisitShot, visit_shots
from core.storage.rulebook import read_rulebook

PICTURE_PX = 220
"""Sharp enough in print at the size of a passport photo."""


@dataclass(frozen=True)
class DayPicture:
    """jpeg: None where it cannot be shown; `reports.picture.<why>` says why.

    at: of the sighting that it belongs to.
    """

    at: datetime
    jpeg: bytes | None
    why: str | None = None
    camera_name: str | None = None


@dataclass(frozen=True)
class DayPictures:
    first_in: DayPicture | None = None
    last_out: DayPicture | None = None

    @property
    def shown(self) -> int:
        """How many there are to see."""
        return sum(one is not None and one.jpeg is not None for one in (self.first_in, self.last_out))


def day_pictures(
    session: Session, person: Person, period: Period, parameters: Parameters, paths: SitePaths
) -> dict[date, DayPictures]:
    """Of each attendance day on which the person was seen: the first arrival and the last departure.

    A correction changes none of them: they show what was seen.
    """
    roster = read_rulebook(session, period.first, period.last, parameters).calendar.roster
    start = day_bounds(period.first - ONE_DAY, parameters.zone)[0]
    end = day_bounds(period.last + ONE_DAY, parameters.zone)[1]
    shots: dict[date, list[VisitShot]] = {}
    for shot in visit_shots(session, person.id, start, end):
        day = roster.day_of(person.id, person.department, shot.arrived_at)
        if period.first <= day <= period.last:
            shots.setdefault(day, []).append(shot)
    return {day: _of_day(found, paths) for day, found in shots.items()}


def _of_day(shots: list[VisitShot], paths: SitePaths) -> DayPictures:
    first, last = shots[0], max(shots, key=lambda shot: shot.last_seen_at)
    arrivals = [s for s in shots if s.arrived_at == first.arrived_at and s.is_arrival]
    departures = [
        s for s in shots if s.last_seen_at == last.last_seen_at and s.kind is not None and not s.is_arrival
    ]
    return DayPictures(
        _picture(arrivals, first.arrived_at, paths), _picture(departures, last.last_seen_at, paths)
    )


def _picture(shots: list[VisitShot], at: datetime, paths: SitePaths) -> DayPicture:
    if not shots:
        return DayPicture(at, None, "none")
    shot = shots[0]
    if shot.path is None:
        return DayPicture(at, None, "removed", shot.camera_name)
    try:
        return DayPicture(at, _small(read_picture(paths, shot.path)), None, shot.camera_name)
    except (GspeError, OSError, UnidentifiedImageError, Image.DecompressionBombError):
        return DayPicture(at, None, "unreadable", shot.camera_name)  # the report says so beside the time


def _small(jpeg: bytes) -> bytes:
    with Image.open(BytesIO(jpeg)) as picture:
        picture.draft("RGB", (PICTURE_PX * 2, PICTURE_PX * 2))
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    small = BytesIO()
    ImageOps.fit(upright, (PICTURE_PX, PICTURE_PX), centering=(0.5, 0.4)).save(small, "JPEG", quality=80)
    return small.getvalue()
