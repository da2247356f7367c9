"""What a picture shows at all; `core.domain.view` decides whether that is enough."""

import numpy as np

from core.domain.faces import Frame, Mask
from core.domain.view import View

GRID = (36, 64)
"""Points looked at, down and across: enough for a share, and nothing beside a detection."""


def measure_view(frame: Frame, hidden: Mask | None = None) -> View | None:
    """From the green values, which weigh most in luminance, of a uint8 (height, width, 3) BGR frame.

    What a privacy mask hides says nothing of the lens; None where nothing else is looked at.
    """
    height, width = frame.shape[:2]
    step_y, step_x = max(1, height // GRID[0]), max(1, width // GRID[1])
    points = frame[::step_y, ::step_x, 1]
    if hidden is not None:
        points = points[~hidden[::step_y, ::step_x]]
    if points.size == 0:
        return None
    dark, light = np.percentile(points, (5, 95))
    return View(float(dark), float(light))
