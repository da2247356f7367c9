"""Every error that this project raises on purpose.

GspeError
├── SettingsError          a settings file or value that cannot be used (also a ValueError)
│   └── SettingsConflict   the file changed since it was read
├── StorageError           the database cannot serve
│   ├── DatabaseCorrupt    refuse to run, name the restore command
│   ├── DatabaseBusy       locked for longer than the retry budget
│   ├── SchemaMismatch     written by another version: run the migration
│   └── AlreadyRunning     another worker holds this database
├── CameraError            a source that delivers no frames; `code` is its camera status
│   ├── CameraUnauthorised
│   ├── CameraUnreachable
│   ├── CameraNoFrames
│   └── CameraMisconfigured
├── ReadersStuck           too many camera readers hang in native code: only a new process helps
├── ClockSteppedBack       the computer's clock was set back: times would be used twice
├── ModelError             a model pack that cannot be loaded
│   ├── PackUnavailable
│   ├── LicenceNotAccepted
│   └── ProviderUnavailable
├── PhotoRefused           an enrolment photo that yields no template; `code` is the outcome
├── AccessDenied           not signed in, or the role is too low
├── AccountError           an account or password that is refused; `code` says why
├── LaunchRefused          the system cannot start here; the message says what to change
└── SupervisionError       supervisord does not answer or refuses
"""


class GspeError(Exception):
    """One clear sentence that says what to do, a stable code for pages, and the sentence's parameters.

    The message is for logs and command lines; a page shows `errors.<code>` of the catalogue with `params`.
    Neither may carry a secret.
    """

    code = "error"

    def __init__(self, message: str, *, code: str | None = None, **params: str | int | float) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code
        self.params = params


class SettingsError(GspeError, ValueError):
    code = "settings_invalid"


class SettingsConflict(SettingsError):
    code = "settings_conflict"


class StorageError(GspeError):
    code = "storage"


class DatabaseCorrupt(StorageError):
    code = "database_corrupt"


class DatabaseBusy(StorageError):
    code = "database_busy"


class SchemaMismatch(StorageError):
    code = "schema_mismatch"


class AlreadyRunning(StorageError):
    code = "already_running"


class CameraError(GspeError, OSError):
    code = "unreachable"

    def __str__(self) -> str:
        return str(self.args[0])


class CameraUnauthorised(CameraError):
    code = "unauthorised"


class CameraUnreachable(CameraError):
    code = "unreachable"


class CameraNoFrames(CameraError):
    code = "no_frames"


class CameraMisconfigured(CameraError):
    code = "misconfigured"


class ReadersStuck(GspeError):
    code = "readers_stuck"


class ClockSteppedBack(GspeError):
    code = "clock_stepped_back"


class ModelError(GspeError):
    code = "model"


class PackUnavailable(ModelError):
    code = "pack_unavailable"


class LicenceNotAccepted(ModelError):
    code = "licence_not_accepted"


class ProviderUnavailable(ModelError):
    code = "provider_unavailable"


class PhotoRefused(GspeError):
    code = "photo_refused"


class AccessDenied(GspeError):
    code = "role_too_low"


class AccountError(GspeError):
    code = "account"


class LaunchRefused(GspeError):
    code = "launch_refused"


class SupervisionError(GspeError):
    code = "supervision_refused"
