"""Opens what people upload as a photo, whatever it turns out to be."""

import io
import struct
import zlib
from typing import TypeVar

import cv2
import numpy as np
from PIL import Image, ImageOps

from core.domain.faces import FloatArray, Frame
from core.domain.states import PhotoOutcome
from core.errors import PhotoRefused

MAX_PIXELS = 64_000_000
"""Phones of today make photos of 50 megapixels; a header that claims more is refused before decoding."""
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "BMP", "TIFF", "GIF")
LONGEST_SIDE_PX = 2560
"""More than a face needs; it bounds what is analysed and kept."""
JPEG_QUALITY = 95
Picture = TypeVar("Picture", Frame, FloatArray)

DECODING_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    struct.error,
    zlib.error,
)
"""What Pillow's decoders raise for broken files; EOFError comes as one of these or by itself."""
TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)
SIXTEEN_BITS = 65535

Image.init()  # Pillow knows only a part of its formats before


def open_photo(content: bytes) -> Frame:
    """The upright photo, BGR uint8 (h, w, 3), its longer side at most LONGEST_SIDE_PX.

    The first picture of an animation counts; what is transparent becomes white. Raises PhotoRefused with code
    `not_an_image` or `image_too_large`.
    """
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _refuse_large(image)
            upright = ImageOps.exif_transpose(image)
            pixels = _rgb(upright)
    except TOO_LARGE as error:
        raise _too_large("more than 64 megapixels") from error
    except (*DECODING_ERRORS, EOFError) as error:
        raise PhotoRefused(
            "This is no picture that can be read: save it as JPEG or PNG and try again.",
            code=PhotoOutcome.NOT_AN_IMAGE,
        ) from error
    return _bounded(np.ascontiguousarray(pixels[:, :, ::-1]))


def to_jpeg(photo: Frame) -> bytes:
    """The photo as it is kept: without the place, the camera's name and whatever else came with the file."""
    _, encoded = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return encoded.tobytes()


def _refuse_large(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise _too_large(f"{width} x {height} pixels")


def _too_large(size: str) -> PhotoRefused:
    return PhotoRefused(
        f"The picture has {size}, more than the {MAX_PIXELS // 1_000_000} megapixels that are opened: "
        "save it smaller and try again.",
        code=PhotoOutcome.IMAGE_TOO_LARGE,
    )


def _rgb(image: Image.Image) -> Frame:
    """uint8 (h, w, 3) of any mode: grey of 16 bits scaled down, what is transparent on white."""
    if image.mode.startswith("I") or image.mode == "F":
        values = np.nan_to_num(_bounded(np.asarray(image, np.float32)))
        scale = 255 / SIXTEEN_BITS if values.max(initial=0) > 255 else 1.0
        grey = np.clip(values * scale, 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        image = Image.alpha_composite(white, layer)
    return np.asarray(image.convert("RGB"), np.uint8)


def _bounded(photo: Picture) -> Picture:
    """Shrunk before anything that multiplies its size: 64 megapixels of numbers are a lot of memory."""
    height, width = photo.shape[:2]
    scale = LONGEST_SIDE_PX / max(height, width)
    if scale >= 1:
        return photo
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(photo, size, interpolation=cv2.INTER_AREA).astype(photo.dtype, copy=False)
