"""What an administrator of the whole site changes in the settings, each with its row in the audit trail."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from core.errors import GspeError, SettingsError
from core.settings import Parameters
from core.settings.files import SettingsFile
from core.settings.model import SettingsModel
from core.settings_store import Loaded
from core.storage import retention, settings_changes
from core.storage.retention_classes import SETTINGS, RetentionClass
from core.storage.settings_changes import Save
from dashboard import data
from dashboard.database import reader, site_paths
from dashboard.record_commands import require_whole_site
from dashboard.writes import write


def save_settings(wanted: Save) -> None:
    """Raises SettingsConflict when somebody else saved meanwhile, InvalidSettings, and as `write` does.

    A change that the trail cannot take is taken back: nobody changes settings unseen.
    """
    account = require_whole_site()
    store, before = data.settings_store(), _usable(wanted.file)
    saved: list[Loaded[SettingsModel]] = []

    def work(session: Session, now: datetime) -> None:
        saved.append(settings_changes.save(session, store, wanted, actor=account.username, now=now))

    try:
        write(work)
    except GspeError:
        if saved and before is not None:
            store.save(wanted.file, before, saved[-1].fingerprint)
        raise


def goes_with(changed: Parameters) -> dict[RetentionClass, tuple[int, int]]:
    """What retention would remove beyond what it removes now: by class, rows and files."""
    require_whole_site()
    now = datetime.now(UTC)
    before = retention.due(reader(), site_paths(), data.settings_store().load_parameters().value, now)
    after = retention.due(reader(), site_paths(), changed, now)
    more = {
        one: (
            max(0, after[one].rows.total() - before[one].rows.total()),
            max(0, after[one].files - before[one].files),
        )
        for one in SETTINGS
    }
    return {one: counts for one, counts in more.items() if any(counts)}


def _usable(file: SettingsFile) -> SettingsModel | None:
    try:
        return data.settings_store().load(file).value
    except SettingsError:
        return None
