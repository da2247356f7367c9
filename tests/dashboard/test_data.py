"""Pages read answers at most two seconds old, and know when the facts themselves are too old."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from sqlalchemy import event
from sqlalchemy.orm import Session

from core.domain.states import CameraCause
from core.i18n import LANGUAGES, catalogue
from core.storage import audit_list, queries
from core.storage.audit_list import AuditFilter
from core.storage.rows import CameraRow, WorkerRow
from dashboard import data
from dashboard.database import reader
from dashboard.widgets.pictures import THUMBNAIL_PX, picture_class, thumbnail_url
from dashboard.widgets.troubleshooting import GUIDES, sections
from dashboard.widgets.words import Words
from tests.seed import Seed, working_day

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seed:
    monkeypatch.setenv("GSPE_HOME", str(tmp_path))
    data.forget()
    return working_day(tmp_path)


def worker(age_s: float) -> WorkerRow:
    return WorkerRow("running", NOW, NOW - timedelta(seconds=age_s), None, None, None, None, False, None)


def camera(age_s: float | None, *, enabled: bool = True) -> CameraRow:
    newest = None if age_s is None else NOW - timedelta(seconds=age_s)
    seen = (newest, None, None, None, None, None, 0, 0, {}, NOW)
    return CameraRow(1, "Gate", "", enabled, "online", NOW, None, *seen)


@pytest.mark.parametrize(
    ("worker_row", "cameras", "age_s"),
    [
        (worker(1), [camera(1)], None),
        (worker(10), [camera(10)], None),
        (worker(11), [camera(1)], 11),
        (worker(1), [camera(60)], 60),
        (worker(1), [camera(60), camera(2)], None),
        (worker(1), [camera(60), camera(2, enabled=False)], 60),
        (worker(20), [camera(60)], 60),
        (worker(1), [camera(None)], None),
        (worker(1), [], None),
    ],
)
def test_how_long_ago_the_last_word_was_spoken(
    worker_row: WorkerRow, cameras: Sequence[CameraRow], age_s: float | None
) -> None:
    expected = None if age_s is None else NOW - timedelta(seconds=age_s)
    assert data.known_until(worker_row, cameras, NOW) == expected


def test_without_a_worker_nothing_was_ever_known() -> None:
    assert data.known_until(None, [camera(1)], NOW) == data.NEVER


def test_the_same_question_reaches_the_database_once(seed: Seed) -> None:
    asked: list[str] = []
    event.listen(reader(), "before_cursor_execute", lambda *call: asked.append(call[2]))

    first = data.ask(queries.presence, ("Gudang",))
    assert data.ask(queries.presence, ("Gudang",)) == first
    assert len([sql for sql in asked if sql.startswith("SELECT")]) == 1

    assert len(data.ask(queries.presence, ())) == 8
    data.forget()
    data.ask(queries.presence, ("Gudang",))
    assert len([sql for sql in asked if sql.startswith("SELECT")]) == 3


def test_questions_of_the_same_name_do_not_share_answers(seed: Seed) -> None:
    def count(session: Session, chosen: AuditFilter) -> int:
        return 1

    assert count.__name__ == audit_list.count.__name__
    count.__qualname__ = "count"
    start = seed.now - timedelta(days=1)
    chosen = AuditFilter(start, seed.now)
    assert (data.ask(audit_list.count, chosen), data.ask(count, chosen)) == (0, 1)


def test_homes_do_not_share_answers(
    seed: Seed, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(data.ask(queries.presence)) == 8
    empty = Seed(tmp_path_factory.mktemp("other"))
    monkeypatch.setenv("GSPE_HOME", str(empty.home))
    assert data.ask(queries.presence) == []


def test_a_broken_settings_file_keeps_the_last_good_zone(seed: Seed) -> None:
    assert data.zone() == ZoneInfo("UTC")
    seed.paths.parameters.write_text("{ broken")
    data._zone_name.clear()

    assert data.zone() == ZoneInfo("UTC")


def test_thumbnails_are_small_and_follow_the_file(seed: Seed) -> None:
    path = seed.picture("data/evidence/V1/x.jpg", 3)
    first = thumbnail_url(path)
    assert first is not None
    assert first.startswith("data:image/jpeg;base64,")
    assert len(first) < 12_000
    Image.new("RGB", (THUMBNAIL_PX, 900), "red").save(seed.home / path, "JPEG")
    second = thumbnail_url(path)

    assert second is not None
    assert picture_class(first) != picture_class(second)


@pytest.mark.parametrize(
    "path", [None, "data/evidence/gone.jpg", "../../etc/hostname", "config/parameter_config.json"]
)
def test_no_thumbnail_of_what_is_no_picture_of_ours(seed: Seed, path: str | None) -> None:
    assert thumbnail_url(path) is None


def test_half_a_picture_is_none(seed: Seed) -> None:
    path = seed.picture("data/evidence/V1/half.jpg", 3)
    whole = (seed.home / path).read_bytes()
    (seed.home / path).write_bytes(whole[: len(whole) // 2])

    assert thumbnail_url(path) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_has_its_section_of_the_guide(language: str) -> None:
    found = sections(language)
    assert set(CameraCause) <= found.keys()
    assert all(section.startswith("##### ") for section in found.values())
    assert "<a id=" not in "".join(found.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_that_names_a_chapter_of_the_guide_names_one_that_is_there(language: str) -> None:
    guide = GUIDES[language].read_text("utf-8")
    named = [
        (file, chapter)
        for said in catalogue(language).values()
        for file, chapter in re.findall(r"(docs/troubleshooting\S*\.md), “([^”]+)”", said)
    ]
    assert len(named) >= 2
    assert {file for file, _ in named} == {f"docs/{GUIDES[language].name}"}
    assert [chapter for _, chapter in named if f"\n## {chapter}\n" not in guide] == []


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (59.9, "59 s"), (61, "1 min"), (3725, "1 h 2 min"), (90_000, "1 d 1 h")]
)
def test_durations_do_not_flicker(seconds: float, said: str) -> None:
    assert Words("en", ZoneInfo("UTC")).duration(seconds) == said


def test_a_moment_carries_its_date_only_when_that_is_not_today() -> None:
    words = Words("en", ZoneInfo("Asia/Jakarta"))

    assert words.moment(NOW, NOW) == "16:00"
    assert words.moment(NOW - timedelta(hours=17), NOW) == "22 Nov 2026 23:00"
