"""Files are whole or absent, and belong to whom the home belongs."""

import os
from pathlib import Path

import pytest

from core.errors import StorageError
from core.storage.files import make_folder, open_owned, write_atomically

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


def test_it_replaces_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder" / "photo.jpg"
    write_atomically(target, b"one")
    write_atomically(target, b"two")
    assert target.read_bytes() == b"two"
    assert target.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert list(target.parent.iterdir()) == [target]


def test_what_cannot_be_written_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    in_the_way = tmp_path / "photo.jpg"
    in_the_way.mkdir()
    with pytest.raises(StorageError, match="cannot be written") as caught:
        write_atomically(in_the_way, b"one")
    assert caught.value.code == "storage_full"
    assert list(tmp_path.iterdir()) == [in_the_way]


def test_a_new_file_never_replaces_one(tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    with pytest.raises(FileExistsError):
        open_owned(tmp_path / "there")


@root_only
def test_what_root_makes_belongs_to_the_owner_of_the_folder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, 12345, 23456)
    make_folder(home / "a" / "b")
    write_atomically(home / "a" / "b" / "photo.jpg", b"one")
    for path in (home / "a", home / "a" / "b", home / "a" / "b" / "photo.jpg"):
        assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)
