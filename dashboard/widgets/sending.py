"""Photos on their way to the worker: what is refused at once, and what may have to be sent again."""

from dataclasses import dataclass, replace

import streamlit as st

from core.errors import GspeError, PhotoRefused
from core.storage.asking import CapturePayload
from dashboard import enrolment_commands
from dashboard.enrolment_commands import Shot
from dashboard.uploads import check_photo
from dashboard.widgets.page import error_sentence
from dashboard.widgets.words import Words

SENT = "coach_sent"
SENT_KEPT = 12
"""The latest ones are kept in this browser's session: an administrator may insist on one."""

Sent = Shot | CapturePayload


@dataclass(frozen=True)
class Refusal:
    """A photo that never reached the worker, and the sentence why."""

    file_name: str
    sentence: str


def send_photo(employee_id: int, shot: Shot, words: Words) -> Refusal | None:
    try:
        check_photo(shot.content)
        _keep(enrolment_commands.submit_photo(employee_id, shot), shot)
    except PhotoRefused as refusal:
        return Refusal(shot.file_name, words(f"employees.outcome.{refusal.code}", **refusal.params))
    except GspeError as error:
        return Refusal(shot.file_name, error_sentence(words, error))
    return None


def send_capture(asked: CapturePayload) -> None:
    """Raises GspeError."""
    _keep(enrolment_commands.submit_capture(asked), asked)


def was_sent_here(request_id: int) -> bool:
    """Whether this session still has what it sent with the request."""
    return request_id in _sent()


def insist(employee_id: int, request_id: int) -> None:
    """Sends it again, to be taken although the face resembles somebody else. Raises GspeError."""
    sent = _sent().pop(request_id)
    if isinstance(sent, CapturePayload):
        send_capture(replace(sent, allow_look_alike=True))
    else:
        _keep(enrolment_commands.submit_photo(employee_id, sent, allow_look_alike=True), sent)


def _keep(request_id: int, sent: Sent) -> None:
    kept = _sent()
    kept[request_id] = sent
    for oldest in sorted(kept)[:-SENT_KEPT]:
        del kept[oldest]


def _sent() -> dict[int, Sent]:
    kept: dict[int, Sent] = st.session_state.setdefault(SENT, {})
    return kept
