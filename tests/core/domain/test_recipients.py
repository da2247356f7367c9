"""Who is told what, by department, level and channel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.recipients import ABOUT_PEOPLE, Recipient, Subject, recipients_of
from core.domain.states import AlertKind, Channel


def somebody(
    name: str, *departments: str, level: int | None = 1, channel: Channel = Channel.WHATSAPP
) -> Recipient:
    return Recipient(channel, name, f"+62{name}", "id", departments, level)


EVERYBODY = [
    somebody("all"),
    somebody("gudang", "Gudang"),
    somebody("both", "Gudang", "Produksi"),
    somebody("boss", level=2),
    somebody("boss_gudang", "Gudang", level=2),
    somebody("mail_gudang", "Gudang", channel=Channel.EMAIL),
    somebody("mail_produksi", "Produksi", channel=Channel.EMAIL),
    somebody("hook", level=None, channel=Channel.WEBHOOK),
]


def told(kind: AlertKind, department: str | None = None, level: int = 1) -> str:
    return " ".join(one.name for one in recipients_of(Subject(kind, department, level), EVERYBODY))


@pytest.mark.parametrize(
    ("kind", "department", "level", "names"),
    [
        (AlertKind.ABSENT, "Gudang", 1, "all gudang both mail_gudang hook"),
        (AlertKind.ABSENT, "Produksi", 1, "all both mail_produksi hook"),
        (AlertKind.NOT_ARRIVED, "Kantor", 1, "all hook"),
        (AlertKind.ABSENT, None, 1, "all hook"),
        (AlertKind.ABSENT, "Gudang", 2, "boss boss_gudang hook"),
        (AlertKind.CAMERA_DOWN, None, 1, "all mail_gudang mail_produksi hook"),
        (AlertKind.WORKER_FAULT, None, 1, "all mail_gudang mail_produksi hook"),
        (AlertKind.UNKNOWN_PERSON, None, 2, "boss hook"),
    ],
)
def test_who_is_told(kind: AlertKind, department: str | None, level: int, names: str) -> None:
    assert told(kind, department, level) == names


def test_nobody_configured_is_nobody_told() -> None:
    assert recipients_of(Subject(AlertKind.ABSENT, "Gudang"), []) == []


departments = st.sampled_from(["Gudang", "Produksi", "Kantor"])
recipients = st.builds(
    Recipient,
    st.sampled_from(Channel),
    st.just("x"),
    st.text(min_size=1, max_size=3),
    st.just("en"),
    st.lists(departments, max_size=2).map(tuple),
    st.sampled_from([1, 2, None]),
)


@given(st.lists(recipients, max_size=8), st.sampled_from(AlertKind), departments, st.sampled_from([1, 2]))
def test_a_department_is_told_only_to_those_who_may_know(
    everybody: list[Recipient], kind: AlertKind, department: str, level: int
) -> None:
    found = recipients_of(Subject(kind, department, level), everybody)
    assert all(one in everybody and one.level in (level, None) for one in found)
    if kind in ABOUT_PEOPLE:
        assert all(not one.departments or department in one.departments for one in found)
    else:
        on_level = {one.channel for one in everybody if one.level in (level, None)}
        assert {one.channel for one in found} == on_level, "no channel keeps silent about a camera"
