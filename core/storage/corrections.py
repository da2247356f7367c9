"""Corrections of days: what somebody answers for instead of the cameras, proposed, decided and withdrawn.

A correction is a row of its own with the figures before and after; visits never change. The stored day is
judged anew in the same transaction, unless other rules than those of a correction would change it.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.corrections import CORRECTABLE, clock_instant
from core.domain.day_changes import changes, in_whole_seconds
from core.domain.schedule import attendance_day
from core.domain.states import CorrectionState
from core.domain.workday import DayCorrection, WorkDay
from core.errors import GspeError
from core.settings import Parameters
from core.storage import audit, judged_days
from core.storage.day_record import to_correction
from core.storage.employees import MAX_LENGTH, clean_text, find_employee
from core.storage.models import Correction
from core.storage.month_locks import refuse_locked
from core.storage.rulebook import read_rulebook
from core.storage.work_days import Only, PersonDay, prepare


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody enters for a day: clock times of the site, None and "" leave what there is.

    reason: for who checks it. withdraws: nothing is entered, and the cameras count again.
    """

    reason: str
    first_in: time | None = None
    last_out: time | None = None
    status: str | None = None
    note: str = ""
    withdraws: bool = False


@dataclass(frozen=True, slots=True)
class Deed:
    """By whose hand, when, and by which settings."""

    actor: str
    now: datetime
    parameters: Parameters


def correct(session: Session, employee_id: int, day: date, entry: Entry, deed: Deed) -> Correction:
    """Adds a correction: in force at once, or pending where the settings want a second person.

    An earlier one of the same day that waits is superseded, one in force when this one comes into force.
    Raises GspeError, code `employee_unknown`, `month_locked`, `correction_future`, `correction_no_day`,
    `correction_rules_changed`, `correction_empty`, `correction_status`, `correction_outside`,
    `correction_order` or `reason_missing`.
    """
    find_employee(session, employee_id)
    refuse_locked(session, day)
    subject = _Subject(session, employee_id, day, deed)
    row = subject.row_of(entry)
    needs_approval = deed.parameters.corrections_need_approval
    row.state = CorrectionState.PENDING if needs_approval else CorrectionState.IN_FORCE
    subject.keep_figures(row)
    _supersede(session, employee_id, day, CorrectionState.PENDING, deed)
    if not needs_approval:
        _supersede(session, employee_id, day, CorrectionState.IN_FORCE, deed)
    session.add(row)
    session.flush()
    action = "correction.proposed" if needs_approval else "correction.made"
    _note(session, row, action, deed, {"before": row.before, "after": row.after})
    _judge_anew(session, row, deed)
    return row


def decide(session: Session, correction_id: int, deed: Deed, *, approve: bool, note: str = "") -> Correction:
    """Approves or rejects one that waits; its author may not.

    What changes is told anew by the day as it counts when it is approved. Raises GspeError, code
    `correction_unknown`, `correction_decided`, `correction_own`, `month_locked`, `correction_no_day` or
    `correction_rules_changed`; the last two only where it is to be approved.
    """
    row = find_correction(session, correction_id)
    if row.state != CorrectionState.PENDING:
        raise GspeError("this correction is decided already; reload the page", code="correction_decided")
    if row.author == deed.actor:
        raise GspeError("a second person has to decide on your correction", code="correction_own")
    refuse_locked(session, row.day)
    told: dict[str, Any] = {}
    if approve:
        _Subject(session, row.employee_id, row.day, deed).keep_figures(row)
        told = {"before": row.before, "after": row.after}
        _supersede(session, row.employee_id, row.day, CorrectionState.IN_FORCE, deed)
    row.state = CorrectionState.IN_FORCE if approve else CorrectionState.REJECTED
    row.decided_by, row.decided_at = deed.actor, deed.now
    row.decision_note = clean_text(note)[:MAX_LENGTH]
    session.flush()
    action = "correction.approved" if approve else "correction.rejected"
    _note(session, row, action, deed, {"note": row.decision_note} | told)
    _judge_anew(session, row, deed)
    return row


def find_correction(session: Session, correction_id: int) -> Correction:
    """Raises GspeError, code `correction_unknown`."""
    row = session.get(Correction, correction_id)
    if row is None:
        raise GspeError("there is no such correction; reload the page", code="correction_unknown")
    return row


def figures(work: WorkDay) -> dict[str, Any]:
    """A day's figures as a correction keeps them: ISO times, seconds, the status."""
    whole = in_whole_seconds(work)
    times = {"first_in_at": whole.first_in_at, "last_out_at": whole.last_out_at}
    return {
        "status": str(whole.status),
        **{name: at.isoformat() if at else None for name, at in times.items()},
        **{
            name: int(getattr(whole, figure).total_seconds())
            for name, figure in judged_days.DURATIONS.items()
        },
    }


