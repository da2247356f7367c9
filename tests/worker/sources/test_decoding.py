"""What a decoder cannot do is told as such, whatever FFmpeg calls it."""

from fractions import Fraction

import av
import numpy as np
import pytest

from core.domain.states import CameraCause
from core.errors import CameraMisconfigured
from worker.sources.decoding import intact_pictures, to_bgr

ADDRESS = "10.0.0.5:554"


class Packet:
    """Decodes to what a test gives it, or fails as FFmpeg would."""

    def __init__(self, *pictures: av.VideoFrame, error: Exception | None = None) -> None:
        self._pictures = pictures
        self._error = error

    def decode(self) -> list[object]:
        if self._error is not None:
            raise self._error
        return list(self._pictures)


@pytest.mark.parametrize(
    "error",
    [
        av.error.PatchWelcomeError(0x45574150, "Not yet implemented in FFmpeg, patches welcome"),
        av.error.ExternalError(0x20545845, "Generic error in an external library"),
        av.error.BugError(0x21475542, "Internal bug"),
        av.error.MemoryError(12, "Cannot allocate memory"),
    ],
)
def test_what_the_decoder_cannot_do_is_the_codec(error: Exception) -> None:
    with pytest.raises(CameraMisconfigured) as caught:
        intact_pictures(Packet(error=error), ADDRESS)
    assert caught.value.params["cause"] == CameraCause.CODEC
    assert caught.value.__context__ is None


def test_damaged_data_gives_no_picture_and_no_error() -> None:
    damaged = av.InvalidDataError(0x41444E49, "Invalid data found when processing input")
    assert intact_pictures(Packet(error=damaged), ADDRESS) == []


def test_intact_pictures_are_given_in_order() -> None:
    pictures = [av.VideoFrame(16, 16, "yuv420p") for _ in range(2)]
    for number, picture in enumerate(pictures):
        picture.pts, picture.time_base = number, Fraction(1, 25)
    assert [picture.pts for picture in intact_pictures(Packet(*pictures), ADDRESS)] == [0, 1]


def test_a_format_that_cannot_be_converted_is_the_codec() -> None:
    with pytest.raises(CameraMisconfigured) as caught:
        to_bgr(av.VideoFrame(16, 16, "rgb96le"), ADDRESS)
    assert caught.value.params["cause"] == CameraCause.CODEC


def test_a_picture_becomes_bgr() -> None:
    blue = np.zeros((16, 32, 3), np.uint8)
    blue[:, :, 0] = 200
    pixels = to_bgr(av.VideoFrame.from_ndarray(blue, format="bgr24"), ADDRESS)
    assert pixels.dtype == np.uint8
    assert np.array_equal(pixels, blue)
