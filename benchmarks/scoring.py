"""Compares what a replay reported with what the scene showed. Pure: intervals in, counts and errors out.

All times are seconds from the start of the clip.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median

from benchmarks.scene_clip import TrueVisit

TOLERANCE_S = 1.0


@dataclass(frozen=True)
class Interval:
    start_s: float
    end_s: float

    def overlap_s(self, other: "Interval") -> float:
        """How long both last; negative: the gap between them."""
        return min(self.end_s, other.end_s) - max(self.start_s, other.start_s)

    def widened(self, by_s: float) -> "Interval":
        return Interval(self.start_s - by_s, self.end_s + by_s)


@dataclass(frozen=True)
class ReportedVisit:
    """A visit that the replay found. person: the employee's code."""

    person: str
    when: Interval


@dataclass
class SceneScore:
    """What became of a scene's visits. Errors: reported minus true time of every visit recognised, s.

    found: within the tolerance at both ends; mistimed: recognised, but off by more; missed: not recognised.
    split: a further visit for one that was recognised already; wrong_names: a visit of somebody not there.
    strangers_named: who bore somebody's name at any time; strangers_noticed: who left an unknown track.
    """

    visits: int = 0
    found: int = 0
    mistimed: int = 0
    missed: int = 0
    split: int = 0
    wrong_names: int = 0
    strangers: int = 0
    strangers_named: int = 0
    strangers_noticed: int = 0
    start_errors_s: list[float] = field(default_factory=list)
    end_errors_s: list[float] = field(default_factory=list)

    @property
    def perfect(self) -> bool:
        return self.found == self.visits and not (self.split or self.wrong_names or self.strangers_named)

    def __add__(self, other: "SceneScore") -> "SceneScore":
        mine, theirs = asdict(self), asdict(other)
        return SceneScore(**{name: mine[name] + theirs[name] for name in mine})


def score(
    truth: Sequence[TrueVisit], reported: Sequence[ReportedVisit], unknown: Sequence[Interval]
) -> SceneScore:
    """The score of one scene; `unknown` are the tracks that never had a name."""
    result = SceneScore()
    shown: dict[str, list[Interval]] = {}
    strangers: list[Interval] = []
    for visit in truth:
        when = Interval(visit.start_s, visit.end_s)
        (strangers if visit.person is None else shown.setdefault(visit.person, [])).append(when)
    for person in shown.keys() | {visit.person for visit in reported}:
        of_person = [visit.when for visit in reported if visit.person == person]
        result += _score_person(shown.get(person, []), of_person)
    for stranger in strangers:
        result.strangers += 1
        result.strangers_named += _is_named(stranger, reported, shown)
        result.strangers_noticed += any(stranger.overlap_s(track) > 0 for track in unknown)
    return result


def distribution(errors_s: Iterable[float]) -> dict[str, float] | None:
    """p50, p95 and the largest of the errors' absolute values, in seconds; None without errors."""
    sizes = sorted(abs(error) for error in errors_s)
    if not sizes:
        return None
    p95 = sizes[min(len(sizes) - 1, int(0.95 * len(sizes)))]
    return {"p50": round(median(sizes), 3), "p95": round(p95, 3), "max": round(sizes[-1], 3)}


def _score_person(shown: Sequence[Interval], reported: Sequence[Interval]) -> SceneScore:
    pairs = _best_pairs(shown, reported)
    result = SceneScore(visits=len(shown), missed=len(shown) - len(pairs))
    for true, seen in pairs:
        errors = (round(seen.start_s - true.start_s, 3), round(seen.end_s - true.end_s, 3))
        within = max(abs(error) for error in errors) <= TOLERANCE_S
        result.found += within
        result.mistimed += not within
        result.start_errors_s.append(errors[0])
        result.end_errors_s.append(errors[1])
    paired = [seen for _, seen in pairs]
    for seen in reported:
        if seen not in paired:
            there = any(true.widened(TOLERANCE_S).overlap_s(seen) > 0 for true in shown)
            result.split += there
            result.wrong_names += not there
    return result


def _best_pairs(shown: Sequence[Interval], reported: Sequence[Interval]) -> list[tuple[Interval, Interval]]:
    """True and reported visits of one person, one to one, the longest overlaps first; in order of time."""
    overlaps = sorted(
        ((true.overlap_s(seen), true, seen) for true in shown for seen in reported),
        key=lambda entry: (-entry[0], entry[1].start_s, entry[2].start_s),
    )
    pairs: list[tuple[Interval, Interval]] = []
    for overlap_s, true, seen in overlaps:
        if overlap_s > 0 and all(true != t and seen != s for t, s in pairs):
            pairs.append((true, seen))
    return sorted(pairs, key=lambda pair: pair[0].start_s)


def _is_named(
    stranger: Interval, reported: Sequence[ReportedVisit], shown: Mapping[str, Sequence[Interval]]
) -> bool:
    """Whether, while the stranger was there, somebody was reported who was not."""
    for visit in reported:
        false_s = [Interval(*_common(stranger, visit.when))] if stranger.overlap_s(visit.when) > 0 else []
        for true in shown.get(visit.person, ()):
            false_s = [rest for part in false_s for rest in _without(part, true.widened(TOLERANCE_S))]
        if false_s:
            return True
    return False


def _common(first: Interval, second: Interval) -> tuple[float, float]:
    return max(first.start_s, second.start_s), min(first.end_s, second.end_s)


def _without(part: Interval, hole: Interval) -> list[Interval]:
    """What is left of `part` outside `hole`."""
    before = Interval(part.start_s, min(part.end_s, hole.start_s))
    after = Interval(max(part.start_s, hole.end_s), part.end_s)
    return [rest for rest in (before, after) if rest.end_s > rest.start_s]
