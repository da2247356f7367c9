"""The site of the simulated month: cameras, shifts, people; a seed decides who of them is what."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from benchmarks.month.clock import shows_at
from benchmarks.month.scenario import Camera, Given, Person, Plan, Site

ONE_DAY = timedelta(days=1)
FACTORY, STORE, GUARDS, OFFICE = "Produksi", "Gudang", "Keamanan", "Kantor"

HOURS = {
    **dict.fromkeys(("mon", "tue", "wed", "thu"), (("08:00", "12:00"), ("13:00", "17:00"))),
    "fri": (("08:00", "11:30"), ("13:00", "17:30")),
}
PLANS = (
    Plan("Pagi", "06:00", "14:00", (("10:00", "10:30"),), 10, 5, "012345"),
    Plan("Siang", "14:00", "22:00", (("18:00", "18:30"),), 5, 5, "012345"),
    Plan("Malam", "22:00", "06:00", (("23:50", "00:05"), ("02:00", "02:45")), 10, 0, "013456"),
)
GATE, HALL_A, HALL_B, STORE_A, STORE_B = 1, 2, 3, 4, 5
LOCATIONS = {GATE: "Gerbang", HALL_A: "Pabrik", HALL_B: "Pabrik", STORE_A: "Gudang", STORE_B: "Gudang"}
HEADS = ((FACTORY, 38), (STORE, 24), (GUARDS, 15), (OFFICE, 18), (None, 5))
WORKPLACES = {
    FACTORY: (HALL_A, HALL_B),
    STORE: (STORE_A, STORE_B),
    GUARDS: (GATE, HALL_A),
    OFFICE: (GATE,),
    None: (GATE, STORE_A),
}


@dataclass(frozen=True)
class Variant:
    """A month somewhere. opened: the day on which the site began to record."""

    name: str
    zone: str
    first: date
    last: date

    @property
    def opened(self) -> date:
        return self.first - 6 * ONE_DAY

    def at(self, day: date, clock: str) -> int:
        return shows_at(self.zone, day, clock)


VARIANTS = {
    one.name: one
    for one in (
        Variant("jakarta", "Asia/Jakarta", date(2027, 3, 1), date(2027, 3, 31)),
        Variant("spring", "Europe/Berlin", date(2026, 3, 1), date(2026, 3, 31)),
        Variant("autumn", "Europe/Berlin", date(2026, 10, 1), date(2026, 10, 31)),
        Variant("leap", "Asia/Jakarta", date(2028, 2, 1), date(2028, 2, 29)),
    )
}


def rules(variant: Variant) -> Site:
    return Site(variant.zone, HOURS, 15, 10, 0.5, 0.5, 20)


def cameras(variant: Variant) -> tuple[Camera, ...]:
    """The last of them is taken down for good late in the month."""
    removed_s = variant.at(variant.first + 23 * ONE_DAY, "12:00")
    return tuple(
        Camera(number, location, removed_s if number == STORE_B else None)
        for number, location in LOCATIONS.items()
    )


def people(variant: Variant, rng: random.Random) -> tuple[Person, ...]:
    """A hundred. Most were there when the site opened; some come, go, or are not enrolled at once."""
    opened_s = variant.at(variant.opened, "00:00")
    departments = [department for department, count in HEADS for _ in range(count)]
    everybody = [
        Person(f"E{number:03}", department, opened_s, None, ((opened_s, None),))
        for number, department in enumerate(departments, 1)
    ]
    odd = iter(rng.sample(range(100), 14))
    for who, change in zip(odd, _changes(variant, rng), strict=True):
        everybody[who] = change(everybody[who])
    return tuple(everybody)


def _changes(variant: Variant, rng: random.Random) -> Iterator:
    """What makes somebody's employment or enrolment another than everybody's."""
    for _ in range(4):
        since = variant.at(_some_day(variant, rng, 5, 20), f"{rng.randrange(6, 15):02}:17")
        known = since + rng.randrange(0, 7200)
        yield lambda one, s=since, k=known: replace(one, since_s=s, faces=((k, None),))
    for _ in range(4):
        until = variant.at(_some_day(variant, rng, 8, 24), f"{rng.randrange(7, 20):02}:43")
        yield lambda one, u=until: replace(one, until_s=u)
    for _ in range(2):
        yield lambda one: replace(one, faces=())
    for _ in range(2):
        known = variant.at(_some_day(variant, rng, 2, 12), f"{rng.randrange(8, 16):02}:20")
        yield lambda one, k=known: replace(one, faces=((k, None),))
    for _ in range(2):
        gone = variant.at(_some_day(variant, rng, 3, 15), "09:40")
        back = gone + rng.randrange(3600, 3 * 86400)
        twice = ((variant.at(variant.opened, "00:00"), gone), (gone - 600, gone - 60), (back, None))
        yield lambda one, t=twice: replace(one, faces=t)


def given(variant: Variant, people: tuple[Person, ...], rng: random.Random) -> tuple[Given, ...]:
    """Who works which shift: by department, the store changing in mid-month; some people by themselves."""
    middle = variant.first + 15 * ONE_DAY
    of_departments = [
        Given("Pagi", variant.opened, department=FACTORY),
        Given("Siang", variant.opened, middle - ONE_DAY, department=STORE),
        Given("Pagi", middle, department=STORE),
        Given("Malam", variant.opened, department=GUARDS),
    ]
    factory = [one.code for one in people if one.department == FACTORY]
    guards = [one.code for one in people if one.department == GUARDS]
    on_late, on_night, changing = factory[:9], factory[9:16], rng.sample(factory[16:], 6)
    own = [Given("Siang", variant.opened, person=code) for code in on_late]
    own += [Given("Malam", variant.first, person=code) for code in on_night]
    for code in changing:
        change = middle + rng.randrange(-4, 5) * ONE_DAY
        plans = rng.sample([plan.name for plan in PLANS], 2)
        own += [Given(plans[0], variant.opened, person=code), Given(plans[1], change, person=code)]
    for code in rng.sample(guards, 3):
        week = variant.first + rng.randrange(6, 18) * ONE_DAY
        own.append(Given("Pagi", week, week + 6 * ONE_DAY, person=code))
    return (*of_departments, *own)


def _some_day(variant: Variant, rng: random.Random, low: int, high: int) -> date:
    return variant.first + rng.randrange(low, high) * ONE_DAY
