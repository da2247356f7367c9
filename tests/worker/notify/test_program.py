"""`python -m worker notify` as a process: killed, stopped, locked out and on a full disk."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.paths import REPOSITORY
from tests.patience import PATIENCE_S
from tests.small_disk import mount_missing, small_disk
from tests.supervised import eventually
from tests.worker.notify.http_server import HANG
from tests.worker.notify.site import ENVIRON, NotifiedSite, notified_site
from tests.worker.notify.whatsapp_api import WhatsAppApi

STRIDE = 3


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def running(site: NotifiedSite, *module: str, **environ: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The program; its log lies beside the home."""
    child = {**os.environ, **ENVIRON, "GSPE_HOME": str(site.paths.home), **environ}
    with site.log.open("ab") as output:
        command = [sys.executable, "-m", *(module or ("worker", "notify"))]
        process = subprocess.Popen(
            command, env=child, cwd=REPOSITORY, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def log_of(site: NotifiedSite) -> str:
    return site.log.read_text()


@pytest.fixture
def real(tmp_path: Path, api: WhatsAppApi) -> Iterator[NotifiedSite]:
    """A site on the real clock, with a message that waits."""
    with notified_site(tmp_path / "home") as site:
        site.now = now()
        site.set_parameters(group_alerts_sec=0.0)
        site.use_whatsapp(api.url)
        site.beat(started_at=site.now)
        site.absent(site.employee("Ayu", "Produksi"))
        yield site


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0


def test_it_tells_idles_and_ends(real: NotifiedSite, api: WhatsAppApi) -> None:
    with running(real) as process:
        assert eventually(lambda: real.states() == ["accepted"])
        began_s = cpu_s(process.pid)
        time.sleep(5)
        assert cpu_s(process.pid) - began_s < 0.25, "idle below 5 % of a core, of which the tests take most"
        assert memory_mb(process.pid) < 80
        stop(process)
    assert len(api.requests) == 1


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """What it adds to the machine: pages shared with other programs count in part."""
    shares = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(shares.partition("Pss:")[2].split()[0]) / 1024


def test_it_ends_in_time_while_a_request_hangs(real: NotifiedSite, api: WhatsAppApi) -> None:
    api.script = [HANG]
    with running(real) as process:
        assert eventually(lambda: len(api.requests) == 1)
        stop(process)
    assert real.states() == ["sending"], "nobody knows whether it arrived"
    with running(real) as process:
        assert eventually(lambda: real.states() == ["accepted"])
    assert len(api.requests) == 2


def test_it_waits_out_a_lock_and_hears_sigterm_meanwhile(real: NotifiedSite, api: WhatsAppApi) -> None:
    with closing(sqlite3.connect(real.paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with running(real) as process:
            assert eventually(lambda: "is locked by another program" in log_of(real))
            time.sleep(2)
            assert log_of(real).count("is locked by another program") == 1
            assert api.requests == []
            stop(process)
        with running(real):
            assert eventually(lambda: log_of(real).count("is locked by another program") == 2)
            other.execute("ROLLBACK")
            assert eventually(lambda: real.states() == ["accepted"])
    assert "the database answers again" in log_of(real)


def test_a_locked_database_costs_no_second_message(real: NotifiedSite, api: WhatsAppApi) -> None:
    """The lock comes between the request and the commit of its answer, which is kept until it goes in."""
    database = real.paths.database
    with closing(sqlite3.connect(database, isolation_level=None, check_same_thread=False)) as other:
        api.on_request.append(lambda _request: other.execute("BEGIN IMMEDIATE"))
        with running(real):
            assert eventually(lambda: real.paths.home.exists() and "is locked by" in log_of(real))
            assert len(api.requests) == 1
            other.execute("ROLLBACK")
            assert eventually(lambda: real.states() == ["accepted"])
    assert len(api.requests) == 1


@pytest.mark.skipif(mount_missing() is not None, reason=str(mount_missing()))
def test_a_full_disk_is_waited_out(tmp_path: Path, api: WhatsAppApi) -> None:
    with small_disk(tmp_path / "disk", 8) as disk, notified_site(disk.folder / "home") as site:
        site.now = now()
        site.set_parameters(group_alerts_sec=0.0)
        site.use_whatsapp(api.url)
        site.beat(started_at=site.now)
        for number in range(40):
            site.employee(f"Orang {number} {'x' * 50}", "Produksi")
        site.log = tmp_path / "notifier.log"
        with running(site) as process:
            assert eventually((site.paths.run / "notifier.lock").exists)
            process.send_signal(signal.SIGSTOP)
            for number in range(1, 41):
                site.absent(number)
            with site.seed.engine.connect() as connection:
                connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            disk.fill()
            process.send_signal(signal.SIGCONT)
            assert eventually(lambda: "free disk space" in log_of(site))
            assert process.poll() is None
            assert api.requests == [], "what cannot be claimed is not sent"
            disk.empty()
            assert eventually(lambda: site.states() == ["accepted"] * 40)
        assert len(api.requests) == 1


def test_a_second_one_refuses(real: NotifiedSite) -> None:
    with running(real) as process:
        assert eventually(lambda: real.states() == ["accepted"])
        with running(real) as second:
            assert second.wait(15) == 2
        assert "the program 'notifier'" in log_of(real)
        assert process.poll() is None


def test_a_kill_before_the_answer_costs_one_repetition(real: NotifiedSite, api: WhatsAppApi) -> None:
    with running(real) as process:
        api.on_request.append(lambda _request: process.kill())
        assert process.wait(PATIENCE_S) == -signal.SIGKILL
    api.on_request.clear()
    assert real.states() == ["sending"]
    with running(real):
        assert eventually(lambda: real.states() == ["accepted"])
    assert len(api.requests) == 2


def test_killed_anywhere_it_loses_nothing_and_repeats_once_at_most(real: NotifiedSite) -> None:
    real.close()
    command = [sys.executable, "-m", "tests.worker.notify.killed", str(real.paths.home), str(STRIDE)]
    finished = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert finished.returncode == 0, finished.stderr
    tries = [json.loads(line) for line in finished.stdout.splitlines()]
    assert len(tries) > 10
    assert tries[-1]["status"] == 0, "the last one was killed by nothing"
    for one in tries:
        assert (one["again"], one["states"]) == (0, ["accepted"]), one
        assert one["told"] in (1, 2), one
    assert tries[-1]["told"] == 1
    repeated = sum(one["told"] == 2 for one in tries)
    assert repeated <= len(tries) // 3, "only between request and commit"
