"""Settings in words: what a key is called, what a value says, what is wrong with one."""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from core.domain.schedule import WEEKDAYS
from core.domain.week_text import written_spans
from core.i18n import text
from core.settings import InvalidSettings, Problem
from core.settings.description import AREAS, GROUPS, Description, describe_area, describe_parameters
from core.settings.files import SECRET_KEYS, SettingsFile
from dashboard.data import settings_store
from dashboard.widgets.words import Words

SIGNS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", ".": "point"}
"""What a key of the catalogue cannot hold, by its name there."""
NUMBERS = ("whole", "number")
MOST_NAMED = 6
CAMERA_FILE = re.compile("camera_configs/CAM([0-9]+)/")
OF_THE_FILE = (
    "missing_file",
    "unreadable_file",
    "unwritable_file",
    "empty_file",
    "duplicate_key",
    "broken_json",
    "not_json",
    "not_object",
    "wrong_camera_id",
    "misnamed_folder",
)
"""Codes of problems that no form can show beside a field."""
NO_AMOUNTS = ("id", "line", "column")
"""Numbers that name something."""

PAGE_GROUPS = (*GROUPS, *map(str, AREAS))


def every_setting() -> list[Description]:
    """In the order of `PAGE_GROUPS`."""
    return [*describe_parameters(), *(one for file in AREAS for one in describe_area(file))]


def describe(file: SettingsFile) -> dict[str, Description]:
    """Those of one file by key."""
    return {one.key: one for one in every_setting() if one.file is file}


def group_name(group: str, words: Words) -> str:
    return words.first(f"settings_page.group.{group}", f"settings.group.{group}")


def title(one: Description, words: Words) -> str:
    return words(f"settings.{one.name}.title")


def number(value: float, words: Words) -> str:
    decimals = next((n for n in range(6) if round(value, n) == value), 6)
    return words.number(value, decimals)


def choice(one: Description, value: str, words: Words) -> str:
    key = f"settings_page.choice.{one.key}_{SIGNS.get(value, value)}"
    return words(key) if words.has(key) else value


def value_words(one: Description, value: Any, words: Words) -> str:
    """One line, to be read beside the value before or after it."""
    if one.key in SECRET_KEYS:
        return words("settings_page.value.secret" if value else "settings_page.value.none")
    if value is None or value in ("", [], {}):
        return words(_nothing(one))
    if one.kind == "switch":
        return words("units.yes" if value else "units.no")
    if one.kind in NUMBERS:
        return with_unit(one, number(value, words) if isinstance(value, int | float) else str(value), words)
    if one.kind == "choice":
        return choice(one, str(value), words)
    return _composed(one, value, words)


def with_unit(one: Description, said: str, words: Words) -> str:
    return f"{said} {words(f'settings.unit.{one.unit}', count=said)}" if one.unit else said


def _nothing(one: Description) -> str:
    if one.key in ("similarity_threshold", "similarity_margin"):
        return "settings_page.value.of_pack"
    return "settings_page.value.all" if one.key == "departments" else "settings_page.value.none"


def _composed(one: Description, value: Any, words: Words) -> str:
    if one.key == "working_hours":
        return _week(value, words)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {part}" for key, part in value.items())
    if isinstance(value, list):
        parts = [_part(part) for part in value]
        more = words("settings_page.value.more", count=words.number(len(parts) - MOST_NAMED))
        return ", ".join([*parts[:MOST_NAMED], *([more] if len(parts) > MOST_NAMED else [])])
    return str(value)


def _week(week: dict[str, Any], words: Words) -> str:
    """Days in a row with the same hours are said together."""
    days = [(words(f"calendar.weekday.{day}"), written_spans(week[day])) for day in WEEKDAYS]
    said = []
    for hours, group in groupby(days, key=lambda day: day[1]):
        names = [name for name, _ in group]
        if hours:
            said.append(f"{names[0]} \u2013 {names[-1]} {hours}" if len(names) > 1 else f"{names[0]} {hours}")
    return "; ".join(said) or words("settings_page.value.free_week")


def _part(part: Any) -> str:
    """Of a list: a name, a recipient with his address, a column's header."""
    if not isinstance(part, dict):
        return str(part)
    whom = part.get("phone") or part.get("address")
    return f"{part['name']} ({whom})" if whom else str(part.get("header") or part.get("name", ""))


def facts(one: Description, words: Words) -> str:
    """Default, bounds and key."""
    parts = [words("settings_page.default", value=value_words(one, one.default, words))]
    if one.minimum is not None and one.maximum is not None:
        least, most = number(one.minimum, words), number(one.maximum, words)
        parts.append(words("settings_page.bounds", least=least, most=with_unit(one, most, words)))
    if one.per_camera:
        parts.append(words("settings_page.per_camera"))
    return " · ".join(parts)


def file_name(file: SettingsFile, words: Words) -> str:
    return words("settings_page.parameters") if file is SettingsFile.PARAMETERS else group_name(file, words)


def error_words(error: InvalidSettings, words: Words) -> str:
    """For a page: each problem, after the part of the settings that it is about."""
    by_file = groupby(error.problems, key=lambda problem: _where(problem, words))
    return " ".join(_joined(where, problems, words) for where, problems in by_file)


def problem_words(problem: Problem, words: Words, file: SettingsFile | None = None) -> str:
    """Keys by their titles, numbers by custom, and how to enter it here instead of how to write it in a file.

    file: None where the problem says its file itself.
    """
    key = str(problem.params.get("key", ""))
    plain = key.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]
    name, place = _title_of(plain, file or settings_file(problem.file), words), _place(key)
    own = f"settings_page.problem.{problem.code}"
    sentence = own if words.has(own) else f"settings.problem.{problem.code}"
    said = {param: _said(param, value, words) for param, value in problem.params.items()}
    named = f"{name} {place}".strip() if name else key
    return text(sentence, words.language, **{**said, "key": named})


def _where(problem: Problem, words: Words) -> str:
    """What is wrong with the file itself needs its path."""
    return problem.file if problem.code in OF_THE_FILE else place_name(problem.file, words)


def _joined(where: str, problems: Iterable[Problem], words: Words) -> str:
    said = " ".join(problem_words(problem, words) for problem in problems)
    return f"{where}: {said}" if where else said


def place_name(shown: str, words: Words) -> str:
    """Where a page shows the settings of a file: its group, or its camera; else the file's path."""
    file, camera = settings_file(shown), CAMERA_FILE.match(shown)
    if file is not None:
        return file_name(file, words)
    return words("settings_page.camera", number=camera[1]) if camera else shown


def settings_file(shown: str) -> SettingsFile | None:
    store = settings_store()
    return next((file for file in SettingsFile if store.shown(file) == shown), None)


def _title_of(key: str, file: SettingsFile | None, words: Words) -> str | None:
    """Of a setting, also of a camera's, which no file of the page Settings has; None for what is none."""
    if file is not None:
        one = describe(file).get(key)
        return title(one, words) if one else None
    name = f"settings.{key}.title"
    return words(name) if words.has(name) else None


def _said(name: str, value: object, words: Words) -> object:
    if name in NO_AMOUNTS or isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return number(value, words)


def _place(key: str) -> str:
    """Which entry of a list, counted from one, and which part of it: supervisors[0].phone is 1, phone."""
    _, bracket, rest = key.partition("[")
    if not bracket:
        return key.partition(".")[2]
    index, _, part = rest.partition("]")
    return f"{int(index) + 1}{part.replace('.', ', ')}"
