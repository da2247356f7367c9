"""The section of docs/performance.md about how quick the dashboard feels, as Markdown."""

from typing import Any

SECTION = """
## How quick it feels

The real server over a seeded site with {people} more people, looked at with Chromium on the same machine with
{cores} cores, each {rounds} times after one to warm up: from the key that sends the sign-in form until the
first page stands there, and from the click on a page's link until its title stands there and the server has
sent everything. The first page should take less than 1.5 s, a page change less than 700 ms.

| | median | 95 of 100 within |
|---|---:|---:|
{rows}

`python -m benchmarks.feel --results benchmarks/results/feel.json` measures again.
"""


def render(figures: dict[str, Any]) -> str:
    timed = {
        "sign-in to first page": figures["sign_in"],
        **_crowd(figures),
        "any page": figures["any_page"],
        **{f"page {path}": spent for path, spent in figures["pages"].items()},
    }
    rows = (f"| {name} | {spent['p50_ms']} ms | {spent['p95_ms']} ms |" for name, spent in timed.items())
    return SECTION.format(
        **{name: figures[name] for name in ("people", "rounds", "cores")}, rows="\n".join(rows)
    )


def _crowd(figures: dict[str, Any]) -> dict[str, Any]:
    """Runs from before it was measured have none."""
    if "crowd" not in figures:
        return {}
    return {f"sign-in to first page, with {figures['crowd']} people": figures["sign_in_crowd"]}
