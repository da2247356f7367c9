"""One reader a camera: the newest frame, a lease while somebody watches, every way a file can be wrong."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.paths import SitePaths
from dashboard.live.feed import CameraFeed, Feeds, LiveFrame, renew_lease
from tests.live_frames import named_box, numbered_jpeg, overlay, write_frame

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def paths(tmp_path: Path) -> SitePaths:
    return SitePaths(tmp_path).create()


def look(feed: CameraFeed, times: int = 1) -> None:
    async def looks() -> None:
        for _ in range(times):
            await feed.look()

    asyncio.run(looks())


def test_a_frame_comes_apart_into_pixels_and_overlay(paths: SitePaths) -> None:
    content = overlay(1, 7, AT, [named_box(3, "Ayu")])
    jpeg = write_frame(paths, content)
    feed = CameraFeed(paths, 1)
    look(feed)
    assert feed.state.frame == LiveFrame(jpeg, content, AT)
    assert (feed.state.version, feed.state.error) == (1, None)


def test_only_a_replaced_file_is_news(paths: SitePaths) -> None:
    feed = CameraFeed(paths, 1)
    write_frame(paths, overlay(1, 1, AT, []))
    look(feed, times=3)
    assert feed.state.version == 1
    write_frame(paths, overlay(1, 2, AT, []))
    look(feed, times=3)
    assert feed.state.version == 2
    assert feed.state.frame is not None
    assert feed.state.frame.overlay is not None
    assert feed.state.frame.overlay["sequence"] == 2


def test_a_jpeg_without_overlay_is_as_old_as_its_file(paths: SitePaths) -> None:
    paths.live_frame(1).write_bytes(numbered_jpeg(1, 1))
    written_at = datetime.fromtimestamp(paths.live_frame(1).stat().st_mtime, UTC)
    feed = CameraFeed(paths, 1)
    look(feed)
    assert feed.state.frame is not None
    assert feed.state.frame.overlay is None
    assert feed.state.frame.captured_at == written_at


@pytest.mark.parametrize(
    "content", [b"", b"half a pict", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xeb\x00\x08GSPE\x00{"]
)
def test_an_unreadable_file_is_named_and_heals(paths: SitePaths, content: bytes) -> None:
    feed = CameraFeed(paths, 1)
    paths.live_frame(1).write_bytes(content)
    look(feed, times=2)
    assert (feed.state.frame, feed.state.error, feed.state.version) == (None, "unreadable_frame", 1)
    write_frame(paths, overlay(1, 2, AT, []))
    look(feed)
    assert feed.state.frame is not None


def test_no_file_is_said_once_and_a_lost_file_too(paths: SitePaths) -> None:
    feed = CameraFeed(paths, 1)
    look(feed, times=3)
    assert (feed.state.error, feed.state.version) == ("no_frame", 1)
    write_frame(paths, overlay(1, 1, AT, []))
    look(feed)
    paths.live_frame(1).unlink()
    look(feed, times=2)
    assert (feed.state.frame, feed.state.error, feed.state.version) == (None, "no_frame", 3)


@pytest.mark.parametrize(("elapsed_s", "age_s"), [(0, 0.0), (2.5, 2.5), (-1, 0.0)])
def test_age_is_never_negative(elapsed_s: float, age_s: float) -> None:
    frame = LiveFrame(b"", None, AT, time.monotonic())
    assert frame.age_s(AT + timedelta(seconds=elapsed_s)) == pytest.approx(age_s, abs=1)


def test_a_clock_that_was_set_back_does_not_make_a_picture_young(paths: SitePaths) -> None:
    lain_here = LiveFrame(b"", None, AT, read_at_s=time.monotonic() - 40)
    assert lain_here.age_s(AT + timedelta(seconds=1)) == pytest.approx(40, abs=1)
    from_the_future = LiveFrame(b"", None, AT)
    assert from_the_future.age_s(AT - timedelta(hours=1)) is None


def test_the_lease_is_renewed_while_somebody_watches(paths: SitePaths) -> None:
    lease = paths.viewer_lease(1)

    async def watch() -> None:
        async with Feeds(paths).watch(1) as feed:
            await feed.after(0)

    asyncio.run(watch())
    assert lease.exists()
    renewed_at_s = lease.stat().st_mtime
    renew_lease(lease)
    assert lease.stat().st_mtime >= renewed_at_s
    assert lease.stat().st_mode & 0o777 == 0o600


def test_viewers_of_a_camera_share_one_reader_that_ends_with_the_last(paths: SitePaths) -> None:
    write_frame(paths, overlay(1, 1, AT, []))

    async def watch() -> None:
        feeds = Feeds(paths)
        async with feeds.watch(1) as first:
            async with feeds.watch(1) as second, feeds.watch(2) as other:
                assert first is second
                assert other is not first
                assert _readers() == {"feed 1", "feed 2"}
            await asyncio.sleep(0)
            assert _readers() == {"feed 1"}
            assert (await first.after(0)).frame is not None
        await asyncio.sleep(0)
        assert _readers() == set()

    asyncio.run(watch())


def _readers() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("feed")}


def test_waiting_viewers_get_the_newest_frame_only(paths: SitePaths) -> None:
    async def watch() -> int:
        feed = CameraFeed(paths, 1)
        await feed.look()
        for sequence in (1, 2, 3):
            write_frame(paths, overlay(1, sequence, AT, []))
            await feed.look()
        state = await asyncio.wait_for(feed.after(1), 5)
        assert state.frame is not None
        assert state.frame.overlay is not None
        return state.frame.overlay["sequence"]

    assert asyncio.run(watch()) == 3


def test_a_lease_that_cannot_be_written_does_not_stop_the_picture(
    paths: SitePaths, caplog: pytest.LogCaptureFixture
) -> None:
    paths.viewer_lease(1).mkdir()
    write_frame(paths, overlay(1, 1, AT, []))

    async def watch() -> None:
        async with Feeds(paths).watch(1) as feed:
            assert (await asyncio.wait_for(feed.after(0), 5)).frame is not None

    asyncio.run(watch())
    assert [record.getMessage() for record in caplog.records] == [
        "viewer lease CAM1.lease cannot be renewed: Is a directory"
    ]
