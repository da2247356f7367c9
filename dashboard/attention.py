"""Which alerts an account sees, and how many of them want its attention.

Without limits to departments an account sees every alert. With limits it sees those about its people; alerts
about nobody we know (cameras, programs, unknown people) are then for administrators only.
"""

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from core.domain.schedule import attendance_day, day_bounds
from core.domain.states import Role
from core.errors import SettingsError
from core.storage import alert_list
from core.storage.alert_list import AlertRow, Sight
from core.storage.rulebook import read_rulebook
from dashboard import data
from dashboard.acting import Acting
from dashboard.auth import Account
from dashboard.database import reader


def sight_of(who: Acting) -> Sight:
    return Sight(who.departments, whole_site=not who.departments or who.may(Role.ADMIN))


def attention_count(account: Account) -> int:
    """For the badge and the tab's title."""
    return data.ask(alert_list.attention_count, sight_of(account), this_moment())


def this_moment() -> datetime:
    """Now, to two seconds, so that viewers who ask at the same time share an answer."""
    now = datetime.now(UTC)
    return now.replace(microsecond=0, second=now.second // 2 * 2)


def expected_until(row: AlertRow) -> datetime:
    """When the shift ends in which somebody is missed; the end of the day without one."""
    zone = data.zone()
    day = row.attendance_date or attendance_day(row.opened_at, zone)
    end_at = _shift_end(row, day)
    return end_at if end_at is not None and end_at > row.opened_at else day_bounds(day, zone)[1]


def _shift_end(row: AlertRow, day: date) -> datetime | None:
    """None also while the settings cannot be read, which the bars above the page say."""
    try:
        parameters = data.settings_store().load_parameters().value
    except SettingsError:
        return None
    with Session(reader()) as session:
        roster = read_rulebook(session, day, day, parameters).calendar.roster
    if row.employee_id is None:
        return None
    if row.attendance_date is None:
        day = roster.day_of(row.employee_id, row.department, row.opened_at)
    shift = roster.shift_on(row.employee_id, row.department, day)
    return shift.end_at if shift is not None else None
