"""The page says what the figures say."""

import random
from typing import Any

import pytest

from benchmarks.chaos.campaign import Kill
from benchmarks.chaos.checks import Inspection
from benchmarks.chaos.invariants import Violation
from benchmarks.chaos.journal import JournalProcess
from benchmarks.chaos.page import FOUND, MOMENTS, render
from benchmarks.chaos.strikes import MIX, Moment, Order, Strike, plan
from benchmarks.chaos.summary import summary
from tests.chaos.story import record_a_morning

WORKER_IN_COMMIT = Order(Moment.COMMIT, everything=False)


@pytest.fixture
def inspection(tmp_path) -> Inspection:
    paths = record_a_morning(tmp_path / "home")
    with JournalProcess(paths.database, tmp_path / "journal.jsonl") as journal:
        inspection = Inspection(paths, tmp_path / "copy", journal)
        assert inspection.look_at_return() == []
    return inspection


def killed(number: int, found: str, back_s: float, *violations: Violation) -> Kill:
    strike = Strike("2026-11-23 09:00:00.000000", found == "torn", found)
    return Kill(number, WORKER_IN_COMMIT, strike, back_s, violations)


def figures(inspection: Inspection, *kills: Kill) -> dict[str, Any]:
    return summary(kills, inspection, seed=1, took_s=120)


def test_a_run_without_a_breach(inspection):
    content = figures(inspection, killed(1, "torn", 2.0), killed(2, "whole", 6.0))
    assert content["rows"]["visits"] == 2
    page = render(content)
    assert "**No promise was broken.**" in page
    row = next(line for line in page.splitlines() if line.startswith("| while the write-ahead log"))
    assert row.endswith(
        "| the worker | 2 | 1 | a commit half written: 1; no commit half written: 1 | 4.0 | 6.0 |"
    )
    assert "| `visits` | 2 | 2 |" in page
    assert "0 temporary files and 0 evidence pictures" in page


def test_a_breach_stands_in_the_page(inspection):
    lost = Violation("lost_row", "visits 7", "it was journalled and is gone")
    failed = Kill(2, WORKER_IN_COMMIT, None, None, (Violation("system_failed", "commit", "no worker"),))
    page = render(figures(inspection, killed(1, "whole", 2.0, lost), failed))
    assert "**2 promises were broken:**" in page
    assert "| 1 | lost_row | visits 7 | it was journalled and is gone |" in page
    assert "| 2 | system_failed | commit | no worker |" in page


def test_every_moment_has_its_words():
    assert MOMENTS.keys() == {str(moment) for moment in Moment}
    assert all(FOUND.values())


@pytest.mark.parametrize("kills", [1, 10, 37])
def test_every_ten_kills_hold_each_order_once(kills):
    orders = plan(kills, random.Random(3))
    assert len(orders) == kills
    for start in range(0, kills - len(MIX) + 1, len(MIX)):
        assert set(orders[start : start + len(MIX)]) == set(MIX)
    assert plan(30, random.Random(1)) != plan(30, random.Random(2))
