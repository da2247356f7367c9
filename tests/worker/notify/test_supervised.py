"""The notifier under the real supervisord: started, restarted after a kill, and ended in time."""

import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.supervision import ProgramState
from tests.patience import PATIENCE_S
from tests.supervised import SupervisedPrograms, eventually
from tests.worker.notify.site import ENVIRON, NotifiedSite, notified_site
from tests.worker.notify.whatsapp_api import WhatsAppApi


def supervised(site: NotifiedSite) -> SupervisedPrograms:
    programs = SupervisedPrograms(site.paths.home, "notifier")
    programs.environment["GSPE_NO_DEMO"] = "1"
    return programs


def test_it_is_restarted_and_goes_on_telling(
    tmp_path: Path, api: WhatsAppApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    with notified_site(tmp_path / "home") as site, supervised(site) as programs:
        site.now = datetime.now(UTC)
        site.beat(started_at=site.now)
        site.set_parameters(group_alerts_sec=0.0)
        site.use_whatsapp(api.url)

        def pid() -> int:
            found = {one.name: one for one in programs.control.programs()}["notifier"]
            return found.pid if found.state is ProgramState.RUNNING else 0

        assert eventually(lambda: programs.socket.exists() and pid() > 0)
        site.absent(site.employee("Ayu", "Produksi"))
        assert eventually(lambda: site.states() == ["accepted"])
        first = pid()
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: pid() not in (0, first))
        time.sleep(1)
        site.absent(site.employee("Budi", "Produksi"))
        assert eventually(lambda: site.states() == ["accepted"] * 2)
        programs.process.terminate()
        assert programs.process.wait(PATIENCE_S) == 0
        assert len(api.requests) == 2
        assert "Traceback" not in (programs.site.logs / "notifier.log").read_text()
