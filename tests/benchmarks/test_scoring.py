"""The scorer against small scenes whose verdict is plain."""

import pytest

from benchmarks.scene_clip import TrueVisit
from benchmarks.scoring import Interval, ReportedVisit, SceneScore, distribution, score


def true(person, start_s, end_s):
    return TrueVisit(person, start_s, end_s, face_px=100)


def seen(person, start_s, end_s):
    return ReportedVisit(person, Interval(start_s, end_s))


def counts(result):
    names = ("visits", "found", "mistimed", "missed", "split", "wrong_names", "strangers", "strangers_named")
    return {name: getattr(result, name) for name in names if getattr(result, name)}


ANA = [true("ana", 10, 15)]
TWICE = [true("ana", 10, 15), true("ana", 20, 25)]
WITH_STRANGER = [true("ana", 10, 15), true(None, 30, 35)]

CASES = {
    "nothing at all": ([], [], {}),
    "exact": (ANA, [seen("ana", 10, 15)], {"visits": 1, "found": 1}),
    "at the edge of the tolerance": (ANA, [seen("ana", 11, 16)], {"visits": 1, "found": 1}),
    "start too late": (ANA, [seen("ana", 11.01, 15)], {"visits": 1, "mistimed": 1}),
    "start too early": (ANA, [seen("ana", 8.9, 15)], {"visits": 1, "mistimed": 1}),
    "end too late": (ANA, [seen("ana", 10, 16.2)], {"visits": 1, "mistimed": 1}),
    "never seen": (ANA, [], {"visits": 1, "missed": 1}),
    "seen, but as another": (ANA, [seen("ben", 10, 15)], {"visits": 1, "missed": 1, "wrong_names": 1}),
    "seen at another time": (ANA, [seen("ana", 40, 45)], {"visits": 1, "missed": 1, "wrong_names": 1}),
    "torn in two": (ANA, [seen("ana", 10, 14), seen("ana", 14.5, 15)], {"visits": 1, "found": 1, "split": 1}),
    "both visits": (TWICE, [seen("ana", 20, 25), seen("ana", 10, 15)], {"visits": 2, "found": 2}),
    "two visits melted into one": (TWICE, [seen("ana", 10, 25)], {"visits": 2, "mistimed": 1, "missed": 1}),
    "stranger unnamed": (
        WITH_STRANGER,
        [seen("ana", 10, 15)],
        {"visits": 1, "found": 1, "strangers": 1},
    ),
    "stranger named": (
        WITH_STRANGER,
        [seen("ana", 10, 15), seen("ana", 31, 33)],
        {"visits": 1, "found": 1, "wrong_names": 1, "strangers": 1, "strangers_named": 1},
    ),
    "stranger lengthens a visit": (
        WITH_STRANGER,
        [seen("ana", 10, 32)],
        {"visits": 1, "mistimed": 1, "strangers": 1, "strangers_named": 1},
    ),
    "stranger beside somebody who is there": (
        [true("ana", 10, 15), true(None, 8, 18)],
        [seen("ana", 9.5, 15.5)],
        {"visits": 1, "found": 1, "strangers": 1},
    ),
    "stranger beside a wrong name of before": (
        WITH_STRANGER,
        [seen("ana", 10, 15), seen("ben", 20, 29)],
        {"visits": 1, "found": 1, "wrong_names": 1, "strangers": 1},
    ),
}


@pytest.mark.parametrize(("truth", "reported", "expected"), CASES.values(), ids=CASES)
def test_verdicts(truth, reported, expected):
    result = score(truth, reported, [])
    assert counts(result) == expected
    flawless = not {"mistimed", "missed", "split", "wrong_names", "strangers_named"} & expected.keys()
    assert result.perfect == flawless


def test_errors_are_reported_minus_true_also_of_mistimed_visits():
    result = score(TWICE, [seen("ana", 10.2, 14.9), seen("ana", 22.5, 25)], [])
    assert result.start_errors_s == [0.2, 2.5]
    assert result.end_errors_s == [-0.1, 0]


def test_a_stranger_is_noticed_when_an_unknown_track_overlaps_him():
    truth = [true(None, 30, 35), true(None, 40, 45)]
    assert score(truth, [], [Interval(34, 36), Interval(50, 51)]).strangers_noticed == 1


def test_scores_add_up():
    total = score(ANA, [seen("ana", 10.2, 15)], []) + score(ANA, [], []) + SceneScore()
    assert (total.visits, total.found, total.missed, total.start_errors_s) == (2, 1, 1, [0.2])


def test_the_distribution_is_of_sizes():
    errors = [-2.0] + [0.1] * 97 + [0.5, -1.0]
    assert distribution(errors) == {"p50": 0.1, "p95": 0.1, "max": 2.0}
    assert distribution([-0.3]) == {"p50": 0.3, "p95": 0.3, "max": 0.3}
    assert distribution([]) is None
