"""python -m worker doctor [--json]: is this installation able to do its work, and if not, what to do."""

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version

from core.errors import GspeError, SettingsError
from core.i18n import text
from core.logs import configure_logging
from core.paths import OWNER_ONLY_FOLDER, SitePaths
from core.settings import CameraSettings, Parameters
from core.settings_store import SettingsStore
from core.storage.verify import check_integrity, verify_database
from worker.camera_trial import try_camera
from worker.packs import load_pack

MIB = 1024 * 1024
EARLIEST_CLOCK = datetime(2026, 1, 1, tzinfo=UTC)
"""This release cannot run before it was made: an earlier clock is wrong."""


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """One line of the report. `detail` is a sentence or a figure, without secrets."""

    check: str
    verdict: Verdict
    detail: str


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument("--skip-cameras", action="store_true", help="do not open any camera")


def main(arguments: argparse.Namespace) -> int:
    """0 when nothing failed; warnings do not count."""
    configure_logging("doctor", "ERROR", stream=sys.stderr)
    findings = list(examine(SitePaths.from_environment(), cameras=not arguments.skip_cameras))
    if arguments.json:
        sys.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=1) + "\n")
    else:
        for finding in findings:
            sys.stdout.write(f"{finding.verdict.upper():8} {finding.check:22} {finding.detail}\n")
    return int(any(finding.verdict is Verdict.FAILED for finding in findings))


def examine(paths: SitePaths, *, cameras: bool) -> Iterator[Finding]:
    """Every check in turn; one that fails does not keep the others from being made."""
    yield onnxruntime_wheels()
    yield clock()
    yield permissions(paths)
    parameters = Parameters()
    try:
        parameters = SettingsStore(paths).load_parameters().value
        yield Finding("settings", Verdict.OK, f"time zone {parameters.time_zone}")
    except SettingsError as error:
        yield Finding("settings", Verdict.FAILED, str(error))
    yield disk(paths, parameters)
    yield attempt("database", lambda: database(paths))
    yield from models(parameters)
    if cameras:
        yield from all_cameras(paths, parameters)


def attempt(check: str, examination: Callable[[], str]) -> Finding:
    try:
        return Finding(check, Verdict.OK, examination())
    except GspeError as error:
        return Finding(check, Verdict.FAILED, str(error))


def onnxruntime_wheels() -> Finding:
    """Two wheels that write one folder: with both installed, the GPU is lost without a word."""
    installed = {name: found for name in ("onnxruntime", "onnxruntime-gpu") if (found := _version(name))}
    shown = ", ".join(f"{name} {number}" for name, number in installed.items()) or "none"
    if len(installed) == 2 and len(set(installed.values())) == 2:
        advice = f"{shown}: two wheels overwrite each other; install requirements-gpu.txt into a new .venv"
        return Finding("onnxruntime", Verdict.FAILED, advice)
    return Finding("onnxruntime", Verdict.OK if installed else Verdict.FAILED, shown)


def clock() -> Finding:
    now = datetime.now(UTC)
    if now < EARLIEST_CLOCK:
        return Finding("clock", Verdict.FAILED, f"it is not {now:%Y-%m-%d}; set the clock, best by NTP")
    return Finding("clock", Verdict.OK, now.isoformat(timespec="seconds"))


def permissions(paths: SitePaths) -> Finding:
    """data/ must be the owner's alone: it holds faces."""
    if not paths.data.is_dir():
        return Finding("permissions", Verdict.FAILED, f"{paths.data} is missing; run ./scripts/run")
    mode = paths.data.stat().st_mode & 0o777
    if mode != OWNER_ONLY_FOLDER:
        return Finding("permissions", Verdict.FAILED, f"{paths.data} is {mode:o}; run chmod 700 {paths.data}")
    return Finding("permissions", Verdict.OK, f"{paths.data} is {mode:o}")


def disk(paths: SitePaths, parameters: Parameters) -> Finding:
    home = paths.data if paths.data.is_dir() else paths.home
    free_mb = shutil.disk_usage(home).free // MIB
    enough = free_mb >= parameters.min_free_mb
    detail = f"{free_mb} MiB free, min_free_mb {parameters.min_free_mb}"
    return Finding("disk", Verdict.OK if enough else Verdict.FAILED, detail)


def database(paths: SitePaths) -> str:
    verify_database(paths)
    check_integrity(paths.database)
    return f"{paths.database} is whole and of this version"


def models(parameters: Parameters) -> Iterator[Finding]:
    """The provider is what the live session uses, not what the wheel claims."""
    try:
        pack = load_pack(parameters)
    except GspeError as error:
        yield Finding("model pack", Verdict.FAILED, str(error))
        return
    yield Finding("model pack", Verdict.OK, f"{pack.pack_id}, {pack.licence}, sha256 {pack.sha256[:16]}")
    missing = ", ".join(pack.providers_missing)
    detail = f"{pack.embedder.provider} in use" + (
        f"; wanted and not to be had: {missing}" if missing else ""
    )
    yield Finding("provider", Verdict.WARNING if missing else Verdict.OK, detail)


def all_cameras(paths: SitePaths, parameters: Parameters) -> Iterator[Finding]:
    """Every enabled camera is opened as the worker would, all at once."""
    enabled: list[CameraSettings] = []
    for camera_id, loaded in SettingsStore(paths).load_cameras().items():
        if isinstance(loaded, SettingsError):
            yield Finding(f"camera {camera_id}", Verdict.FAILED, str(loaded))
        elif loaded.value.enabled:
            enabled.append(loaded.value)
    if not enabled:
        yield Finding("cameras", Verdict.WARNING, "none is enabled; add one on the Cameras page")
        return
    with ThreadPoolExecutor(len(enabled)) as pool:
        yield from pool.map(lambda camera: one_camera(camera, parameters), enabled)


def one_camera(camera: CameraSettings, parameters: Parameters) -> Finding:
    check = f"camera {camera.id}"
    try:
        result = try_camera(camera, parameters.for_camera(camera)).result
    except SettingsError as error:
        return Finding(check, Verdict.FAILED, str(error))
    if result["ok"]:
        size = f"{result['codec']} {result['width']}x{result['height']}"
        return Finding(check, Verdict.OK, f"{size}, first frame after {result['time_to_first_frame_s']} s")
    return Finding(check, Verdict.FAILED, text(f"camera.cause.{result['cause']}", "en"))


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
