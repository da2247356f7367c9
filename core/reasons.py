"""The rules that decided a day, as sentences."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.domain.states import LeaveKind
from core.domain.workday import Reason
from core.i18n import format_datetime, format_duration, format_time, text, whole_percent


def reason_sentence(reason: Reason, day: date, zone: ZoneInfo, language: str) -> str:
    """Clock times are the site's, with their date where that is not the day itself."""

    def said(value: object) -> object:
        match value:
            case datetime():
                is_same = value.astimezone(zone).date() == day
                return (format_time if is_same else format_datetime)(value, language, zone)
            case timedelta():
                return format_duration(value, language)
            case LeaveKind():
                return text(f"reports.leave.{value}", language)
            case float():
                return f"{whole_percent(value)} %"
        return value

    params = {name: said(value) for name, value in reason.params.items()}
    return text(f"reports.reason.{reason.code}", language, **params)
