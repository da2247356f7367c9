"""Which failures are tried again and when, and what goes to a recipient together."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.delivery import (
    KEEPS_TRYING_S,
    META_CAUSES,
    SPACING,
    Cause,
    Rule,
    Waiting,
    may_send,
    meta_cause,
    next_batch,
    rule_of,
    tried_for_s,
    wait_after,
)

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TRIED = [Rule.SOON, Rule.BACK_OFF, Rule.PAIR, Rule.LONG]

META = [
    (130429, 429, Cause.THROTTLED, Rule.BACK_OFF),
    (131056, 400, Cause.PAIR_LIMIT, Rule.PAIR),
    (1, 400, Cause.SERVICE, Rule.BACK_OFF),
    (2, 503, Cause.SERVICE, Rule.BACK_OFF),
    (4, 400, Cause.THROTTLED, Rule.BACK_OFF),
    (80007, 400, Cause.THROTTLED, Rule.BACK_OFF),
    (131000, 500, Cause.SERVICE, Rule.BACK_OFF),
    (None, 500, Cause.SERVICE, Rule.BACK_OFF),
    (None, 502, Cause.SERVICE, Rule.BACK_OFF),
    (None, 429, Cause.THROTTLED, Rule.BACK_OFF),
    (131048, 400, Cause.QUALITY, Rule.LONG),
    (131049, 400, Cause.ENGAGEMENT, Rule.LONG),
    (0, 401, Cause.TOKEN, Rule.NEVER),
    (190, 401, Cause.TOKEN, Rule.NEVER),
    (None, 401, Cause.TOKEN, Rule.NEVER),
    (10, 403, Cause.PERMISSION, Rule.NEVER),
    (200, 403, Cause.PERMISSION, Rule.NEVER),
    (250, 403, Cause.PERMISSION, Rule.NEVER),
    (299, 403, Cause.PERMISSION, Rule.NEVER),
    (None, 403, Cause.PERMISSION, Rule.NEVER),
    (100, 400, Cause.BAD_REQUEST, Rule.NEVER),
    (33, 400, Cause.BAD_REQUEST, Rule.NEVER),
    (33, 500, Cause.SERVICE, Rule.BACK_OFF),
    (131026, 400, Cause.NO_WHATSAPP, Rule.NEVER),
    (131030, 400, Cause.NOT_ALLOWED, Rule.NEVER),
    (131047, 400, Cause.WINDOW, Rule.NEVER),
    (132000, 400, Cause.TEMPLATE, Rule.NEVER),
    (132001, 404, Cause.TEMPLATE, Rule.NEVER),
    (132016, 400, Cause.TEMPLATE, Rule.NEVER),
    (368, 403, Cause.RESTRICTED, Rule.NEVER),
    (131031, 403, Cause.RESTRICTED, Rule.NEVER),
]


@pytest.mark.parametrize(("code", "status", "cause", "rule"), META)
def test_what_an_error_of_meta_s_means(code: int | None, status: int, cause: Cause, rule: Rule) -> None:
    assert meta_cause(code, status) is cause
    assert rule_of(cause) is rule


def test_the_table_has_every_code_that_is_known() -> None:
    assert META_CAUSES.keys() <= {code for code, *_ in META}


@pytest.mark.parametrize(
    ("cause", "waits_s"),
    [
        (Cause.PAIR_LIMIT, [1, 4, 16, 64, 256, 1024, 3600, 3600]),
        (Cause.UNREACHABLE, [5, 10, 20, 40, 80, 160, 300, 300]),
        (Cause.TIMEOUT, [5, 10, 20]),
        (Cause.THROTTLED, [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]),
        (Cause.QUALITY, [3600, 7200, 14400, 21600]),
        (Cause.ENGAGEMENT, [3600, 7200]),
        (Cause.TOKEN, [None, None]),
    ],
)
def test_waits_grow_from_try_to_try(cause: Cause, waits_s: list[float | None]) -> None:
    waits = [wait_after(cause, attempts) for attempts in range(1, len(waits_s) + 1)]
    assert [wait and wait.total_seconds() for wait in waits] == waits_s


@given(st.sampled_from(list(Cause)), st.integers(1, 2000))
def test_nothing_is_tried_for_ever_and_no_wait_shrinks(cause: Cause, attempts: int) -> None:
    wait, following = wait_after(cause, attempts), wait_after(cause, attempts + 1)
    assert wait_after(cause, 10_000) is None
    if wait is None:
        assert following is None, "given up stays given up"
    else:
        assert timedelta(0) < wait <= timedelta(hours=6)
        assert following is None or following >= wait


@pytest.mark.parametrize("rule", TRIED)
def test_it_is_tried_for_about_a_day(rule: Rule) -> None:
    cause = next(one for one in Cause if rule_of(one) is rule)
    last = next(number for number in range(1, 5000) if wait_after(cause, number) is None)
    assert tried_for_s(rule, last - 1) <= KEEPS_TRYING_S < tried_for_s(rule, last)


def waiting(number: int, due_s: float = 0, attempts: int = 0, thread: str | None = None) -> Waiting:
    return Waiting(number, NOW + due_s * SECOND, attempts, thread)


def ids(queue: list[Waiting], last_sent_s: float | None = None) -> list[int]:
    last = None if last_sent_s is None else NOW - last_sent_s * SECOND
    return [one.id for one in next_batch(queue, last, NOW)]


@pytest.mark.parametrize(
    ("queue", "last_sent_s", "sent"),
    [
        ([], None, []),
        ([waiting(1, 5)], None, []),
        ([waiting(1)], None, [1]),
        ([waiting(1), waiting(2, 5)], None, [1, 2]),
        ([waiting(1)], 5.9, []),
        ([waiting(1)], 6.0, [1]),
        ([waiting(1)], -3600, [1]),
        ([waiting(1, 30, attempts=2), waiting(2)], None, []),
        ([waiting(1, 0, attempts=2), waiting(2)], None, [1, 2]),
        ([waiting(1, 0, 1, "a@b"), waiting(2, 0, 1, "a@b"), waiting(3)], None, [1, 2]),
    ],
    ids=[
        "nothing",
        "not due",
        "due",
        "goes along",
        "too soon",
        "spaced",
        "clock set back",
        "backs off",
        "backed off",
        "repeated as it was",
    ],
)
def test_what_goes_together(queue: list[Waiting], last_sent_s: float | None, sent: list[int]) -> None:
    assert ids(queue, last_sent_s) == sent


@given(st.lists(st.floats(0, 600), max_size=60))
def test_two_messages_are_never_closer_than_the_spacing(arrivals_s: list[float]) -> None:
    """Whatever comes when, looking each second: everything is told, and never too fast."""
    queue = [waiting(number, due_s) for number, due_s in enumerate(arrivals_s)]
    sent_at: list[datetime] = []
    for second in range(700):
        now = NOW + second * SECOND
        arrived = [one for one in queue if one.due_at <= now]
        batch = next_batch(arrived, sent_at[-1] if sent_at else None, now)
        if batch:
            sent_at.append(now)
            queue = [one for one in queue if one not in batch]
    assert queue == []
    assert all(later - earlier >= SPACING for earlier, later in pairwise(sent_at))


def test_the_first_message_need_not_wait() -> None:
    assert may_send(None, NOW)
