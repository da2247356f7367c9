"""Rows of the audit trail in words. What has none here stays as written; the page's file has all of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.domain.schedule import WEEKDAYS
from core.settings.files import SettingsFile
from core.storage.audit_list import AuditRow
from core.storage.judged_days import DURATIONS
from dashboard.widgets.markup import joined
from dashboard.widgets.settings_words import describe, place_name, settings_file, title, value_words
from dashboard.widgets.words import Words

HIDDEN = ("fingerprint", "last_hash", "files")
"""What only a program compares."""
EMPLOYEE_KEYS = ("employee_id", "employee", "from", "to")
"""Which hold an employee's number, where it is a number."""
EMPLOYEES = "employees"
NO_AMOUNTS = ("camera", "cameras", "order", "request", "faces", "through_id", "broken_at", "shift_id")
"""Numbers that name something."""
CODES: Mapping[str, tuple[str, ...]] = {
    "role": ("shell.role",),
    "basis": ("employees.basis",),
    "channel": ("deliveries.channel",),
    "source": ("coach.source",),
    "scopes": ("users.scope",),
    "step": ("setup.step",),
    "status": ("reports.status",),
    "what": ("audit.what",),
    "table": ("audit.table",),
    "kind": ("audit.kind", "alerts.kind_name", "reports.leave", "report_page.kind"),
}
"""Where the words of codes stand, by the key that holds them."""


@dataclass(frozen=True)
class Change:
    before: Any
    after: Any


@dataclass(frozen=True)
class Trail:
    """What the rows of one look have in common. people: names by employee id."""

    words: Words
    now: datetime
    people: Mapping[int, str]

    def action(self, row: AuditRow) -> str:
        return action_name(row.action, self.words)

    def subject(self, row: AuditRow) -> str:
        """What it is about: a person's name, a page's, else its kind and number."""
        kind, _, which = row.subject.partition(":")
        if kind == EMPLOYEES and which.isdecimal():
            return self._person(int(which))
        if kind == "settings":
            return place_name(which, self.words)
        if self.words.has(f"audit.subject.{kind}"):
            return joined(self.words(f"audit.subject.{kind}"), self._titled(which))
        return row.subject

    def details(self, row: AuditRow) -> str:
        file = settings_file(row.subject.partition(":")[2])
        return " · ".join(self._told(_settled(row.params), file))

    def _told(self, params: Mapping[str, Any], file: SettingsFile | None) -> Iterator[str]:
        for key, value in params.items():
            if isinstance(value, dict):
                yield from self._told(_settled(value), file)
            elif isinstance(value, Change):
                before, after = (self._value(key, one, file) for one in (value.before, value.after))
                yield self.words("audit.change", label=self._label(key, file), before=before, after=after)
            elif key not in HIDDEN:
                label, said = self._label(key, file), self._value(key, value, file)
                yield self.words("audit.detail", label=label, value=said)

    def _label(self, key: str, file: SettingsFile | None) -> str:
        if file is not None and key in describe(file):
            return title(describe(file)[key], self.words)
        known = (f"audit.param.{key}", f"days.figure.{DURATIONS.get(key)}", f"settings.{key}.title")
        return next((self.words(name) for name in known if self.words.has(name)), key)

    def _value(self, key: str, value: Any, file: SettingsFile | None) -> str:
        if file is not None and key in describe(file):
            return value_words(describe(file)[key], value, self.words)
        if isinstance(value, list):
            return ", ".join(self._one(key, part, file) for part in value) or self.words("audit.none_told")
        return self._one(key, value, file)

    def _one(self, key: str, value: Any, file: SettingsFile | None) -> str:
        words = self.words
        if value is None or value == "":
            return words("audit.none_told")
        if isinstance(value, bool):
            return words("units.yes" if value else "units.no")
        if isinstance(value, int | float):
            return self._number(key, value)
        if key == "keys":
            return self._label(str(value), file)
        areas = (f"{area}.{value}" for area in CODES.get(key, ()))
        return next((words(name) for name in areas if words.has(name)), self._day_or_text(str(value)))

    def _number(self, key: str, value: float) -> str:
        if key in EMPLOYEE_KEYS:
            return self._person(int(value))
        if key == "weekdays":
            return self.words(f"calendar.weekday.{WEEKDAYS[int(value)]}")
        if key in DURATIONS:
            return self.words.duration(value)
        whole = value == int(value)
        return str(value) if key in NO_AMOUNTS else self.words.number(value, 0 if whole else 2)

    def _person(self, employee_id: int) -> str:
        kind = self.words(f"audit.subject.{EMPLOYEES}")
        return self.people.get(employee_id) or joined(kind, str(employee_id))

    def _titled(self, which: str) -> str | None:
        """A page by its title."""
        return self.words(f"{which}.title") if self.words.has(f"{which}.title") else which or None

    def _day_or_text(self, value: str) -> str:
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return value
        if at.tzinfo is not None:
            return self.words.moment(at, self.now)
        return self.words.date(date.fromisoformat(value)) if len(value) == len("2026-01-01") else value


def action_name(action: str, words: Words) -> str:
    """In words where the catalogue knows it, else its code."""
    key = f"audit.action.{action}"
    return words(key) if words.has(key) else action


def people_in(rows: Iterable[AuditRow]) -> tuple[int, ...]:
    """The employees whom rows name by their numbers."""
    found = {value for row in rows for key in EMPLOYEE_KEYS if isinstance(value := row.params.get(key), int)}
    parts = (row.subject.partition(":") for row in rows)
    return tuple(
        sorted(found | {int(which) for kind, _, which in parts if kind == EMPLOYEES and which.isdecimal()})
    )


def _settled(params: Mapping[str, Any]) -> dict[str, Any]:
    """With what was before and after side by side, and nothing that stayed as it was."""
    rest = {key: value for key, value in params.items() if key not in ("before", "after")}
    if rest.keys() != params.keys():
        rest |= _pairs(params.get("before"), params.get("after"))
    for holder in ("changed", "keys"):
        if isinstance(rest.get(holder), dict):
            rest[holder] = {
                key: Change(*pair) if isinstance(pair, list) and len(pair) == 2 else pair
                for key, pair in rest[holder].items()
            }
    return rest


def _pairs(before: Any, after: Any) -> dict[str, Any]:
    if not isinstance(before, dict) and not isinstance(after, dict):
        return {"name": Change(before, after)}
    before, after = before or {}, after or {}
    keys = dict.fromkeys([*before, *after])
    return {key: Change(before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)}
