"""What the worker said to somebody's photos, as soon as it has said it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import streamlit as st

from core.domain.states import PhotoOutcome, RequestKind, Role
from core.errors import GspeError
from core.storage import queries
from core.storage.asking import EnrolAnswer
from core.storage.rows import EmployeeRow, RequestRow
from dashboard import data, unknown_commands
from dashboard.auth import Account
from dashboard.refreshing import refreshing
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.page import Page, show_error
from dashboard.widgets.sending import insist, was_sent_here
from dashboard.widgets.templates import quality_sentence
from dashboard.widgets.words import Words

BROWSER, UNKNOWN_FACE = "browser", unknown_commands.SOURCE
NOT_GOOD_ENOUGH = (
    PhotoOutcome.NO_FACE,
    PhotoOutcome.SEVERAL_FACES,
    PhotoOutcome.TOO_SMALL,
    PhotoOutcome.TOO_BLURRY,
    PhotoOutcome.TOO_DARK,
    PhotoOutcome.TOO_BRIGHT,
    PhotoOutcome.TURNED_AWAY,
)
KINDS = (RequestKind.ENROL, RequestKind.CAPTURE)
ANSWERS_SHOWN_FOR = timedelta(hours=1)
SHOWN_AT_ONCE = 3
POLL_S = 0.25
"""While somebody waits; the worker's desk looks as often."""
ROUND = "coach_round"
"""Grows with every answer, which gives the browser camera back."""


def show_answers(employee: EmployeeRow, page: Page) -> None:
    """What the worker said to the photos of the last hour; looked at again while one of them waits."""
    waiting = _waiting(_asked(employee))
    refreshing(POLL_S if waiting else None)(_answers)(employee, page.account, page.words, waiting)


def _answers(employee: EmployeeRow, account: Account, words: Words, waiting_before: int) -> None:
    rows, now = _asked(employee), datetime.now(UTC)
    if waiting_before and data.worker_is_silent(now):
        st.warning(words("employees.photo_kept"), icon=":material/hourglass_empty:")
    if rows:
        newest, *earlier = reversed(rows)
        names = _names(rows, account)
        _cards([newest], names, words, now)
        _offer_to_insist(employee, newest, account, words)
        _show_earlier(earlier, names, words, now)
    if _waiting(rows) != waiting_before:
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        data.forget()
        st.rerun()  # the whole page: templates, guide and list follow the answer


def _asked(employee: EmployeeRow) -> list[RequestRow]:
    """Oldest first, from the database itself: an answer must not wait for a cache."""
    rows = data.ask_now(queries.requests, KINDS, datetime.now(UTC) - ANSWERS_SHOWN_FOR)
    return [row for row in rows if row.payload.get("employee_id") == employee.id and _still_matters(row)]


def _still_matters(row: RequestRow) -> bool:
    """A photo waits for a worker that is down; a request that came to its end without an answer an hour."""
    return (
        row.finished_at is not None
        or row.requested_at > datetime.now(UTC) - ANSWERS_SHOWN_FOR
        or (row.kind == RequestKind.ENROL)
    )


def _waiting(rows: Sequence[RequestRow]) -> int:
    return sum(answer_of(row) is None for row in rows)


def _show_earlier(rows: Sequence[RequestRow], names: dict[str, str], words: Words, now: datetime) -> None:
    _cards(rows[:SHOWN_AT_ONCE], names, words, now)
    if older := rows[SHOWN_AT_ONCE:]:
        with st.expander(words("coach.earlier_answers", count=words.number(len(older)))):
            _cards(older, names, words, now)


def _cards(rows: Sequence[RequestRow], names: dict[str, str], words: Words, now: datetime) -> None:
    markup = Markup()
    for row in rows:
        answer = answer_of(row)
        state = "connecting" if answer is None else "online" if answer.accepted else "alert"
        came = joined(_came_as(row, words), words.moment(row.requested_at, now))
        markup.add(
            f'<li class="gspe-card gspe-{state}"><div class="gspe-who">'
            f"{line(answer_sentence(row, answer, names, words), 'gspe-state')}"
            f"{line(_measured(answer, words))}{line(nearest_sentence(answer, names, words))}{line(came)}"
            "</div></li>"
        )
    markup.show("gspe-rows")


def _came_as(row: RequestRow, words: Words) -> str:
    """The name of an uploaded file, else which way the photo came."""
    if row.kind == RequestKind.CAPTURE:
        return words("coach.source.site_camera")
    source = str(row.payload.get("source"))
    if source in (BROWSER, UNKNOWN_FACE):
        return words(f"coach.source.{source}")
    return str(row.payload.get("file_name", ""))


