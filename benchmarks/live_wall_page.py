"""docs/live-wall.md: what a live wall costs that stays open, as Markdown."""

from typing import Any

PAGE = """# The live wall

How a wall of {tiles} cameras behaves that stays open for {minutes:g} minutes, measured on {machine}. Other
programs used the machine as well: its load average was {load} meanwhile, and above the number of cores
everything waits for a turn. The real dashboard serves one page in headless Chromium without a graphics
card; a process writes {fps:g} pictures a second and camera (960 by 540, about 50 KB) as the worker does.

| what | measured | must be |
|---|---:|---:|
| a picture's way from the worker's file to painted pixels, median | {p50} ms | |
| the same, 95th percentile | {p95} ms | under 300 ms |
| the same, 99th percentile | {p99} ms | |
| pictures drawn a second and tile | {drawn_fps} | |
| processor time of the dashboard with this viewer | {cpu_cores} cores | under 0.1 cores |
| memory of the dashboard: first, last, highest | {rss} MB | |
| its growth after the warm-up | {rss_growth} MB | under 6 MB |
| JavaScript memory of the page: first, last, highest | {heap} MB | |
| its growth after the warm-up | {heap_growth} MB | under 3 MB |
| tiles whose pixels were not those of the frame they claimed | {wrong_pixels} | 0 |

**Latency.** Each frame carries the moment before its file was written. The page reads the clock of the same
machine once the browser has painted the frame in which the picture was drawn. Every five seconds the pixels
themselves are read: each picture counts its number in black and white cells.

**Memory is flat** when it grows by less than the limit from the end of the warm-up, which is 30 % of the
time, to the end. Growth is the slope times that span, and the slope is the median of the slopes between any
two samples: one jump of the allocator makes none, a leak of any size does in time. JavaScript memory is
read after a collection.

`scripts/soak` measures again, for 30 minutes, and fails when something is missed; `scripts/soak --keep`
writes this page too. The tests let the same code run for a shorter time.
"""


def render(figures: dict[str, Any]) -> str:
    rss, heap = figures["rss_mb"], figures["heap_mb"]
    names = ("tiles", "minutes", "machine", "fps", "drawn_fps", "cpu_cores", "wrong_pixels", "load")
    return PAGE.format(
        **{name: figures[name] for name in names},
        **figures["latency_ms"],
        rss=_levels(rss),
        heap=_levels(heap),
        rss_growth=rss["growth"],
        heap_growth=heap["growth"],
    )


def _levels(memory: dict[str, float]) -> str:
    return f"{memory['first']}, {memory['last']}, {memory['highest']}"
