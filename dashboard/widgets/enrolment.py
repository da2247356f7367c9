"""Photos of one employee: the basis, the upload, the worker's answers, the templates in use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape

import streamlit as st

from core.domain.states import RequestKind
from core.errors import GspeError, PhotoRefused
from core.storage import queries
from core.storage.asking import EnrolAnswer
from core.storage.employees import BASES, NOT_STATED
from core.storage.rows import EmployeeRow, RequestRow, TemplateRow
from dashboard import commands, data
from dashboard.auth import Account
from dashboard.refreshing import refreshing
from dashboard.uploads import MAX_UPLOAD_MB, check_photo
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.page import error_sentence, show_error
from dashboard.widgets.words import Words

STATED_BASES = tuple(basis for basis in BASES if basis != NOT_STATED)
"""What somebody at the page may choose: there he can be asked."""
ANSWERS_SHOWN_FOR = timedelta(hours=1)
REFRESH_S = 1.0
REFUSED = "employee_refused_uploads"


@dataclass(frozen=True)
class Upload:
    """A photo as it came: refused at once with a sentence, or with the worker."""

    file_name: str
    refusal: str | None = None


def show_enrolment(employee: EmployeeRow, account: Account, words: Words) -> None:
    st.subheader(words("employees.photos"), anchor=False)
    if not employee.active:
        st.info(words("employees.inactive_no_photos"), icon=":material/person_off:")
    elif _consent(employee, words):
        _upload(employee, words)
    _show_answers(employee, account, words)
    show_templates(data.ask(queries.templates, employee.id), employee, words)


def _consent(employee: EmployeeRow, words: Words) -> bool:
    """Whether a basis is recorded; without one, the form for it stands in the upload's place."""
    consent = data.ask(queries.consent, employee.id)
    if consent is not None:
        when = words.date(consent.recorded_at)
        basis = words(f"employees.basis.{consent.basis}") if consent.basis in BASES else consent.basis
        st.caption(words("employees.consent_recorded", basis=basis, date=when, by=consent.recorded_by))
        return True
    with st.form("consent"):
        st.markdown(words("employees.consent_first"))
        basis = st.radio(
            words("employees.consent_basis"),
            STATED_BASES,
            format_func=lambda code: words(f"employees.basis.{code}"),
        )
        if st.form_submit_button(words("employees.consent_record"), type="primary") and basis:
            commands.record_consent(employee.id, basis)
            st.rerun()
    return False


def _upload(employee: EmployeeRow, words: Words) -> None:
    with st.form("photos", clear_on_submit=True):
        files = st.file_uploader(
            words("employees.upload"),
            type=["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"],
            accept_multiple_files=True,
            max_upload_size=MAX_UPLOAD_MB,
            help=words("employees.upload_help"),
            key="photos_files",
        )
        if st.form_submit_button(words("employees.upload_send"), type="primary", icon=":material/upload:"):
            refused = [_send(employee, file.name, file.getvalue(), words) for file in files]
            st.session_state[REFUSED] = [upload for upload in refused if upload.refusal]
            if not files:
                st.warning(words("employees.upload_nothing"))
    for upload in st.session_state.get(REFUSED, ()):
        st.error(joined(upload.file_name, upload.refusal), icon=":material/hide_image:")


def _send(employee: EmployeeRow, file_name: str, content: bytes, words: Words) -> Upload:
    try:
        check_photo(content)
        commands.submit_photo(employee.id, file_name, content)
    except PhotoRefused as refusal:
        return Upload(file_name, words(f"employees.outcome.{refusal.code}", **refusal.params))
    except GspeError as error:
        return Upload(file_name, error_sentence(words, error))
    return Upload(file_name)


def _show_answers(employee: EmployeeRow, account: Account, words: Words) -> None:
    """What the worker said to the photos of the last hour; looked at again while one of them waits."""
    waiting = _waiting(_asked(employee))
    refreshing(REFRESH_S if waiting else None)(_answers)(employee, account, words, waiting)


