"""The first steps: done by facts, confirmed where there are none, and put away."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.domain.states import CameraStatus, RequestKind, Role
from core.settings_store import SettingsStore
from core.storage import site_setup
from core.storage.models import AuditLog, Camera, Employee, FaceTemplate, Site, WorkerRequest
from core.storage.site_setup import SetupStep, steps_done
from tests.dashboard.signed_in import open_view, words_on
from tests.seed import Seed

VIEW = "dashboard.views.setup:show"
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    """A site on which nothing happened yet."""
    seed = Seed(tmp_path)
    seed.user("admin", Role.ADMIN)
    with seed.engine.begin() as connection:
        connection.execute(update(Site).values(setup={}))
    return seed


@pytest.fixture
def page(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return open_view(seed, monkeypatch, VIEW, "admin").run()


def done(seed: Seed) -> set[SetupStep]:
    with Session(seed.engine) as session:
        return set(steps_done(session))


def camera_answered(seed: Seed, status: CameraStatus) -> None:
    row = WorkerRequest(kind=RequestKind.TEST_CAMERA, payload={}, requested_by="admin", requested_at=NOW)
    row.expires_at, row.result = NOW, {"status": status}
    seed.add(row)


def enrolled(seed: Seed, **employee: object) -> None:
    of = seed.employee("E1", "Ayu")
    with seed.engine.begin() as connection:
        if employee:
            connection.execute(update(Employee).where(Employee.id == of).values(**employee))


def revoked(seed: Seed) -> None:
    enrolled(seed)
    with seed.engine.begin() as connection:
        connection.execute(update(FaceTemplate).values(revoked_at=NOW))


@pytest.mark.parametrize(
    ("happens", "step", "is_done"),
    [
        (lambda seed: None, SetupStep.PASSWORD, True),
        (lambda seed: None, SetupStep.CAMERA, False),
        (lambda seed: seed.camera(1, "Front"), SetupStep.CAMERA, True),
        (lambda seed: seed.camera(1, "Front", status=CameraStatus.UNREACHABLE), SetupStep.CAMERA, False),
        (lambda seed: seed.camera(1, "Front", last_frame_at=None), SetupStep.CAMERA, False),
        (lambda seed: seed.camera(1, "Front", removed_at=NOW), SetupStep.CAMERA, False),
        (lambda seed: camera_answered(seed, CameraStatus.ONLINE), SetupStep.CAMERA, True),
        (lambda seed: camera_answered(seed, CameraStatus.UNAUTHORISED), SetupStep.CAMERA, False),
        (enrolled, SetupStep.EMPLOYEE, True),
        (lambda seed: enrolled(seed, active=False), SetupStep.EMPLOYEE, False),
        (revoked, SetupStep.EMPLOYEE, False),
    ],
)
def test_facts_decide(seed: Seed, happens: Callable[[Seed], object], step: SetupStep, is_done: bool) -> None:
    happens(seed)
    assert (step in done(seed)) == is_done


@pytest.mark.parametrize("step", [SetupStep.PASSWORD, SetupStep.CAMERA, SetupStep.EMPLOYEE])
def test_nobody_confirms_a_fact(seed: Seed, step: SetupStep) -> None:
    with Session(seed.engine) as session, pytest.raises(ValueError, match="facts"):
        site_setup.confirm(session, step, actor="admin", now=NOW)


def test_name_and_zone_are_entered_and_confirmed(page: AppTest, seed: Seed) -> None:
    assert "1 of 5 steps done" in str(page.get("progress")[0].proto)
    page.text_input(key="setup_site_name").set_value("Pabrik Timur")
    zone = next(box for box in page.selectbox if str(box.key).startswith("setup_zone_"))
    zone.select("Asia/Makassar").run()
    page.button(key="confirm_site").click().run()
    with Session(seed.engine) as session:
        assert session.scalar(select(Site.site_name)) == "Pabrik Timur"
        deeds = list(session.scalars(select(AuditLog.action).order_by(AuditLog.id)))
    assert deeds == ["site.renamed", "settings.saved", "setup.confirmed"]
    assert SettingsStore(seed.paths).load_parameters().value.time_zone == "Asia/Makassar"
    assert SetupStep.SITE in done(seed)


def test_a_name_that_is_none_is_refused_and_nothing_is_confirmed(page: AppTest, seed: Seed) -> None:
    page.text_input(key="setup_site_name").set_value("  ")
    page.button(key="confirm_site").click().run()
    assert "1 to 120 characters" in page.error[0].value
    assert SetupStep.SITE not in done(seed)


def test_hours_are_entered_and_confirmed_and_wrong_ones_are_not(page: AppTest, seed: Seed) -> None:
    page.text_input(key="setup_hours_0_sat").set_value("later")
    page.button(key="confirm_hours").click().run()
    assert SetupStep.HOURS not in done(seed)
    assert page.error
    page.text_input(key="setup_hours_0_sat").set_value("8-12")
    page.button(key="confirm_hours").click().run()
    assert SettingsStore(seed.paths).load_parameters().value.working_hours.sat == (("08:00", "12:00"),)
    assert SetupStep.HOURS in done(seed)


def test_it_is_put_away_and_asks_for_attention_no_more(page: AppTest, seed: Seed) -> None:
    with Session(seed.engine) as session:
        assert site_setup.wants_attention(session)
    page.button(key="put_away").click().run()
    with Session(seed.engine) as session:
        assert not site_setup.wants_attention(session)
    assert not page.exception


def test_a_site_with_everything_says_so(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.camera(1, "Front")
    enrolled(seed)
    for step in (SetupStep.SITE, SetupStep.HOURS):
        with Session(seed.engine) as session, session.begin():
            site_setup.confirm(session, step, actor="admin", now=NOW)
    page = open_view(seed, monkeypatch, VIEW, "admin").run()
    assert "Everything is set up" in page.success[0].value
    assert "put_away" not in [button.key for button in page.button]


def test_the_demo_says_how_it_ends(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GSPE_DEMO", "1")
    seed.camera(1, "Front")
    enrolled(seed)
    page = open_view(seed, monkeypatch, VIEW, "admin").run()
    assert "Your own site begins with your first camera" in words_on(page)
    done = [step.label for step in page.expander if step.label.endswith(": done")]
    assert len(done) == 1, "the password; the demo's camera and people are not the site's"


def test_cameras_that_were_removed_do_not_count(seed: Seed) -> None:
    with Session(seed.engine) as session:
        assert session.scalars(select(Camera)).all() == []
    assert done(seed) == {SetupStep.PASSWORD}
