from pathlib import Path

import cv2
import numpy as np
import pytest

from core.errors import CameraError
from worker.sources import FrameChoice
from worker.sources.webcam import WebcamSource


class Device:
    """A webcam that shows `pictures` and is then pulled out."""

    def __init__(self, pictures: int, *, opens: bool = True) -> None:
        self._left = pictures
        self._opens = opens
        self.retrieved = 0
        self.released = False

    def isOpened(self) -> bool:
        return self._opens

    def get(self, prop: int, /) -> float:
        return {cv2.CAP_PROP_FRAME_WIDTH: 64.0, cv2.CAP_PROP_FRAME_HEIGHT: 48.0, cv2.CAP_PROP_FPS: 0.0}[prop]

    def grab(self) -> bool:
        self._left -= 1
        return self._left >= 0

    def retrieve(self) -> tuple[bool, np.ndarray]:
        self.retrieved += 1
        return True, np.zeros((48, 64, 3), np.uint8)

    def release(self) -> None:
        self.released = True


def webcam(folder: Path, device: Device, choice: FrameChoice | None = None) -> WebcamSource:
    (folder / "video3").touch()
    return WebcamSource(3, choice, devices=folder, open_device=lambda index: device)


def test_delivers_pictures_until_it_is_pulled_out(tmp_path: Path) -> None:
    device = Device(2)
    source = webcam(tmp_path, device)
    info = source.open()
    assert (info.width, info.height, info.fps) == (64, 48, None)
    assert [frame.sequence for _ in range(2) if (frame := source.read())] == [0, 1]
    with pytest.raises(CameraError) as caught:
        source.read()
    assert (caught.value.code, caught.value.params["cause"]) == ("unreachable", "lost")
    source.close()
    source.close()
    assert device.released
    assert source.read() is None


def test_unwanted_pictures_are_not_even_converted(tmp_path: Path) -> None:
    device = Device(6)
    source = webcam(tmp_path, device, FrameChoice.live(1e9, frame_skip=2))
    source.open()
    assert [frame.sequence for _ in range(2) if (frame := source.read())] == [0, 3]
    assert device.retrieved == 2


def test_a_webcam_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(CameraError) as caught:
        WebcamSource(7, devices=tmp_path).open()
    assert (caught.value.code, caught.value.params["cause"]) == ("misconfigured", "source_missing")


def test_a_webcam_that_another_program_holds_says_so(tmp_path: Path) -> None:
    with pytest.raises(CameraError) as caught:
        webcam(tmp_path, Device(1, opens=False)).open()
    assert (caught.value.code, caught.value.params["cause"]) == ("misconfigured", "not_readable")
