"""Shifts to begin with: a plain one, and those of Indonesian law with an hour of break."""

from collections.abc import Mapping
from datetime import time

from core.domain.schedule import Span
from core.domain.shifts import Shift

NOON = (Span(time(12), time(13)),)
MONDAY_TO_FRIDAY = frozenset(range(5))
MONDAY_TO_SATURDAY = frozenset(range(6))
SATURDAY = frozenset({5})

PRESETS: Mapping[str, Shift] = {
    "plain": Shift(0, "", time(8), time(17), weekdays=MONDAY_TO_FRIDAY),
    "eight_by_five": Shift(0, "", time(8), time(17), NOON, weekdays=MONDAY_TO_FRIDAY),
    "seven_by_six": Shift(0, "", time(8), time(16), NOON, weekdays=MONDAY_TO_SATURDAY),
    "five_on_saturday": Shift(0, "", time(8), time(13), weekdays=SATURDAY),
}
"""By code; the catalogue has `working_time.preset.<code>`.

Six days of seven hours are 42: with seven hours from Monday to Friday and five on Saturday a week keeps to
the 40 that the law allows (PP 35/2021, article 21).
"""
