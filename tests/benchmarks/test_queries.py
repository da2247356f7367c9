"""The benchmark of queries: its year is what a site records, and every query finds something in it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from benchmarks.queries import LAST, main, page_queries, timings
from benchmarks.queries_page import JUDGING_LIMIT_S, PAGE_LIMIT_MS, render
from benchmarks.query_year import Year, write_year
from core.paths import SitePaths
from core.storage.engine import reader_engine
from scripts.docs.performance import RESULTS

YEAR = Year(people=110, days=40, last=LAST)
EMPTY = {
    "every page: pauses",
    "Corrections: month locks",
    "Working time: assignments",
    "Working time: leave",
    "Working time: ties",
}
"""What people enter by hand and the year does not have."""


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> SitePaths:
    paths = SitePaths(tmp_path_factory.mktemp("year"))
    write_year(paths, YEAR)
    return paths


def test_every_query_finds_something(paths: SitePaths) -> None:
    engine = reader_engine(paths.database)
    year = page_queries(Year(YEAR.people, 365, LAST))
    with Session(engine) as session:
        found = {name: bool(query(session)) for name, query in year.items() if "half a year" not in name}
    engine.dispose()
    assert {name for name, any_ in found.items() if not any_} <= EMPTY


def test_each_round_is_measured(paths: SitePaths) -> None:
    engine = reader_engine(paths.database)
    asked = []
    spent = timings(engine, asked.append, rounds=3)
    engine.dispose()
    assert len(asked) == 4, "one to warm up"
    assert 0 <= spent["p50_ms"] <= spent["max_ms"]


def test_the_command_writes_its_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = tmp_path / "queries.json"
    arguments = ["--people", "5", "--days", "200", "--rounds", "1", "--results", str(results)]
    assert main(arguments) == 0
    figures = json.loads(results.read_text())
    assert (figures["people"], figures["days"]) == (5, 200)
    assert "Attendance: everybody" in capsys.readouterr().out
    assert "| Attendance: everybody |" in render(figures)


def test_the_committed_figures_keep_to_the_limits() -> None:
    figures = json.loads((RESULTS / "queries.json").read_text())
    assert (figures["people"], figures["days"]) == (1000, 365)
    for name, spent in figures["queries"].items():
        limit = JUDGING_LIMIT_S * 1000 if name.startswith("judging") else PAGE_LIMIT_MS
        assert spent["p50_ms"] < limit, name


def test_the_year_ends_with_its_last_day() -> None:
    assert YEAR.first == LAST - timedelta(days=39)
    assert len(YEAR.working()) == 30
