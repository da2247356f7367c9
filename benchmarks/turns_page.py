"""The section of docs/accuracy.md about turned heads, from the figures that benchmarks.turns wrote."""

from collections.abc import Mapping
from typing import Any

TEXT = """
## Templates of turned heads

`benchmarks/turns.py` enrols {people} people, of {photos} photos, in several ways and shows all other photos
as a camera would. A turn is measured by where the nose lies between the eyes (`yaw_ratio`: 0 ahead, 1 at
about 45 degrees): moderate is {moderate}, strong {strong}. Single faces, before any vote over a track.

{table}

Five templates of which two are moderately turned recognise frontal faces as well as five frontal ones and
turned faces a little better; they name a few more strangers. With strongly turned ones more faces are
refused and more strangers are named: enrolment takes no photo beyond a `yaw_ratio` of {limit}. More
templates, whichever they are, bring a person nearer to strangers; the famous people of these sets look more
alike than a site's staff.

Left and right were told correctly in all 23 frames of a clip of a turning head, and none of 55 photos with a
turn of more than 0.15, looked at by eye, was called the wrong side. Up and down are less sure: the height of
the nose differs between people (standard deviation 0.022) nearly as much as between photos of one person
(0.027). So it is compared with the person's own frontal templates and judged generously, and without those
nothing is called up or down by itself.
"""


def render_turns(turns: Mapping[str, Any], limit: float) -> str:
    """Markdown of the contents of turns.json; `limit`: the yaw_ratio that enrolment still takes."""
    head = (
        "Enrolled of each person",
        "Front faces refused",
        "Moderately turned",
        "Strongly turned",
        "Strangers named",
    )
    lines = [_row(head), _row(("---",) * len(head))]
    for recipe in turns["recipes"]:
        enrolled = " + ".join(f"{count} {turn}" for turn, count in recipe["enrolled"].items())
        refused = (f"{share:.1%}" for share in recipe["refused"].values())
        lines.append(_row((enrolled, *refused, f"{recipe['strangers_named']:.1%}")))
    bounds = {
        name: " to ".join(f"{one:g}" for one in turns["turns"][name]) for name in ("moderate", "strong")
    }
    return TEXT.format(
        people=turns["people"], photos=turns["photos"], table="\n".join(lines), limit=f"{limit:g}", **bounds
    )


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
