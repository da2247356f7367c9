import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from core.domain.states import Role
from core.paths import REPOSITORY, SitePaths
from core.storage.engine import writer_engine
from core.storage.migrate import migrate
from core.storage.users import SignInOutcome, list_accounts, sign_in
from dashboard.serve import server_flags, streamlit_secret

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path) -> SitePaths:
    paths = SitePaths(tmp_path)
    migrate(paths)
    return paths


def users(
    site: SitePaths, *arguments: str, stdin: str = "", status: int = 0, **environ: str
) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GSPE_")}
    ran = subprocess.run(
        [sys.executable, "-m", "dashboard", "users", *arguments],
        cwd=REPOSITORY,
        env=inherited | {"GSPE_HOME": str(site.home), **environ},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == status, ran.stderr
    return ran


def outcome(site: SitePaths, name: str, password: str) -> SignInOutcome:
    engine = writer_engine(site.database)
    try:
        return sign_in(engine, name, password, NOW).outcome
    finally:
        engine.dispose()


def shown_password(output: str) -> str:
    return output.partition("password ")[2].split()[0]


def test_the_first_admin_is_made_once_and_his_password_shown(site: SitePaths) -> None:
    shown = users(site, "first-admin").stdout
    assert outcome(site, "admin", shown_password(shown)) == SignInOutcome.ACCEPTED
    assert users(site, "first-admin").stdout == ""


def test_the_journal_gets_no_password(site: SitePaths, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with journal.open("w") as stream:
        status = os.fstat(stream.fileno())
        subprocess.run(
            [sys.executable, "-m", "dashboard", "users", "first-admin"],
            cwd=REPOSITORY,
            env={
                **os.environ,
                "GSPE_HOME": str(site.home),
                "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}",
            },
            stdout=stream,
            check=True,
        )
    assert "users first-admin" in journal.read_text()
    assert "password" not in journal.read_text()
    assert users(site, "list").stdout == ""


def test_a_container_s_log_gets_no_password(site: SitePaths) -> None:
    told = users(site, "first-admin", GSPE_OUTPUT_IS_LOG="1").stdout
    assert f"GSPE_HOME={site.home} " in told
    assert "password" not in told
    assert users(site, "list").stdout == ""


def test_the_site_takes_over_the_demo_s_accounts(site: SitePaths) -> None:
    demo = SitePaths(site.demo_home)
    migrate(demo)
    shown = users(demo, "first-admin", GSPE_SITE_HOME=str(site.home), GSPE_DEMO="1").stdout
    assert users(site, "first-admin").stdout == ""
    assert outcome(site, "admin", shown_password(shown)) == SignInOutcome.ACCEPTED


def test_accounts_are_added_reset_disabled_and_listed(site: SitePaths) -> None:
    users(site, "first-admin")
    added = users(site, "add", "Siti", "--role", "supervisor", "--department", "Gudang", "--language", "id")
    reset = users(site, "reset-password", "siti")
    assert outcome(site, "siti", shown_password(added.stdout)) == SignInOutcome.REFUSED
    assert outcome(site, "siti", shown_password(reset.stdout)) == SignInOutcome.ACCEPTED
    users(site, "disable", "siti")
    assert outcome(site, "siti", shown_password(reset.stdout)) == SignInOutcome.REFUSED
    listed = [line.split("\t") for line in users(site, "list").stdout.splitlines()]
    assert [row[:4] for row in listed] == [
        ["admin", "admin", "active", "all departments"],
        ["siti", "supervisor", "disabled", "Gudang"],
    ]
    users(site, "enable", "siti")
    assert outcome(site, "siti", shown_password(reset.stdout)) == SignInOutcome.ACCEPTED


def test_a_given_password_is_not_repeated(site: SitePaths) -> None:
    added = users(site, "add", "siti", "--password-stdin", stdin="a long sentence\n")
    assert "a long sentence" not in added.stdout + added.stderr
    assert outcome(site, "siti", "a long sentence") == SignInOutcome.ACCEPTED
    engine = writer_engine(site.database)
    with Session(engine) as session:
        assert [(user.role, user.must_change_password) for user in list_accounts(session)] == [
            (Role.VIEWER, True)
        ]
    engine.dispose()


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        (["add", "siti", "--password-stdin"], "short\n", "at least 10 characters"),
        (["add", "siti", "--password-stdin"], "", "no password on standard input"),
        (["add", "no good"], "", "a user name has"),
        (["disable", "nobody"], "", "there is no account nobody"),
    ],
)
def test_what_is_refused_is_told_in_one_line(
    site: SitePaths, arguments: list[str], stdin: str, told: str
) -> None:
    ran = users(site, *arguments, stdin=stdin, status=2)
    assert told in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_a_home_without_database_is_told(tmp_path: Path) -> None:
    assert "migrate" in users(SitePaths(tmp_path), "list", status=2).stderr


def test_streamlit_listens_where_the_start_said() -> None:
    environ = {
        "GSPE_HOST": "0.0.0.0",
        "GSPE_PORT": "8443",
        "GSPE_TLS_CERT": "/c.pem",
        "GSPE_TLS_KEY": "/k.pem",
    }
    flags = server_flags(environ)
    assert {"--server.address=0.0.0.0", "--server.port=8443", "--server.sslCertFile=/c.pem"} < set(flags)
    assert "--client.showErrorDetails=none" in flags


def test_streamlit_listens_on_this_machine_only_unless_told() -> None:
    flags = server_flags({"GSPE_TLS_CERT": ""})
    assert {"--server.address=127.0.0.1", "--server.port=8501"} < set(flags)
    assert not [flag for flag in flags if "ssl" in flag]


def test_a_restart_keeps_streamlit_s_secret(site: SitePaths) -> None:
    assert streamlit_secret(site) == streamlit_secret(site)
    assert (site.run / "streamlit.secret").stat().st_mode & 0o777 == 0o600
