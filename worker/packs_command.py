"""python -m worker packs build | list"""

import argparse
import sys
from pathlib import Path

from core.errors import PackUnavailable
from worker.pack_build.recipe import build_open_pack
from worker.pack_manifest import open_pack_folder, read_manifest
from worker.packs import default_cache


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, summary in (
        ("build", "build the open pack unless it is there"),
        ("list", "show what is built"),
    ):
        action = actions.add_parser(name, help=summary, description=summary)
        action.add_argument(
            "--cache", type=Path, help="folder of the packs (default: GSPE_MODEL_CACHE or the user's)"
        )


def main(arguments: argparse.Namespace) -> int:
    cache = arguments.cache or default_cache()
    if arguments.action == "build":
        return _build(cache)
    return _list(cache)


def _build(cache: Path) -> int:
    folder, built = build_open_pack(cache)
    sys.stdout.write(f"model pack {'built' if built else 'ready'}: {folder}\n")
    return 0


def _list(cache: Path) -> int:
    folder = open_pack_folder(cache)
    try:
        manifest = read_manifest(folder)
    except PackUnavailable as error:
        sys.stdout.write(f"open: {error}\n")
        return 1
    sys.stdout.write(f"{manifest.pack_id} {manifest.sha256[:12]} {manifest.licence} {folder}\n")
    return 0
