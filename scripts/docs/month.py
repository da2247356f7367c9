"""docs/simulated-months.md, from the figures of the last run of benchmarks.month."""

import json
from pathlib import Path

from benchmarks.month.summary import render

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "month.json"


def generate() -> dict[str, str]:
    return {"docs/simulated-months.md": render(json.loads(RESULTS.read_text("utf-8")))}
