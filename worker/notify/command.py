"""python -m worker notify: watches the site's programs and tells people of alerts until stopped.

With --replay-webhook-from it queues messages for the webhook again and ends; the running notifier sends them.
"""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from core.domain.states import Channel
from core.errors import GspeError
from core.logs import configure_logging
from core.paths import SitePaths
from core.settings_store import SettingsStore
from core.storage import outbox
from core.storage.engine import reader_engine, writer_engine
from core.storage.lock import notifier_lock
from core.storage.retry import run_in_order
from core.storage.verify import verify_database
from core.supervision import Supervision
from worker.notify.channels import ChannelWatch
from worker.notify.courier import Courier
from worker.notify.dispatch import Dispatch
from worker.notify.notifier import Notifier
from worker.notify.watching import GivenUp, SiteGuard

STEP_S = 1.0
ENDS_WITHIN_S = 1.5
"""So long a message on its way may take when the program ends; with the locks below 4 s."""
BUSY_TIMEOUT_MS = 1000
"""Short, so that SIGTERM is heard also while the database is locked: each step tries again."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--replay-webhook-from",
        type=int,
        metavar="CURSOR",
        help="queue every message from this cursor on for the webhook again, and end",
    )


def main(arguments: argparse.Namespace) -> int:
    paths = SitePaths.from_environment().create()
    if arguments.replay_webhook_from is not None:
        return replay(paths, arguments.replay_webhook_from, datetime.now(UTC))
    configure_logging("notifier")
    with notifier_lock(paths):
        verify_database(paths)
        run(paths, os.environ)
    return 0


def run(paths: SitePaths, environ: Mapping[str, str]) -> None:
    """Until SIGTERM or SIGINT."""
    writer, reader = impatient(writer_engine, paths.database), impatient(reader_engine, paths.database)
    courier = Courier()
    stop = _stop_on_signals(courier)
    notifier = build(paths, writer, reader, courier, environ)
    while not stop.is_set():
        notifier.step(datetime.now(UTC), STEP_S)
    notifier.finish(datetime.now(UTC), ENDS_WITHIN_S)


def build(
    paths: SitePaths, writer: Engine, reader: Engine, courier: Courier, environ: Mapping[str, str]
) -> Notifier:
    guard = SiteGuard(paths, reader, GivenUp(Supervision.from_environment(environ).programs))
    dispatch = Dispatch(writer, reader, courier, environ)
    return Notifier(writer, reader, ChannelWatch(SettingsStore(paths)), guard, dispatch)


def impatient(make: Callable[[Path], Engine], database: Path) -> Engine:
    """An engine that waits for a lock no longer than BUSY_TIMEOUT_MS."""
    engine = make(database)

    def wait_shortly(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.cursor().execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    event.listen(engine, "connect", wait_shortly)
    return engine


def replay(paths: SitePaths, cursor: int, now: datetime) -> int:
    """Raises GspeError, code `channel_off`, without a webhook."""
    verify_database(paths)
    channels = ChannelWatch(SettingsStore(paths))
    channels.look()
    webhooks = [one for one in channels.settings.recipients() if one.channel is Channel.WEBHOOK]
    if not webhooks:
        raise GspeError("no webhook is enabled in config/config_webhook.json", code="channel_off")
    engine = writer_engine(paths.database)
    count = run_in_order(engine, lambda session: outbox.replay(session, webhooks[0], cursor, now))
    engine.dispose()
    sys.stdout.write(f"{count} messages are queued for {webhooks[0].address} again\n")
    return 0


def _stop_on_signals(courier: Courier) -> threading.Event:
    """An event that SIGTERM and SIGINT set; they also end the wait for an answer."""
    stop = threading.Event()

    def ask(*_: object) -> None:
        stop.set()
        courier.wake()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    return stop
