from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import Scope
from core.errors import AccountError
from core.logs import redact
from core.storage import api_tokens
from core.storage.api_tokens import NewToken, create, note_use, revoke, token_of, tokens, use_is_due
from core.storage.models import ApiToken, AuditLog

ACTOR = "sari"


def made(session: Session, now: datetime, name: str = "payroll", **options: object) -> str:
    token = NewToken(name, options.pop("scopes", (Scope.READ_ATTENDANCE,)), **options)  # type: ignore[arg-type]
    return create(session, token, actor=ACTOR, now=now)


def test_a_token_is_found_by_its_secret_which_is_kept_nowhere(session: Session, now: datetime) -> None:
    secret = made(session, now, departments=["Gudang"], scopes=[Scope.READ_ALERTS, Scope.READ_ATTENDANCE])
    found = token_of(session, secret, now)
    assert found is not None
    assert (found.name, found.scopes) == ("payroll", ["alerts:read", "attendance:read"])
    assert found.departments == ["Gudang"]
    stored = [str(vars(row)) for table in (ApiToken, AuditLog) for row in session.scalars(select(table))]
    assert stored
    assert not any(secret in row for row in stored)


@pytest.mark.parametrize("change", ["", "0", "gspe_", "another case", "a blank"])
def test_what_is_nearly_the_token_opens_nothing(session: Session, now: datetime, change: str) -> None:
    secret = made(session, now)
    wrong = {"another case": secret.upper(), "a blank": f" {secret}", "0": secret + "0", "": ""}
    assert token_of(session, wrong.get(change, change), now) is None


def test_it_ends_when_its_time_is_over(session: Session, now: datetime) -> None:
    secret = made(session, now, expires_at=now + timedelta(days=1))
    assert token_of(session, secret, now + timedelta(hours=23)) is not None
    assert token_of(session, secret, now + timedelta(days=1)) is None


def test_a_revoked_one_opens_nothing_and_stays_listed(session: Session, now: datetime) -> None:
    secret = made(session, now)
    [row] = tokens(session)
    revoke(session, row.id, actor="budi", now=now)
    revoke(session, row.id, actor="sari", now=now + timedelta(hours=1))
    assert token_of(session, secret, now) is None
    assert [(row.revoked_by, row.revoked_at) for row in tokens(session)] == [("budi", now)]
    assert trail(session) == [("sari", "token.created", "payroll"), ("budi", "token.revoked", "payroll")]


def trail(session: Session) -> Sequence[tuple[str, str, str]]:
    rows = session.scalars(select(AuditLog).order_by(AuditLog.id))
    return [(row.actor, row.action, row.params["name"]) for row in rows]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"name": "  "}, "token_name_invalid"),
        ({"name": "x" * 65}, "token_name_invalid"),
        ({"scopes": ()}, "token_without_scope"),
        ({"expires_at": timedelta(0)}, "token_expired_already"),
        ({"name": "taken"}, "token_name_taken"),
    ],
)
def test_refused(session: Session, now: datetime, options: dict[str, object], code: str) -> None:
    made(session, now, name="taken")
    if isinstance(options.get("expires_at"), timedelta):
        options = {"expires_at": now}
    with pytest.raises(AccountError) as refused:
        made(session, now, **options)  # type: ignore[arg-type]
    assert refused.value.code == code


def test_the_name_of_one_that_has_ended_is_free_again(session: Session, now: datetime) -> None:
    made(session, now)
    revoke(session, tokens(session)[0].id, actor=ACTOR, now=now)
    made(session, now, expires_at=now + timedelta(hours=1))
    assert made(session, now + timedelta(hours=2))


def test_revoking_what_is_not_there(session: Session, now: datetime) -> None:
    with pytest.raises(AccountError) as refused:
        revoke(session, 7, actor=ACTOR, now=now)
    assert refused.value.code == "token_unknown"


def test_its_use_is_noted_to_a_few_minutes(session: Session, now: datetime) -> None:
    made(session, now)
    [row] = tokens(session)
    for minutes in (0, 1, 4):
        note_use(session, row.id, now + timedelta(minutes=minutes))
    assert row.last_used_at == now
    assert use_is_due(row, now + api_tokens.USE_NOTED_EVERY)
    note_use(session, row.id, now + api_tokens.USE_NOTED_EVERY)
    assert row.last_used_at == now + api_tokens.USE_NOTED_EVERY


def test_logs_mask_it_wherever_it_stands(session: Session, now: datetime) -> None:
    secret = made(session, now)
    for text in (f"GET /api/cameras?x={secret}", f"Bearer {secret}", secret[:20], f"'{secret}'"):
        assert secret[5:17] not in redact(text)
