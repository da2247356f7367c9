"""The webhook: signed, in order, held up by a failure, repeated from a cursor."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.delivery import Cause
from core.domain.states import AlertKind
from core.errors import GspeError
from tests.worker.notify.hook import Hook
from tests.worker.notify.http_server import CUT, Response
from tests.worker.notify.site import NotifiedSite, notified_site
from worker.__main__ import main
from worker.notify.command import replay


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as server:
        yield server
        assert server.violations == []


def test_every_message_is_posted_signed_and_in_order(site: NotifiedSite, hook: Hook) -> None:
    site.use_webhook(f"{hook.url}/gspe?token=in-the-url")
    site.start()
    employee = site.employee("Ayu Lestari", "Produksi")
    alert = site.absent(employee)
    site.turn()
    site.come_back(alert)
    site.alert(AlertKind.UNKNOWN_PERSON)
    site.turn(1)
    assert hook.cursors() == [1, 2, 3]
    first = hook.taken[0]
    assert (first["kind"], first["level"], first["alert_id"]) == ("absent", 1, alert)
    assert first["params"]["name"] == "Ayu Lestari"
    assert first["params"]["since"] == "2026-11-23T02:59:00+00:00"
    assert [row.state for row in site.deliveries()] == ["delivered"] * 3
    assert {row.address for row in site.deliveries()} == {f"127.0.0.1:{hook.port}"}
    assert not [
        path for path in site.paths.data.rglob("*") if path.is_file() and b"in-the-url" in path.read_bytes()
    ]


@pytest.mark.parametrize("failure", [Response(500, b""), Response(404, b""), CUT], ids=["500", "404", "cut"])
def test_a_failed_message_holds_the_later_ones(
    site: NotifiedSite, hook: Hook, failure: Response | str
) -> None:
    hook.script = [failure, failure]
    site.use_webhook(hook.url)
    site.start()
    for name in ("Ayu", "Budi", "Citra"):
        site.absent(site.employee(name, "Produksi"))
    site.turn()
    site.turn(1)
    assert (hook.taken, len(hook.requests)) == ([], 1)
    site.run(30)
    assert hook.cursors() == [1, 2, 3]


def test_what_ended_meanwhile_is_still_told_in_order(site: NotifiedSite, hook: Hook) -> None:
    hook.script = [Response(503, b"")]
    site.use_webhook(hook.url)
    site.start()
    employee = site.employee("Ayu", "Produksi")
    alert = site.absent(employee)
    site.turn()
    site.come_back(alert)
    site.run(20)
    assert [content["kind"] for content in hook.taken] == ["absent", "came_back"]


def test_departments_limit_it(site: NotifiedSite, hook: Hook) -> None:
    site.use_webhook(hook.url, departments=["Gudang"])
    site.start()
    site.absent(site.employee("Ayu", "Produksi"))
    site.absent(site.employee("Citra", "Gudang"))
    site.turn()
    assert [content["params"]["name"] for content in hook.taken] == ["Citra"]


def test_a_replay_repeats_from_a_cursor_on(
    site: NotifiedSite, hook: Hook, capsys: pytest.CaptureFixture[str]
) -> None:
    site.start()
    for name in ("Ayu", "Budi", "Citra"):
        alert = site.absent(site.employee(name, "Produksi"))
    site.turn()
    assert hook.taken == [], "there was no webhook yet"
    site.resolve(alert)
    site.use_webhook(hook.url)
    assert replay(site.paths, 2, site.now) == 0
    assert capsys.readouterr().out == f"2 messages are queued for 127.0.0.1:{hook.port} again\n"
    site.turn(10)
    assert hook.cursors() == [2, 3]
    assert replay(site.paths, 1, site.now) == 0
    site.turn(10)
    assert hook.cursors() == [2, 3, 1, 2, 3]
    assert {row.state for row in site.deliveries()} == {"delivered"}


def test_a_replay_needs_a_webhook(
    site: NotifiedSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(GspeError) as caught:
        replay(site.paths, 1, site.now)
    assert caught.value.code == "channel_off"
    monkeypatch.setenv("GSPE_HOME", str(site.paths.home))
    assert main(["notify", "--replay-webhook-from", "1"]) == 2
    assert "no webhook is enabled" in capsys.readouterr().err


def test_without_a_key_nothing_is_posted(tmp_path: Path, hook: Hook) -> None:
    with notified_site(tmp_path / "home", {}) as site:
        site.use_webhook(hook.url)
        site.start()
        site.absent(site.employee("Ayu", "Produksi"))
        site.turn()
        (row,) = site.deliveries()
        assert (row.state, row.cause, row.cause_detail) == ("failed", Cause.NO_SECRET, "WEBHOOK_SECRET")
    assert hook.requests == []