def _answers(employee: EmployeeRow, account: Account, words: Words, waiting_before: int) -> None:
    rows = _asked(employee)
    if _waiting(rows) != waiting_before:
        st.rerun()  # the whole page: templates and list follow the answer
    now = datetime.now(UTC)
    if waiting_before and data.worker_is_silent(now):
        st.warning(words("employees.photo_kept"), icon=":material/hourglass_empty:")
    _list_answers(rows, account, words, now)


def _asked(employee: EmployeeRow) -> list[RequestRow]:
    # rounded to the minute, so that the question is the same one for a minute and its answer can be shared
    since = (datetime.now(UTC) - ANSWERS_SHOWN_FOR).replace(second=0, microsecond=0)
    rows = data.ask(queries.requests, RequestKind.ENROL, since)
    return [row for row in rows if row.payload.get("employee_id") == employee.id]


def _waiting(rows: Sequence[RequestRow]) -> int:
    return sum(row.finished_at is None for row in rows)


def _list_answers(rows: Sequence[RequestRow], account: Account, words: Words, now: datetime) -> None:
    if not rows:
        return
    names = _names(rows, account)
    markup = Markup()
    for row in reversed(rows):
        answer = _answer(row)
        state = "connecting" if answer is None else "online" if answer.accepted else "alert"
        markup.add(
            f'<li class="gspe-card gspe-{state}"><div class="gspe-who">'
            f"{line(answer_sentence(answer, names, words), 'gspe-state')}"
            f"{line(joined(row.payload.get('file_name'), words.moment(row.requested_at, now)))}</div></li>"
        )
    markup.show("gspe-rows")


def _names(rows: Sequence[RequestRow], account: Account) -> dict[str, str]:
    """By code, of those whom the photos look like, as far as the reader may know of them."""
    looks_like = {answer.looks_like for row in rows if (answer := _answer(row)) and answer.looks_like}
    found = data.ask(queries.employee_names, sorted(looks_like), account.departments)
    return found if account.departments else {code: found.get(code, code) for code in looks_like}


def _answer(row: RequestRow) -> EnrolAnswer | None:
    """None while the worker has not answered. A request that ended otherwise says so by its code."""
    if row.finished_at is None:
        return None
    result = row.result or {}
    return EnrolAnswer(**result) if "outcome" in result else EnrolAnswer(str(result.get("code", "lost")))


def answer_sentence(answer: EnrolAnswer | None, names: dict[str, str], words: Words) -> str:
    """What the worker found and what to do about it; whoever is not in `names` stays unnamed."""
    if answer is None:
        return words("employees.waiting")
    code = answer.looks_like or ""
    if code and code not in names:
        return words("employees.outcome_other_department")
    return words.first(
        f"employees.outcome.{answer.outcome}",
        "employees.outcome.lost",
        name=names.get(code),
        employee_code=code,
    )


def show_templates(rows: Sequence[TemplateRow], employee: EmployeeRow, words: Words) -> None:
    st.markdown(words("employees.templates", count=words.number(len(rows))))
    if not rows:
        st.caption(words("employees.no_templates"))
    grid = st.grid(min_column_width=230)
    for row in rows:
        with grid.cell(), st.container(border=True):
            _show_template(row, employee, words)


def _show_template(row: TemplateRow, employee: EmployeeRow, words: Words) -> None:
    markup, whole = Markup(), f"/api/picture/template/{row.id}"
    markup.add(
        f'<li class="gspe-shot">{markup.face(row.photo_path, employee.name, whole=whole)}'
        f'<div class="gspe-who"><b>{escape(words.date(row.created_at))}</b>'
        f"{line(quality_sentence(row, words))}</div></li>"
    )
    markup.show("gspe-rows")
    label, question = words("employees.template_remove"), words("employees.template_remove_sure")
    if ask_first(f"template_{row.id}", label, question, icon=":material/delete:"):
        try:
            commands.remove_template(row.id)
        except GspeError as error:
            show_error(words, error)
        else:
            st.rerun()


def quality_sentence(row: TemplateRow, words: Words) -> str:
    """Pack and the measures that the catalogue has a name for."""
    measures = [
        words(f"employees.quality.{name}", value=words.number(value, 0 if value >= 10 else 2))
        for name, value in row.quality.items()
        if isinstance(value, int | float) and words.has(f"employees.quality.{name}")
    ]
    return joined(*measures, row.pack_id)
