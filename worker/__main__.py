"""python -m worker COMMAND …"""

import argparse
import importlib
import sys

from core.errors import GspeError

COMMANDS = {
    "run": ("worker.runner", "watch the configured cameras until stopped"),
    "replay": ("worker.replay", "feed a recording through the same pipeline into a scratch copy"),
    "enrol": ("worker.enrol_command", "enrol a person from photos"),
    "doctor": ("worker.doctor", "check models, database, permissions, disk, clock and cameras"),
    "packs": ("worker.packs_command", "build and list model packs"),
    "notify": ("worker.notify.command", "tell people of alerts, by WhatsApp, e-mail and webhook"),
    "watchdog": ("worker.watchdog", "restart the worker when its main loop stands still"),
}


def main(argv: list[str] | None = None) -> int:
    """Each command's module offers `configure(parser)` and `main(arguments) -> exit status`."""
    parser = argparse.ArgumentParser(prog="python -m worker", description=__doc__)
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    arguments = sys.argv[1:] if argv is None else argv
    wanted = arguments[0] if arguments else None
    module = None
    for name, (module_name, summary) in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=summary, description=summary)
        if name == wanted:  # only the wanted command pays for its imports
            module = importlib.import_module(module_name)
            module.configure(subparser)
    parsed = parser.parse_args(arguments)
    assert module is not None
    try:
        return int(module.main(parsed))
    except GspeError as error:
        print(f"worker {parsed.command}: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
