"""One month from its seed to the verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.month.compare import Disagreement, disagreements
from benchmarks.month.generator import generate
from benchmarks.month.judging import by_person_and_day, judge, store, stored
from benchmarks.month.scenario import Month
from benchmarks.month.site import Variant
from benchmarks.month.truth import TrueDay, TrueSums, Truth
from benchmarks.month.writer import write


@dataclass(frozen=True)
class Outcome:
    """repeats: whether judging the same facts again gave the same, stored days included."""

    variant: str
    seed: int
    truth: Mapping[tuple[str, date], TrueDay]
    disagreements: list[Disagreement]
    repeats: bool

    @property
    def agrees(self) -> bool:
        return self.repeats and not self.disagreements

    @property
    def figures(self) -> int:
        """How many were compared: of each day and of everybody's sums, as judged and as stored."""
        people = {person for person, _ in self.truth}
        return 2 * (len(self.truth) * len(TrueDay.__slots__) + len(people) * len(TrueSums.__slots__))


def try_out(variant: Variant, seed: int, home: Path) -> Outcome:
    """Makes the month up, writes it to a database in `home`, judges it twice, and compares."""
    return compare(variant.name, seed, generate(variant, seed), home)


def compare(name: str, seed: int, month: Month, home: Path) -> Outcome:
    truth = Truth(month).days()
    engine = write(month, home)
    try:
        days = judge(month, engine)
        store(month, engine, days)
        again = judge(month, engine)
        repeats = again == days and store(month, engine, again) == 0
        found = disagreements(by_person_and_day(days), truth)
        found += disagreements(by_person_and_day(stored(month, engine)), truth)
    finally:
        engine.dispose()
    return Outcome(name, seed, truth, found, repeats)
