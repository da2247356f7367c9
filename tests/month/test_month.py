"""A simulated month of a hundred people: every figure of every day as the truth has it."""

import ast
import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from benchmarks.month import clock, generator, outages, people, scenario, site, truth
from benchmarks.month.__main__ import main
from benchmarks.month.compare import disagreements
from benchmarks.month.judging import by_person_and_day, judge
from benchmarks.month.run import compare, try_out
from benchmarks.month.scenario import Month, as_of
from benchmarks.month.site import VARIANTS
from benchmarks.month.summary import render
from benchmarks.month.truth import Truth
from benchmarks.month.writer import write

JAKARTA = VARIANTS["jakarta"]
STATUSES = {"present", "late", "half_day", "absent", "leave", "holiday", "day_off", "not_observed"}


@pytest.mark.parametrize("module", [scenario, clock, truth, site, outages, people, generator])
def test_the_truth_and_what_it_is_made_from_know_nothing_of_the_system(module):
    imported = set()
    for node in ast.walk(ast.parse(Path(module.__file__).read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    assert imported
    assert not {name for name in imported if name.split(".")[0] in {"core", "worker", "dashboard"}}
    own = {name.split(".")[2] for name in imported if name.startswith("benchmarks.")}
    assert own <= {"scenario", "clock", "truth", "site", "outages", "people"}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_figure_of_a_month_is_the_truth_s_and_judging_again_gives_the_same(name, tmp_path):
    outcome = try_out(VARIANTS[name], 1, tmp_path)
    assert outcome.disagreements == []
    assert outcome.repeats
    assert outcome.figures > 60_000
    counts = Counter(day.status for day in outcome.truth.values())
    assert set(counts) == STATUSES
    assert min(counts.values()) >= 20, "every status is tried many times"


@pytest.mark.parametrize(("day", "at"), [(11, "09:13"), (20, "02:20")])
def test_a_month_in_its_midst_is_judged_by_what_is_over(day, at, tmp_path):
    now_s = JAKARTA.at(JAKARTA.first + timedelta(day), at)
    month = _of_twenty(as_of(generator.generate(JAKARTA, 1), now_s))
    outcome = compare("jakarta", 1, month, tmp_path)
    assert outcome.disagreements == []
    assert outcome.repeats
    today = [day for (_, when), day in outcome.truth.items() if when == max(d for _, d in outcome.truth)]
    assert "pending" in {day.status for day in today}


def test_a_month_has_everything_that_it_is_to_try():
    month = generator.generate(JAKARTA, 1)
    assert len(month.people) == 100
    assert len(month.cameras) == 5 and len({camera.location for camera in month.cameras}) == 3
    assert {watch.state for watch in month.watches} >= {
        "observing", "disabled", "unreachable", "no_frames", "covered", "too_dark", "worker_stopped", "paused"
    }  # fmt: skip
    assert {answer.state for answer in month.answers} == {"in_force", "superseded", "pending", "rejected"}
    assert {one.kind for one in month.away} == {"leave", "sick", "excused"}
    assert {one.department for one in month.free_days} == {None, site.FACTORY}
    assert any(one.until_s for one in month.people) and any(not one.faces for one in month.people)
    assert len(month.given) > 20 and len(month.ties) == 8
    zone = month.site.zone
    assert any(clock.day_at(zone, one.start_s) < clock.day_at(zone, one.end_s) for one in month.stays)


def test_the_same_seed_makes_the_same_month_and_another_one_another():
    first = generator.generate(JAKARTA, 7)
    assert generator.generate(JAKARTA, 7) == first
    assert generator.generate(JAKARTA, 8).stays != first.stays


def test_a_minute_more_anywhere_is_found(tmp_path):
    month = _of_twenty(generator.generate(JAKARTA, 2))
    engine = write(month, tmp_path)
    system = by_person_and_day(judge(month, engine))
    engine.dispose()
    begun_s = JAKARTA.at(JAKARTA.first, "12:00")
    one = next(stay for stay in month.stays if stay.start_s > begun_s and stay.end_s - stay.start_s > 14400)
    longer = replace(one, start_s=one.start_s + 60)
    wrong = replace(month, stays=tuple(longer if stay is one else stay for stay in month.stays))
    assert disagreements(system, Truth(month).days()) == []
    found = disagreements(system, Truth(wrong).days())
    assert {one.person for one in found} == {longer.person}
    assert {"first_in_s", "present_s"} <= {one.figure for one in found}
    assert {one.day for one in found} == {None, clock.day_at(month.site.zone, longer.start_s)}
    missing = dict(list(system.items())[1:])
    assert any(one.figure == "is judged" for one in disagreements(missing, Truth(month).days()))


def test_the_command_tells_what_it_compared_and_the_page_says_it(capsys, tmp_path):
    results = tmp_path / "month.json"
    assert main(["--seeds", "1", "--first-seed", "3", "--variant", "leap", "--results", str(results)]) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith("1 months, ") and line.endswith(" 0 disagreements, judged again: the same")
    page = render(json.loads(results.read_text("utf-8")))
    assert f": {line}." in page
    assert "| 2028-02 | Asia/Jakarta | 1 | " in page


@pytest.mark.parametrize(
    ("zone", "day", "shown", "utc_hour"),
    [
        ("Asia/Jakarta", date(2027, 3, 1), "07:00", 0.0),
        ("Europe/Berlin", date(2026, 3, 29), "01:30", 0.5),
        ("Europe/Berlin", date(2026, 3, 29), "02:30", 1.5),
        ("Europe/Berlin", date(2026, 3, 29), "03:00", 1.0),
        ("Europe/Berlin", date(2026, 10, 25), "02:30", 0.5),
        ("Europe/Berlin", date(2026, 10, 25), "03:00", 2.0),
        ("Europe/Berlin", date(2026, 10, 25), "24:00", 23.0),
    ],
)
def test_what_clocks_show(zone, day, shown, utc_hour):
    midnight = (day - date(1970, 1, 1)) // timedelta(seconds=1)
    assert clock.shows_at(zone, day, shown) == midnight + utc_hour * 3600


def _of_twenty(month: Month) -> Month:
    """Every fifth of the people, for what is tried many times."""
    people = month.people[::5]
    codes = {person.code for person in people}

    def theirs(rows):
        return tuple(row for row in rows if row.person in codes)

    return replace(
        month,
        people=people,
        stays=theirs(month.stays),
        given=tuple(one for one in month.given if one.person is None or one.person in codes),
        away=theirs(month.away),
        excused=theirs(month.excused),
        answers=theirs(month.answers),
        ties=theirs(month.ties),
    )
