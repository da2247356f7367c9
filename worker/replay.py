"""A recording through the same pipeline, by its own clock, into a scratch copy of the site."""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from core.domain.recognition import UnknownTrack
from core.domain.states import CameraStatus
from core.errors import CameraMisconfigured, SettingsError
from core.logs import configure_logging
from core.paths import SitePaths
from core.settings import CameraSettings, Parameters, source_kind
from core.settings_store import SettingsStore
from core.storage.engine import reader_engine, writer_engine
from core.storage.migrate import migrate
from core.storage.models import (
    Base,
    Consent,
    Employee,
    ExcusedAbsence,
    FaceTemplate,
    Holiday,
    Leave,
    ShiftAssignment,
    ShiftPlan,
)
from core.storage.verify import verify_database
from worker.packs import load_pack
from worker.pipeline import CameraFrame
from worker.privacy import PrivacyMask
from worker.recorder import Recorder, SiteSettings
from worker.replay_report import build_report
from worker.sources.file import FileSource
from worker.sources.source import FrameChoice

COPIED = (Employee, FaceTemplate, Consent, ShiftPlan, ShiftAssignment, Holiday, Leave, ExcusedAbsence)
"""What a replay takes along of the site: who can be recognised and is expected when, nothing recorded."""


@dataclass
class Tally:
    """What is counted on the way, beside the rows."""

    frames: int = 0
    unknown: list[UnknownTrack] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help="the video file")
    parser.add_argument("--camera", required=True, type=_camera_id, metavar="ID", help="whose settings count")
    parser.add_argument(
        "--start",
        required=True,
        type=datetime.fromisoformat,
        metavar="ISO8601",
        help="when the recording begins; without an offset, in the site's time zone",
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE.json", help="where the report goes (default: shown)"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep the scratch home with rows and pictures here"
    )


def main(arguments: argparse.Namespace) -> int:
    configure_logging("replay", stream=sys.stderr)
    paths = SitePaths.from_environment()
    settings = replay_settings(paths, arguments.camera, arguments.source)
    start_at = arguments.start
    if start_at.tzinfo is None:
        start_at = start_at.replace(tzinfo=settings.parameters.zone)
    with _home(arguments.keep) as home:
        report = replay(paths, SitePaths(home), settings, arguments.camera, start_at.astimezone(UTC))
    text = json.dumps(report, indent=1, ensure_ascii=False) + "\n"
    if arguments.report is None:
        sys.stdout.write(text)
    else:
        arguments.report.write_text(text, encoding="utf-8")
    return 0


def replay_settings(paths: SitePaths, camera_id: int, source: str) -> SiteSettings:
    """The site's parameters and the camera's overrides, its frames taken from `source`."""
    if source_kind(source) != "file":
        raise CameraMisconfigured(f"replay takes a video file, not {source_kind(source)}; give a path")
    store = SettingsStore(paths)
    configured = store.load_cameras().get(camera_id)
    if isinstance(configured, SettingsError):
        raise configured
    url = SecretStr(str(Path(source).resolve()))
    if configured is None:
        camera = CameraSettings(id=camera_id, name=f"CAM{camera_id}", rtsp_url=url)
    else:
        camera = configured.value.model_copy(update={"rtsp_url": url})
    return SiteSettings(store.load_parameters().value, {camera_id: camera})


def replay(
    site: SitePaths, scratch: SitePaths, settings: SiteSettings, camera_id: int, start_at: datetime
) -> dict[str, Any]:
    """Runs the recording and returns the report; `scratch` must be an empty home."""
    began = time.perf_counter()
    verify_database(site)
    scratch.create()
    migrate(scratch)
    engine = writer_engine(scratch.database)
    try:
        copy_people(site, engine)
        recorder = Recorder(scratch, engine, load_pack(settings.parameters), settings)
        loaded = time.perf_counter()
        tally = _play(recorder, settings, camera_id, start_at)
        tally.timings = {"load_s": loaded - began, "play_s": time.perf_counter() - loaded}
        with Session(engine) as session:
            return build_report(session, tally.frames, tally.unknown, tally.timings)
    finally:
        engine.dispose()


def copy_people(site: SitePaths, scratch: Engine) -> None:
    """Copies rows with their ids, so that two replays of one site agree on every number."""
    reader = reader_engine(site.database)
    try:
        with reader.connect() as source, scratch.begin() as target:
            for model in COPIED:
                table = Base.metadata.tables[model.__tablename__]
                rows = [dict(row) for row in source.execute(select(table).order_by(table.c.id)).mappings()]
                for row in rows:
                    row.update({"camera_id": None} if "camera_id" in row else {})
                if rows:
                    target.execute(insert(table), rows)
    finally:
        reader.dispose()


def _play(recorder: Recorder, settings: SiteSettings, camera_id: int, start_at: datetime) -> Tally:
    tally = Tally()
    parameters = settings.parameters.for_camera(settings.cameras[camera_id])
    recorder.start(start_at, [camera_row(settings.cameras[camera_id], start_at)])
    last_at = start_at
    for frame in _frames(settings.cameras[camera_id], parameters, start_at):
        last_at = frame.frame.captured_at
        step = recorder.process([frame], last_at)
        tally.frames += 1
        for analysis in step.analyses:
            tally.unknown += analysis.unknown
    tally.unknown += recorder.pipeline.finish()
    recorder.finish(last_at)
    return tally


def _frames(camera: CameraSettings, parameters: Parameters, start_at: datetime) -> Iterator[CameraFrame]:
    choice = FrameChoice(parameters.fps_target, parameters.frame_skip)
    source = FileSource(Path(camera.rtsp_url.get_secret_value()), choice=choice, start_at=start_at)
    mask = PrivacyMask(camera.privacy_masks)
    try:
        source.open()
        while (frame := source.read()) is not None:
            yield CameraFrame(camera.id, mask.applied(frame))
    finally:
        source.close()


def camera_row(camera: CameraSettings, now: datetime) -> dict[str, object]:
    return {
        "id": camera.id,
        "name": camera.name,
        "location": camera.location,
        "enabled": camera.enabled,
        "status": CameraStatus.ONLINE,
        "status_since": now,
        "updated_at": now,
    }


@contextmanager
def _home(keep: Path | None) -> Iterator[Path]:
    """The scratch home: `keep`, which must not hold a home yet, or a folder that goes when done."""
    if keep is not None and (keep / "data").exists():
        raise SettingsError(f"{keep} already holds a replay; choose another folder for --keep")
    with (
        nullcontext(str(keep))
        if keep is not None
        else tempfile.TemporaryDirectory(prefix="gspe-replay-") as folder
    ):
        yield Path(folder).resolve()


def _camera_id(text: str) -> int:
    """`1` or `CAM1`."""
    digits = text.upper().removeprefix("CAM")
    if not digits.isdigit() or int(digits) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a camera; write its number, as in --camera 1")
    return int(digits)
