"""The only reader and writer of the settings files.

Writes are compare-and-swap: who saves names the fingerprint of what he read, so that nobody undoes a change
that he has not seen. A file is replaced atomically, readable by its owner only.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from json import JSONDecodeError
from pathlib import Path
from typing import Generic, TypeVar

from core import strict_json
from core.errors import SettingsConflict, SettingsError
from core.paths import SitePaths
from core.settings import (
    CameraSettings,
    EmailSettings,
    InvalidSettings,
    Parameters,
    PayrollSettings,
    WebhookSettings,
    WhatsAppSettings,
    system_time_zone,
)
from core.settings.files import MODELS, SettingsFile
from core.settings.model import SettingsModel
from core.settings.problems import invalid
from core.settings_files import VERSION_NAME, SettingsFiles

Model = TypeVar("Model", bound=SettingsModel)

MISSING = ""
"""The fingerprint of a file that is not there."""
UNREADABLE = "unreadable"
"""In the place of the keys of a file that is no JSON."""

SEEN_BY_WORKER = "settings_seen.json"
"""Below `SitePaths.run`: the digests of what the worker looked at last."""

KeyDigests = dict[str, str]
"""By key, the sha256 of its value."""

_CAMERA_FOLDER = re.compile(r"CAM([1-9][0-9]{0,5})")


@dataclass(frozen=True)
class Loaded(Generic[Model]):
    """Settings as they were on disk; `fingerprint` is the sha256 of the file's bytes, or `MISSING`."""

    value: Model
    fingerprint: str


@dataclass(frozen=True)
class Version:
    """A version of a file that was replaced, at this moment; `fingerprint` as of `Loaded`."""

    name: str
    replaced_at: datetime
    fingerprint: str


