"""Turns a photo of a known person into a template, or says why not."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.domain.faces import Frame
from core.domain.identity import Gallery
from core.domain.likeness import is_near
from core.domain.pose import pose_of, shows
from core.domain.quality import ENROLMENT_LIMITS, refusal
from core.domain.states import FaceRefusal, PhotoOutcome, Pose
from core.errors import GspeError, PhotoRefused
from core.paths import SitePaths
from core.storage import biometrics, employees
from core.storage.asking import EnrolAnswer
from core.storage.biometrics import NewTemplate, StoredPhoto
from core.storage.models import Employee
from core.storage.retry import run_in_order
from worker.analysis.protocols import LoadedPack
from worker.photo import open_photo, to_jpeg
from worker.portrait import Portrait, around_only_face, find_portrait

log = logging.getLogger(__name__)

OUTCOME_OF = {
    FaceRefusal.LOW_SCORE: PhotoOutcome.NO_FACE,
    FaceRefusal.TOO_SMALL: PhotoOutcome.TOO_SMALL,
    FaceRefusal.TOO_BLURRY: PhotoOutcome.TOO_BLURRY,
    FaceRefusal.TOO_DARK: PhotoOutcome.TOO_DARK,
    FaceRefusal.TOO_BRIGHT: PhotoOutcome.TOO_BRIGHT,
    FaceRefusal.TURNED_AWAY: PhotoOutcome.TURNED_AWAY,
}
ANOTHER_FRAME_MAY_DO = frozenset([*OUTCOME_OF.values(), PhotoOutcome.WRONG_POSE])
REEMBEDDED_BY = "worker"


@dataclass(frozen=True)
class Terms:
    """How a photo came, on whose behalf, and what it must be.

    source: as in NewTemplate. pose: the one that was asked for, None: any. allow_look_alike: take it also
    when it resembles somebody else.
    """

    source: str
    actor: str
    camera_id: int | None = None
    pose: Pose | None = None
    allow_look_alike: bool = False


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

    def enrol(self, employee_id: int, photo: bytes, terms: Terms) -> EnrolAnswer:
        """What became of the photo; a template is in force once this returns `accepted`.

        The photo is kept as JPEG without its metadata. Raises GspeError (code `employee_unknown`) and
        StorageError; whatever is wrong with the photo is an answer.
        """
        try:
            level = self._level_of(employee_id)
            pixels = open_photo(photo)
            found = _Found(employee_id, pixels, find_portrait(pixels, self._pack), level)
        except PhotoRefused as refused:
            return EnrolAnswer(refused.code)
        return self._keep_if_good(found, terms)

    def enrol_first_good(self, employee_id: int, frames: Iterable[Frame], terms: Terms) -> EnrolAnswer:
        """As `enrol`, from the first of a camera's frames that shows exactly one good face.

        Kept is the part of the frame around that face. Without such a frame the answer is why the latest was
        none; without any frame it is CAMERA_SILENT.
        """
        answer = EnrolAnswer(PhotoOutcome.CAMERA_SILENT)
        for frame in frames:
            try:
                level = self._level_of(employee_id)
                part = around_only_face(frame, self._pack, ENROLMENT_LIMITS.min_face_px)
                found = _Found(employee_id, part, find_portrait(part, self._pack), level)
            except PhotoRefused as refused:
                answer = EnrolAnswer(refused.code)
                continue
            answer = self._keep_if_good(found, terms)
            if answer.outcome not in ANOTHER_FRAME_MAY_DO:
                break
        return answer

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
        template = self._new_template(stored.employee_id, photo, portrait, pose_of(portrait.turn, None))
        template = replace(template, source=stored.source, camera_id=stored.camera_id)

        def store(session: Session) -> bool:
            """Somebody may have removed the photo meanwhile, or withdrawn his consent."""
            if not biometrics.is_in_force(session, stored.template_id):
                return False
            biometrics.add_template(session, self._paths, template, actor=REEMBEDDED_BY, now=now)
            return True

        return run_in_order(self._engine, store)

    def _level_of(self, employee_id: int) -> float | None:
        """The person's pitch when he looks ahead, by his templates; None while he has none.

        Raises PhotoRefused, code `no_consent`, while he may not be enrolled.
        """

        def ask(session: Session) -> list[dict[str, Any]]:
            employees.find_employee(session, employee_id)
            if not employees.has_consent(session, employee_id):
                raise PhotoRefused("No basis is recorded.", code=PhotoOutcome.NO_CONSENT)
            return biometrics.template_qualities(session, employee_id, self._pack.pack_id)

        qualities = run_in_order(self._engine, ask)
        levels = [q["pitch_ratio"] for q in qualities if q.get("pose") == Pose.FRONT]
        return float(np.mean(levels)) if levels else None

    def _keep_if_good(self, found: "_Found", terms: Terms) -> EnrolAnswer:
        wrong = found.refusal(terms.pose)
        if wrong is not None:
            return EnrolAnswer(wrong, quality=measures(found.portrait, found.pose))
        pose = terms.pose or found.pose
        template = self._new_template(found.employee_id, to_jpeg(found.pixels), found.portrait, pose)
        template = replace(template, source=terms.source, camera_id=terms.camera_id)
        return run_in_order(self._engine, lambda session: self._store(session, template, terms))

    def _new_template(self, employee_id: int, jpeg: bytes, portrait: Portrait, pose: Pose) -> NewTemplate:
        return NewTemplate(
            employee_id=employee_id,
            embedding=self._pack.embedder.embed([portrait.crop])[0],
            pack_id=self._pack.pack_id,
            pack_sha256=self._pack.sha256,
            source="",
            photo=jpeg,
            quality=measures(portrait, pose),
        )

    def _store(self, session: Session, template: NewTemplate, terms: Terms) -> EnrolAnswer:
        quality = dict(template.quality)
        if not employees.has_consent(session, template.employee_id):
            return EnrolAnswer(PhotoOutcome.NO_CONSENT, quality=quality)
        nearest, too_alike = self._nearest(session, template)
        answer = replace(nearest, quality=quality)
        if too_alike and not terms.allow_look_alike:
            return replace(answer, outcome=PhotoOutcome.LOOKS_LIKE, looks_like=nearest.nearest)
        template = replace(template, despite=nearest.nearest if too_alike else None)
        try:
            row = biometrics.add_template(session, self._paths, template, actor=terms.actor, now=self._now())
        except PhotoRefused as refused:
            return replace(answer, outcome=refused.code)
        return replace(answer, template_id=row.id)

    def _nearest(self, session: Session, template: NewTemplate) -> tuple[EnrolAnswer, bool]:
        """Whom of all other active people the face resembles most, in an answer that accepts it; and whether
        that is too much: as much as the threshold says, and more than the person's own templates.
        """
        answer = EnrolAnswer(PhotoOutcome.ACCEPTED)
        vectors = biometrics.active_templates(session, self._pack.pack_id, self._pack.sha256)
        if not any(vector.employee_id != template.employee_id for vector in vectors):
            return answer, False
        gallery = Gallery([v.employee_id for v in vectors], np.stack([v.vector for v in vectors]))
        scores = gallery.similarities(template.embedding[None])[0]
        own = gallery.people == template.employee_id
        best = int(np.argmax(np.where(own, -np.inf, scores)))
        similarity = float(scores[best])
        code = session.scalar(select(Employee.code).where(Employee.id == int(gallery.people[best])))
        answer = replace(
            answer,
            nearest=code,
            similarity=round(similarity, 3),
            threshold=self._threshold,
            near=is_near(similarity, self._threshold, self._pack.calibration.similarity_margin),
        )
        return answer, similarity >= scores[own].max(initial=self._threshold)


@dataclass(frozen=True)
class _Found:
    """The face of a photo that may become a template; level: as for `core.domain.pose.pose_of`."""

    employee_id: int
    pixels: Frame
    portrait: Portrait
    level: float | None

    @property
    def pose(self) -> Pose:
        return pose_of(self.portrait.turn, self.level)

    def refusal(self, pose: Pose | None) -> PhotoOutcome | None:
        """What is wrong with the face, or with its pose when one was asked for."""
        judged = replace(self.portrait.quality, inside_frame=True)  # a tight crop cuts the box, not the face
        reason = refusal(judged, ENROLMENT_LIMITS)
        if reason is not None:
            return OUTCOME_OF[reason]
        as_asked = pose is None or shows(self.portrait.turn, pose, self.level)
        return None if as_asked else PhotoOutcome.WRONG_POSE


def measures(portrait: Portrait, pose: Pose) -> dict[str, Any]:
    """What is stored with a template and shown beside the answer, rounded to what it means."""
    quality, turn = portrait.quality, portrait.turn
    return {
        "face_px": round(quality.face_px, 1),
        "score": round(quality.score, 3),
        "sharpness": round(quality.sharpness, 1),
        "brightness": round(quality.brightness, 3),
        "yaw_ratio": round(quality.yaw_ratio, 3),
        "pitch_ratio": round(turn.pitch, 3),
        "pose": pose.value,
    }
