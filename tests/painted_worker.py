"""`python -m worker run` with painted faces for models, as a program of its own.

--lock-budget-s shortens how long it waits for a locked database.
"""

import argparse
import sys

from core.errors import GspeError
from tests.painted import painted_pack
from worker import runner


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lock-budget-s", type=float, default=runner.LOCK_BUDGET_S)
    arguments = parser.parse_args()
    try:
        return runner.main(arguments, lambda _parameters: painted_pack(), arguments.lock_budget_s)
    except GspeError as error:
        sys.stderr.write(f"worker run: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
