"""What a picture shows at all; `core.domain.view` decides whether that is enough."""

import numpy as np

from core.domain.faces import Frame
from core.domain.view import View

GRID = (36, 64)
"""Points looked at, down and across: enough for a share, and nothing beside a detection."""


def measure_view(frame: Frame) -> View:
    """From the green values, which weigh most in luminance, of a uint8 (height, width, 3) BGR frame."""
    height, width = frame.shape[:2]
    step_y, step_x = max(1, height // GRID[0]), max(1, width // GRID[1])
    dark, light = np.percentile(frame[::step_y, ::step_x, 1], (5, 95))
    return View(float(dark), float(light))
