"""Whatever people upload: every format, every damage."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from core.domain.states import PhotoOutcome
from core.errors import PhotoRefused
from worker.photo import LONGEST_SIDE_PX, open_photo, to_jpeg

LEFT, RIGHT = (200, 30, 30), (30, 30, 200)


def halves(width: int = 80, height: int = 40) -> Image.Image:
    """Red left, blue right."""
    image = Image.new("RGB", (width, height), LEFT)
    image.paste(RIGHT, (width // 2, 0, width, height))
    return image


def saved(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def assert_halves(photo: np.ndarray) -> None:
    assert photo.dtype == np.uint8
    assert photo.shape == (40, 80, 3)
    assert photo[20, 10].astype(int) == pytest.approx(LEFT[::-1], abs=40), "blue, green, red"
    assert photo[20, 70].astype(int) == pytest.approx(RIGHT[::-1], abs=40)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "BMP", "TIFF", "GIF"])
def test_every_usual_format_is_read(kind):
    assert_halves(open_photo(saved(halves(), kind)))


@pytest.mark.parametrize("mode", ["CMYK", "P", "RGBA", "YCbCr"])
def test_every_mode_is_read_in_its_colours(mode):
    kind = {"CMYK": "JPEG", "YCbCr": "JPEG"}.get(mode, "PNG")

    assert_halves(open_photo(saved(halves().convert(mode), kind)))


@pytest.mark.parametrize(("mode", "kind"), [("L", "JPEG"), ("LA", "PNG"), ("1", "PNG")])
def test_grey_becomes_three_equal_channels(mode, kind):
    photo = open_photo(saved(Image.new("RGB", (30, 20), (255, 255, 255)).convert(mode), kind))

    assert photo.shape == (20, 30, 3)
    assert photo.min() >= 250


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_of_grey_are_scaled_not_cut(kind):
    ramp = np.linspace(0, 65535, 64, dtype=np.uint16)[None].repeat(8, axis=0)

    photo = open_photo(saved(Image.fromarray(ramp), kind))

    assert photo[0, :, 0].tolist() == pytest.approx((ramp[0] / 257).tolist(), abs=1.5)


def test_what_is_transparent_becomes_white():
    image = Image.new("RGBA", (20, 20), (10, 10, 10, 0))

    assert open_photo(saved(image, "PNG")).min() == 255


def test_the_first_picture_of_an_animation_counts():
    frames = [halves(), Image.new("RGB", (80, 40), "green")]

    assert_halves(open_photo(saved(frames[0], "GIF", save_all=True, append_images=frames[1:])))


def test_a_photo_taken_sideways_is_set_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned clockwise to be seen upright
    sideways = halves().transpose(Image.Transpose.ROTATE_90)

    assert_halves(open_photo(saved(sideways, "JPEG", exif=exif, quality=95)))


def test_a_large_photo_is_kept_smaller():
    photo = open_photo(saved(Image.new("RGB", (6000, 3000), LEFT), "JPEG"))

    assert photo.shape == (LONGEST_SIDE_PX // 2, LONGEST_SIDE_PX, 3)


def png_header_of(width: int, height: int) -> bytes:
    """A PNG that claims its size and holds next to nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "size",
    [(10_000, 10_000), (8001, 8000), (20_000, 10_000), (60_000, 60_000)],
    ids=lambda size: f"{size[0]}px",
)
def test_a_hundred_megapixels_are_refused_before_they_are_decoded(size):
    with pytest.raises(PhotoRefused) as refused:
        open_photo(png_header_of(*size))

    assert refused.value.code == PhotoOutcome.IMAGE_TOO_LARGE
    assert "megapixels" in str(refused.value)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow tells it before it gives up
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"%PDF-1.7 not a photo",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a",
        b"\xff\xd8\xff\xe0",
        saved(halves(), "PNG")[:60],
        saved(halves(), "JPEG")[:300],
        saved(halves(), "TIFF")[:40],
        png_header_of(100, 100),
        png_header_of(0, 10),
    ],
    ids=[
        "empty",
        "null",
        "pdf",
        "svg",
        "gif",
        "jpeg",
        "half png",
        "half jpeg",
        "half tiff",
        "no rows",
        "no size",
    ],
)
def test_what_is_no_picture_is_refused_in_one_sentence(content):
    with pytest.raises(PhotoRefused) as refused:
        open_photo(content)

    assert refused.value.code == PhotoOutcome.NOT_AN_IMAGE
    assert str(refused.value).startswith("This is no picture")


def test_what_is_kept_carries_no_metadata():
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    content = saved(halves(), "JPEG", exif=exif)
    assert b"taken at home" in content

    kept = to_jpeg(open_photo(content))

    assert b"taken at home" not in kept
    assert_halves(open_photo(kept))
    assert to_jpeg(open_photo(content)) == kept, "the same upload is recognised by its sum"
