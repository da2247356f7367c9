"""Cameras to which people are tied, and whom cameras cover by that."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.domain.states import CoverageState, DayStatus
from core.errors import GspeError
from core.storage import ties
from core.storage.models import AuditLog, Camera
from core.storage.take_up import covering_cameras
from tests.days import DAY, ONE_DAY, DaysSite

ANA, BUDI = 1, 2


@pytest.fixture
def site(tmp_path: Path) -> DaysSite:
    """Gate (1), two cameras in the hall (2, 3); yesterday the gate saw both."""
    site = DaysSite(tmp_path)
    for camera_id, name in ((2, "Hall north"), (3, "Hall south")):
        site.seed.camera(camera_id, name, location="Hall")
    for code, name in (("E1", "Ana"), ("E2", "Budi")):
        site.see(site.seed.employee(code, name, name), "09:00", "10:00", DAY - ONE_DAY)
    return site


def tie(site: DaysSite, employee: int, cameras: tuple[int, ...] = (), *locations: str) -> None:
    with Session(site.engine) as session, session.begin():
        ties.set_ties(session, employee, cameras, locations, actor="hr", now=site.now)


def covering(site: DaysSite, configured: tuple[int, ...] = (1, 2, 3)) -> dict[int, set[int]]:
    with Session(site.engine) as session:
        known = frozenset(configured)
        found = covering_cameras(session, known, known, site.now - timedelta(days=14))
    return {employee: set(cameras) for employee, cameras in found.items()}


def test_a_location_stands_for_its_cameras(site: DaysSite) -> None:
    tie(site, ANA, (1,), "Hall")
    tie(site, BUDI, (2,))
    with Session(site.engine) as session:
        assert ties.ties_of_everybody(session) == {ANA: {1, 2, 3}, BUDI: {2}}
        assert [(row.name, row.cameras, row.locations) for row in ties.ties(session)] == [
            ("Ana", (1,), ("Hall",)),
            ("Budi", (2,), ()),
        ]
        assert [row.name for row in ties.ties(session, ["Budi"])] == ["Budi"]


def test_a_tie_goes_before_what_saw_him(site: DaysSite) -> None:
    assert covering(site) == {ANA: {1}, BUDI: {1}}
    tie(site, ANA, (), "Hall")
    assert covering(site) == {ANA: {2, 3}, BUDI: {1}}
    tie(site, ANA)
    assert covering(site) == {ANA: {1}, BUDI: {1}}, "untied again"


def test_who_is_tied_to_cameras_that_are_gone_is_covered_by_none(site: DaysSite) -> None:
    tie(site, ANA, (3,))
    assert covering(site, configured=(1, 2))[ANA] == set()
    tie(site, ANA, (), "Hall")
    with Session(site.engine) as session, session.begin():
        session.execute(update(Camera).where(Camera.id > 1).values(location="Store"))
    assert covering(site)[ANA] == set(), "nobody can say that he was absent"


def test_a_day_is_judged_by_the_tie(site: DaysSite) -> None:
    site.cover(camera=1)
    site.cover(camera=2)
    site.cover("00:00", "12:00", camera=3)
    site.cover("12:00", "24:00", camera=3, state=CoverageState.UNREACHABLE)
    assert [day.work.status for day in site.judged()] == [DayStatus.ABSENT, DayStatus.ABSENT]
    tie(site, ANA, (3,))
    ana, budi = site.judged()
    assert ana.work.not_observable == timedelta(hours=5)
    assert budi.work.not_observable == timedelta(0)


def test_a_removed_camera_covers_until_its_removal(site: DaysSite) -> None:
    tie(site, ANA, (3,))
    site.cover(camera=3)
    with Session(site.engine) as session, session.begin():
        session.execute(update(Camera).where(Camera.id == 3).values(removed_at=site.now + ONE_DAY))
    assert site.judged()[0].work.status == DayStatus.ABSENT
    later = DAY + 2 * ONE_DAY
    assert site.judged(later, later, site.now + 2 * ONE_DAY)[0].work.status == DayStatus.NOT_OBSERVED


@pytest.mark.parametrize(
    ("employee", "cameras", "locations", "code"),
    [
        (ANA, (9,), (), "tie_unknown"),
        (ANA, (), ("Roof",), "tie_unknown"),
        (ANA, (), ("",), "tie_unknown"),
        (9, (1,), (), "employee_unknown"),
    ],
)
def test_only_what_is_there_can_be_tied(
    site: DaysSite, employee: int, cameras: tuple[int, ...], locations: tuple[str, ...], code: str
) -> None:
    with pytest.raises(GspeError) as refused:
        tie(site, employee, cameras, *locations)
    assert refused.value.code == code


def test_a_tie_is_in_the_trail(site: DaysSite) -> None:
    tie(site, ANA, (2,), "Hall")
    with Session(site.engine) as session:
        [row] = session.scalars(select(AuditLog))
    assert (row.action, row.subject) == ("cameras.tied", "employees:1")
    assert row.params == {"cameras": [2], "locations": ["Hall"]}
