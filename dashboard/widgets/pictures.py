"""Pictures of people, small enough to travel with a page, and only from below `data/`."""

import base64
import io
from hashlib import sha256
from pathlib import Path

import streamlit as st
from PIL import Image, ImageOps, UnidentifiedImageError

from dashboard.database import site_paths

THUMBNAIL_PX = 176
_CACHED_PICTURES = 2048


def full_picture(relative: str | None) -> Path | None:
    """The file of a stored picture; None when there is none or retention has removed it."""
    if relative is None:
        return None
    paths = site_paths()
    path = (paths.home / relative).resolve()
    return path if path.is_relative_to(paths.data.resolve()) and path.is_file() else None


def thumbnail_url(relative: str | None) -> str | None:
    """A data URL of a square thumbnail around the picture's centre; None when there is no readable picture."""
    path = full_picture(relative)
    return None if path is None else _thumbnail(str(path), path.stat().st_mtime_ns)


def picture_class(url: str) -> str:
    """The name of the style class that shows this thumbnail; equal pictures share one."""
    return f"gspe-pic-{sha256(url.encode()).hexdigest()[:12]}"


@st.cache_data(max_entries=_CACHED_PICTURES, show_spinner=False)
def _thumbnail(path: str, changed_ns: int) -> str | None:
    try:
        with Image.open(path) as picture:
            picture.draft("RGB", (THUMBNAIL_PX * 2, THUMBNAIL_PX * 2))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        return None  # half a picture is as good as none: the page shows initials instead
    small = io.BytesIO()
    ImageOps.fit(upright, (THUMBNAIL_PX, THUMBNAIL_PX), centering=(0.5, 0.4)).save(small, "JPEG", quality=72)
    return f"data:image/jpeg;base64,{base64.b64encode(small.getvalue()).decode()}"
