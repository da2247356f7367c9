"""Uploads that no worker needs to see are refused at once, by length and header alone."""

import io
import struct
import zlib

import pytest
from PIL import Image

from core.errors import PhotoRefused
from dashboard.uploads import MAX_UPLOAD_MB, check_photo


def picture(width: int, height: int, kind: str = "JPEG") -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (width, height), "gray").save(content, kind)
    return content.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header claims a size; its pixels are not there, so nobody may try to decode them."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", b"none")


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
def test_usual_pictures_pass(kind: str) -> None:
    check_photo(picture(64, 48, kind))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "photo_empty"),
        (b"%PDF-1.7 no picture", "not_an_image"),
        (b"\xff\xd8\xff", "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_an_image"),
        (png_claiming(10_000, 10_000), "image_too_large"),
        (png_claiming(60_000, 60_000), "image_too_large"),
        (picture(32, 32) + bytes(MAX_UPLOAD_MB * 2**20), "image_too_large"),
    ],
)
def test_what_cannot_be_enrolled_is_refused_with_its_reason(content: bytes, code: str) -> None:
    with pytest.raises(PhotoRefused) as refusal:
        check_photo(content)

    assert refusal.value.code == code
