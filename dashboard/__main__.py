"""python -m dashboard users … | tokens … | serve"""

import argparse
import importlib
import sys

from core.errors import GspeError

COMMANDS = {
    "users": ("dashboard.users_command", "add, list, disable and enable accounts, reset their passwords"),
    "tokens": ("dashboard.tokens_command", "make, list and revoke tokens of the REST API"),
    "serve": ("dashboard.serve", "serve the pages; scripts/run starts it under supervisord"),
}


def main(argv: list[str] | None = None) -> int:
    """Each command's module offers `configure(parser)` and `main(arguments) -> exit status`."""
    parser = argparse.ArgumentParser(prog="python -m dashboard", description=__doc__)
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
        print(f"dashboard {parsed.command}: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
