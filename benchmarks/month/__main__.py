"""python -m benchmarks.month --seeds N: judges simulated months and compares every figure with their truth.

Exit status 1 when the system and the truth disagree anywhere, or judging again gives something else.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.month.run import Outcome, try_out
from benchmarks.month.site import VARIANTS
from benchmarks.month.summary import figures, told

SHOWN = 10


def main(argv: list[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    outcomes = []
    for name in arguments.variant or VARIANTS:
        for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
            with tempfile.TemporaryDirectory(prefix="gspe-month-") as home:
                outcomes.append(try_out(VARIANTS[name], seed, Path(home)))
            print(_line(outcomes[-1]), flush=True)
    results = figures(outcomes)
    if arguments.results:
        arguments.results.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    print(told(results))
    return int(any(not outcome.agrees for outcome in outcomes))


def _line(outcome: Outcome) -> str:
    found = len(outcome.disagreements)
    verdict = "agrees" if outcome.agrees else f"{found} disagreements, repeats: {outcome.repeats}"
    head = f"{outcome.variant:8} seed {outcome.seed:3} {len(outcome.truth)} days: {verdict}"
    return "\n".join([head, *(f"    {one}" for one in outcome.disagreements[:SHOWN])])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.month", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="how many months of each kind (5)")
    parser.add_argument("--first-seed", type=int, default=1, metavar="N", help="the first of them (1)")
    parser.add_argument(
        "--variant", choices=[*VARIANTS], action="append", help="only this kind; may be repeated"
    )
    parser.add_argument("--results", type=Path, metavar="FILE", help="write the figures there, as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
