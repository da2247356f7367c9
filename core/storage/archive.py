"""The backup file: a zip of the database, the settings and the enrolment photos, with a manifest.

`manifest.json` lists the parts that the backup covers and the sha256 of every entry. A part that it does not
cover stays untouched by a restore.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from core.errors import StorageError
from core.storage.files import make_folder, open_owned

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE_ENTRY = "attendance.db"
CHUNK_BYTES = 1 << 20

Part = Literal["database", "config", "camera_configs", "photos"]
FOLDERS: tuple[Part, ...] = ("config", "camera_configs", "photos")
ALL_PARTS: tuple[Part, ...] = ("database", *FOLDERS)


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `created_at` is ISO 8601 in UTC, `sha256` maps entry names to hex.

    audit_newest: `ID:HASH` of the audit trail's newest row; None without rows, and in older backups.
    """

    site_id: str
    revision: str
    created_at: str
    parts: tuple[Part, ...]
    sha256: dict[str, str]
    audit_newest: str | None = None

    def to_json(self) -> bytes:
        return json.dumps({"format": FORMAT, **self.__dict__}, indent=1, sort_keys=True).encode()


def read_manifest(archive: zipfile.ZipFile) -> Manifest:
    """Raises StorageError (code `backup_invalid`) for a file that is not a backup of this system."""
    try:
        entries = json.loads(archive.read(MANIFEST))
        if entries.pop("format") != FORMAT:
            raise invalid(archive, "it was written by a later version")
        covered = entries.pop("parts")
        parts = tuple(part for part in ALL_PARTS if part in covered)
        manifest = Manifest(parts=parts, **entries)
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError, zipfile.BadZipFile) as error:
        raise invalid(archive, "its manifest is missing or unreadable") from error
    for name in manifest.sha256:
        if not _is_safe(name):
            raise invalid(archive, f"it holds a file outside its folders: {name}")
    return manifest


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name)
    inside = name == DATABASE_ENTRY or path.parts[:1] in [(folder,) for folder in FOLDERS]
    return inside and not path.is_absolute() and ".." not in path.parts


def add_stream(archive: zipfile.ZipFile, name: str, stream: IO[bytes]) -> str:
    """Copies `stream` into the archive as `name`; the sha256 of what was copied, in hex."""
    method = zipfile.ZIP_STORED if name.endswith(".jpg") else zipfile.ZIP_DEFLATED
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = method
    with archive.open(entry, "w", force_zip64=True) as target:
        return _copy(stream, target)


def extract(archive: zipfile.ZipFile, manifest: Manifest, folder: Path) -> None:
    """Writes every entry below `folder`, mode 0600, and compares it with the manifest.

    Raises StorageError (code `backup_invalid`) at the first entry that is missing or differs.
    """
    for name, expected in manifest.sha256.items():
        target = folder / name
        make_folder(target.parent)
        with open_owned(target) as stream:
            _copy_entry(archive, name, expected, stream)


def check(archive: zipfile.ZipFile, manifest: Manifest, database: Path) -> None:
    """Reads every entry once, as `extract` does, but keeps only the database, as the new file `database`."""
    with open_owned(database) as kept, Path(os.devnull).open("wb") as nowhere:
        for name, expected in manifest.sha256.items():
            _copy_entry(archive, name, expected, kept if name == DATABASE_ENTRY else nowhere)


def _copy_entry(archive: zipfile.ZipFile, name: str, expected: str, target: IO[bytes]) -> None:
    try:
        with archive.open(name) as stream:
            actual = _copy(stream, target)
    except (KeyError, zipfile.BadZipFile, EOFError) as error:
        raise invalid(archive, f"{name} is missing or damaged") from error
    if actual != expected:
        raise invalid(archive, f"{name} is damaged")


def _copy(source: IO[bytes], target: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK_BYTES):
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()


def files_below(folder: Path) -> Iterator[Path]:
    """Regular files in a stable order; links and names with a leading dot (unfinished files) are left out."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            yield path


def invalid(archive: zipfile.ZipFile, why: str) -> StorageError:
    return StorageError(
        f"{archive.filename} cannot be restored: {why}; choose another backup", code="backup_invalid"
    )
