"""Writes the files that are made from the code; --check says which are out of date (exit status 1).

Each generator returns {path relative to the repository: content}.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from scripts.docs import accuracy, configuration, live_wall, month, performance, reliability  # noqa: E402

GENERATORS: tuple[Callable[[], dict[str, str]], ...] = (
    configuration.generate,
    accuracy.generate,
    reliability.generate,
    month.generate,
    performance.generate,
    live_wall.generate,
)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args(argv).check
    outdated = [path for generate in GENERATORS for path in _outdated(generate(), write=not check)]
    for path in outdated:
        print(f"{path}: out of date; run scripts/generate_docs.py" if check else f"{path}: written")
    return int(check and bool(outdated))


def _outdated(contents: dict[str, str], *, write: bool) -> list[str]:
    outdated = []
    for name, content in contents.items():
        path = REPOSITORY / name
        if not path.exists() or path.read_text("utf-8") != content:
            outdated.append(name)
            if write:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, "utf-8")
    return outdated


if __name__ == "__main__":
    sys.exit(main())
