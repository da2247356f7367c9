"""docs/live-wall.md, from the figures of the last run of scripts/soak --keep."""

import json
from pathlib import Path

from benchmarks.live_wall_page import render

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "live_wall.json"


def generate() -> dict[str, str]:
    return {"docs/live-wall.md": render(json.loads(RESULTS.read_text("utf-8")))}
