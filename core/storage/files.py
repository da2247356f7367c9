"""Files that are whole or absent, readable by their owner only."""

import errno
import os
import secrets
from pathlib import Path
from typing import BinaryIO

from core.errors import StorageError
from core.paths import OWNER_ONLY_FILE, OWNER_ONLY_FOLDER


def write_atomically(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Replaces `path` by a temporary file, mode 0600, that has reached the disk under its final name.

    durable=False spares the wait for the disk, for files that a power cut may take, such as live frames.
    Raises StorageError, code `storage_full`, when the disk does not take it.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        make_folder(path.parent)
        with open_owned(temporary) as stream:
            stream.write(content)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        temporary.rename(path)
        if durable:
            sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StorageError(
            f"{path} cannot be written ({error.strerror}); free disk space or check permissions",
            code="storage_full",
        ) from error


def make_folder(folder: Path) -> None:
    """Makes `folder` and its missing parents, each of mode 0700; those that exist stay as they are."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)
    give_to_owner_of(folder.parent, folder)


def sync_folder(folder: Path) -> None:
    """Makes a rename in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some network file systems cannot sync a folder
            raise
    finally:
        os.close(descriptor)


def open_owned(path: Path) -> BinaryIO:
    """A new file of mode 0600, open for writing; FileExistsError when there is one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY_FILE)
    give_to_owner_of(path.parent, descriptor)
    return os.fdopen(descriptor, "wb")


def give_to_owner_of(folder: Path, made: Path | int) -> None:
    """What root makes in a service account's home belongs to that account, whose programs need it."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(made, owner.st_uid, owner.st_gid)
