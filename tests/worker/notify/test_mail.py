"""E-mail by a real SMTP conversation: encrypted, signed in, refused in every way, repeated recognisably."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.delivery import Cause
from tests.worker.notify.mail_server import PASSWORD, USER, MailServer
from tests.worker.notify.site import ENVIRON, NotifiedSite, notified_site


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    with MailServer(tmp_path) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(running.certificate))
        yield running
        assert running.unencrypted == []


def tell(site: NotifiedSite, *names: str) -> None:
    site.start()
    for name in names or ("Ayu Lestari",):
        site.absent(site.employee(name, "Produksi"))
    site.turn()
    site.turn(6)


def test_a_letter_says_it_in_the_recipient_s_language(site: NotifiedSite, server: MailServer) -> None:
    site.use_email(**server.settings())
    tell(site)
    (letter,) = server.letters
    assert letter["Subject"] == "Bengkel Maju: ada yang tidak terlihat"
    assert letter["From"] == f"Bengkel Maju <{USER}>"
    assert letter["To"] == "Sari Dewi <sari@example.com>"
    assert letter["Auto-Submitted"] == "auto-generated"
    text = letter.get_content().replace("\r\n", "\n")
    assert text.startswith("Halo Sari Dewi,\n\nAyu Lestari (Produksi) tidak terlihat sejak 09.59")
    (row,) = site.deliveries()
    assert (row.state, letter["Message-ID"]) == ("accepted", f"<{row.provider_message_id}>")


def test_many_make_one_letter(site: NotifiedSite, server: MailServer) -> None:
    site.use_email(**server.settings())
    tell(site, "Ayu", "Budi", "Citra")
    (letter,) = server.letters
    assert letter["Subject"] == "Bengkel Maju: 3 peringatan"
    assert "3 orang tidak terlihat sejak 09.59 atau sesudahnya: Ayu, Budi, Citra." in letter.get_content()


def test_tls_from_the_start(site: NotifiedSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with MailServer(tmp_path, tls=True, starttls=False) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        site.use_email(**server.settings())
        tell(site)
        assert len(server.letters) == 1
        assert site.states() == ["accepted"]


def test_a_server_that_nobody_vouches_for_gets_nothing(
    site: NotifiedSite, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    site.use_email(**server.settings())
    tell(site)
    (row,) = site.deliveries()
    assert (row.state, row.cause) == ("queued", Cause.TLS)


def test_no_password_goes_to_a_server_without_encryption(site: NotifiedSite, tmp_path: Path) -> None:
    with MailServer(tmp_path, starttls=False) as server:
        site.use_email(**server.settings(security="starttls"))
        tell(site)
        (row,) = site.deliveries()
        assert (row.state, row.cause) == ("queued", Cause.TLS)
        assert server.unencrypted == []


@pytest.mark.parametrize(
    ("where", "reply", "state", "cause"),
    [
        ("recipient", "550 no such user here", "failed", Cause.RECIPIENT),
        ("recipient", "450 greylisted, come later", "queued", Cause.LATER),
        ("data", "554 looks like spam", "failed", Cause.REJECTED),
        ("data", "452 the disk is full", "queued", Cause.LATER),
        ("data", "421 closing", "queued", Cause.LATER),
    ],
)
def test_refusals(
    site: NotifiedSite, server: MailServer, where: str, reply: str, state: str, cause: Cause
) -> None:
    setattr(server, f"refuse_{where}", reply)
    site.use_email(**server.settings())
    tell(site)
    (row,) = site.deliveries()
    assert (row.state, row.cause) == (state, cause)
    assert row.cause_detail == f"({reply[:3]}) {reply[4:]}"
    setattr(server, f"refuse_{where}", None)
    site.run(60, 5)
    assert len(server.letters) == (state == "queued")


def test_a_refusal_is_kept_without_the_address(site: NotifiedSite, server: MailServer) -> None:
    server.refuse_recipient = "550 5.1.1 <sari@example.com> unknown, call +62 812 3456 7890"
    site.use_email(**server.settings())
    tell(site)
    (row,) = site.deliveries()
    assert row.cause_detail == "(550) 5.1.1 <s•••@example.com> unknown, call +62 •••890"


def test_a_wrong_password_is_told_and_not_tried_again(
    tmp_path: Path, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with notified_site(tmp_path / "home", {**ENVIRON, "SMTP_PASSWORD": "another-s3cr3t"}) as site:
        site.use_email(**server.settings())
        tell(site)
        (row,) = site.deliveries()
        assert (row.state, row.cause) == ("failed", Cause.SIGN_IN)
        assert "another-s3cr3t" not in caplog.text + str(row.cause_detail)


def test_without_a_password_nobody_is_asked(tmp_path: Path, server: MailServer) -> None:
    with notified_site(tmp_path / "home", {}) as site:
        site.use_email(**server.settings())
        tell(site)
        (row,) = site.deliveries()
        assert (row.cause, row.cause_detail) == (Cause.NO_SECRET, "SMTP_PASSWORD")


def test_a_server_that_is_away(site: NotifiedSite, server: MailServer) -> None:
    site.use_email(**server.settings(port=9))
    tell(site)
    (row,) = site.deliveries()
    assert (row.state, row.cause) == ("queued", Cause.UNREACHABLE)


def test_a_letter_that_may_have_arrived_is_repeated_as_it_was(site: NotifiedSite, server: MailServer) -> None:
    server.drop_after_data = True
    site.use_email(**server.settings())
    tell(site)
    (row,) = site.deliveries()
    assert (row.state, row.cause) == ("queued", Cause.CUT_OFF)
    site.absent(site.employee("Budi", "Produksi"))
    site.run(30)
    first, again, later = server.letters
    assert first["Message-ID"] == again["Message-ID"] != later["Message-ID"]
    assert first.get_content() == again.get_content()
    assert "Budi" in later.get_content()
    assert site.states() == ["accepted", "accepted"]
    assert PASSWORD not in str([letter.as_string() for letter in server.letters])
