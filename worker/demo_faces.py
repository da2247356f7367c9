"""The people of the demo: cut from photos that two installed packages ship, named by what they are.

The photos are those of the pinned versions (requirements.txt); the outlines below fit these files only.
"""

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.domain.faces import Frame
from core.domain.states import CameraCause
from core.errors import CameraMisconfigured
from worker.sources.scene import Mask, Portrait

OUTLINE_SOFTNESS_PX = 5


@dataclass(frozen=True)
class PackagePhoto:
    package: str
    path: str
    sha256: str

    def read(self) -> Frame:
        """The photo, BGR uint8 (h, w, 3).

        Raises CameraMisconfigured when the package is missing or ships another file.
        """
        spec = importlib.util.find_spec(self.package)
        places = (spec.submodule_search_locations if spec else None) or []
        for place in places:
            file = Path(place) / self.path
            if file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == self.sha256:
                pixels = cv2.imread(str(file), cv2.IMREAD_COLOR)
                assert pixels is not None
                return np.asarray(pixels, np.uint8)
        raise CameraMisconfigured(
            f"The demo shows {self.path} of the package {self.package}, and the installed version has no such"
            " photo; install the pinned versions with: pip install -r requirements.txt",
            cause=CameraCause.SOURCE_MISSING.value,
        )


@dataclass(frozen=True)
class DemoFace:
    """A person in a photo. All coordinates are pixels of the photo, boxes are left, top, right, bottom.

    face: the box of the face. enrol: the part to enrol the person from, with no other face in it.
    outline: the person's contour, written like the points of an SVG polygon.
    """

    photo: PackagePhoto
    face: tuple[int, int, int, int]
    enrol: tuple[int, int, int, int]
    outline: str

    def portrait(self) -> Portrait:
        """The person, cut out along the outline."""
        points = np.array([point.split(",") for point in self.outline.split()], np.int32)
        left, top, width, height = cv2.boundingRect(points)
        alpha: Mask = np.zeros((height, width), np.uint8)
        cv2.fillPoly(alpha, [points - (left, top)], 255, cv2.LINE_AA)
        alpha = np.asarray(cv2.GaussianBlur(alpha, (OUTLINE_SOFTNESS_PX, OUTLINE_SOFTNESS_PX), 0), np.uint8)
        x0, y0, x1, y1 = self.face
        pixels = self.photo.read()[top : top + height, left : left + width]
        return Portrait(pixels, alpha, (x0 + x1) / 2 - left, (y0 + y1) / 2 - top, x1 - x0)

    def enrolment_photo(self) -> bytes:
        """A PNG file of this person alone."""
        left, top, right, bottom = self.enrol
        encoded, png = cv2.imencode(".png", self.photo.read()[top:bottom, left:right])
        assert encoded
        return png.tobytes()


GROUP = PackagePhoto(
    "insightface", "data/images/t1.jpg", "47f682e945b659f93a9e490b9c9c4a2a864abe64dace9e1a2893845ddfd69489"
)
ASTRONAUT = PackagePhoto(
    "skimage", "data/astronaut.png", "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"
)

GREY_SHIRT = DemoFace(
    GROUP,
    face=(465, 268, 572, 415),
    enrol=(410, 205, 640, 470),
    outline=(
        "338,545 337,480 350,432 380,397 425,361 457,342 469,325 464,300 467,262 474,236 492,222 "
        "530,216 575,221 600,240 610,268 606,300 591,328 578,346 563,370 556,392 566,410 582,428 "
        "590,465 597,505 594,545"
    ),
)
RED_SHIRT = DemoFace(
    GROUP,
    face=(744, 348, 841, 479),
    enrol=(690, 280, 885, 525),
    outline=(
        "630,590 642,570 660,526 685,498 712,462 730,435 748,426 756,415 750,390 747,340 744,322 "
        "756,304 782,292 820,288 856,300 876,326 874,352 867,385 872,394 902,396 908,436 912,476 "
        "920,530 926,590"
    ),
)
BLACK_DRESS = DemoFace(
    GROUP,
    face=(1131, 270, 1223, 400),
    enrol=(1095, 228, 1280, 450),
    outline=(
        "984,560 985,515 1000,465 1020,440 1042,428 1065,440 1085,430 1092,423 1120,422 1123,385 "
        "1125,325 1131,275 1146,249 1170,237 1196,238 1224,253 1248,284 1260,325 1264,375 1262,420 "
        "1244,434 1266,450 1279,476 1279,560"
    ),
)
ORANGE_SUIT = DemoFace(
    ASTRONAUT,
    face=(183, 59, 272, 178),
    enrol=(110, 5, 345, 260),
    outline=(
        "20,511 22,420 25,350 40,290 60,250 105,210 115,182 135,160 165,149 184,150 180,130 161,116 "
        "153,90 158,52 180,30 210,18 240,18 270,32 295,60 300,90 286,118 269,131 260,150 262,172 "
        "285,192 303,225 305,240 335,262 352,290 362,345 400,346 440,360 478,395 494,440 500,511"
    ),
)


@dataclass(frozen=True)
class DemoEmployee:
    code: str
    name: str
    department: str
    face: DemoFace


EMPLOYEES = (
    DemoEmployee("DEMO-01", "Demo Grey Shirt", "Demo workshop", GREY_SHIRT),
    DemoEmployee("DEMO-02", "Demo Red Shirt", "Demo workshop", RED_SHIRT),
    DemoEmployee("DEMO-03", "Demo Black Dress", "Demo office", BLACK_DRESS),
)
STRANGER = ORANGE_SUIT
"""Never enrolled."""
