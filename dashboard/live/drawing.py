"""Draws what `viewer.js` draws, for views without it: boxes, labels and how old the picture is."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import fontpkg_pt_sans
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core.live_frame import OverlayBox

NAMED, UNNAMED = (52, 211, 153), (251, 191, 36)
DARK, LIGHT, RED = (11, 18, 32), (255, 255, 255), (127, 29, 29)
LABEL_SHARE = 1 / 40
"""Height of a letter as a share of the picture's."""
MIN_LABEL_PX = 12
_BOLD = Path(fontpkg_pt_sans.__file__).parent / "files" / "PT_Sans-Web-Bold.ttf"

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Drawing:
    """`caption` says what it shows and how old it is; `trouble` greys the picture and says why it
    is not the present; None: it is live."""

    jpeg: bytes
    boxes: list[OverlayBox]
    caption: str
    trouble: str | None
    label: Callable[[OverlayBox], str]


def drawn(drawing: Drawing) -> Pixels:
    """uint8 (height, width, 3) RGB, both even as video wants them. Raises OSError for no picture."""
    with Image.open(io.BytesIO(drawing.jpeg)) as opened:
        picture = opened.convert("RGB")
    picture = picture.crop((0, 0, *even(*picture.size)))
    if drawing.trouble is not None:
        picture = picture.convert("L").point(lambda shade: shade * 0.55).convert("RGB")
    pen = ImageDraw.Draw(picture)
    for box in drawing.boxes:
        _box(pen, picture.size, box, drawing.label(box))
    _corner(pen, picture.size, drawing.caption)
    if drawing.trouble is not None:
        _band(pen, picture.size, drawing.trouble)
    return np.asarray(picture)


def even(width: int, height: int) -> tuple[int, int]:
    return width // 2 * 2, height // 2 * 2


def blank(size: tuple[int, int], words: str, caption: str) -> Pixels:
    """A picture (width, height in px) that only says of what there is none and why."""
    picture = Image.new("RGB", size, DARK)
    pen = ImageDraw.Draw(picture)
    _corner(pen, size, caption)
    _band(pen, size, words)
    return np.asarray(picture)


def _box(pen: ImageDraw.ImageDraw, size: tuple[int, int], box: OverlayBox, label: str) -> None:
    colour = NAMED if box["name"] else UNNAMED
    left, top, right, bottom = (part * size[i % 2] for i, part in enumerate(box["xyxy"]))
    pen.rectangle((left, top, max(left, right), max(top, bottom)), outline=colour, width=3)
    if not label:
        return
    font = _font(size[1])
    width, height = pen.textlength(label, font) + font.size * 0.9, font.size * 1.5
    x = max(0.0, min(left, size[0] - width))
    y = top - height - 2 if top - height - 2 >= 0 else min(bottom + 2, size[1] - height)
    pen.rectangle((x, y, x + width, y + height), fill=colour)
    pen.text((x + font.size * 0.45, y + height / 2), label, DARK, font, anchor="lm")


def _corner(pen: ImageDraw.ImageDraw, size: tuple[int, int], words: str) -> None:
    font = _font(size[1])
    pen.rectangle((0, 0, pen.textlength(words, font) + font.size, font.size * 1.7), fill=DARK)
    pen.text((font.size / 2, font.size * 0.85), words, LIGHT, font, anchor="lm")


def _band(pen: ImageDraw.ImageDraw, size: tuple[int, int], words: str) -> None:
    font = _font(size[1])
    pen.rectangle((0, size[1] - font.size * 2.2, *size), fill=RED)
    pen.text((size[0] / 2, size[1] - font.size * 1.1), words, LIGHT, font, anchor="mm")


@lru_cache(maxsize=4)
def _font(picture_height_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_BOLD, max(MIN_LABEL_PX, round(picture_height_px * LABEL_SHARE)))
