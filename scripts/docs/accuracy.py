"""docs/accuracy.md, from the figures of the last measurements."""

import json
from pathlib import Path

from benchmarks.accuracy_page import render

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results"


def generate() -> dict[str, str]:
    contents = (
        json.loads((RESULTS / f"{name}.json").read_text("utf-8")) for name in ("accuracy", "calibration")
    )
    return {"docs/accuracy.md": render(*contents)}
