"""Pictures of people, small enough to travel with a page."""

import base64
import io
from hashlib import sha256

import streamlit as st
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import GspeError
from core.storage.biometrics import read_picture
from dashboard.database import site_paths

THUMBNAIL_PX = 176
_CACHED_PICTURES = 2048
_FACE_HEIGHT = 0.4
"""Where a square cut from a tall picture is centred: faces are above the middle."""


def thumbnail_url(relative_path: str | None) -> str | None:
    """A data URL of a square thumbnail; None when there is no picture, or none that can be read."""
    if relative_path is None:
        return None
    try:
        changed_ns = (site_paths().home / relative_path).stat().st_mtime_ns
    except OSError:
        return None
    return _thumbnail(str(site_paths().home), relative_path, changed_ns)


def picture_class(url: str) -> str:
    """The name of the style class that shows this thumbnail; equal pictures share one."""
    return f"gspe-pic-{sha256(url.encode()).hexdigest()[:12]}"


@st.cache_data(max_entries=_CACHED_PICTURES, show_spinner=False)
def _thumbnail(home: str, relative_path: str, changed_ns: int) -> str | None:
    """`home` and `changed_ns` only tell pictures of the same path apart."""
    try:
        with Image.open(io.BytesIO(read_picture(site_paths(), relative_path))) as picture:
            picture.draft("RGB", (THUMBNAIL_PX * 2, THUMBNAIL_PX * 2))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (GspeError, OSError, UnidentifiedImageError, Image.DecompressionBombError):
        return None  # the page shows initials instead
    square = ImageOps.fit(upright, (THUMBNAIL_PX, THUMBNAIL_PX), centering=(0.5, _FACE_HEIGHT))
    small = io.BytesIO()
    square.save(small, "JPEG", quality=72)
    return f"data:image/jpeg;base64,{base64.b64encode(small.getvalue()).decode()}"