class SettingsStore:
    """Loads and saves the settings of one home folder. Safe among threads and programs."""

    def __init__(self, paths: SitePaths) -> None:
        self._paths = paths
        self._files = SettingsFiles(paths)

    def load_parameters(self) -> Loaded[Parameters]:
        """The site's parameters; the first time, defaults in the computer's time zone are written.

        Raises InvalidSettings with one sentence for each problem.
        """
        if not self._paths.parameters.exists():
            try:
                return self.save_parameters(Parameters(time_zone=system_time_zone()), MISSING)
            except SettingsConflict:
                pass  # the other program was first
        return self._load(self._paths.parameters, Parameters)

    def save_parameters(self, value: Parameters, expected_fingerprint: str) -> Loaded[Parameters]:
        """Raises SettingsConflict when the file is no longer the one that was read."""
        return self._save(self._paths.parameters, value, expected_fingerprint)

    def load_whatsapp(self) -> Loaded[WhatsAppSettings]:
        """Without a file, WhatsApp is off. Raises InvalidSettings."""
        return self._load_or_default(self._paths.whatsapp, WhatsAppSettings)

    def save_whatsapp(self, value: WhatsAppSettings, expected_fingerprint: str) -> Loaded[WhatsAppSettings]:
        """Raises SettingsConflict when the file is no longer the one that was read."""
        return self._save(self._paths.whatsapp, value, expected_fingerprint)

    def load_payroll(self) -> Loaded[PayrollSettings]:
        """Without a file, the columns that they have by default. Raises InvalidSettings."""
        return self._load_or_default(self._paths.payroll, PayrollSettings)

    def load_email(self) -> Loaded[EmailSettings]:
        """Without a file, e-mail is off. Raises InvalidSettings."""
        return self._load_or_default(self._paths.email, EmailSettings)

    def save_email(self, value: EmailSettings, expected_fingerprint: str) -> Loaded[EmailSettings]:
        """Raises SettingsConflict when the file is no longer the one that was read."""
        return self._save(self._paths.email, value, expected_fingerprint)

    def load_webhook(self) -> Loaded[WebhookSettings]:
        """Without a file, there is no webhook. Raises InvalidSettings."""
        return self._load_or_default(self._paths.webhook, WebhookSettings)

    def save_webhook(self, value: WebhookSettings, expected_fingerprint: str) -> Loaded[WebhookSettings]:
        """Raises SettingsConflict when the file is no longer the one that was read."""
        return self._save(self._paths.webhook, value, expected_fingerprint)

    def load(self, file: SettingsFile) -> Loaded[SettingsModel]:
        """What the file holds, defaults where it is not there. Raises InvalidSettings."""
        if file is SettingsFile.PARAMETERS:
            parameters = self.load_parameters()
            return Loaded(parameters.value, parameters.fingerprint)
        return self._load_or_default(self.path(file), MODELS[file])

    def save(
        self, file: SettingsFile, value: SettingsModel, expected_fingerprint: str
    ) -> Loaded[SettingsModel]:
        """Raises SettingsConflict when the file is no longer the one that was read."""
        return self._save(self.path(file), value, expected_fingerprint)

    def path(self, file: SettingsFile) -> Path:
        path: Path = getattr(self._paths, file)
        return path

    def shown(self, file: SettingsFile) -> str:
        """The path as messages and the audit trail name it, relative to the home folder."""
        return self._files.shown(self.path(file))

    def fingerprint_of(self, shown: str) -> str:
        """Of one file by the name that `shown` gives; also of one that cannot be used."""
        return _fingerprint_of(self._paths.home / shown)

    def versions(self, file: SettingsFile) -> list[Version]:
        """The replaced versions that are still kept, the newest first."""
        kept = reversed(self._files.versions(self.path(file)))
        return [Version(path.name, version_moment(path.name), _sha256(path.read_bytes())) for path in kept]

    def version(self, file: SettingsFile, name: str) -> SettingsModel:
        """What a replaced version holds, by the rules of today. Raises InvalidSettings."""
        try:
            return MODELS[file].parse(_parse_json(self._files.version(self.path(file), name)))
        except InvalidSettings as error:
            problems = [replace(problem, file="") for problem in error.problems]
        raise InvalidSettings(problems)

    def worker_has_seen(self, file: SettingsFile) -> bool:
        """Whether the worker has looked at the file as it is now."""
        try:
            seen: dict[str, KeyDigests] = json.loads((self._paths.run / SEEN_BY_WORKER).read_bytes())
        except (FileNotFoundError, ValueError):
            return False
        path = self.path(file)
        return seen.get(self._files.shown(path)) == (_key_digests(path) if path.exists() else None)

    def load_cameras(self) -> dict[int, Loaded[CameraSettings] | SettingsError]:
        """Every camera by the id of its folder, in that order; one that cannot be used is its error.

        A folder that is not called CAM and a number is among `misnamed_folders`. Raises InvalidSettings only
        when camera_configs itself cannot be read.
        """
        with self._files.locked(exclusive=False):
            ids = sorted(int(match[1]) for folder in self._folders() if (match := _camera_folder(folder)))
            return {camera_id: self._load_or_error(camera_id) for camera_id in ids}

    def load_camera(self, camera_id: int) -> Loaded[CameraSettings]:
        """Raises InvalidSettings, also when there is no such camera or its file holds another id."""
        loaded = self._load(self._paths.camera_config(camera_id), CameraSettings)
        if loaded.value.id != camera_id:
            file = self._files.shown(self._paths.camera_config(camera_id))
            raise invalid("wrong_camera_id", id=loaded.value.id, folder=f"CAM{camera_id}").in_file(file)
        return loaded

    def misnamed_folders(self) -> list[InvalidSettings]:
        """One error for each folder in camera_configs that is not called CAM and a number."""
        return [
            invalid("misnamed_folder").in_file(self._files.shown(folder))
            for folder in self._folders()
            if not _camera_folder(folder)
        ]

    def save_camera(
        self, settings: CameraSettings, expected_fingerprint: str | None = None
    ) -> Loaded[CameraSettings]:
        """None for a camera that is new. Raises SettingsConflict when the file is not the expected one."""
        path = self._paths.camera_config(settings.id)
        return self._save(path, settings, expected_fingerprint or MISSING)

    def remove_camera(self, camera_id: int, expected_fingerprint: str) -> None:
        """Removes the file, its history and, when nothing else lies there, its folder.

        Raises SettingsConflict when the file is not the expected one.
        """
        path = self._paths.camera_config(camera_id)
        with self._files.locked(exclusive=True), self._writing(path):
            self._expect(path, expected_fingerprint)
            self._files.remove(path)

    def camera_content(self, camera_id: int) -> bytes | None:
        """The file as it is, also one that cannot be used; None without a file."""
        path = self._paths.camera_config(camera_id)
        with self._writing(path):
            return path.read_bytes() if path.exists() else None

    def put_back_camera(self, camera_id: int, content: bytes | None, expected_fingerprint: str) -> None:
        """Takes a change back; content is that of before. Raises SettingsConflict as saving does."""
        path = self._paths.camera_config(camera_id)
        with self._files.locked(exclusive=True), self._writing(path):
            self._expect(path, expected_fingerprint)
            if content is None:
                self._files.remove(path)
            else:
                self._files.replace(path, content)

    def camera_fingerprint(self, camera_id: int) -> str:
        """What replacing or removing a camera needs whose file cannot be used; `MISSING` without a file."""
        return _fingerprint_of(self._paths.camera_config(camera_id))

    def fingerprint(self) -> str:
        """Changes whenever any settings file does; cheap enough to ask for every second."""
        seen = hashlib.sha256()
        folders = self._folders()
        of_the_site = [self.path(file) for file in SettingsFile]
        for path in (*of_the_site, *(one / "config.json" for one in folders)):
            seen.update(f"{path} {_fingerprint_of(path)}\n".encode())
        return seen.hexdigest()

    def key_digests(self) -> dict[str, KeyDigests]:
        """What tells a changed key of a settings file from an unchanged one, by file, without its value."""
        files = (
            *(self.path(file) for file in SettingsFile),
            *(one / "config.json" for one in self._folders()),
        )
        return {self._files.shown(path): _key_digests(path) for path in files if path.exists()}

    def _folders(self) -> list[Path]:
        try:
            entries = sorted(self._paths.camera_configs.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            shown = self._files.shown(self._paths.camera_configs)
            raise invalid("unreadable_file", cause=str(error.strerror)).in_file(shown) from error
        return [entry for entry in entries if entry.is_dir() and not entry.name.startswith(".")]

    def _load_or_error(self, camera_id: int) -> Loaded[CameraSettings] | SettingsError:
        try:
            return self.load_camera(camera_id)
        except SettingsError as error:
            return error

    def _load_or_default(self, path: Path, model: type[Model]) -> Loaded[Model]:
        return self._load(path, model) if path.exists() else Loaded(model(), MISSING)

    def _load(self, path: Path, model: type[Model]) -> Loaded[Model]:
        shown = self._files.shown(path)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise invalid("missing_file").in_file(shown) from None
        except OSError as error:
            raise invalid("unreadable_file", cause=str(error.strerror)).in_file(shown) from error
        try:
            value = model.parse(_parse_json(content))
        except InvalidSettings as error:
            raise error.in_file(shown) from None
        return Loaded(value, _sha256(content))

    def _save(self, path: Path, value: Model, expected_fingerprint: str) -> Loaded[Model]:
        content = strict_json.dumps(value.as_json())
        with self._files.locked(exclusive=True), self._writing(path):
            self._expect(path, expected_fingerprint)
            self._files.replace(path, content)
        return Loaded(value, _sha256(content))

    @contextmanager
    def _writing(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise invalid("unwritable_file", cause=str(error.strerror)).in_file(
                self._files.shown(path)
            ) from error

    def _expect(self, path: Path, fingerprint: str) -> None:
        if _fingerprint_of(path) != fingerprint:
            shown = self._files.shown(path)
            message = (
                f"{shown} was changed by somebody else meanwhile: load it again, then repeat the change."
            )
            raise SettingsConflict(message, file=shown)


def version_moment(name: str) -> datetime:
    """When a version was replaced, from its file's name."""
    return datetime.strptime(name, VERSION_NAME).replace(tzinfo=UTC)


def fingerprint_after(value: SettingsModel) -> str:
    """The fingerprint that a file will have once this is saved."""
    return _sha256(strict_json.dumps(value.as_json()))


def _camera_folder(folder: Path) -> re.Match[str] | None:
    return _CAMERA_FOLDER.fullmatch(folder.name)


def _parse_json(content: bytes) -> object:
    if not content.strip():
        raise invalid("empty_file")
    try:
        return strict_json.loads(content)
    except strict_json.DuplicateKey as error:
        problem = invalid("duplicate_key", key=error.key)
    except JSONDecodeError as error:
        problem = invalid("broken_json", line=error.lineno, column=error.colno)
    except ValueError:
        problem = invalid("not_json")
    raise problem  # outside `except`: a chained JSONDecodeError holds the whole text, passwords included


def _key_digests(path: Path) -> KeyDigests:
    """A file that holds no settings counts as one key, so that a change of it is a change."""
    try:
        content = _parse_json(path.read_bytes())
    except (InvalidSettings, OSError):
        return {UNREADABLE: _fingerprint_of(path)}
    if not isinstance(content, dict):
        return {UNREADABLE: _fingerprint_of(path)}
    return {str(key): _sha256(strict_json.dumps(value)) for key, value in content.items()}


def _fingerprint_of(path: Path) -> str:
    try:
        return _sha256(path.read_bytes())
    except FileNotFoundError:
        return MISSING
    except OSError as error:
        return f"unreadable: {error.strerror}"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
