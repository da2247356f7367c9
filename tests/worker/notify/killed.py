"""python -m tests.worker.notify.killed HOME STRIDE: kills the notifier at every STRIDE-th step.

Each try works in a fork on a fresh copy of HOME and ends by SIGKILL at its n-th step: an SQL statement, a
commit, or the beginning of a connection. Another fork then works on, as the next start would, until nothing
waits. A JSON line a try: the step, how many messages the API took of the try, and the deliveries' states.
HOME's WhatsApp settings must name the port of the API, which runs here: PORT in its environment.
"""

import itertools
import json
import os
import shutil
import signal
import sys
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from core.domain.states import DeliveryState
from core.paths import SitePaths
from core.settings_store import SettingsStore
from core.storage.engine import reader_engine, writer_engine
from core.storage.models import NotificationDelivery, NotificationOutbox
from tests.core.storage.killer import in_fork
from tests.patience import PATIENCE_S
from tests.worker.notify.site import ENVIRON
from tests.worker.notify.whatsapp_api import WhatsAppApi
from worker.notify.command import build
from worker.notify.courier import Courier

AT_ITS_END = (DeliveryState.ACCEPTED, DeliveryState.FAILED, DeliveryState.CANCELLED)


def states(reader: Engine) -> list[str]:
    """Of all deliveries; "unaddressed" for a message that has none yet."""
    with Session(reader) as session:
        unaddressed = session.scalars(
            select(NotificationOutbox.id).where(NotificationOutbox.addressed_at.is_(None))
        ).all()
        found = session.scalars(select(NotificationDelivery.state).order_by(NotificationDelivery.id)).all()
    return ["unaddressed" for _ in unaddressed] + list(found)


def work(paths: SitePaths, prepare: Callable[[], None]) -> int:
    """As `worker notify` does, until nothing waits."""
    writer, reader = writer_engine(paths.database), reader_engine(paths.database)
    environ = {**ENVIRON, "GSPE_HOME": str(paths.home)}
    notifier = build(paths, writer, reader, Courier(), environ)
    prepare()
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        notifier.step(datetime.now(UTC), 0.02)
        if all(state in AT_ITS_END for state in states(reader)):
            return 0
    return 1


def kill_at(last: int, journal: Path) -> None:
    """Kills this process at its `last`-th step from now on, whose name goes into `journal`."""
    count = 0
    watched = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def step(name: str) -> None:
        nonlocal count
        count += 1
        if count == last:
            os.write(watched, name.encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(*arguments: Any) -> None:
        step(arguments[2].split("\n")[0])

    event.listen(Engine, "before_cursor_execute", statement)
    event.listen(Engine, "commit", lambda _connection: step("COMMIT"))
    sys.addaudithook(lambda name, _arguments: step(name) if name == "socket.connect" else None)


def main(master: Path, stride: int) -> None:
    home, journal = master.with_name("killed"), master.with_name("journal")
    paths, status = SitePaths(home), -signal.SIGKILL
    with WhatsAppApi() as api:
        point_to(SitePaths(master), api.url)
        for step in itertools.count(1, stride):
            if status != -signal.SIGKILL:
                break
            shutil.rmtree(home, ignore_errors=True)
            shutil.copytree(master, home)
            journal.write_text("done")
            before = len(api.accepted)
            status = in_fork(partial(work, paths, partial(kill_at, step, journal)))
            again = in_fork(partial(work, paths, lambda: None))
            reader = reader_engine(paths.database)
            line: dict[str, Any] = {"step": journal.read_text(), "status": status, "again": again}
            line |= {"told": len(api.accepted) - before, "states": states(reader)}
            reader.dispose()
            print(json.dumps(line), flush=True)  # noqa: T201
        assert api.violations == []


def point_to(paths: SitePaths, url: str) -> None:
    store = SettingsStore(paths)
    loaded = store.load_whatsapp()
    store.save_whatsapp(loaded.value.changed(base_url=url), loaded.fingerprint)


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)  # of fork beside the server's threads
    main(Path(sys.argv[1]), int(sys.argv[2]))
