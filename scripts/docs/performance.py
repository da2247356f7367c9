"""docs/performance.md, from the figures of the last run of benchmarks.queries."""

import json
from pathlib import Path

from benchmarks.queries_page import render

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "queries.json"


def generate() -> dict[str, str]:
    return {"docs/performance.md": render(json.loads(RESULTS.read_text("utf-8")))}
