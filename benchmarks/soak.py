"""The live wall for as long as somebody keeps it open: memory, processor and how late its pictures are.

scripts/soak [--minutes 30] [--tiles 4] [--fps 10] [--keep]: the real dashboard, a process that writes frames
as a worker does (tests/live_writer.py), and Chromium with the wall open. Ends with 1 when memory grew or a
budget was missed.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, CDPSession, Page

from benchmarks.live_wall_page import render
from core.domain.states import Role
from core.paths import REPOSITORY
from tests.browser import Dashboard, give_password, new_page, running_chromium, running_dashboard, sign_in
from tests.live_writer import BITS, CELL_PX, HEIGHT_PX, PICTURES, WIDTH_PX
from tests.running_site import processes_of
from tests.seed import Seed, working_day

SAMPLE_S = 5.0
WARM_UP_SHARE = 0.3
"""Of the time; then caches are full and memory has to stay."""
P95_BUDGET_MS = 300.0
CPU_BUDGET = 0.1
"""Of one core, a viewer."""
RSS_GROWTH_MB, HEAP_GROWTH_MB = 6.0, 3.0
"""What memory may grow by over the time measured; more is a leak."""
PAGE = REPOSITORY / "docs" / "live-wall.md"
RESULTS = REPOSITORY / "benchmarks" / "results" / "live_wall.json"

MEASURE = """
window.soak = { latencies: [], watched: new WeakSet() };
setInterval(() => {
    const roots = [...document.querySelectorAll("*")].map((element) => element.shadowRoot).filter(Boolean);
    for (const tile of roots.flatMap((root) => [...root.querySelectorAll(".gspe-live")])) {
        if (window.soak.watched.has(tile)) continue;
        window.soak.watched.add(tile);
        const drawn = () => {
            const written = Math.floor(Number(tile.dataset.sequence) / PICTURES);
            // Behind the next frame of the browser the drawing is painted.
            const painted = () => window.soak.latencies.push(Date.now() - written);
            requestAnimationFrame(() => setTimeout(painted, 0));
        };
        new MutationObserver(drawn).observe(tile, { attributes: true, attributeFilter: ["data-frames"] });
    }
}, 250);
""".replace("PICTURES", str(PICTURES))
TAKE = "() => window.soak.latencies.splice(0)"
LOOK = """(tile, [bits, cell, width, height, pictures]) => {
    const canvas = tile.querySelector("canvas");
    const context = canvas.getContext("2d");
    const y = Math.round(canvas.height * (1 - cell / 2 / height));
    let seen = 0;
    for (let bit = 0; bit < bits; bit++) {
        const x = Math.round(canvas.width * ((bit + 0.5) * cell / width));
        if (context.getImageData(x, y, 1, 1).data[0] > 127) seen |= 1 << bit;
    }
    return [tile.dataset.state, seen, Number(tile.dataset.sequence) % pictures];
}"""


@dataclass
class Soak:
    """What was measured. Times in ms, memory in MB, processor in cores."""

    minutes: float
    tiles: int
    fps: float
    latencies_ms: list[float] = field(default_factory=list)
    at_s: list[float] = field(default_factory=list)
    rss_mb: list[float] = field(default_factory=list)
    heap_mb: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    load: list[float] = field(default_factory=list)
    """The machine's load average over a minute: what else it had to do."""
    wrong_pixels: int = 0
    """Tiles that were not live, or whose pixels were not those of the frame they claimed."""

    def figures(self) -> dict[str, Any]:
        p50, p95, p99 = np.percentile(self.latencies_ms, [50, 95, 99])
        span_s = self.at_s[-1] - self.at_s[0]
        return {
            "machine": machine(),
            "minutes": round(self.minutes, 1),
            "tiles": self.tiles,
            "fps": self.fps,
            "drawn_fps": round(len(self.latencies_ms) / span_s / self.tiles, 2),
            "latency_ms": {"p50": round(p50, 1), "p95": round(p95, 1), "p99": round(p99, 1)},
            "cpu_cores": round((self.cpu_s[-1] - self.cpu_s[0]) / span_s, 4),
            "rss_mb": memory(self.at_s, self.rss_mb),
            "heap_mb": memory(self.at_s, self.heap_mb),
            "load": round(float(np.mean(self.load)), 1),
            "wrong_pixels": self.wrong_pixels,
        }


def memory(at_s: Sequence[float], mb: Sequence[float]) -> dict[str, float]:
    """First, last and highest value, and `growth`: the slope after the warm-up times the time measured.

    The slope is the median of the slopes between any two samples (Theil and Sen): a single jump of the
    allocator does not make one, a leak does.
    """
    first = int(len(mb) * WARM_UP_SHARE)
    times, values = np.asarray(at_s[first:]), np.asarray(mb[first:])
    later, earlier = np.triu_indices(len(values), 1)[::-1]
    slope = float(np.median((values[later] - values[earlier]) / (times[later] - times[earlier])))
    growth = slope * float(times[-1] - times[0])
    return {
        "first": round(mb[0], 1),
        "last": round(mb[-1], 1),
        "highest": round(max(mb), 1),
        "growth": round(growth, 2),
        "growth_a_day": round(slope * 86_400, 1),
    }


