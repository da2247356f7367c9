"""docs/reliability.md, from the figures of the last run of scripts/chaos."""

import json
from pathlib import Path

from benchmarks.chaos.page import render

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "chaos.json"


def generate() -> dict[str, str]:
    return {"docs/reliability.md": render(json.loads(RESULTS.read_text("utf-8")))}
