"""scripts/chaos: kills the running system with SIGKILL and checks that nothing is lost or made up.

A scratch site plays a looping clip on which three people come and go all the time. A journal of its own
writes down every commit. Kills fall at random, in the start-up, in a commit, around the renaming of a
picture, in a migration and in the very first start; they hit the worker alone or everything at once. Exit
status 1 when a promise was broken or the system did not come back; site, logs and journal are kept then.
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.chaos.campaign import Campaign, Kill
from benchmarks.chaos.summary import summary
from benchmarks.chaos.system import SystemFailed


def main(argv: list[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that nothing runs on
    work = Path(tempfile.mkdtemp(prefix="gspe-chaos-")).resolve()
    campaign = Campaign(work, arguments.seed)
    began_s = time.monotonic()
    kills, failure = _run(campaign, arguments.kills)
    content = summary(kills, campaign.inspection, arguments.seed, time.monotonic() - began_s)
    if arguments.results:
        arguments.results.parent.mkdir(parents=True, exist_ok=True)
        arguments.results.write_text(json.dumps(content, indent=1) + "\n")
    broken = len(content["violations"]) + bool(failure)
    print(f"{len(kills)} kills, {sum(content['rows'].values())} journalled rows, {broken} promises broken")
    if broken:
        print(f"{failure or ''}\neverything is kept in {work}", file=sys.stderr)
    else:
        shutil.rmtree(work)
    return int(bool(broken))


def _run(campaign: Campaign, count: int) -> tuple[list[Kill], str | None]:
    """The kills, told one by one, and how the system failed before the first or after the last of them."""
    kills: list[Kill] = []
    try:
        for kill in campaign.run(count):
            kills.append(kill)
            print(_line(kill), flush=True)
    except SystemFailed as failure:
        return kills, str(failure)
    return kills, None


def _line(kill: Kill) -> str:
    target = "everything" if kill.order.everything else "worker"
    if kill.strike is None:
        text = "failed"
    else:
        text = (
            f"{'hit' if kill.strike.hit else 'missed'}, {kill.strike.found}, back after {kill.back_s:.1f} s"
        )
    lines = [f"{kill.number:3} {kill.order.moment:11} {target:10} {text}"]
    return "\n".join([*lines, *(f"    {one.rule}: {one.row}: {one.detail}" for one in kill.violations)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=10, metavar="N", help="how many kills (10)")
    parser.add_argument("--seed", type=int, default=1, help="of the order and the moments of the kills (1)")
    parser.add_argument("--results", type=Path, metavar="FILE", help="write the figures there, as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
