"""A drawn head that shows which way to turn; nobody's face."""

import base64
from functools import cache
from html import escape

from core.domain.states import Pose

SIDE_PX = 120
INK, HINT = "#0d9488", "#f59e0b"
"""Both are told from the page by day and by night."""

_TOWARDS = {Pose.FRONT: (0, 0), Pose.LEFT: (1, 0), Pose.RIGHT: (-1, 0), Pose.UP: (0, -1), Pose.DOWN: (0, 1)}
"""Across and down a picture that is no mirror's, where somebody's own left is on the right."""


def head_image(pose: Pose, label: str, *, mirrored: bool) -> str:
    """An HTML image of the turn as the picture beside it shows it; `label` is read to who sees none."""
    alt, source = escape(label, quote=True), _url(pose, mirrored)
    return f'<img class="gspe-head" width="{SIDE_PX}" height="{SIDE_PX}" alt="{alt}" src="{source}">'


@cache
def _url(pose: Pose, mirrored: bool) -> str:
    across, down = _TOWARDS[pose]
    drawing = _drawing(-across if mirrored else across, down)
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"


def _drawing(across: int, down: int) -> str:
    x, y = 60 + 11 * across, 58 + 9 * down
    nose_x, nose_y = x + 6 * across, y + 10 + 4 * down
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120" fill="none" stroke="{INK}" '
        'stroke-width="3.4" stroke-linecap="round" stroke-linejoin="round">'
        '<ellipse cx="60" cy="62" rx="30" ry="38"/>'
        f'<circle fill="{INK}" cx="{x - 11}" cy="{y - 4}" r="2.6"/>'
        f'<circle fill="{INK}" cx="{x + 11}" cy="{y - 4}" r="2.6"/>'
        f'<path d="M{x} {y} L{nose_x} {nose_y} L{x - 3} {nose_y + 2}"/>'
        f'<path d="M{x - 9} {y + 21} Q{x} {y + 26} {x + 9} {y + 21}"/>'
        f"{_arrow(across, down)}</svg>"
    )


def _arrow(across: int, down: int) -> str:
    """Beyond the head, pointing where to turn; nothing for straight ahead."""
    if not across and not down:
        return ""
    tip_x, tip_y = 60 + 55 * across, 62 + 54 * down
    back_x, back_y = tip_x - 13 * across, tip_y - 10 * down
    wide_x, wide_y = 8 * abs(down), 8 * abs(across)
    points = f"M{back_x - wide_x} {back_y - wide_y} L{tip_x} {tip_y} L{back_x + wide_x} {back_y + wide_y}"
    return f'<path stroke="{HINT}" stroke-width="5" d="{points}"/>'
