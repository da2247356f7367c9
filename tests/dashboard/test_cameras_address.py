"""An address that may be seen and credentials that are only written make one URL."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SettingsError
from core.settings import display_url
from dashboard.camera_address import Credentials, compose, has_credentials

STORED = "rtsp://admin:s3cret@cam.local:554/ch1?token=abc&x=1"
NOTHING = Credentials()


@pytest.mark.parametrize(
    ("address", "typed", "stored", "url"),
    [
        ("rtsp://h:554/p", NOTHING, None, "rtsp://h:554/p"),
        ("rtsp://h/p", Credentials("u", "p@:/#?"), None, "rtsp://u:p%40%3A%2F%23%3F@h/p"),
        ("RTSPS://h/p", Credentials("u", "p"), None, "RTSPS://u:p@h/p"),
        ("rtsp://h/p", Credentials("u"), None, "rtsp://u@h/p"),
        ("rtsp://u:p%40@h/p", NOTHING, None, "rtsp://u:p%40@h/p"),
        ("rtsp://u:old@h/p", Credentials(password="new"), None, "rtsp://u:new@h/p"),
        ("rtsp://Cam.local/p", NOTHING, STORED, "rtsp://admin:s3cret@Cam.local/p"),
        ("rtsp://cam.local:554?p", Credentials("other"), STORED, "rtsp://other:s3cret@cam.local:554?p"),
        ("rtsp://cam.local/p", Credentials(password="x"), STORED, "rtsp://admin:x@cam.local/p"),
        ("rtsp://h/p", Credentials("other", "x"), STORED, "rtsp://other:x@h/p"),
        ("rtsp://a:b@h/p", NOTHING, STORED, "rtsp://a:b@h/p"),
        ("rtsp://h/p", NOTHING, "rtsp://cam.local/p", "rtsp://h/p"),
        ("rtsp://h/p", Credentials(none=True), STORED, "rtsp://h/p"),
        (display_url(STORED), NOTHING, STORED, STORED),
        (display_url(STORED), Credentials("a", "b"), STORED, STORED.replace("admin:s3cret", "a:b")),
        ("rtsp://h/p@q", Credentials("u", "p"), None, "rtsp://u:p@h/p@q"),
        ("  /videos/a b.mp4 ", NOTHING, None, "/videos/a b.mp4"),
        ("0", Credentials("ignored", "ignored"), STORED, "0"),
        ("demo:", NOTHING, None, "demo:"),
    ],
)
def test_the_url_that_is_stored(address: str, typed: Credentials, stored: str | None, url: str) -> None:
    assert compose(address, typed, stored) == url


@pytest.mark.parametrize(
    ("address", "typed", "stored", "code"),
    [
        ("rtsp://h/p", Credentials(password="x"), None, "user_missing"),
        ("rtsp://cam.local:555/ch1?token=***&x=1", NOTHING, STORED, "address_masked"),
        *(
            (address, typed, STORED, "credentials_of_another_host")
            for typed in (NOTHING, Credentials("other"), Credentials(password="x"))
            for address in (
                "rtsp://evil/ch1",
                "rtsp://cam.local:555/ch1",
                "rtsp://cam.local.evil/ch1",
                "rtsps://cam.local:554/ch1",
                "rtsp://evil/cam.local:554",
                "rtsp://cam.local:554\\.evil/",
            )
        ),
    ],
)
def test_what_cannot_be_composed(address: str, typed: Credentials, stored: str | None, code: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        compose(address, typed, stored)
    assert refusal.value.code == code


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_user_and_password_come_back_and_are_never_shown(user: str, password: str) -> None:
    url = compose("rtsp://10.0.0.8:554/s", Credentials(user, password))
    parts = urlsplit(url)

    assert (unquote(parts.username or ""), unquote(parts.password or "")) == (user, password)
    assert (parts.hostname, parts.port, parts.path) == ("10.0.0.8", 554, "/s")
    assert has_credentials(url)
    assert display_url(url) == "rtsp://10.0.0.8:554/s"
