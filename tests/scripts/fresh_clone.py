"""A copy of the working tree in an empty home, with a PATH that holds what a test wants to be there."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.paths import REPOSITORY

NOBODY = 65534
ALL_LIBRARIES = "set -euo pipefail; for part in scripts/lib/*.sh; do . $part; done"
BASE_PYTHON = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"


@dataclass(frozen=True)
class FreshClone:
    """The PATH has the system's commands, without any Python until a test puts one into `tools`."""

    root: Path
    tools: Path
    system: Path
    home: Path

    def add_python(self, name: str = "python3.11") -> None:
        """The Python that runs the tests, under another name."""
        (self.tools / name).symlink_to(BASE_PYTHON)

    def add_tool(self, name: str, script: str) -> None:
        """A command that this shell script replaces."""
        (self.tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.tools / name).chmod(0o755)

    def run(self, *command: str, as_nobody: bool = False, **environ: str) -> subprocess.CompletedProcess[str]:
        """Runs it in the clone; `as_nobody` makes root an ordinary user, and changes nothing for others."""
        drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        prefix = drop if as_nobody and os.geteuid() == 0 else []
        process = self.popen(*prefix, *command, **environ)
        stdout, stderr = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)

    def popen(self, *command: str, **environ: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.root,
            env={"PATH": f"{self.tools}:{self.system}", "HOME": str(self.home), **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def library(self, code: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Runs shell code with everything of scripts/lib at hand."""
        return self.run("bash", "-c", f"{ALL_LIBRARIES}; {code}", **environ)

    def processes(self) -> list[int]:
        """What runs in this clone."""
        return [process for process in map(int, _numbered()) if _works_in(process, self.root)]


@contextmanager
def readable_folder() -> Iterator[Path]:
    """Readable by everybody, unlike pytest's folders."""
    with tempfile.TemporaryDirectory(prefix="gspe clone ") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def fresh_clone(folder: Path, system: Path) -> FreshClone:
    """A clone below `folder`, with the commands that `link_system_tools` put into `system`."""
    clone = FreshClone(folder / "check out", folder / "tools", system, folder / "home")
    _copy_working_tree(clone.root)
    clone.tools.mkdir()
    clone.home.mkdir()
    return clone


def _copy_working_tree(target: Path) -> None:
    """What `git clone` would bring after a commit of everything here."""
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (REPOSITORY / name).exists():  # a file deleted and not yet committed is listed too
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, target / name)


def link_system_tools(folder: Path) -> None:
    """Every command of the system but the Pythons, by a link."""
    for source in ("/usr/sbin", "/usr/bin", "/sbin", "/bin"):
        for tool in Path(source).iterdir():
            link = folder / tool.name
            if not tool.name.startswith("python") and not link.is_symlink():
                link.symlink_to(tool)


def _numbered() -> list[str]:
    return [entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _works_in(process: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{process}/cwd").readlink().is_relative_to(folder)
    except OSError:  # it has ended, or is somebody else's
        return False
