"""Runs killer.py and reads what it says."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]


def kill_at_every_step(
    master: Path, stride: int, *arguments: str, migrations: Path | None = None
) -> list[dict[str, Any]]:
    """One entry a try; the last one is the try that nothing killed."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    if migrations:
        environment["KILLER_MIGRATIONS"] = str(migrations)
    command = [
        sys.executable,
        str(Path(__file__).with_name("killer.py")),
        str(master),
        str(stride),
        *arguments,
    ]
    finished = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert finished.returncode == 0, finished.stderr
    return [json.loads(line) for line in finished.stdout.splitlines()]
