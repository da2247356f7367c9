"""Stand-ins for the programs of supervisord.conf: `python -m tests.fake_programs NAME`.

Each writes its process number and home to `NAME.started` in the site's data folder. One ends at once while
`NAME.broken` is there. The worker's heart beats.
"""

import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from core.domain.states import WorkerPhase
from core.home import site_paths
from core.paths import SitePaths

BEAT_S = 0.05


def main(name: str) -> None:
    site = site_paths(os.environ)
    if (site.data / f"{name}.broken").exists():
        sys.exit(1)
    home = SitePaths.from_environment().create()
    replace(site.data / f"{name}.started", {"pid": os.getpid(), "home": str(home.home)})
    while True:
        if name == "worker":
            beat = {"pid": os.getpid(), "phase": WorkerPhase.RUNNING, "at": datetime.now(UTC).isoformat()}
            replace(home.heartbeat, beat)
        time.sleep(BEAT_S)


def replace(file: Path, content: dict[str, object]) -> None:
    new = file.with_suffix(".new")
    new.write_text(json.dumps(content))
    new.replace(file)


if __name__ == "__main__":
    main(sys.argv[1])
