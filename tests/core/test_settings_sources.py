from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings import InvalidSettings, SourceKind, display_url, source_kind, system_time_zone


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("rtsp://10.0.0.9/live", "rtsp"),
        ("RTSP://10.0.0.9/live", "rtsp"),
        ("rtsps://u:p%40@cam.example:322/x?channel=1", "rtsp"),
        ("rtsp://u:p@w@10.0.0.9/x", "rtsp"),
        ("rtsp://[2001:db8::1]:554/x", "rtsp"),
        ("0", "webcam"),
        ("12", "webcam"),
        ("demo:", "demo"),
        ("demo:reception", "demo"),
        ("/srv/clips/a b.mp4", "file"),
        ("clips/12:30.mp4", "file"),
        ("file:///srv/clips/a.mp4", "file"),
    ],
)
def test_kind_of_a_source(url: str, kind: SourceKind) -> None:
    assert source_kind(url) == kind


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "bad_url_empty"),
        ("  ", "bad_url_empty"),
        ("rtsp://h/x\nX", "bad_url_empty"),
        ("http://h/x", "bad_url_scheme"),
        ("rtsp:/h/x", "bad_url_scheme"),
        ("admin:secret@10.0.0.9/live", "bad_url_scheme"),
        ("my_admin:secret@10.0.0.9/live", "bad_url_scheme"),
        ("tcp:10.0.0.9", "bad_url_scheme"),
        ("rtsp://", "bad_url_host"),
        ("rtsp://u:p@/x", "bad_url_host"),
        ("rtsp://h:port/x", "bad_url_host"),
        ("rtsp://h:99999/x", "bad_url_host"),
        ("rtsp://u:a b@h/x", "bad_url_host"),
        ("rtsp://[::1/x", "bad_url_host"),
        ("rtsp://u:a/b@h/x", "bad_url_password"),
        ("rtsp://u:a#b@h/x", "bad_url_password"),
        ("rtsp://u:a?b@h/x", "bad_url_password"),
        ("rtsp://u:p@ss/word@h/x", "bad_url_password"),
    ],
)
def test_what_is_no_source(url: str, code: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        source_kind(url)
    assert [problem.code for problem in caught.value.problems] == [code]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://u:p@10.0.0.9:554/live?channel=1", "rtsp://10.0.0.9:554/live?channel=1"),
        ("rtsp://h/user=admin&password=geheim&channel=1", "rtsp://h/user=***&password=***&channel=1"),
        (
            "rtsp://h/cam?channel=1&subtype=0&authbasic=YWRtaW46cGFzcw==",
            "rtsp://h/cam?channel=1&subtype=0&authbasic=***",
        ),
        (
            "rtsp://h:10554/tcp/av0_0?loginuse=admin&loginpas=888888",
            "rtsp://h:10554/tcp/av0_0?loginuse=***&loginpas=***",
        ),
        ("rtsp://h/0/admin:geheim/main", "rtsp://h/0/***/main"),
        ("rtsp:/u:p@h/x", "h/x"),
        ("admin:p@h/x", "h/x"),
        ("/srv/a@b.mp4", "/srv/a@b.mp4"),
        ("0", "0"),
        ("demo:", "demo:"),
    ],
)
def test_shown_url(url: str, shown: str) -> None:
    assert display_url(url) == shown


@given(st.text(min_size=1), st.text(min_size=1), st.booleans())
def test_user_and_password_are_never_shown(user: str, password: str, encoded: bool) -> None:
    if encoded:
        user, password = (quote(text.encode("utf-8", "replace"), safe="") for text in (user, password))
    assert display_url(f"rtsp://{user}:{password}@10.0.0.9:554/live") == "rtsp://10.0.0.9:554/live"


def etc(root: Path, timezone: str | None, localtime: str | None) -> Path:
    (root / "etc").mkdir()
    if timezone is not None:
        (root / "etc/timezone").write_bytes(timezone.encode("latin-1"))
    if localtime is not None:
        (root / "etc/localtime").symlink_to(localtime)
    return root


BERLIN_LINK = "/usr/share/zoneinfo/Europe/Berlin"


@pytest.mark.parametrize(
    ("tz", "timezone", "localtime", "expected"),
    [
        ("Asia/Makassar", "Asia/Jayapura\n", BERLIN_LINK, "Asia/Makassar"),
        (":Asia/Makassar", None, None, "Asia/Makassar"),
        ("WIB-7", "Asia/Jayapura\n", BERLIN_LINK, "Asia/Jayapura"),
        (None, "Asia/Jayapura\n", BERLIN_LINK, "Asia/Jayapura"),
        (None, "Mars/Base\n", BERLIN_LINK, "Europe/Berlin"),
        (None, "\xff", BERLIN_LINK, "Europe/Berlin"),
        (None, None, BERLIN_LINK, "Europe/Berlin"),
        (None, None, "/somewhere/else", "Asia/Jakarta"),
        (None, None, None, "Asia/Jakarta"),
    ],
)
def test_time_zone_of_the_computer(
    tmp_path: Path, tz: str | None, timezone: str | None, localtime: str | None, expected: str
) -> None:
    environment = {} if tz is None else {"TZ": tz}
    assert system_time_zone(environment, etc(tmp_path, timezone, localtime)) == expected
