"""python -m benchmarks.month --seeds N: judges simulated months and compares every figure with their truth.

Exit status 1 when the system and the truth disagree anywhere, or judging again gives something else.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.month.run import Outcome, try_out
from benchmarks.month.site import VARIANTS

SHOWN = 10


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.month", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="how many months of each kind (5)")
    parser.add_argument("--first-seed", type=int, default=1, metavar="N", help="the first of them (1)")
    parser.add_argument(
        "--variant", choices=[*VARIANTS], action="append", help="only this kind; may be repeated"
    )
    arguments = parser.parse_args(argv)
    began, outcomes = time.monotonic(), []
    for name in arguments.variant or VARIANTS:
        for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
            with tempfile.TemporaryDirectory(prefix="gspe-month-") as home:
                outcomes.append(try_out(VARIANTS[name], seed, Path(home)))
            print(_line(outcomes[-1]), flush=True)
    print(_summary(outcomes, time.monotonic() - began))
    return int(any(not outcome.agrees for outcome in outcomes))


def _line(outcome: Outcome) -> str:
    found = len(outcome.disagreements)
    verdict = "agrees" if outcome.agrees else f"{found} disagreements, repeats: {outcome.repeats}"
    head = f"{outcome.variant:8} seed {outcome.seed:3} {len(outcome.truth)} days: {verdict}"
    return "\n".join([head, *(f"    {one}" for one in outcome.disagreements[:SHOWN])])


def _summary(outcomes: list[Outcome], took_s: float) -> str:
    statuses = Counter(day.status for outcome in outcomes for day in outcome.truth.values())
    days, figures = sum(statuses.values()), sum(outcome.figures for outcome in outcomes)
    wrong = sum(len(outcome.disagreements) for outcome in outcomes)
    told = ", ".join(f"{count} {status}" for status, count in statuses.most_common())
    head = f"{len(outcomes)} months, {days} days, {figures} figures, {wrong} disagreements, {took_s:.0f} s"
    return f"{head}\n{told}"


if __name__ == "__main__":
    sys.exit(main())
