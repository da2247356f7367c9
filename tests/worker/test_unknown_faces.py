"""Tracks that never had a name: which become rows, which do not, and who is ignored for good."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.domain.states import UnknownState, Unnamed
from core.errors import PackUnavailable
from core.paths import SitePaths
from core.settings import CameraSettings, Parameters, WorkingWeek
from core.storage import naming, unknown_faces
from core.storage.biometrics import NewTemplate, add_template, unknown_vectors
from core.storage.corrections import Deed
from core.storage.employees import create_employee, deactivate_employee
from core.storage.models import Event, UnknownFace, Visit
from tests import faces
from tests.painted import LEFT, MIDDLE, RIGHT, embedding, painted_site
from tests.worker.test_recorder import ANA, BUDI, STRANGER, Site, parameters
from worker.analysis.sessions import CPU
from worker.enrolment import Enroller, Terms
from worker.packs import load_pack
from worker.photo import open_photo, to_jpeg
from worker.pipeline import CameraFrame
from worker.recorder import SiteSettings
from worker.sources.source import CapturedFrame

OTHER = 8


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[SitePaths, Engine]]:
    paths, engine = painted_site(tmp_path / "home", [ANA, BUDI])
    yield paths, engine
    engine.dispose()


def spans(site: Site) -> list[tuple[float, float]]:
    return [(site.s(row.first_seen_at), site.s(row.last_seen_at)) for row in site.rows(UnknownFace)]


def pictures(site: Site) -> list[Path]:
    return sorted(site.paths.unknown_faces.rglob("*.jpg"))


def test_a_stay_without_a_name_becomes_one_face(home):
    site = Site(*home, parameters())
    site.show({STRANGER: LEFT, ANA: RIGHT}, 4)
    assert spans(site) == [], "while he is there and not for long"
    site.show({ANA: RIGHT}, 8)
    site.end()
    assert spans(site) == [(0.0, 3.8)]
    [row] = site.rows(UnknownFace)
    assert (row.state, row.camera_id, row.pack_id) == (UnknownState.OPEN, 1, "painted")
    assert row.picture_path is not None
    with Image.open(site.paths.home / row.picture_path) as picture:
        assert picture.size[0] > 80, "head and shoulders"
    with Session(site.engine) as session:
        [found] = unknown_vectors(session, UnknownState.OPEN, "painted", "0" * 64)
    np.testing.assert_allclose(found.vector, embedding(STRANGER), atol=1e-6)


def test_too_few_faces_are_none(home):
    site = Site(*home, parameters())
    site.show({STRANGER: LEFT}, 1)  # five faces; the vote's window is five
    site.show({}, 5)
    site.end()
    assert (spans(site), pictures(site)) == ([], [])


def test_who_stays_is_kept_while_he_is_there_and_grows(home):
    site = Site(*home, parameters())
    site.show({STRANGER: LEFT}, 31)
    site.end()
    assert spans(site) == [(0.0, 30.0)]
    site.show({STRANGER: LEFT}, 45)
    site.end()
    assert spans(site) == [(0.0, 40.0)]
    site.recorder.finish(site.at(45))
    assert spans(site) == [(0.0, 44.8)], "the worker's end is written too"
    assert len(pictures(site)) == 1


def test_who_gets_his_name_after_all_is_no_unknown_face(home):
    """He is enrolled while he stands there: the row that he has already goes, with its picture."""
    site = Site(*home, parameters())
    site.show({OTHER: LEFT}, 32)
    site.end()
    assert len(pictures(site)) == 1

    def enrol(session: Session) -> None:
        fields = {"code": "P8", "name": "Person 8"}
        person = create_employee(session, fields, actor="test", now=site.at(32)).id
        template = NewTemplate(person, embedding(OTHER), "painted", "0" * 64, "test", b"photo 8", {})
        add_template(session, site.paths, template, actor="test", now=site.at(32))

    site.change(enrol)
    site.show({OTHER: LEFT}, 36)
    site.end()
    assert [site.s(row.arrived_at) for row in site.rows(Visit)] == [0.0]
    assert (spans(site), pictures(site)) == ([], [])


def test_quiet_times_keep_no_face(home):
    closed = WorkingWeek().as_json()
    site = Site(*home, parameters(off_duty_pictures=False, working_hours=closed))
    site.show({STRANGER: LEFT}, 4)
    site.show({}, 8)
    site.end()
    assert (spans(site), pictures(site)) == ([], [])


def test_a_disk_without_room_keeps_no_face(home):
    site = Site(*home, parameters())
    site.recorder.pictures_allowed = False
    site.show({STRANGER: LEFT}, 4)
    site.show({}, 8)
    site.end()
    assert (spans(site), pictures(site)) == ([], [])


def test_a_busy_street_does_not_fill_the_disk(home):
    site = Site(*home, parameters(unknown_faces_per_hour=2))
    for turn in range(4):
        site.show({STRANGER: LEFT}, 8 * turn + 4)
        site.show({}, 8 * turn + 8)
    site.end()
    assert [start for start, _ in spans(site)] == [0.0, 8.0]
    site.begin(site.at(40))
    site.frame = 40 * 5
    site.show({STRANGER: LEFT}, 44)
    site.show({}, 48)
    site.end()
    assert len(spans(site)) == 2, "a restart forgets nothing of the hour"


def test_none_is_kept_where_none_is_wanted(home):
    site = Site(*home, parameters(unknown_faces_per_hour=0))
    site.show({STRANGER: LEFT}, 4)
    site.show({}, 8)
    site.end()
    assert spans(site) == []


def test_a_camera_that_falls_silent_loses_whom_it_followed(home):
    site = Site(*home, parameters())
    site.show({STRANGER: LEFT}, 4)
    site.recorder.idle(site.at(30))
    site.end()
    assert spans(site) == []
    site.recorder.idle(site.at(4) + timedelta(minutes=2))
    site.recorder.commit(site.at(130), final=True)
    assert spans(site) == [(0.0, 3.8)]


def test_who_is_ignored_is_passed_over_and_seen_again_when_lifted(home):
    site = Site(*home, parameters())
    site.show({STRANGER: LEFT}, 4)
    site.show({}, 8)
    site.end()
    [row] = site.rows(UnknownFace)
    events = len(site.rows(Event))
    site.change(lambda session: unknown_faces.ignore(session, [row.id], actor="hr", now=site.at(8)))
    steps = site.show({STRANGER: LEFT, OTHER: MIDDLE, ANA: RIGHT}, 12)
    faces = {face.track.track_id: face for face in steps[-1].analyses[0].faces}
    reasons = sorted(str(face.reason) for face in faces.values())
    assert reasons == ["None", Unnamed.BELOW_THRESHOLD, Unnamed.IGNORED], "Ana has her name"
    site.show({}, 16)
    site.end()
    assert len(spans(site)) == 2, "the other stranger's only"
    kinds = [event.kind for event in site.rows(Event)][events:]
    assert kinds.count("unknown") == 1

    site.change(lambda session: unknown_faces.lift(session, [row.id], actor="hr", now=site.at(16)))
    site.show({STRANGER: LEFT}, 20)
    site.show({}, 24)
    site.end()
    assert len(spans(site)) == 3


def test_ignoring_takes_effect_on_a_track_that_goes_on(home):
    site = Site(*home, parameters())
    site.show({STRANGER: LEFT}, 4)
    site.show({}, 8)
    site.end()
    [row] = site.rows(UnknownFace)
    site.show({STRANGER: LEFT}, 10)
    site.change(lambda session: unknown_faces.ignore(session, [row.id], actor="hr", now=site.at(10)))
    site.show({STRANGER: LEFT}, 14)
    site.show({}, 18)
    site.end()
    assert len(spans(site)) == 1


def masked(site: Site) -> SiteSettings:
    """The right half of the camera's picture is hidden."""
    right = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
    camera: CameraSettings = site.settings.cameras[1].model_copy(update={"privacy_masks": (right,)})
    return SiteSettings(site.settings.parameters, {1: camera})


