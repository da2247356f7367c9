"""docs/accuracy.md, from the figures of the last measurements."""

import json
from pathlib import Path
from typing import Any

from benchmarks.accuracy_page import render
from benchmarks.turns_page import render_turns
from core.domain.quality import ENROLMENT_LIMITS

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results"


def generate() -> dict[str, str]:
    page = render(_figures("accuracy"), _figures("calibration"))
    return {"docs/accuracy.md": page + render_turns(_figures("turns"), ENROLMENT_LIMITS.max_yaw_ratio)}


def _figures(name: str) -> Any:
    return json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
