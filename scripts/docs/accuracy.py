"""docs/accuracy.md, from the figures of the last measurement; before the first there is no such page."""

import json
from pathlib import Path

from benchmarks.accuracy_page import render

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "accuracy.json"


def generate() -> dict[str, str]:
    if not RESULTS.exists():
        return {}
    return {"docs/accuracy.md": render(json.loads(RESULTS.read_text("utf-8")))}
