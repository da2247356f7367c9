"""What the cameras did in the month: they observed, but for the times in which something was wrong."""

import random
from datetime import timedelta

from benchmarks.month.scenario import DISABLED, OBSERVING, Camera, Watch
from benchmarks.month.site import GATE, HALL_A, HALL_B, STORE_A, STORE_B, Variant

Span = tuple[int, int]
ONE_DAY = timedelta(days=1)
EVERY = (GATE, HALL_A, HALL_B, STORE_A, STORE_B)
CAUSES = ("unreachable", "no_frames", "covered", "too_dark", "not_analysed", "connecting")


def watches(
    variant: Variant, cameras: tuple[Camera, ...], now_s: int, rng: random.Random
) -> tuple[Watch, ...]:
    """Whole days of every camera, the earlier of two troubles hiding the later."""
    troubles = [*_planned(variant), *_sundry(variant, rng)]
    found = []
    for camera in cameras:
        end_s = min(camera.removed_s or now_s, now_s)
        own = [(start, end, state) for numbers, state, start, end in troubles if camera.number in numbers]
        found += _strung(camera.number, variant.at(variant.opened, "00:00"), end_s, sorted(own))
    return tuple(found)


def _strung(camera: int, at_s: int, end_s: int, troubles: list[tuple[int, int, str]]) -> list[Watch]:
    """One interval after the other, without a gap."""
    found = []
    for begins, ends, state in troubles:
        start, end = max(begins, at_s), min(ends, end_s)
        if start < end:
            found += [Watch(camera, OBSERVING, at_s, start), Watch(camera, state, start, end)]
            at_s = end
    found.append(Watch(camera, OBSERVING, at_s, end_s))
    return [one for one in found if one.start_s < one.end_s]


def _planned(variant: Variant) -> list[tuple[tuple[int, ...], str, int, int]]:
    """The troubles of every seed."""

    def at(day: int, clock: str) -> int:
        return variant.at(variant.first + day * ONE_DAY, clock)

    return [
        (EVERY, "worker_stopped", at(2, "10:00"), at(2, "10:30")),
        (EVERY, "worker_stopped", at(9, "23:40"), at(10, "00:25")),
        (EVERY, "worker_stopped", at(17, "00:00"), at(18, "00:00")),
        (EVERY, "paused", at(11, "15:00"), at(11, "15:45")),
        (EVERY, "storage_full", at(24, "13:10"), at(24, "13:35")),
        ((HALL_B,), "unreachable", at(4, "07:00"), at(4, "10:15")),
        ((HALL_A,), "covered", at(5, "13:20"), at(5, "14:05")),
        ((STORE_A,), "too_dark", at(7, "20:00"), at(7, "22:30")),
        ((STORE_B,), DISABLED, at(13, "09:00"), at(16, "09:00")),
        ((GATE,), "no_frames", at(19, "07:50"), at(19, "08:20")),
        ((HALL_A,), "no_frames", at(22, "06:00"), at(22, "06:08")),
        ((GATE,), "misconfigured", at(27, "21:00"), at(28, "07:00")),
    ]


def _sundry(variant: Variant, rng: random.Random) -> list[tuple[tuple[int, ...], str, int, int]]:
    """A dozen of one camera each, from seconds to half a day."""
    first_s, last_s = variant.at(variant.first, "00:00"), variant.at(variant.last, "24:00")
    found = []
    for _ in range(12):
        start = rng.randrange(first_s, last_s)
        lasting = rng.choice((rng.randrange(5, 900), rng.randrange(900, 7200), rng.randrange(7200, 43200)))
        found.append(((rng.choice(EVERY),), rng.choice(CAUSES), start, start + lasting))
    return found


def dark(watches: tuple[Watch, ...], camera: int) -> list[Span]:
    """When one camera was not observing, in order."""
    return sorted(
        (one.start_s, one.end_s) for one in watches if one.camera == camera and one.state != OBSERVING
    )
