"""Which cameras the wall shows in which order: from the address, from the account, and moved about."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.i18n import LANGUAGES, catalogue
from core.storage.models import Camera, Employee, User
from dashboard.live.viewer import REASONS
from dashboard.live.wall import Wall, from_address, from_stored, planned, to_address, to_stored
from tests.dashboard.signed_in import open_view, words_on
from tests.seed import Seed, working_day

VIEW = "dashboard.views.live:show"
SITE = [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("wall", "size", "tiles"),
    [
        (Wall(), 4, (1, 2, 3, 4)),
        (Wall(9), 9, (1, 2, 3, 4, 5, None, None, None, None)),
        (Wall(4, (5, 2)), 4, (5, 2, None, None)),
        (Wall(4, (5, 99, 2)), 4, (5, 2, None, None)),
        (Wall(4, (99,)), 4, (1, 2, 3, 4)),
        (Wall(9, (5, 2), 3), 1, (3,)),
        (Wall(4, (), 99), 4, (1, 2, 3, 4)),
    ],
)
def test_what_is_shown(wall: Wall, size: int, tiles: tuple[int | None, ...]) -> None:
    plan = planned(wall, SITE, SITE)
    assert (plan.size, plan.tiles) == (size, tiles)
    assert plan.shown == [tile for tile in tiles if tile is not None]


def test_a_disabled_camera_is_shown_only_when_it_was_chosen() -> None:
    assert planned(Wall(4), SITE, [1, 3]).tiles == (1, 3, None, None)
    assert planned(Wall(4, (2, 1)), SITE, [1, 3]).tiles == (2, 1, None, None)


def test_a_site_with_one_camera_shows_it_until_somebody_chooses_a_wall() -> None:
    assert planned(Wall(), [7], [7]).tiles == (7,)
    assert planned(Wall(4), [7], [7]).tiles == (7, None, None, None)


@pytest.mark.parametrize(
    ("camera_id", "by", "order"),
    [
        (3, -1, (1, 3, 2, 4, 5)),
        (3, 1, (1, 2, 4, 3, 5)),
        (1, -1, (1, 2, 3, 4, 5)),
        (4, 1, (1, 2, 3, 4, 5)),
    ],
)
def test_a_tile_moves_by_a_place_and_what_is_not_shown_stays_behind(
    camera_id: int, by: int, order: tuple[int, ...]
) -> None:
    wall = Wall(4, (1, 2, 3, 4, 5))
    assert wall.moved([1, 2, 3, 4], camera_id, by).cameras == order


def test_the_wall_behind_one_camera_stays_as_it_was() -> None:
    wall = Wall(9, (2, 1)).sized(1, 2)
    assert wall == Wall(9, (2, 1), 2)
    assert wall.sized(9, 1) == Wall(9, (2, 1))


walls = st.builds(
    Wall,
    st.sampled_from([None, 4, 9, 16]),
    st.lists(st.integers(1, 999_999), unique=True, max_size=16).map(tuple),
    st.none() | st.integers(1, 999_999),
)


@given(walls)
def test_a_wall_comes_back_as_it_was_kept(wall: Wall) -> None:
    assert from_stored(to_stored(wall)) == wall
    if wall != Wall():
        assert from_address(to_address(wall)) == wall


@given(st.dictionaries(st.sampled_from(["tiles", "cameras", "camera", "other"]), st.text()))
def test_any_address_is_a_wall_or_none(query: dict[str, str]) -> None:
    wall = from_address(query)
    assert (wall is None) == (query.keys() <= {"other"})
    if wall is not None:
        assert len(planned(wall, SITE, SITE).tiles) in (1, 4, 9, 16)


@given(
    st.dictionaries(
        st.sampled_from(["tiles", "cameras", "camera"]),
        st.none() | st.integers() | st.text() | st.lists(st.text()),
    )
)
def test_whatever_is_stored_is_a_wall(stored: dict[str, object]) -> None:
    assert len(planned(from_stored(stored), SITE, SITE).tiles) in (1, 4, 9, 16)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_its_words(language: str) -> None:
    words = catalogue(language)
    assert all(words[f"live.reason.{code}"] for code in REASONS)
    assert len({words[f"live.reason.{code}"] for code in REASONS}) == len(REASONS)


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    seed = working_day(tmp_path)
    seed.camera(3, "Parkir", position=-1)
    seed.camera(4, "Ruang rapat", enabled=False)
    return seed


@pytest.fixture
def page(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return open_view(seed, monkeypatch, VIEW, "viewer")


def kept(seed: Seed, username: str = "viewer") -> dict[str, object]:
    with Session(seed.engine) as session:
        return session.scalars(select(User.live_wall).where(User.username == username)).one()


def test_the_wall_opens_in_the_sites_order(page: AppTest) -> None:
    page.run()
    words_on(page)
    assert page.segmented_control(key="live_tiles").value == 4
    assert page.multiselect(key="live_cameras").value == [3, 1, 2]


def test_size_and_choice_are_kept_in_the_address_and_by_the_account(page: AppTest, seed: Seed) -> None:
    page.run()
    page.segmented_control(key="live_tiles").set_value(9).run()
    page.multiselect(key="live_cameras").set_value([2, 3]).run()
    assert dict(page.query_params) == {"tiles": "9", "cameras": "2.3"}
    assert kept(seed) == {"tiles": 9, "cameras": [2, 3], "camera": None}
    assert kept(seed, "admin") == {}


def test_the_accounts_choice_opens_and_the_address_goes_before_it(
    page: AppTest, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    with seed.engine.begin() as connection:
        connection.execute(update(User).values(live_wall={"tiles": 16, "cameras": [2, 1], "camera": None}))
    page.run()
    assert page.segmented_control(key="live_tiles").value == 16
    assert page.multiselect(key="live_cameras").value == [2, 1]
    other = open_view(seed, monkeypatch, VIEW, "viewer")
    other.query_params["tiles"] = "4"
    other.query_params["cameras"] = "1.3"
    other.run()
    assert other.segmented_control(key="live_tiles").value == 4
    assert other.multiselect(key="live_cameras").value == [1, 3]


def test_the_sites_order_comes_back(page: AppTest, seed: Seed) -> None:
    page.query_params["cameras"] = "2.1"
    page.run()
    back = next(button for button in page.button if button.label == "All cameras in the site's order")
    back.click().run()
    assert page.multiselect(key="live_cameras").value == [3, 1, 2]
    assert kept(seed)["cameras"] == []


def test_people_of_other_departments_are_told_without_a_name(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = seed.now.isoformat()
    tracks = [{"employee_id": number, "track_id": number, "since": since} for number in (1, 2, None)]
    with Session(seed.engine) as session, session.begin():
        employees = {row.id: row for row in session.scalars(select(Employee))}
        session.execute(update(Camera).values(tracks=tracks))
        own, other = employees[1], employees[2]
        own.department, other.department = "Gudang", "Kantor"
        names = (own.name, other.name)
    page = open_view(seed, monkeypatch, VIEW, "spv.gudang")
    page.query_params["camera"] = "1"
    said = list(page.run().dataframe[0].value.iloc[:, 0])
    assert said == [names[0], "dari departemen lain", "tidak dikenali"]
    assert names[1] not in words_on(page)


def test_one_camera_has_its_state_beside_it_and_leads_back_to_the_wall(page: AppTest, seed: Seed) -> None:
    page.query_params["tiles"] = "9"
    page.query_params["camera"] = "2"
    page.run()
    assert page.selectbox(key="live_camera").value == 2
    assert "Camera and AI" in words_on(page)
    assert "port is closed" in words_on(page)
    back = next(button for button in page.button if button.label == "Back to the wall")
    back.click().run()
    assert page.segmented_control(key="live_tiles").value == 9
    assert kept(seed)["camera"] is None


def test_nonsense_in_the_address_shows_the_sites_wall(page: AppTest) -> None:
    page.query_params["tiles"] = "7"
    page.query_params["cameras"] = "x.-1.99"
    page.query_params["camera"] = "²"
    page.run()
    assert page.multiselect(key="live_cameras").value == [3, 1, 2]


def test_without_an_enabled_camera_it_says_what_to_do(page: AppTest, seed: Seed) -> None:
    with seed.engine.begin() as connection:
        connection.execute(update(Camera).values(enabled=False))
    page.run()
    assert "Add one on the page Cameras" in words_on(page)


def test_a_choice_that_cannot_be_kept_is_said_and_shown_all_the_same(page: AppTest, seed: Seed) -> None:
    page.run()
    with seed.engine.begin():  # a writer's transaction takes the lock at once
        page.segmented_control(key="live_tiles").set_value(9).run()
    assert page.segmented_control(key="live_tiles").value == 9
    assert len(page.toast) == 1
    assert kept(seed) == {}
