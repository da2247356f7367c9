"""Which cameras a live wall shows in which order, as the page's address or the account says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

SIZES = (4, 9, 16)
ONE = 1
MAX_DIGITS = 6


@dataclass(frozen=True)
class Wall:
    """`size` None: never chosen. `cameras`: the chosen ones in order, empty: the site's enabled ones.

    `alone`: the camera that is shown by itself; the wall behind it stays as it was.
    """

    size: int | None = None
    cameras: tuple[int, ...] = ()
    alone: int | None = None

    def sized(self, size: int, first: int) -> "Wall":
        """Of so many tiles; `first` is the camera that is shown when it is one."""
        return replace(self, alone=first) if size == ONE else replace(self, size=size, alone=None)

    def moved(self, shown: Sequence[int], camera_id: int, by: int) -> "Wall":
        """One of the cameras shown a place further ahead (-1) or back (1); those not shown stay behind."""
        order = list(shown)
        place = order.index(camera_id)
        order.insert(max(0, place + by), order.pop(place))
        return self.ordered([*order, *(other for other in self.cameras if other not in order)])

    def ordered(self, cameras: Sequence[int]) -> "Wall":
        return replace(self, cameras=tuple(cameras))


@dataclass(frozen=True)
class Plan:
    """What is shown now. `tiles`: a camera a place, None where it is empty."""

    size: int
    tiles: tuple[int | None, ...]

    @property
    def shown(self) -> list[int]:
        return [camera_id for camera_id in self.tiles if camera_id is not None]


def planned(wall: Wall, known: Sequence[int], enabled: Sequence[int]) -> Plan:
    """`known`: all cameras, `enabled`: those that run, both in the site's order.

    Cameras that are gone are left out. A site with one camera shows that, until somebody chooses a wall.
    """
    order = chosen_of(wall, known) or list(enabled)
    alone = wall.alone if wall.alone in known else None
    if alone is None and wall.size is None and len(order) == 1:
        alone = order[0]
    if alone is not None:
        return Plan(ONE, (alone,))
    size = wall.size or SIZES[0]
    return Plan(size, (*order[:size], *[None] * (size - len(order))))


def chosen_of(wall: Wall, known: Sequence[int]) -> list[int]:
    return [camera_id for camera_id in wall.cameras if camera_id in known]


def from_address(query: Mapping[str, str]) -> Wall | None:
    """None when the address names no wall; what is no number in it is left out."""
    if not {"tiles", "cameras", "camera"} & query.keys():
        return None
    return _wall(
        _number(query.get("tiles", "")), query.get("cameras", "").split("."), query.get("camera", "")
    )


def to_address(wall: Wall) -> dict[str, str]:
    parts = {
        "tiles": str(wall.size or ""),
        "cameras": ".".join(map(str, wall.cameras)),
        "camera": str(wall.alone or ""),
    }
    return {name: value for name, value in parts.items() if value}


def from_stored(stored: Mapping[str, Any]) -> Wall:
    cameras = stored.get("cameras")
    chosen = cameras if isinstance(cameras, list) else []
    return _wall(stored.get("tiles"), [str(number) for number in chosen], str(stored.get("camera") or ""))


def to_stored(wall: Wall) -> dict[str, Any]:
    return {"tiles": wall.size, "cameras": list(wall.cameras), "camera": wall.alone}


def _wall(size: int | None, cameras: Sequence[str], alone: str) -> Wall:
    numbers = [number for text in cameras if (number := _number(text)) is not None]
    return Wall(size if size in SIZES else None, tuple(dict.fromkeys(numbers)), _number(alone))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS else None