def test_a_new_mask_leaves_no_picture_from_before_it(home):
    site = Site(*home, parameters())
    site.show({STRANGER: RIGHT}, 4)
    site.recorder.apply(masked(site), site.at(4))
    site.show({}, 8)  # hidden from here on
    site.end()
    assert (spans(site), pictures(site)) == ([], [])


def test_who_is_still_seen_beside_a_new_mask_is_kept_as_he_is_seen_now(home):
    site = Site(*home, parameters())
    site.show({STRANGER: LEFT}, 4)
    site.recorder.apply(masked(site), site.at(4))
    site.show({STRANGER: LEFT}, 6)
    site.show({}, 10)
    site.end()
    [row] = site.rows(UnknownFace)
    assert (site.s(row.first_seen_at), site.s(row.captured_at)) == (0.0, 4.0)


def test_a_name_that_is_lost_settles_nothing_for_good(home):
    """He leaves the company while he stands there, and then is a stranger like any other."""
    site = Site(*home, parameters())
    site.show({ANA: LEFT}, 5)
    leaves = {"actor": "hr", "now": site.at(5)}
    site.change(lambda session: deactivate_employee(session, 1, **leaves))
    site.show({ANA: LEFT}, 34)
    site.end()
    assert spans(site) == [], "nameless for less than half a minute"
    site.show({ANA: LEFT}, 60)
    site.show({}, 64)
    site.end()
    assert spans(site) == [(4.8, 59.8)]


