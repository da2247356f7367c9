"""A camera at an entrance, with a password: an employee and a stranger, and later nobody."""

from pathlib import Path

from tests.face_clip import Stay, face_clip
from tests.rtsp import RtspServer

CLIP_S, FPS = 12.0, 10
STAYS = (Stay("obama2.jpg", 0.2, 11.8, 0.3), Stay("biden.jpg", 2.5, 9.5, 0.75))
"""The employee all the time and a stranger most of it, over and over."""
USER = "pemantau"
SECRET = "rahasiaQz81"
PASSWORD = f"{SECRET}@/x"
"""With the characters that a URL must escape; the part before them is looked for everywhere."""


class Entrance:
    """The camera: people come and go by another recording at the same address."""

    def __init__(self, folder: Path) -> None:
        self._people = face_clip(folder / "people.h264", CLIP_S, STAYS, fps=FPS)
        self._nobody = face_clip(folder / "nobody.h264", 2.0, (), fps=FPS)
        self._server = self._serving(self._people, 0)

    @staticmethod
    def _serving(clip: Path, port: int) -> RtspServer:
        server = RtspServer({"stream1": clip}, user=USER, password=PASSWORD, fps=FPS, port=port)
        server.start()
        return server

    @property
    def url(self) -> str:
        return self._server.url("stream1")

    def people(self) -> None:
        self._show(self._people)

    def nobody(self) -> None:
        self._show(self._nobody)

    def _show(self, clip: Path) -> None:
        self._server.kill()
        self._server = self._serving(clip, self._server.port)

    def close(self) -> None:
        self._server.kill()
