"""python -m scripts.prepare: what scripts/run does before it starts the programs.

Model pack, databases, the demo's people while no camera is configured, and the first account. It is one
process, because each further one would import the same libraries again; repeating it changes nothing.
"""

import os
import subprocess
import sys

from core.errors import GspeError, PackUnavailable
from core.home import die_with_parent, resolve_home
from core.storage.migrate import migrate
from dashboard.users_command import make_first_admin
from worker.demo_site import prepare as prepare_demo
from worker.pack_manifest import open_pack_folder, read_manifest
from worker.packs import default_cache


def main() -> int:
    die_with_parent()
    try:
        home = resolve_home(os.environ)
        if not has_open_pack():
            build_open_pack()
        migrate(home.site)
        if home.demo:
            prepare_demo(home.paths)
        make_first_admin(home)
    except GspeError as error:
        print(f"run: {error}", file=sys.stderr)
        return 1
    return 0


def has_open_pack() -> bool:
    try:
        read_manifest(open_pack_folder(default_cache()))
    except PackUnavailable:
        return False
    return True


def build_open_pack() -> None:
    """In a process of its own, whose libraries are needed this one time."""
    command = [sys.executable, "-m", "worker", "packs", "build"]
    if subprocess.run(command, check=False, preexec_fn=die_with_parent).returncode:
        raise PackUnavailable("the model pack could not be built; check network and disk, then run again")


if __name__ == "__main__":
    sys.exit(main())
