"""The ratios of throughput, and one small run of the real thing."""

import pytest

from benchmarks.throughput import measure, rates, time_in_turn
from core.paths import SitePaths


def test_rates_are_medians_and_ratios_are_taken_round_by_round():
    seconds = {"detect": [1.0, 2.0, 4.0], "pipeline": [1.5, 6.0, 6.0]}
    assert rates(seconds, frames=10) == {
        "detect": {"frames_per_s": 5.0, "of_detect": 1.0},
        "pipeline": {"frames_per_s": 1.7, "of_detect": 1.5},
    }


def test_parts_take_turns_and_the_first_round_does_not_count():
    calls = []
    work = {"a": lambda n: calls.append(("a", n)), "b": lambda n: calls.append(("b", n))}
    timed = time_in_turn(work, frames=2, rounds=2)
    assert calls == [("a", 0), ("a", 1), ("b", 0), ("b", 1)] * 3
    assert {name: len(spent) for name, spent in timed.items()} == {"a": 2, "b": 2}


@pytest.mark.models
def test_every_part_is_measured(tmp_path):
    figures = measure(SitePaths(tmp_path), frames=3, rounds=1)
    assert figures["parts"].keys() == {"detect", "embed", "pipeline"}
    assert all(part["frames_per_s"] > 0 for part in figures["parts"].values())
    assert figures["provider"].endswith("ExecutionProvider")
