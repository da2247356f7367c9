"""Turns a photo of a known person into a template, or says why not."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.domain.faces import Frame
from core.domain.identity import Gallery
from core.domain.quality import FaceQuality, QualityLimits, refusal
from core.domain.states import FaceRefusal, PhotoOutcome
from core.errors import GspeError, PhotoRefused
from core.paths import SitePaths
from core.storage import biometrics, employees
from core.storage.biometrics import NewTemplate, StoredPhoto
from core.storage.models import Employee
from core.storage.retry import run_in_order
from worker.analysis.protocols import LoadedPack
from worker.photo import open_photo, to_jpeg
from worker.portrait import find_portrait

log = logging.getLogger(__name__)

ENROLMENT_LIMITS = QualityLimits(min_face_px=60, min_score=0.5, max_yaw_ratio=0.8)
"""A template is compared with every face from then on, so it must be better than a face in passing."""
OUTCOME_OF = {
    FaceRefusal.LOW_SCORE: PhotoOutcome.NO_FACE,
    FaceRefusal.TOO_SMALL: PhotoOutcome.TOO_SMALL,
    FaceRefusal.TOO_BLURRY: PhotoOutcome.TOO_BLURRY,
    FaceRefusal.TOO_DARK: PhotoOutcome.TOO_DARK,
    FaceRefusal.TOO_BRIGHT: PhotoOutcome.TOO_BRIGHT,
    FaceRefusal.TURNED_AWAY: PhotoOutcome.TURNED_AWAY,
}
REEMBEDDED_BY = "worker"


@dataclass(frozen=True)
class PhotoAnswer:
    """looks_like: the code of the employee whom the face resembles. quality: measures of the face."""

    outcome: PhotoOutcome
    quality: dict[str, Any] = field(default_factory=dict)
    looks_like: str | None = None
    template_id: int | None = None

    @property
    def accepted(self) -> bool:
        return self.outcome == PhotoOutcome.ACCEPTED


class Enroller:
    """Safe to use from several threads: it keeps nothing between photos."""

    def __init__(
        self,
        paths: SitePaths,
        engine: Engine,
        pack: LoadedPack,
        similarity_threshold: float | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """similarity_threshold: from which on two faces are alike; the pack's own when not given."""
        self._paths = paths
        self._engine = engine
        self._pack = pack
        self._threshold = similarity_threshold or pack.calibration.similarity_threshold
        self._now = now or (lambda: datetime.now(UTC))

    def enrol(
        self,
        employee_id: int,
        photo: bytes,
        *,
        source: str,
        actor: str,
        camera_id: int | None = None,
        allow_look_alike: bool = False,
    ) -> PhotoAnswer:
        """What became of the photo; a template is in force once this returns `accepted`.

        The photo is kept as JPEG without its metadata. Raises GspeError (code `employee_unknown`) and
        StorageError; whatever is wrong with the photo is an answer.
        """
        if not self._may_be_enrolled(employee_id):
            return PhotoAnswer(PhotoOutcome.NO_CONSENT)
        quality: dict[str, Any] = {}
        try:
            template = self._template(employee_id, photo, quality)
        except PhotoRefused as refused:
            return PhotoAnswer(PhotoOutcome(refused.code), quality)
        template = replace(template, source=source, camera_id=camera_id)
        return run_in_order(
            self._engine,
            lambda session: self._store(session, template, actor, allow_look_alike),
        )

    def reembed(self, now: datetime) -> Iterator[bool]:
        """Embeds the photos of other packs' templates with this one; tells of each whether it gave one.

        Lazy, as hundreds of photos take minutes: between two, the caller gives a sign of life, or stops.

        The old rows stay in force for their own pack, so that a change back costs nothing; the gallery reads
        only rows of the pack in use.
        """
        waiting = run_in_order(
            self._engine,
            lambda session: biometrics.templates_of_other_packs(
                session, self._pack.pack_id, self._pack.sha256
            ),
        )
        return (self._reembed_one(stored, now) for stored in waiting)

    def _reembed_one(self, stored: StoredPhoto, now: datetime) -> bool:
        try:
            photo = biometrics.read_picture(self._paths, stored.photo_path)
            portrait = find_portrait(open_photo(photo), self._pack)
        except GspeError as error:
            log.warning(
                "template %d cannot be made with pack %s: %s", stored.template_id, self._pack.pack_id, error
            )
            return False
        template = self._new_template(stored.employee_id, photo, portrait.crop, measures(portrait.quality))
        template = replace(template, source=stored.source, camera_id=stored.camera_id)
        run_in_order(
            self._engine,
            lambda session: biometrics.add_template(
                session, self._paths, template, actor=REEMBEDDED_BY, now=now
            ),
        )
        return True

    def _may_be_enrolled(self, employee_id: int) -> bool:
        def ask(session: Session) -> bool:
            employees.find_employee(session, employee_id)
            return employees.has_consent(session, employee_id)

        return run_in_order(self._engine, ask)

    def _template(self, employee_id: int, photo: bytes, quality: dict[str, Any]) -> NewTemplate:
        """Fills `quality` as soon as there is a face. Raises PhotoRefused."""
        pixels = open_photo(photo)
        portrait = find_portrait(pixels, self._pack)
        quality.update(measures(portrait.quality))
        judged = replace(portrait.quality, inside_frame=True)  # a tight crop cuts the box, not the face
        reason = refusal(judged, ENROLMENT_LIMITS)
        if reason is not None:
            raise PhotoRefused(f"The face is not good enough: {reason}.", code=OUTCOME_OF[reason])
        return self._new_template(employee_id, to_jpeg(pixels), portrait.crop, quality)

    def _new_template(
        self, employee_id: int, jpeg: bytes, crop: Frame, quality: dict[str, Any]
    ) -> NewTemplate:
        return NewTemplate(
            employee_id=employee_id,
            embedding=self._pack.embedder.embed([crop])[0],
            pack_id=self._pack.pack_id,
            pack_sha256=self._pack.sha256,
            source="",
            photo=jpeg,
            quality=quality,
        )

    def _store(
        self, session: Session, template: NewTemplate, actor: str, allow_look_alike: bool
    ) -> PhotoAnswer:
        quality = dict(template.quality)
        if not employees.has_consent(session, template.employee_id):
            return PhotoAnswer(PhotoOutcome.NO_CONSENT, quality)
        if not allow_look_alike and (code := self._look_alike(session, template)) is not None:
            return PhotoAnswer(PhotoOutcome.LOOKS_LIKE, quality, looks_like=code)
        try:
            row = biometrics.add_template(session, self._paths, template, actor=actor, now=self._now())
        except PhotoRefused as refused:
            return PhotoAnswer(PhotoOutcome(refused.code), quality)
        return PhotoAnswer(PhotoOutcome.ACCEPTED, quality, template_id=row.id)

    def _look_alike(self, session: Session, template: NewTemplate) -> str | None:
        """The code of another active person whom the face resembles more than the person's own templates."""
        vectors = biometrics.active_templates(session, self._pack.pack_id, self._pack.sha256)
        if not vectors:
            return None
        gallery = Gallery([v.employee_id for v in vectors], np.stack([v.vector for v in vectors]))
        scores = gallery.similarities(template.embedding[None])[0]
        own = gallery.people == template.employee_id
        likeness = np.where(own, -np.inf, scores)
        best = int(np.argmax(likeness))
        if likeness[best] < scores[own].max(initial=self._threshold):
            return None
        return session.scalar(select(Employee.code).where(Employee.id == int(gallery.people[best])))


def measures(quality: FaceQuality) -> dict[str, float]:
    """What is stored with a template and shown beside the answer, rounded to what it means."""
    return {
        "face_px": round(quality.face_px, 1),
        "score": round(quality.score, 3),
        "sharpness": round(quality.sharpness, 1),
        "brightness": round(quality.brightness, 3),
        "yaw_ratio": round(quality.yaw_ratio, 3),
    }
