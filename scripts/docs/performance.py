"""docs/performance.md, from the figures of the last runs of benchmarks.queries and benchmarks.feel."""

import json
from pathlib import Path
from typing import Any

from benchmarks import feel_page, queries_page

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results"


def generate() -> dict[str, str]:
    queries, feel = _figures("queries"), _figures("feel")
    return {"docs/performance.md": queries_page.render(queries) + feel_page.render(feel)}


def _figures(name: str) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    return figures
