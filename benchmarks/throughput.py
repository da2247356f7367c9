"""How many frames a second each part of the way takes, measured in turn within one run.

    python -m benchmarks.throughput [--frames 40] [--rounds 5] [--results FILE]

Frames come from the demo's scene with three faces. On a shared machine absolute figures vary; ratios of parts
that were measured in turn hardly do, so each part's time is also given in units of detection's.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from core.domain.faces import Frame
from core.paths import SitePaths
from core.settings import Parameters
from core.storage.engine import writer_engine
from worker.analysis.protocols import LoadedPack
from worker.demo_scene import SCRIPT, demo_portraits, demo_stage
from worker.demo_site import CAMERA_ID, demo_camera, prepare
from worker.packs import load_pack
from worker.pipeline import CameraFrame
from worker.recorder import Recorder, SiteSettings
from worker.replay import camera_row
from worker.sources.scene import draw
from worker.sources.source import CapturedFrame

CROWDED_S = 14.0
"""From then on the scene shows three people for a while."""
START_AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

Part = Callable[[int], object]
"""Works on frame number n of the run."""


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=40, help="frames a part and round")
    parser.add_argument("--rounds", type=int, default=5, help="the median round counts")
    parser.add_argument("--results", type=Path, help="write the figures as JSON")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="gspe-throughput-") as folder:
        figures = measure(SitePaths(Path(folder)), arguments.frames, arguments.rounds)
    for name, figure in figures["parts"].items():
        print(
            f"{name:10} {figure['frames_per_s']:7.1f} frames/s  {figure['of_detect']:5.2f} x detection's time"
        )
    if arguments.results:
        arguments.results.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def measure(home: SitePaths, frames: int, rounds: int) -> dict[str, Any]:
    """The figures of every part; `home` is an empty folder for the records that come about."""
    prepare(home)
    parameters = Parameters()
    pack = load_pack(parameters)
    engine = writer_engine(home.database)
    try:
        settings = SiteSettings(parameters, {CAMERA_ID: demo_camera()})
        recorder = Recorder(home, engine, pack, settings)
        recorder.start(START_AT, [camera_row(demo_camera(), START_AT)])
        pictures = crowded_frames(frames)
        timed = time_in_turn(parts(pack, recorder, pictures), frames, rounds)
    finally:
        engine.dispose()
    return {
        "provider": pack.detector.provider,
        "frames": frames,
        "rounds": rounds,
        "parts": rates(timed, frames),
    }


def crowded_frames(count: int) -> list[Frame]:
    portraits, stage = demo_portraits(), demo_stage()
    return [draw(stage, SCRIPT, portraits, CROWDED_S + n / 5 % 7) for n in range(count)]


def parts(pack: LoadedPack, recorder: Recorder, pictures: Sequence[Frame]) -> dict[str, Part]:
    """detect: the detector alone; embed: three faces aligned and embedded; pipeline: a frame's whole way to a
    committed fact, with its pictures."""
    found = [pack.detector.detect(picture) for picture in pictures]
    played = 0

    def embed(n: int) -> object:
        return pack.embedder.embed([pack.embedder.align(pictures[n], marks) for marks in found[n].landmarks])

    def pipeline(n: int) -> object:
        nonlocal played
        played += 1
        captured_at = START_AT + timedelta(seconds=played / 5)
        frame = CameraFrame(CAMERA_ID, CapturedFrame(pictures[n], captured_at, played))
        return recorder.process([frame], captured_at)

    return {"detect": lambda n: pack.detector.detect(pictures[n]), "embed": embed, "pipeline": pipeline}


def time_in_turn(work: dict[str, Part], frames: int, rounds: int) -> dict[str, list[float]]:
    """Seconds of each part in each round, after a round that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for number in range(rounds + 1):
        for name, part in work.items():
            began = time.perf_counter()
            for n in range(frames):
                part(n)
            if number:
                seconds[name].append(time.perf_counter() - began)
    return seconds


def rates(seconds: dict[str, list[float]], frames: int) -> dict[str, dict[str, float]]:
    """Median rate of each part, and the median over the rounds of its time by that of detection."""
    return {
        name: {
            "frames_per_s": round(frames / median(spent), 1),
            "of_detect": round(median(a / b for a, b in zip(spent, seconds["detect"], strict=True)), 2),
        }
        for name, spent in seconds.items()
    }


if __name__ == "__main__":
    sys.exit(main())
