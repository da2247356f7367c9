"""The end of a log: bounded, masked, readable."""

from pathlib import Path

import pytest

from core.log_tail import MAX_BYTES, MAX_LINE_CHARS, MAX_LINES, log_tail
from core.paths import SitePaths

TOKEN = "gspe_" + "0a1b2c3d" * 6


@pytest.fixture
def paths(tmp_path: Path) -> SitePaths:
    return SitePaths(tmp_path).create()


def write(paths: SitePaths, content: str | bytes) -> None:
    encoded = content if isinstance(content, bytes) else content.encode()
    (paths.logs / "worker.log").write_bytes(encoded)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("open rtsp://admin:p@ss/word@10.0.0.5:554/x", "open rtsp://***@10.0.0.5:554/x"),
        ("GET /x?password=geheim&y=1", "GET /x?password=***&y=1"),
        (f"used {TOKEN} by a program", "used gspe_*** by a program"),
        ("Authorization: Bearer geheim", "Authorization: ***"),
        ("\x1b[31mred\x1b[0m\x00 text", "red text"),
        ("x" * 3000, "x" * MAX_LINE_CHARS),
    ],
)
def test_what_a_line_shows(paths: SitePaths, written: str, shown: str) -> None:
    write(paths, written + "\n")
    assert log_tail(paths, "worker") == [shown]


def test_only_the_newest_lines_in_their_order(paths: SitePaths) -> None:
    write(paths, "".join(f"line {number}\n" for number in range(1000)))
    lines = log_tail(paths, "worker")
    assert lines == [f"line {number}" for number in range(1000 - MAX_LINES, 1000)]


def test_only_whole_lines_of_the_last_bytes(paths: SitePaths) -> None:
    secret = "rtsp://admin:" + "s3cret" * 60_000 + "@h/x"
    write(paths, f"{secret}\nafter\n")
    assert len(secret) > MAX_BYTES
    assert log_tail(paths, "worker") == ["after"]


def test_lines_that_hold_a_text(paths: SitePaths) -> None:
    write(paths, "A Warning\nB\nC WARNING\n")
    assert log_tail(paths, "worker", " warning ") == ["A Warning", "C WARNING"]
    assert log_tail(paths, "worker", "error") == []


def test_what_is_filtered_for_is_what_is_shown_not_what_was_masked(paths: SitePaths) -> None:
    write(paths, "open rtsp://admin:geheim@h/x\n")
    assert log_tail(paths, "worker", "geheim") == []


def test_bytes_that_are_no_text(paths: SitePaths) -> None:
    write(paths, b"\xff\xfe caf\xe9\n")
    assert log_tail(paths, "worker") == ["\ufffd\ufffd caf\ufffd"]


def test_no_log(paths: SitePaths) -> None:
    assert log_tail(paths, "notifier") is None


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "postgres"])
def test_no_other_file(paths: SitePaths, name: str) -> None:
    with pytest.raises(ValueError, match="no log of its own"):
        log_tail(paths, name)
