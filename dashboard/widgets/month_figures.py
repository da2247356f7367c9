"""A person's month: sums of the stored days, each day in a line, and what exceeds the allowed hours."""

from datetime import date

import streamlit as st

from core.domain.schedule import ONE_DAY
from core.domain.summary import INDONESIA, PLAIN, Exceeded, HourLimits, Totals, exceeded, total
from core.i18n import whole_percent
from core.settings import Parameters
from core.storage import judged_days
from core.storage.judged_days import StoredDay
from core.storage.month_locks import last_day_of, month_of
from dashboard import data
from dashboard.widgets.day_words import deviations, exceeded_sentence, figure, hours, month_name, status_word
from dashboard.widgets.markup import joined
from dashboard.widgets.page import Page
from dashboard.widgets.words import Words

LIMITS: dict[str, HourLimits] = {"plain": PLAIN, "indonesia": INDONESIA}


def show_month(page: Page, employee_id: int, day: date, parameters: Parameters) -> None:
    """Limits of a week are judged on whole ones: those that begin in the month, to their end."""
    words = page.words
    first, last = month_of(day), last_day_of(day)
    sunday = last + (6 - last.weekday()) * ONE_DAY
    rows = data.ask(judged_days.of_employee, employee_id, first, sunday)
    of_month = [row for row in rows if row.work.day <= last]
    st.subheader(words("days.month", month=month_name(day, words)), anchor=False)
    if not of_month:
        st.caption(words("days.month_empty"))
        return
    st.text(_sums(total(row.work for row in of_month), words))
    limits = LIMITS[parameters.hour_limits]
    _warnings(exceeded((row.work for row in rows), limits, first, last), limits, words)
    _days(of_month, words)


def _sums(totals: Totals, words: Words) -> str:
    counts = [f"{status_word(str(status), words)}: {count}" for status, count in totals.days.items()]
    durations = {
        "working": totals.working,
        "present": totals.present,
        "overtime": totals.overtime,
        "not_seen": totals.missing,
        "not_observable": totals.not_observable,
    }
    figures = [f"{words(f'days.figure.{name}')}: {hours(value, words)}" for name, value in durations.items()]
    share = "" if totals.coverage is None else words("days.coverage", percent=whole_percent(totals.coverage))
    late = words("days.month_late", count=totals.late_times)
    early = words("days.month_early", count=totals.left_early_times)
    return "\n".join((joined(*counts), joined(late, early, *figures), share))


def _warnings(beyond: list[Exceeded], limits: HourLimits, words: Words) -> None:
    if beyond:
        title = words("days.exceeded_title")
        told = "\n".join(f"- {exceeded_sentence(one, words)}" for one in beyond)
        st.warning(f"{title}\n\n{told}", icon=":material/timer:")
    elif limits is not PLAIN:
        st.caption(words("days.within_limits"))


def _days(rows: list[StoredDay], words: Words) -> None:
    st.dataframe(
        [
            {
                words("days.column.day"): words.date(row.work.day),
                words("days.figure.status"): status_word(str(row.work.status), words),
                words("days.figure.first_in_at"): figure(
                    "first_in_at", row.work.first_in_at, row.work.day, words
                ),
                words("days.figure.last_out_at"): figure(
                    "last_out_at", row.work.last_out_at, row.work.day, words
                ),
                words("days.figure.coverage"): _percent(row, words),
                words("days.column.deviations"): joined(*deviations(row.work, words)),
            }
            for row in rows
        ],
        hide_index=True,
    )


def _percent(row: StoredDay, words: Words) -> str:
    return words("days.none") if row.work.coverage is None else f"{whole_percent(row.work.coverage)} %"
