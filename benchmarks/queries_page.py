"""docs/performance.md: how long pages wait for the database, as Markdown."""

from typing import Any

PAGE = """# Performance

How long the queries of each page take with {people:,} employees and {days} days of records: {visits}.
Every query is asked once to warm up and then {rounds} times on a machine with {cores} cores that other
programs use as well, which the longest times show; each page asks several of them, and most answers are
shared by all viewers for two seconds. A page's query should take less than {limit} ms.

| query | median | longest |
|---|---:|---:|
{pages}

Judging reads more than a page may wait for. The worker does it on a thread of its own, a few people at a
time, once a minute for the days that go on; a recompute does it month by month. Judging a day of everybody
should take less than {judging_limit_s} s.

| work | median | longest |
|---|---:|---:|
{judging}

`python -m benchmarks.queries` measures again; with `--results benchmarks/results/queries.json` and
`scripts/generate_docs.py` after it, this page follows. The tests do not measure time: they ask SQLite for its
plan and refuse a query of a page that reads a growing table from end to end.
"""
VISITS = "three visits with\npictures a working day, twelve cameras with five outages a day each"
PAGE_LIMIT_MS = 200
JUDGING_LIMIT_S = 3
JUDGING = "judging: "


def render(figures: dict[str, Any]) -> str:
    timed = figures["queries"]
    pages = {name: spent for name, spent in timed.items() if not name.startswith(JUDGING)}
    judging = {name.removeprefix(JUDGING): timed[name] for name in timed if name not in pages}
    return PAGE.format(
        **{name: figures[name] for name in ("people", "days", "rounds", "cores")},
        visits=VISITS,
        limit=PAGE_LIMIT_MS,
        judging_limit_s=JUDGING_LIMIT_S,
        pages=_table(pages),
        judging=_table(judging),
    )


def _table(timed: dict[str, dict[str, float]]) -> str:
    return "\n".join(
        f"| {name} | {spent['p50_ms']:.1f} ms | {spent['max_ms']:.1f} ms |" for name, spent in timed.items()
    )
