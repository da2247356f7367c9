"""python -m tests.printed NAME: prints an environment variable."""

import os
import sys

sys.stdout.write(os.environ.get(sys.argv[1], ""))
