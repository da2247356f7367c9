"""A home with settings of channels, and the notifier over it, driven by a clock of the test's own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.domain.states import AlertKind, AlertResolution
from core.paths import SitePaths
from core.settings import EmailSettings, Parameters, WebhookSettings, WhatsAppSettings
from core.settings_store import MISSING, SettingsStore
from core.storage.alerts import open_alert, resolve, tell
from core.storage.engine import reader_engine, writer_engine
from core.storage.models import AlertLog, Base, Employee, NotificationDelivery, NotificationOutbox
from tests.seed import Seed
from tests.worker.notify.whatsapp_api import NUMBER_ID, TOKEN
from worker.notify.command import build, impatient
from worker.notify.courier import Courier
from worker.notify.notifier import Notifier

Row = TypeVar("Row", bound=Base)

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
ENVIRON = {"WHATSAPP_ACCESS_TOKEN": TOKEN, "SMTP_PASSWORD": "s3cr3t-mail", "WEBHOOK_SECRET": "s3cr3t-hook"}
SARI, ALEX = "+6281234567890", "+6281234567891"


def person(name: str, phone: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "phone": phone, "language": "en", **more}


class NotifiedSite:
    """`now` moves only when told; `turn` lets the notifier do all that is due and hear every answer."""

    def __init__(self, home: Path, environ: Mapping[str, str] = ENVIRON) -> None:
        self.seed = Seed(home, NOW)
        self.paths: SitePaths = self.seed.paths
        self.store = SettingsStore(self.paths)
        self.now = NOW
        self.environ = {**environ, "GSPE_HOME": str(home)}
        self.worker_lives = True
        self.log = home.with_name("notifier.log")
        self.engines: list[Engine] = []
        self.set_parameters(time_zone="Asia/Jakarta", group_alerts_sec=5.0)

    def set_parameters(self, **values: Any) -> None:
        exists = self.paths.parameters.exists()
        loaded = self.store.load_parameters() if exists else None
        old = loaded.value if loaded else Parameters()
        self.store.save_parameters(old.changed(**values), loaded.fingerprint if loaded else MISSING)

    def use_whatsapp(self, base_url: str, *supervisors: dict[str, Any], **more: Any) -> None:
        people = list(supervisors) or [person("Sari", SARI)]
        values = {"enabled": True, "base_url": base_url, "phone_number_id": NUMBER_ID, "supervisors": people}
        loaded = self.store.load_whatsapp()
        self.store.save_whatsapp(WhatsAppSettings.parse({**values, **more}), loaded.fingerprint)

    def use_email(self, **values: Any) -> None:
        settings = EmailSettings.parse({"enabled": True, **values})
        self.store.save_email(settings, self.store.load_email().fingerprint)

    def use_webhook(self, url: str, **more: Any) -> None:
        settings = WebhookSettings.parse({"enabled": True, "url": url, **more})
        self.store.save_webhook(settings, self.store.load_webhook().fingerprint)

    def start(self) -> Notifier:
        """A notifier as a new process makes it; what an earlier one had in memory is gone."""
        database = self.paths.database
        writer, reader = impatient(writer_engine, database), impatient(reader_engine, database)
        self.engines += [writer, reader]
        self.courier = Courier()
        self.notifier = build(self.paths, writer, reader, self.courier, self.environ)
        return self.notifier

    def turn(self, seconds: float = 0.0) -> None:
        """Lets time pass in one leap, then works until nothing is on its way."""
        self.now += timedelta(seconds=seconds)
        if self.worker_lives:
            self.beat()
        before: list[tuple[str, int]] | None = None
        while before != (before := [(row.state, row.attempts) for row in self.deliveries()]):
            for _ in range(2):
                self.notifier.step(self.now)
                self.notifier.dispatch.wait_for_all(20)
            self.notifier.step(self.now)

    def run(self, seconds: float, step_s: float = 1.0) -> None:
        """Lets time pass step by step."""
        end = self.now + timedelta(seconds=seconds)
        while self.now < end:
            self.turn(min(step_s, (end - self.now).total_seconds()))

    def beat(self, **columns: Any) -> None:
        facts = {"heartbeat_at": self.now, "started_at": NOW - timedelta(hours=1)}
        self.seed.worker(**{**facts, **columns})

    def employee(self, name: str, department: str | None = None) -> int:
        return self.seed.employee(name.upper()[:6] + str(len(self.rows(Employee))), name, department)

    def alert(self, kind: AlertKind = AlertKind.ABSENT, **columns: Any) -> int:
        """Opened now, with its outbox row, as the worker does."""
        with Session(self.seed.engine) as session, session.begin():
            return open_alert(session, AlertLog(kind=kind, opened_at=self.now, **columns)).id

    def absent(self, employee_id: int, for_s: float = 60.0) -> int:
        since = self.now - timedelta(seconds=for_s)
        return self.alert(employee_id=employee_id, absent_since=since)

    def resolve(self, alert_id: int, resolution: AlertResolution = AlertResolution.RETURNED) -> None:
        with Session(self.seed.engine) as session, session.begin():
            resolve(session, AlertLog.id == alert_id, resolution, self.now)

    def come_back(self, alert_id: int) -> None:
        """The alert ends and that is told, as the worker does in one commit."""
        with Session(self.seed.engine) as session, session.begin():
            (ended,) = resolve(session, AlertLog.id == alert_id, AlertResolution.RETURNED, self.now)
            tell(session, ended, self.now, end=AlertKind.CAME_BACK)

    def rows(self, model: type[Row]) -> list[Row]:
        with Session(self.seed.engine) as session:
            return list(session.scalars(select(model).order_by(*model.__table__.primary_key)).all())

    def deliveries(self) -> list[NotificationDelivery]:
        return self.rows(NotificationDelivery)

    def states(self) -> list[str]:
        return [row.state for row in self.deliveries()]

    def outbox(self) -> list[NotificationOutbox]:
        return self.rows(NotificationOutbox)

    def close(self) -> None:
        for engine in [*self.engines, self.seed.engine]:
            engine.dispose()


@contextmanager
def notified_site(home: Path, environ: Mapping[str, str] = ENVIRON) -> Iterator[NotifiedSite]:
    site = NotifiedSite(home, environ)
    try:
        site.beat()
        yield site
    finally:
        site.close()
