"""Whether a camera's picture shows anything: a covered lens or a dark room observes nobody."""

from dataclasses import dataclass

from core.domain.states import CoverageState

DARK_BELOW = 16.0
"""Of 255: what the lightest twentieth of a picture stays below when no face can be found in it."""

FLAT_BELOW = 16.0
"""Of 255: between the darkest and the lightest twentieth of a picture of a hand, tape or paint."""

KNOWN_AFTER_FRAMES = 150
"""So many pictures without a face must have shown something before one that does not counts as covered: a
camera may look at a bare wall. At 5 frames a second, half a minute.
"""


@dataclass(frozen=True, slots=True)
class View:
    """Of a picture's points, 0 to 255: what the darkest twentieth and the lightest do not pass."""

    dark: float
    light: float

    @property
    def is_flat(self) -> bool:
        return self.light - self.dark < FLAT_BELOW


@dataclass
class ViewWatch:
    """One camera's pictures without a face, one after the other. known_frames: how many showed something."""

    known_frames: int = 0

    def blindness(self, view: View | None) -> CoverageState | None:
        """Why nobody could be seen in this picture; None when one could. `view` None: masked altogether."""
        if view is None:
            return CoverageState.COVERED
        if view.light < DARK_BELOW:
            return CoverageState.TOO_DARK
        if not view.is_flat:
            self.known_frames += 1
            return None
        return CoverageState.COVERED if self.known_frames >= KNOWN_AFTER_FRAMES else None
