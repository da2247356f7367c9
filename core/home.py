"""Which home a program works in: the site's, or the demo's while the site has no camera yet.

`python -m core.home exec MODULE …` decides that anew each time supervisord starts a program, so that
the demo ends by a restart of the programs alone. `python -m core.home show` prints `demo` or `site`.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.paths import OWNER_ONLY_FILE, REPOSITORY, SitePaths

PR_SET_PDEATHSIG = 1
"""linux/prctl.h"""


@dataclass(frozen=True)
class ResolvedHome:
    paths: SitePaths
    """Where the programs work."""
    site: SitePaths
    """Where the site's own settings and records are; the same unless this is the demo."""
    demo: bool

    def environment(self, environ: Mapping[str, str]) -> dict[str, str]:
        """`environ` for a program that works in this home."""
        child = {key: value for key, value in environ.items() if key != "GSPE_DEMO"}
        child |= {"GSPE_HOME": str(self.paths.home), "GSPE_SITE_HOME": str(self.site.home)}
        return child | {"GSPE_DEMO": "1"} if self.demo else child


def resolve_home(environ: Mapping[str, str]) -> ResolvedHome:
    """The demo's home when the site never had a camera and GSPE_NO_DEMO is unset, else the site's."""
    site = site_paths(environ)
    demo = not environ.get("GSPE_NO_DEMO") and not has_site_begun(site)
    return ResolvedHome(SitePaths(site.demo_home) if demo else site, site, demo)


def current_home(environ: Mapping[str, str]) -> ResolvedHome:
    """What was decided when this program started, whatever has happened since."""
    home = SitePaths(Path(environ.get("GSPE_HOME") or REPOSITORY).resolve())
    return ResolvedHome(home, site_paths(environ), bool(environ.get("GSPE_DEMO")))


def site_paths(environ: Mapping[str, str]) -> SitePaths:
    """The site's home, also for a program that works in the demo's."""
    home = environ.get("GSPE_SITE_HOME") or environ.get("GSPE_HOME")
    return SitePaths(Path(home or REPOSITORY).resolve())


def has_site_begun(site: SitePaths) -> bool:
    """Whether a camera is configured, or was when programs last started: there is no way back to the demo."""
    return demo_end_mark(site).exists() or any(site.camera_configs.glob("CAM*/config.json"))


def demo_end_mark(site: SitePaths) -> Path:
    """This file stays when the site's last camera is taken away."""
    return site.data / "demo.ended"


def die_with_parent() -> None:
    """Lets the kernel stop this program when its parent dies: a killed supervisord leaves none behind.

    It outlives exec. Elsewhere than on Linux it does nothing.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def exec_module(module_and_arguments: list[str]) -> None:
    """Replaces this process by `python -m MODULE …` in the home that is right now."""
    home = resolve_home(os.environ)
    if not home.demo and has_site_begun(home.site) and home.site.data.is_dir():
        demo_end_mark(home.site).touch(mode=OWNER_ONLY_FILE)
    die_with_parent()
    command = [sys.executable, "-m", *module_and_arguments]
    os.execve(sys.executable, command, home.environment(os.environ))


def main(arguments: list[str]) -> int:
    if arguments == ["show"]:
        sys.stdout.write("demo\n" if resolve_home(os.environ).demo else "site\n")
        return 0
    if len(arguments) > 1 and arguments[0] == "exec":
        exec_module(arguments[1:])
    sys.stderr.write("usage: python -m core.home show | exec MODULE [ARGUMENT …]\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
