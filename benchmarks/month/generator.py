"""Makes up a month from a seed: what was planned, and what a hundred people did."""

import random
from dataclasses import replace
from datetime import date, timedelta

from benchmarks.month import outages, site
from benchmarks.month.people import Crowd
from benchmarks.month.scenario import Answer, Away, Excused, FreeDay, Month, Person, Tie
from benchmarks.month.site import FACTORY, GATE, HALL_A, ONE_DAY, PLANS, STORE, STORE_B, Variant
from benchmarks.month.truth import Truth

LEAVE_KINDS = ("leave", "sick", "excused")
STATUSES = ("present", "late", "half_day", "absent", "leave", "holiday")
STATES = ("in_force",) * 8 + ("pending", "rejected")


def generate(variant: Variant, seed: int) -> Month:
    """The same month for the same seed."""
    rng = random.Random(f"{variant.name}/{seed}")
    now_s = variant.at(variant.last + 2 * ONE_DAY, "00:00")
    cameras, people = site.cameras(variant), site.people(variant, rng)
    month = Month(
        site=site.rules(variant),
        first=variant.first,
        last=variant.last,
        now_s=now_s,
        cameras=cameras,
        watches=outages.watches(variant, cameras, now_s, rng),
        people=people,
        stays=(),
        plans=PLANS,
        given=site.given(variant, people, rng),
        free_days=_free_days(variant, rng),
        away=_away(variant, people, rng),
        ties=_ties(people, rng),
    )
    month = replace(month, excused=_excused(month, rng))
    month = replace(month, stays=Crowd(month, rng).stays(variant.opened, variant.last + ONE_DAY))
    return replace(month, answers=_answers(month, rng))


def _free_days(variant: Variant, rng: random.Random) -> tuple[FreeDay, ...]:
    """Two of everybody and one of the factory, on working days."""
    working = [day for day in _days(variant) if day.weekday() < 5]
    first, second, third = sorted(rng.sample(working, 3))
    return (FreeDay(first), FreeDay(second, FACTORY), FreeDay(third))


def _away(variant: Variant, people: tuple[Person, ...], rng: random.Random) -> tuple[Away, ...]:
    found = []
    for number, person in enumerate(rng.sample(people, 14)):
        first = rng.choice(_days(variant)) - 2 * ONE_DAY
        lasting = rng.randrange(0, 5) * ONE_DAY
        found.append(Away(person.code, LEAVE_KINDS[number % 3], first, first + lasting))
    return tuple(found)


def _ties(people: tuple[Person, ...], rng: random.Random) -> tuple[Tie, ...]:
    tied = rng.sample(people, 7)
    return (
        Tie(tied[0].code, camera=HALL_A),
        Tie(tied[1].code, camera=GATE),
        Tie(tied[2].code, location="Gudang"),
        Tie(tied[3].code, location="Pabrik"),
        Tie(tied[4].code, camera=GATE),
        Tie(tied[4].code, location="Gudang"),
        Tie(tied[5].code, location=STORE),
        Tie(tied[6].code, camera=STORE_B),
    )


def _excused(month: Month, rng: random.Random) -> tuple[Excused, ...]:
    """Mornings, ends, hours in between and whole shifts, some of them told twice."""
    truth, found = Truth(month), []
    while len(found) < 20:
        person, day = rng.choice(month.people), _some_day(month, rng)
        due = truth.due(person, day)
        if due is None:
            continue
        hour = rng.randrange(1, 4) * 3600
        middle = rng.randrange(due.start_s, due.end_s - hour)
        spans = (
            (due.start_s - 600, due.start_s + hour),
            (due.end_s - hour, due.end_s + 900),
            (middle, middle + hour),
            (due.start_s, due.end_s),
        )
        span = spans[len(found) % 4]
        found.append(Excused(person.code, *span))
        if len(found) % 7 == 0:
            found.append(Excused(person.code, span[0] + 300, span[1] + 300))
    return tuple(found)


def _answers(month: Month, rng: random.Random) -> tuple[Answer, ...]:
    """Corrections of fifty days: one in force a day at most, and earlier ones superseded by it."""
    truth, found = Truth(month), {}
    while len(found) < 50:
        person, day = rng.choice(month.people), _some_day(month, rng)
        if not truth.has(person, day):
            continue
        key, due, was = (person.code, day), truth.due(person, day), truth.day(person, day)
        start, end = truth.cut(person, key[1]), truth.cut(person, key[1] + ONE_DAY)
        around = (due.start_s, due.end_s) if due else (start + 8 * 3600, start + 16 * 3600)
        first = max(start, around[0] + rng.randrange(-1800, 7200))
        last = min(end - 1, around[1] + rng.randrange(-7200, 7200))
        status = rng.choice(STATUSES)
        answer = rng.choice(
            (
                Answer(*key, first_in_s=min(first, was.last_out_s or first)),
                Answer(*key, last_out_s=max(last, was.first_in_s or last)),
                Answer(*key, first_in_s=first, last_out_s=last),
                Answer(*key, status=status),
                Answer(*key, first_in_s=first, last_out_s=last, status=status),
            )
        )
        found[key] = replace(answer, state=rng.choice(STATES))
    earlier = [
        Answer(*key, first_in_s=truth.month.now_s - 86400 * 40, state="superseded")
        for key in list(found)[::4]
    ]
    return (*earlier, *found.values())


def _some_day(month: Month, rng: random.Random) -> date:
    return month.first + rng.randrange((month.last - month.first).days + 1) * ONE_DAY


def _days(variant: Variant) -> list[date]:
    return [variant.first + timedelta(n) for n in range((variant.last - variant.first).days + 1)]
