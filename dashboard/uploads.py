"""What can be told of an uploaded photo without a face model; the worker decides the rest."""

import io
import math

from PIL import Image, UnidentifiedImageError

from core.domain.states import PhotoOutcome
from core.errors import PhotoRefused

MAX_UPLOAD_MB = 10
MAX_PIXELS = 64_000_000
"""Beyond any phone's usual picture; decoded it fills 200 MB."""
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
EMPTY = "photo_empty"


def check_photo(content: bytes) -> None:
    """Looks at length and header only: nothing is decoded.

    Raises PhotoRefused with code `photo_empty`, `not_an_image` or `image_too_large`.
    """
    if not content:
        raise PhotoRefused("the file is empty; export the photo again", code=EMPTY)
    if _pixels(content) > MAX_PIXELS or len(content) > MAX_UPLOAD_MB * 2**20:
        raise PhotoRefused("the picture is too large; save it smaller", code=PhotoOutcome.IMAGE_TOO_LARGE)


def _pixels(content: bytes) -> float:
    """Width times height as the header has it; infinite where Pillow itself takes fright."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            return picture.width * picture.height
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return math.inf
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise PhotoRefused(
            "this is no picture; choose a JPEG or PNG", code=PhotoOutcome.NOT_AN_IMAGE
        ) from error
