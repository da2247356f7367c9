"""The days that were computed by hand: by the system from a database, and by the simulation's own truth."""

import re
from pathlib import Path

import pytest

from benchmarks.month.compare import figures
from benchmarks.month.judging import by_person_and_day, judge
from benchmarks.month.truth import Truth
from benchmarks.month.writer import write
from tests.month.hand_days import PAGE, WHO, HandDay, hand_days

DAYS = hand_days()


def by_number(days: list[HandDay]) -> dict[str, object]:
    return {"argvalues": days, "ids": [f"{day.number} {day.words}" for day in days]}


def expected(day: HandDay) -> dict[str, object]:
    return {name: getattr(day.expected, name) for name in day.expected.__slots__}


def test_there_are_at_least_twenty_and_their_sums_are_right():
    assert len(DAYS) >= 20
    assert [day.number for day in DAYS] == list(range(1, len(DAYS) + 1))
    sums = re.findall(r"(\d+) = ((?:\d+ [+-] )+\d+)(?= [|])", PAGE.read_text())
    assert len(sums) > 40
    for result, terms in sums:
        signed = re.findall(r"([+-]?) ?(\d+)", terms)
        assert int(result) == sum(-int(n) if sign == "-" else int(n) for sign, n in signed), terms


@pytest.mark.parametrize("day", **by_number(DAYS))
def test_the_system_judges_the_day_so(day: HandDay, tmp_path: Path):
    engine = write(day.month, tmp_path)
    [(key, work)] = by_person_and_day(judge(day.month, engine)).items()
    engine.dispose()
    assert key == (WHO, day.day)
    assert figures(work) == expected(day)


@pytest.mark.parametrize("day", **by_number(DAYS))
def test_the_truth_of_the_simulation_judges_it_so(day: HandDay):
    assert Truth(day.month).days() == {(WHO, day.day): day.expected}
