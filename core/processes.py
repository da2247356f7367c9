"""What the system knows of a process."""

import os
from pathlib import Path

RESIDENT_FIELD = 1
"""Of /proc/PID/statm, in pages."""


def memory_bytes(pid: int) -> int | None:
    """What a process holds in memory now; None where there is no such process, or no /proc."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[RESIDENT_FIELD])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
