"""Tokens made, listed and revoked at a terminal."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.storage import api_tokens
from core.storage.models import AuditLog
from dashboard.__main__ import main
from tests.seed import Seed


def test_a_token_from_the_first_to_the_last_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GSPE_HOME", str(tmp_path))
    monkeypatch.setenv("SUDO_USER", "ani")
    seed = Seed(tmp_path)
    scopes = ["--scope", "cameras:read", "--scope", "alerts:read"]
    assert main(["tokens", "add", "hris", *scopes, "--department", "Gudang", "--days", "30"]) == 0
    secret = capsys.readouterr().out.strip()
    with Session(seed.engine) as session:
        token = api_tokens.token_of(session, secret, datetime.now(UTC))
        assert token is not None
        assert (token.name, token.scopes, token.departments) == (
            "hris",
            ["alerts:read", "cameras:read"],
            ["Gudang"],
        )
    assert main(["tokens", "list"]) == 0
    listed = capsys.readouterr().out
    assert "hris\tin force\talerts:read, cameras:read\tGudang" in listed
    assert secret not in listed
    assert main(["tokens", "revoke", str(token.id)]) == 0
    assert main(["tokens", "revoke", "99"]) == 2
    assert main(["tokens", "add", "hris"]) == 2
    assert "choose at least one thing" in capsys.readouterr().err
    with Session(seed.engine) as session:
        assert api_tokens.token_of(session, secret, datetime.now(UTC)) is None
        told = session.execute(select(AuditLog.actor, AuditLog.action).order_by(AuditLog.id)).all()
        assert [tuple(row) for row in told] == [
            ("system:ani", f"token.{what}") for what in ("created", "revoked")
        ]
    seed.engine.dispose()
