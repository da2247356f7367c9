"""Reads docs/hand-computed-days.md: what happened on each day, and what by hand comes of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks.month.clock import shows_at
from benchmarks.month.scenario import (
    OBSERVING,
    Answer,
    Away,
    Camera,
    Excused,
    FreeDay,
    Given,
    Month,
    Person,
    Plan,
    Site,
    Stay,
    Tie,
    Watch,
)
from benchmarks.month.truth import TrueDay

PAGE = Path(__file__).resolve().parents[2] / "docs" / "hand-computed-days.md"
WHO = "E1"
ONE_DAY = timedelta(days=1)
BESIDES = (
    r"(?P<holiday>holiday)",
    r"leave (?P<leave>\w+)",
    r"excused (?P<excused>\S+)",
    r"(?P<which>first in|last out) (?P<clock>\S+)(?: (?P<state>superseded))?",
    r"status (?P<status>\w+)",
    r"tied to camera (?P<tie>\d)",
    r"enrolled (?P<enrolled>\S+)",
    r"deactivated (?P<deactivated>\S+)",
    r"overtime from (?P<overtime>\d+)",
    r"next day (?P<next>\w+)",
    r"camera (?P<removed>\d) removed (?P<when>\S+)",
    r"camera (?P<saw>\d) saw him (?P<back>\d+) days before",
)


@dataclass(frozen=True)
class HandDay:
    number: int
    words: str
    day: date
    month: Month
    expected: TrueDay


def hand_days() -> list[HandDay]:
    """Raises ValueError for a cell that nobody can read."""
    tables = list(_tables(PAGE.read_text()))
    shifts, happened, made = tables
    plans = tuple(_plan(row) for row in shifts)
    figures = {row["No"]: row for row in made}
    return [_Told(row, plans).hand_day(figures.pop(row["No"])) for row in happened]


def _tables(text: str) -> Iterator[list[dict[str, str]]]:
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        lines = (line.strip("|").split("|") for line in block.splitlines())
        names, _, *rows = ([cell.strip() for cell in cells] for cells in lines)
        yield [dict(zip(names, row, strict=True)) for row in rows]


def _plan(row: dict[str, str]) -> Plan:
    breaks = tuple((one.split("-")[0], one.split("-")[1]) for one in _several(row["Breaks"]))
    graces = int(row["Grace late"]), int(row["Grace early"])
    return Plan(row["Shift"], row["From"], row["To"], breaks, *graces)


class _Told:
    """One line of what happened."""

    def __init__(self, row: dict[str, str], plans: tuple[Plan, ...]) -> None:
        self.row, self.plans = row, plans
        day, _, zone = row["Day"].partition(", ")
        self.day, self.zone = date.fromisoformat(day), zone or "Asia/Jakarta"
        self.besides = [self._beside(words) for words in _several(row["Besides"])]

    def hand_day(self, figures: dict[str, str]) -> HandDay:
        return HandDay(
            int(self.row["No"]), self.row["In words"], self.day, self.month(), self._expected(figures)
        )

    def month(self) -> Month:
        overtime = next(iter(self._said("overtime")), "0")
        return Month(
            site=Site(self.zone, {}, overtime_from_min=int(overtime)),
            first=self.day,
            last=self.day,
            now_s=self._at("12:00", 3),
            cameras=tuple(Camera(number, "Hall", self._removed(number)) for number in (1, 2)),
            watches=tuple(self._watches(1)) + tuple(self._watches(2)),
            people=(self._person(),),
            stays=tuple(self._stays()),
            plans=self.plans,
            given=tuple(self._given()),
            free_days=tuple(FreeDay(self.day) for _ in self._said("holiday")),
            away=tuple(Away(WHO, kind, self.day, self.day) for kind in self._said("leave")),
            excused=tuple(Excused(WHO, a, b) for text in self._said("excused") for a, b in self._spans(text)),
            answers=tuple(self._answers()),
            ties=tuple(Tie(WHO, camera=int(number)) for number in self._said("tie")),
        )

    def _beside(self, words: str) -> dict[str, str]:
        for pattern in BESIDES:
            if found := re.fullmatch(pattern, words):
                return {name: value for name, value in found.groupdict().items() if value is not None}
        raise ValueError(f"day {self.row['No']}: nobody understands {words!r}")

    def _said(self, name: str) -> list[str]:
        return [one[name] for one in self.besides if name in one]

    def _at(self, clock: str, days: int = 0) -> int:
        """A clock time of the day, or with a plus of the day after."""
        later = days + clock.endswith("+")
        return shows_at(self.zone, self.day + later * ONE_DAY, clock.rstrip("+"))

    def _spans(self, cell: str) -> list[tuple[int, int]]:
        pairs = (one.split("-") for one in _several(cell))
        return [(self._at(start), self._at(end)) for start, end in pairs]

    def _stays(self) -> Iterator[Stay]:
        """Seen by camera 1 throughout, or by those that are named."""
        for words in _several(self.row["Visits"]):
            span, _, cameras = words.partition(" by ")
            [(start, end)] = self._spans(span)
            yield Stay(WHO, start, end, tuple((int(one), start, end) for one in (cameras or "1").split()))
        for one in self.besides:
            if "saw" in one:
                start, end = (self._at(clock, -int(one["back"])) for clock in ("10:00", "11:00"))
                yield Stay(WHO, start, end, ((int(one["saw"]), start, end),))

    def _removed(self, camera: int) -> int | None:
        removed = (one for one in self.besides if one.get("removed") == str(camera))
        return next((self._at(one["when"]) for one in removed), None)

    def _person(self) -> Person:
        long_ago = self._at("00:00", -60)
        enrolled = [self._at(clock) for clock in self._said("enrolled")] or [long_ago]
        left = [self._at(clock) for clock in self._said("deactivated")] or [None]
        return Person(WHO, None, long_ago, left[0], ((enrolled[0], None),))

    def _given(self) -> Iterator[Given]:
        if self.row["Shift"] != "-":
            yield Given(self.row["Shift"], self.day, self.day, WHO)
        for name in self._said("next"):
            yield Given(name, self.day + ONE_DAY, self.day + ONE_DAY, WHO)

    def _answers(self) -> Iterator[Answer]:
        for one in self.besides:
            if "which" in one:
                name = {"first in": "first_in_s", "last out": "last_out_s"}[one["which"]]
                yield Answer(
                    WHO, self.day, **{name: self._at(one["clock"])}, state=one.get("state", "in_force")
                )
            elif "status" in one:
                yield Answer(WHO, self.day, status=one["status"])

    def _watches(self, camera: int) -> Iterator[Watch]:
        at, end = self._at("00:00", -2), self._at("12:00", 3)
        for words in _several(self.row["Not observing"]):
            whose, state, span = re.fullmatch(r"(?:camera (\d) )?(\w+) (\S+)", words).groups()
            if whose in {None, str(camera)}:
                [(first, last)] = self._spans(span)
                yield Watch(camera, OBSERVING, at, first)
                yield Watch(camera, state, first, last)
                at = last
        yield Watch(camera, OBSERVING, at, end)

    def _expected(self, row: dict[str, str]) -> TrueDay:
        told = {name: cell.partition(" = ")[0] for name, cell in row.items()}
        part, _, whole = told["Coverage"].partition("/")
        return TrueDay(
            status=told["Status"],
            first_in_s=None if told["First in"] == "-" else self._at(told["First in"]),
            last_out_s=None if told["Last out"] == "-" else self._at(told["Last out"]),
            working_s=int(told["Working"]) * 60,
            present_s=int(told["Present"]) * 60,
            seen_s=int(told["Seen"]) * 60,
            not_seen_s=int(told["Missing"]) * 60,
            not_observable_s=int(told["Not observable"]) * 60,
            late_s=int(told["Late"]) * 60,
            left_early_s=int(told["Left early"]) * 60,
            overtime_s=int(told["Overtime"]) * 60,
            coverage=None if told["Coverage"] == "-" else int(part) / int(whole),
        )


def _several(cell: str) -> list[str]:
    return [] if cell == "-" else [one.strip() for one in cell.split(";")]
