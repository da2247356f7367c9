"""Replays composed scenes through the programs as a user would, and scores what they report.

    python -m benchmarks.accuracy --people DIR --out DIR [--seeds 20] [--results FILE] …

For every seed: a scene as benchmarks.make_scenes makes it, a home where three photos of each employee are
enrolled with `python -m worker enrol`, then `python -m worker replay` twice. OUT keeps scenes, homes and
reports. The figures go to --results, from which docs/accuracy.md is made. Exit status 1 when a visit was
missed or a name was wrong.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.make_scenes import add_scene_arguments, make_scene, scene_options, seed_folder
from benchmarks.scene_clip import CLIP, TRUTH, Truth
from benchmarks.scene_plan import ENROL_PHOTOS, SceneOptions
from benchmarks.scoring import TOLERANCE_S, Interval, ReportedVisit, SceneScore, distribution, score
from core.paths import REPOSITORY, SitePaths
from core.settings import Parameters, WorkingWeek
from core.settings_store import MISSING, SettingsStore
from core.storage.migrate import migrate

START_AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""When every clip begins; any day would do."""
PRESENT_TIMEOUT_S = 2.0
ENROLMENT = "enrolment.json"
"""Outcome → photos; written last, so it marks a home as complete."""
RESULTS = REPOSITORY / "benchmarks" / "results" / "accuracy.json"
PACKAGES = ("onnxruntime", "opencv-python", "av", "numpy")


@dataclass(frozen=True)
class SeedResult:
    """One scene's score; whether the second replay reported the same; frames/s while it played."""

    seed: int
    score: SceneScore
    repeat_equal: bool
    frames: int
    frames_per_s: float


