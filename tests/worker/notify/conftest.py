from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worker.notify.site import NotifiedSite, notified_site
from tests.worker.notify.whatsapp_api import WhatsAppApi


@pytest.fixture
def site(tmp_path: Path) -> Iterator[NotifiedSite]:
    with notified_site(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def api() -> Iterator[WhatsAppApi]:
    """Whatever a test does, no request may break the contract unless the test says so."""
    with WhatsAppApi() as server:
        yield server
        assert server.violations == []