def _measured(answer: EnrolAnswer | None, words: Words) -> str:
    if answer is None or not answer.quality:
        return ""
    pose = answer.quality.get("pose")
    return joined(words(f"coach.pose.{pose}") if pose else "", quality_sentence(answer.quality, words))


def _names(rows: Sequence[RequestRow], account: Account) -> dict[str, str]:
    """By code, of those whom the photos look like, as far as the reader may know of them."""
    answers = [answer for row in rows if (answer := answer_of(row))]
    codes = {code for answer in answers for code in (answer.looks_like, answer.nearest) if code}
    found = data.ask(queries.employee_names, sorted(codes), account.departments)
    return found if account.departments else {code: found.get(code, code) for code in codes}


def answer_of(row: RequestRow) -> EnrolAnswer | None:
    """None while the worker has not answered. A request that ended otherwise says so by its code."""
    if row.finished_at is None:
        gone = row.kind == RequestKind.CAPTURE and row.expires_at < datetime.now(UTC) - timedelta(seconds=10)
        return EnrolAnswer("capture_expired") if gone else None
    result = row.result or {}
    if "outcome" in result:
        return EnrolAnswer(**result)
    code = str(result.get("code", "lost"))
    return EnrolAnswer("capture_expired" if (row.kind, code) == (RequestKind.CAPTURE, "expired") else code)


def answer_sentence(row: RequestRow, answer: EnrolAnswer | None, names: dict[str, str], words: Words) -> str:
    """What the worker found and what to do about it; whoever is not in `names` stays unnamed."""
    if answer is None:
        return words("coach.looking" if row.kind == RequestKind.CAPTURE else "employees.waiting")
    if answer.outcome == PhotoOutcome.WRONG_POSE:
        shown, asked = answer.quality.get("pose"), row.payload.get("pose")
        return words(
            "employees.outcome.wrong_pose", shown=words(f"coach.pose.{shown}"), what=_what(asked, words)
        )
    code = answer.looks_like or ""
    if code and code not in names:
        return words("employees.outcome_other_department")
    if row.payload.get("source") == UNKNOWN_FACE and answer.outcome in NOT_GOOD_ENOUGH:
        return words("employees.outcome_unknown_face")
    keys = [f"employees.outcome.{answer.outcome}", "employees.outcome.lost"]
    if _is_taken_here(row):
        keys = [f"employees.outcome_taken.{answer.outcome}", keys[0], "employees.outcome_taken.lost"]
    return words.first(*keys, name=names.get(code), employee_code=code)


def _is_taken_here(row: RequestRow) -> bool:
    """By a camera, before which somebody can stand once more: he has no file to cut or to upload again."""
    return row.kind == RequestKind.CAPTURE or row.payload.get("source") == BROWSER


def _what(pose: str | None, words: Words) -> str:
    return words(f"coach.do.{pose}")


def nearest_sentence(answer: EnrolAnswer | None, names: dict[str, str], words: Words) -> str:
    """Whom of all others the face resembles most, and whether that is far enough from being taken for him."""
    if answer is None or not answer.accepted or answer.similarity is None or answer.threshold is None:
        return ""
    figures = {
        "similarity": words.number(answer.similarity, 2),
        "threshold": words.number(answer.threshold, 2),
        "name": names.get(answer.nearest or "") or words("coach.somebody_elsewhere"),
    }
    return words("coach.nearest_near" if answer.near else "coach.nearest_safe", **figures)


def _offer_to_insist(employee: EmployeeRow, newest: RequestRow, account: Account, words: Words) -> None:
    """Twins exist: an administrator may have the newest photo taken although it resembles somebody else."""
    answer, request_id = answer_of(newest), newest.id
    if answer is None or answer.outcome != PhotoOutcome.LOOKS_LIKE:
        return
    if not account.may(Role.ADMIN):
        st.caption(words("coach.insist_admin"))
    elif not was_sent_here(request_id):
        st.caption(words("coach.insist_again"))
    elif ask_first(
        f"insist_{request_id}",
        words("coach.insist"),
        words("coach.insist_sure", name=employee.name),
        icon=":material/person_alert:",
    ):
        try:
            insist(employee.id, request_id)
        except GspeError as error:
            show_error(words, error)
            return
        st.rerun()