def problems(figures: dict[str, Any]) -> list[str]:
    """What was missed; nothing for a wall that may stay open."""
    found = []
    if figures["latency_ms"]["p95"] >= P95_BUDGET_MS:
        found.append(f"pictures are late: p95 {figures['latency_ms']['p95']} ms")
    if figures["cpu_cores"] >= CPU_BUDGET:
        found.append(f"the dashboard takes {figures['cpu_cores']} cores for one viewer")
    for name, limit in (("rss_mb", RSS_GROWTH_MB), ("heap_mb", HEAP_GROWTH_MB)):
        if figures[name]["growth"] > limit:
            found.append(f"memory is not flat: {name} grew by {figures[name]['growth']}")
    if figures["wrong_pixels"]:
        found.append(f"{figures['wrong_pixels']} tiles did not show the frame they claimed")
    return found


def soak(browser: Browser, folder: Path, minutes: float, tiles: int = 4, fps: float = 10.0) -> Soak:
    """Keeps the wall open for so long; `folder` becomes the dashboard's home."""
    seed = _site(folder, tiles)
    measured = Soak(minutes, tiles, fps)
    with _writing(seed, tiles, fps), running_dashboard(seed) as dashboard:
        page = new_page(browser)
        try:
            _open_wall(page, dashboard, tiles)
            _measure(page, dashboard, measured)
        finally:
            page.context.close()
    return measured


def _site(folder: Path, tiles: int) -> Seed:
    seed = working_day(folder)
    for camera_id in range(3, tiles + 1):
        seed.camera(camera_id, f"Lorong {camera_id}")
    give_password(seed, str(Role.SUPERVISOR))
    return seed


@contextmanager
def _writing(seed: Seed, tiles: int, fps: float) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.live_writer", str(seed.home)]
    options = ["--cameras", str(tiles), "--fps", str(fps)]
    writer = subprocess.Popen([*command, *options], cwd=REPOSITORY)
    try:
        yield
    finally:
        writer.terminate()
        writer.wait()


def _open_wall(page: Page, dashboard: Dashboard, tiles: int) -> None:
    page.add_init_script(MEASURE)
    sign_in(page, dashboard, str(Role.SUPERVISOR))
    page.goto(f"{dashboard.url}/live?tiles={tiles}")
    for place in range(tiles):
        page.locator('.gspe-live[data-state="live"]').nth(place).wait_for()


def _measure(page: Page, dashboard: Dashboard, measured: Soak) -> None:
    pid = next(pid for pid, line in processes_of(dashboard.home).items() if "streamlit" in line)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.evaluate(TAKE)  # what was drawn while the page opened
    began_s = time.monotonic()
    while True:
        measured.at_s.append(time.monotonic() - began_s)
        measured.rss_mb.append(_rss_mb(pid))
        measured.cpu_s.append(_cpu_s(pid))
        measured.load.append(os.getloadavg()[0])
        measured.heap_mb.append(_heap_mb(session))
        if measured.at_s[-1] >= 60 * measured.minutes:
            return
        page.wait_for_timeout(1000 * SAMPLE_S)
        measured.latencies_ms += page.evaluate(TAKE)
        measured.wrong_pixels += _wrong_pixels(page)


def _wrong_pixels(page: Page) -> int:
    layout = [BITS, CELL_PX, WIDTH_PX, HEIGHT_PX, PICTURES]
    seen = [tile.evaluate(LOOK, layout) for tile in page.locator(".gspe-live").all()]
    return sum(state != "live" or shown != claimed for state, shown, claimed in seen)


def _rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]) / 1024


def _cpu_s(pid: int) -> float:
    """User and system time of all its threads."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _heap_mb(session: CDPSession) -> float:
    """What is left after a collection."""
    session.send("HeapProfiler.collectGarbage")
    metrics = {entry["name"]: entry["value"] for entry in session.send("Performance.getMetrics")["metrics"]}
    return metrics["JSHeapUsedSize"] / 2**20


def machine() -> str:
    """Processor, cores and memory; no name."""
    info = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in info if line.startswith("model name")), "")
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model or platform.machine()}, {os.cpu_count()} cores, {memory_gb:.0f} GB"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--tiles", type=int, default=4, choices=(4, 9, 16))
    parser.add_argument("--fps", type=float, default=10.0)
    parser.add_argument("--keep", action="store_true", help="write docs/live-wall.md and its figures")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gspe-soak-") as folder, running_chromium() as browser:
        measured = soak(browser, Path(folder) / "home", arguments.minutes, arguments.tiles, arguments.fps)
    figures = measured.figures()
    print(json.dumps(figures, indent=2))
    if arguments.keep:
        RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
        PAGE.write_text(render(figures))
    for problem in (found := problems(figures)):
        print(f"soak: {problem}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
