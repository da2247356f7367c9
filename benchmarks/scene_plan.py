"""Who comes when in a benchmark scene, and with which photos; all of it follows from the seed."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from worker.sources.scene import WALK_FACE_WIDTHS_PER_S, ScriptedVisit, Side, check_script

PHOTO_SUFFIXES = {".jpg", ".jpeg", ".png"}
ENROL_PHOTOS = 3
LANES = 3
MIN_ABSENCE_S = 4.0
"""Between two visits of one person: twice the present_timeout_sec of the benchmark."""


@dataclass(frozen=True)
class SceneOptions:
    """What a scene is like. width_px, height_px: of the picture; face_px: narrowest and widest drawn face."""

    seconds: float = 60.0
    width_px: int = 1280
    height_px: int = 720
    fps: int = 25
    strangers: int = 1
    visits: int = 2
    face_px: tuple[int, int] = (90, 160)
    face_share: float = 0.8
    """The face's part of a photo's width: 0.8 for tight crops, 0.5 for head and shoulders."""
    walk_share: float = 0.5
    """The part of the visits at the sides of the picture that walk in and out instead of using a door."""


@dataclass(frozen=True)
class Cast:
    """Who is enrolled from which photos, who never is, and whom the scene shows in which photos."""

    enrol: Mapping[str, tuple[Path, ...]]
    strangers: tuple[str, ...]
    shown: Mapping[str, tuple[Path, ...]]


def people_photos(folder: Path) -> dict[str, tuple[Path, ...]]:
    """Person → photos, of a folder that holds one folder a person. Raises ValueError where that is not so."""
    people = {
        person.name: tuple(sorted(p for p in person.iterdir() if p.suffix.lower() in PHOTO_SUFFIXES))
        for person in sorted(folder.iterdir())
        if person.is_dir()
    }
    if not people:
        raise ValueError(f"{folder} holds no folders of photos; give a folder with one folder a person")
    return people


def cast(people: Mapping[str, Sequence[Path]], seed: int, strangers: int) -> Cast:
    """Strangers rotate with the seed. Nobody is shown in a photo that he is enrolled from.

    Raises ValueError when there are too few people or an employee has no photo left to be shown.
    """
    names = sorted(people)
    if strangers >= len(names):
        raise ValueError(f"{strangers} strangers of {len(names)} people leave nobody to enrol")
    unknown = tuple(names[(seed + k) % len(names)] for k in range(strangers))
    employees = [name for name in names if name not in unknown]
    for name in employees:
        if len(people[name]) <= ENROL_PHOTOS:
            raise ValueError(f"{name} has {len(people[name])} photos; more than {ENROL_PHOTOS} are needed")
    return Cast(
        enrol={name: tuple(people[name][:ENROL_PHOTOS]) for name in employees},
        strangers=unknown,
        shown={
            name: tuple(people[name][ENROL_PHOTOS:] if name in employees else people[name]) for name in names
        },
    )


def plan(actors: Cast, options: SceneOptions, seed: int) -> list[ScriptedVisit]:
    """A script in which up to three people at a time are in the scene; portraits are photo paths."""
    rng = random.Random(seed)
    waiting = [name for name in actors.shown for _ in range(options.visits)]
    rng.shuffle(waiting)
    free_from = [0.7 * lane for lane in range(LANES)]
    script: list[ScriptedVisit] = []
    while waiting:
        lane = min(range(LANES), key=lambda k: free_from[k])
        if free_from[lane] > options.seconds:
            break
        person = _first_rested(waiting, script, free_from[lane])
        if person is None:
            free_from[lane] += 1.0
            continue
        waiting.remove(person)
        visit = _visit(person, rng.choice(actors.shown[person]), lane, free_from[lane], options, rng)
        free_from[lane] = visit.end_s + rng.uniform(0.5, 2.5) + _way_s(visit)
        if visit.end_s <= options.seconds - 1:
            script.append(visit)
    check_script(script, options.width_px)
    return sorted(script, key=lambda visit: visit.start_s)


def _first_rested(waiting: Sequence[str], script: Sequence[ScriptedVisit], now_s: float) -> str | None:
    for person in waiting:
        if all(visit.end_s + MIN_ABSENCE_S < now_s for visit in script if visit.person == person):
            return person
    return None


def _visit(
    person: str, photo: Path, lane: int, free_s: float, options: SceneOptions, rng: random.Random
) -> ScriptedVisit:
    side = (Side.LEFT, Side.DOOR, Side.RIGHT)[lane]
    ways = [side if rng.random() < options.walk_share else Side.DOOR for _ in range(2)]
    start_s = free_s + rng.uniform(0.5, 2.0)
    drift = rng.uniform(-0.03, 0.03)
    return ScriptedVisit(
        person=person,
        portrait=str(photo),
        start_s=round(start_s, 2),
        end_s=round(start_s + rng.uniform(4.0, 8.0), 2),
        x=(lane + 0.5) / LANES + drift,
        y=0.5 + drift,
        face_px=float(rng.randint(*options.face_px)),
        comes_from=ways[0],
        leaves_to=ways[1],
        phase=rng.uniform(0.0, 6.28),
    )


def _way_s(visit: ScriptedVisit) -> float:
    """How long somebody is still partly drawn after his visit: the next one must not walk through him."""
    return 0.0 if visit.leaves_to is Side.DOOR else 1.2 / WALK_FACE_WIDTHS_PER_S
