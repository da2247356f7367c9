"""Two minutes of what scripts/soak does for thirty: the wall stays open, its memory stays as it is."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from benchmarks import live_wall_page
from benchmarks.soak import memory, problems, soak

FLAT = {"first": 200.0, "last": 201.0, "highest": 204.0, "growth": 0.4, "growth_a_day": 20.0}
GOOD = {
    "machine": "a machine",
    "minutes": 30.0,
    "tiles": 4,
    "fps": 10.0,
    "drawn_fps": 9.9,
    "latency_ms": {"p50": 40.0, "p95": 120.0, "p99": 200.0},
    "cpu_cores": 0.05,
    "rss_mb": FLAT,
    "heap_mb": FLAT,
    "load": 1.0,
    "wrong_pixels": 0,
}


@pytest.mark.browser
@pytest.mark.slow
def test_two_minutes_of_a_wall_of_four_leave_memory_flat(chromium: Browser, tmp_path: Path) -> None:
    """Latency and processor time are for scripts/soak: beside other tests they say nothing."""
    figures = soak(chromium, tmp_path / "home", minutes=2.0).figures()
    about_memory_and_pixels = [
        said for said in problems(figures) if "late" not in said and "cores" not in said
    ]
    assert about_memory_and_pixels == []
    assert figures["drawn_fps"] > 1


def test_a_leak_is_found_and_a_jump_of_the_allocator_is_none() -> None:
    at_s = [float(5 * sample) for sample in range(100)]
    leaking = memory(at_s, [200 + 0.02 * moment for moment in at_s])
    assert leaking["growth"] == pytest.approx(0.02 * 69 * 5, abs=0.5)
    jumped = memory(at_s, [200.0 + (20 if moment > 250 else 0) for moment in at_s])
    assert jumped["growth"] == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({}, []),
        ({"latency_ms": {"p50": 40.0, "p95": 300.0, "p99": 400.0}}, ["pictures are late"]),
        ({"cpu_cores": 0.1}, ["the dashboard takes"]),
        ({"rss_mb": FLAT | {"growth": 6.1}}, ["memory is not flat: rss_mb"]),
        ({"heap_mb": FLAT | {"growth": 3.1}}, ["memory is not flat: heap_mb"]),
        ({"wrong_pixels": 2}, ["2 tiles"]),
    ],
)
def test_what_is_missed_is_said(figures: dict[str, object], said: list[str]) -> None:
    found = problems(GOOD | figures)
    assert len(found) == len(said)
    assert all(one.startswith(start) for one, start in zip(found, said, strict=True))


def test_the_page_holds_every_figure() -> None:
    page = live_wall_page.render(GOOD)
    assert "| 120.0 ms | under 300 ms |" in page
    assert "{" not in page