def test_who_is_ignored_no_more_is_unknown_again_on_the_same_track(home):
    site = Site(*home, parameters())
    site.show({STRANGER: LEFT}, 4)
    site.show({}, 8)
    site.end()
    [row] = site.rows(UnknownFace)
    site.change(lambda session: unknown_faces.ignore(session, [row.id], actor="hr", now=site.at(8)))
    site.show({STRANGER: LEFT}, 50)
    site.end()
    assert len(spans(site)) == 1, "he is ignored all the time"
    site.change(lambda session: unknown_faces.lift(session, [row.id], actor="hr", now=site.at(50)))
    site.show({STRANGER: LEFT}, 90)
    site.show({}, 94)
    site.end()
    assert spans(site)[1:] == [(49.8, 89.8)]


def test_who_is_named_while_he_stays_is_told_of_to_the_end(home):
    site = Site(*home, parameters())
    site.show({OTHER: LEFT}, 32)
    site.end()
    [row] = site.rows(UnknownFace)
    deed = Deed("hr", site.at(32), site.settings.parameters)
    site.change(lambda session: naming.apply(session, site.paths, [row.id], 1, deed))
    site.show({OTHER: LEFT}, 120)
    site.show({}, 124)
    site.end()
    named, rest = site.rows(UnknownFace)
    assert (named.state, site.s(named.last_seen_at)) == (UnknownState.NAMED, 30.0)
    assert (rest.state, site.s(rest.first_seen_at), site.s(rest.last_seen_at)) == ("open", 30.0, 119.8)
    assert rest.captured_at > named.last_seen_at, "a picture of its own"
    assert len(pictures(site)) == 2
    with Session(site.engine) as session, session.begin():
        naming.apply(session, site.paths, [rest.id], 1, deed)
    assert site.spans() == [(0.0, 30.0), (30.0, 119.8)]


def test_who_is_discarded_while_he_stays_is_not_kept_again(home):
    site = Site(*home, parameters())
    site.show({STRANGER: LEFT}, 32)
    site.end()
    [row] = site.rows(UnknownFace)
    discard = {"actor": "hr", "now": site.at(32)}
    site.change(lambda session: unknown_faces.discard(session, [row.id], **discard))
    site.show({STRANGER: LEFT}, 120)
    site.show({}, 124)
    site.show({STRANGER: LEFT}, 130)
    site.show({}, 134)
    site.end()
    assert spans(site) == [(0.0, 30.0), (124.0, 129.8)], "another stay is another track"


def test_who_is_ignored_while_he_stays_is_not_kept_again(home):
    site = Site(*home, parameters())
    site.show({STRANGER: LEFT}, 32)
    site.end()
    [row] = site.rows(UnknownFace)
    ignore = {"actor": "hr", "now": site.at(32)}
    site.change(lambda session: unknown_faces.ignore(session, [row.id], **ignore))
    site.show({STRANGER: LEFT}, 120)
    site.show({}, 124)
    site.end()
    assert spans(site) == [(0.0, 30.0)]


@pytest.mark.models
def test_a_real_person_without_a_name_is_kept_and_one_with_a_name_is_not(home):
    paths, engine = home
    try:
        known, same, other = (open_photo(faces.photo(f"{name}.jpg")) for name in ("obama", "obama2", "biden"))
    except PackUnavailable as error:
        pytest.skip(str(error))
    site = Site(paths, engine, parameters())
    site.pack = load_pack(Parameters(providers=(CPU,)))
    enroller = Enroller(paths, engine, site.pack)
    assert enroller.enrol(1, to_jpeg(known), Terms("test", "hr")).accepted
    site.begin(site.at(0))

    for at_s, pixels in ((0, other), (20, same)):
        for frame in range(11):  # seven with a face, then an empty room until the track has ended
            now = site.at(at_s + (frame / 5 if frame < 7 else frame - 5))
            shown = pixels if frame < 7 else np.zeros_like(pixels)
            site.recorder.process([CameraFrame(1, CapturedFrame(shown, now, 100 * at_s + frame))], now)
    site.recorder.commit(site.at(40))

    [face] = site.rows(UnknownFace)
    assert (face.state, face.pack_id, site.s(face.first_seen_at)) == (UnknownState.OPEN, site.pack.pack_id, 0)
    assert (paths.home / str(face.picture_path)).is_file()
    assert [(visit.employee_id, site.s(visit.arrived_at)) for visit in site.rows(Visit)] == [(1, 20)]
