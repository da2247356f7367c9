"""`python -m worker run` with painted faces for models, as a program of its own.

GSPE_LOCK_BUDGET_S shortens how long it waits for a locked database.
"""

import argparse
import sys

from core.errors import GspeError
from tests.painted import painted_pack
from worker import runner


def main() -> int:
    try:
        return runner.main(argparse.Namespace(), load=lambda _parameters: painted_pack())
    except GspeError as error:
        sys.stderr.write(f"worker run: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