def main(argv: list[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    options = scene_options(arguments)
    results: list[SeedResult] = []
    homes: set[Path] = set()
    for seed in range(1, arguments.seeds + 1):
        folder = seed_folder(arguments.out, seed)
        if not (arguments.reuse and (folder / TRUTH).exists()):
            make_scene(arguments.people, arguments.out, options, seed)
        truth = Truth.read(folder / TRUTH)
        home = enrolled_home(arguments.out, arguments.people, truth)
        homes.add(home.home)
        results.append(measure(folder, truth, home))
        print(_line(results[-1]), flush=True)
    content = {**summary(results, options), "enrolment": enrolment(homes)}
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.write_text(json.dumps(content, indent=1) + "\n")
    print(json.dumps(content["totals"], indent=1))
    return int(not all(result.score.perfect and result.repeat_equal for result in results))


def enrolled_home(out: Path, people: Path, truth: Truth) -> SitePaths:
    """A home with the truth's employees; scenes with the same employees share it."""
    absent = "-".join(
        sorted({person.name for person in people.iterdir() if person.is_dir()} - truth.enrol.keys())
    )
    paths = SitePaths((out / f"home-without-{absent or 'nobody'}").resolve())
    if not (paths.home / ENROLMENT).exists():
        shutil.rmtree(paths.home, ignore_errors=True)  # what an interrupted run left
        migrate(paths)
        SettingsStore(paths).save_parameters(benchmark_parameters(), MISSING)
        outcomes: Counter[str] = Counter()
        for code, photos in sorted(truth.enrol.items()):
            files = [str((people / photo).resolve()) for photo in photos]
            answers = _worker(paths, ["enrol", "--code", code, "--name", code, "--basis", "consent", *files])
            outcomes.update(json.loads(line)["outcome"].partition(":")[0] for line in answers.splitlines())
        (paths.home / ENROLMENT).write_text(json.dumps(outcomes))
    return paths


def benchmark_parameters() -> Parameters:
    return Parameters(
        time_zone="UTC", working_hours=WorkingWeek.always(), present_timeout_sec=PRESENT_TIMEOUT_S
    )


def measure(folder: Path, truth: Truth, home: SitePaths) -> SeedResult:
    """Replays the folder's clip twice and scores the first report."""
    reports = [_replay(folder, home, name) for name in ("report.json", "report-again.json")]
    timings = [report.pop("timings") for report in reports]
    return SeedResult(
        seed=truth.seed,
        score=score_report(truth, reports[0]),
        repeat_equal=reports[0] == reports[1],
        frames=reports[0]["frames"],
        frames_per_s=round(reports[0]["frames"] / min(timing["play_s"] for timing in timings), 1),
    )


def score_report(truth: Truth, report: dict[str, Any]) -> SceneScore:
    """The score of a report of `python -m worker replay` that started at START_AT."""
    visits = [
        ReportedVisit(visit["employee_code"], _interval(visit["arrived_at"], visit["last_seen_at"]))
        for visit in report["visits"]
    ]
    unknown = [_interval(t["first_seen_at"], t["last_seen_at"]) for t in report["unknown_tracks"]]
    return score(truth.visits, visits, unknown)


def summary(results: Sequence[SeedResult], options: SceneOptions) -> dict[str, Any]:
    """What goes into the results file: no name, no path, no picture."""
    total = sum((result.score for result in results), SceneScore())
    return {
        "measured_at": f"{datetime.now(UTC):%Y-%m-%d}",
        "packages": {name: version(name) for name in PACKAGES},
        "cpu_cores": os.cpu_count(),
        "scenes": {
            **asdict(options),
            "seeds": len(results),
            "enrol_photos": ENROL_PHOTOS,
            "present_timeout_sec": PRESENT_TIMEOUT_S,
            "tolerance_s": TOLERANCE_S,
        },
        "totals": {
            **_counts(total),
            "start_error_s": distribution(total.start_errors_s),
            "end_error_s": distribution(total.end_errors_s),
            "repeats_equal": all(result.repeat_equal for result in results),
            "frames": sum(result.frames for result in results),
            "frames_per_s": round(
                sum(result.frames for result in results)
                / sum(result.frames / result.frames_per_s for result in results),
                1,
            ),
        },
        "seeds": [
            {
                "seed": r.seed,
                **_counts(r.score),
                "repeat_equal": r.repeat_equal,
                "frames_per_s": r.frames_per_s,
            }
            for r in results
        ],
    }


def enrolment(homes: Iterable[Path]) -> dict[str, int]:
    """How many enrolment photos of all homes had which outcome."""
    outcomes: Counter[str] = Counter()
    for home in homes:
        outcomes.update(json.loads((home / ENROLMENT).read_text()))
    return dict(sorted(outcomes.items()))


def _counts(result: SceneScore) -> dict[str, int]:
    return {name: value for name, value in asdict(result).items() if isinstance(value, int)}


def _interval(start_at: str, end_at: str) -> Interval:
    first, last = ((datetime.fromisoformat(at) - START_AT).total_seconds() for at in (start_at, end_at))
    return Interval(first, last)


def _replay(folder: Path, home: SitePaths, name: str) -> dict[str, Any]:
    report = folder / name
    source = str((folder / CLIP).resolve())
    _worker(
        home,
        [
            "replay",
            source,
            "--camera",
            "1",
            "--start",
            START_AT.isoformat(),
            "--report",
            str(report.resolve()),
        ],
    )
    content: dict[str, Any] = json.loads(report.read_text())
    return content


def _worker(home: SitePaths, arguments: list[str]) -> str:
    """What `python -m worker` says; its log goes to the terminal. Raises CalledProcessError."""
    environment = {**os.environ, "GSPE_HOME": str(home.home)}
    command = [sys.executable, "-m", "worker", *arguments]
    done = subprocess.run(
        command, env=environment, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def _line(result: SeedResult) -> str:
    counts = ", ".join(f"{name} {value}" for name, value in _counts(result.score).items() if value)
    again = "equal" if result.repeat_equal else "NOT EQUAL"
    return f"seed {result.seed}: {counts}; second run {again}; {result.frames_per_s} frames/s"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_scene_arguments(parser)
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the figures go")
    parser.add_argument("--reuse", action="store_true", help="keep the scenes that lie in OUT already")
    return parser


if __name__ == "__main__":
    sys.exit(main())