class _Subject:
    """One person's day, as it stands and by other corrections."""

    def __init__(self, session: Session, employee_id: int, day: date, deed: Deed) -> None:
        self._deed = deed
        self._zone = deed.parameters.zone
        book = read_rulebook(session, day, day, deed.parameters)
        self._bench = prepare(session, day, day, book, deed.now, Only(people=(employee_id,)))
        facts = [(person, facts) for person in self._bench.people for facts in self._bench.facts_of(person)]
        if not facts and day >= attendance_day(deed.now, self._zone):
            raise _future()
        if not facts:
            raise GspeError("there is nothing to correct: he was not employed then", code="correction_no_day")
        [(self._person, self._facts)] = facts
        self._in_force = self._bench.record.correction(employee_id, day)
        self._counts = self._as_it_counts(session)

    def keep_figures(self, row: Correction) -> None:
        """Notes on a correction the day as it counts, and as it will by the correction."""
        row.before, row.after = figures(self._counts), figures(self.by(to_correction(row)).work)

    def _as_it_counts(self, session: Session) -> WorkDay:
        """The row of a day that is over, else what is known now; a day is not judged by new rules unseen."""
        live = self._bench.judge(self._person, self._facts, *self._in_force).work
        stored = judged_days.of_employee(session, self._person.id, self._facts.day, self._facts.day)
        if not stored or not stored[0].work.is_final:
            return live
        if changes(stored[0].work, in_whole_seconds(live)):
            raise GspeError(
                "another rule would judge this day otherwise; HR has to judge it again on the page "
                "Working time first",
                code="correction_rules_changed",
            )
        return stored[0].work

    def by(self, correction: DayCorrection) -> PersonDay:
        """The day with this correction and no other."""
        return self._bench.judge(self._person, self._facts, None, correction)

    def row_of(self, entry: Entry) -> Correction:
        """What is entered, checked, as a row without state and figures."""
        reason, note = clean_text(entry.reason), clean_text(entry.note)
        if not (0 < len(reason) <= MAX_LENGTH and len(note) <= MAX_LENGTH):
            raise GspeError("say why, in at most 200 characters", code="reason_missing")
        told = (entry.first_in, entry.last_out, entry.status, note or None)
        is_empty = all(value is None for value in told)
        if is_empty is not entry.withdraws or (entry.withdraws and self._in_force[0] is None):
            raise GspeError(
                "enter a time, a status or a note; to take a correction back, withdraw it",
                code="correction_empty",
            )
        if entry.status is not None and entry.status not in CORRECTABLE:
            raise GspeError("this status cannot be entered; choose another", code="correction_status")
        row = Correction(
            employee_id=self._person.id,
            day=self._facts.day,
            first_in_at=self._at(entry.first_in),
            last_out_at=self._at(entry.last_out),
            status=entry.status,
            note=note,
            reason=reason,
            author=self._deed.actor,
            created_at=self._deed.now,
        )
        self._refuse_disorder(row)
        return row

    def _at(self, clock: time | None) -> datetime | None:
        if clock is None:
            return None
        facts = self._facts
        at = clock_instant(clock, facts.day, facts.bounds, facts.shift, self._zone)
        if at is None:
            start, end = (edge.astimezone(self._zone) for edge in facts.bounds)
            raise GspeError(
                f"{clock:%H:%M} is not within this attendance day, which runs from {start} to {end}",
                code="correction_outside",
                clock=f"{clock:%H:%M}",
                start=f"{start:%H:%M}",
                end=f"{end:%H:%M}",
            )
        if at > self._deed.now:
            raise _future()
        return at

    def _refuse_disorder(self, row: Correction) -> None:
        """Against what the cameras saw where only one of the two times is entered."""
        work = self.by(to_correction(row)).work
        if work.first_in_at and work.last_out_at and work.last_out_at < work.first_in_at:
            raise GspeError("last out would lie before first in; correct both", code="correction_order")


def _supersede(session: Session, employee_id: int, day: date, state: CorrectionState, deed: Deed) -> None:
    rows = session.scalars(
        select(Correction).where(
            Correction.employee_id == employee_id, Correction.day == day, Correction.state == state
        )
    )
    for row in rows.all():
        row.state = CorrectionState.SUPERSEDED
        if state is CorrectionState.PENDING:
            row.decided_by, row.decided_at = deed.actor, deed.now
            _note(session, row, "correction.superseded", deed, {"author": row.author})


def _judge_anew(session: Session, row: Correction, deed: Deed) -> None:
    if row.state != CorrectionState.IN_FORCE:
        return
    book = read_rulebook(session, row.day, row.day, deed.parameters)
    bench = prepare(session, row.day, row.day, book, deed.now, Only(people=(row.employee_id,)))
    judged_days.store(session, list(bench.judged(bench.people)), deed.now, also_final=True)


def _note(session: Session, row: Correction, action: str, deed: Deed, more: dict[str, Any]) -> None:
    params = {"employee": row.employee_id, "day": row.day.isoformat(), "reason": row.reason}
    audit.append(session, deed.now, deed.actor, action, f"corrections:{row.id}", params | more)


def _future() -> GspeError:
    return GspeError("a correction is about what has happened, not what is to come", code="correction_future")
