"""Addresses that are composed for common makes."""

import pytest

from core.errors import SettingsError
from core.settings import CameraSettings, display_url
from core.settings.camera_makes import CAMERA_MAKES, MAKES, Stream, compose_address


@pytest.mark.parametrize(
    ("make", "channel", "stream", "address"),
    [
        ("hikvision", 1, Stream.MAIN, "rtsp://10.0.0.5:554/Streaming/Channels/101"),
        ("hikvision", 17, Stream.SUB, "rtsp://10.0.0.5:554/Streaming/Channels/1702"),
        ("dahua", 2, Stream.SUB, "rtsp://10.0.0.5:554/cam/realmonitor?channel=2&subtype=1"),
        ("axis", 1, Stream.MAIN, "rtsp://10.0.0.5:554/axis-media/media.amp?camera=1"),
        ("reolink", 3, Stream.MAIN, "rtsp://10.0.0.5:554/Preview_03_main"),
        ("tapo", 1, Stream.SUB, "rtsp://10.0.0.5:554/stream2"),
        ("vigi", 1, Stream.MAIN, "rtsp://10.0.0.5:554/stream1"),
        ("uniview", 1, Stream.MAIN, "rtsp://10.0.0.5:554/media/video1"),
        ("uniview_nvr", 4, Stream.SUB, "rtsp://10.0.0.5:554/unicast/c4/s1/live"),
        ("hanwha", 1, Stream.SUB, "rtsp://10.0.0.5:554/profile2/media.smp"),
        ("hanwha_multi", 2, Stream.MAIN, "rtsp://10.0.0.5:554/1/profile2/media.smp"),
        ("hanwha_nvr", 1, Stream.MAIN, "rtsp://10.0.0.5:554/LiveChannel/0/media.smp"),
        ("ezviz", 1, Stream.MAIN, "rtsp://10.0.0.5:554/Streaming/Channels/101"),
    ],
)
def test_the_address_of_a_make(make: str, channel: int, stream: Stream, address: str) -> None:
    assert compose_address(MAKES[make], "10.0.0.5", 554, channel, stream) == address


@pytest.mark.parametrize("make", CAMERA_MAKES, ids=lambda make: make.code)
def test_every_address_can_be_stored_and_shown_as_it_is(make) -> None:
    for stream in make.streams():
        address = compose_address(make, "kamera.lan", make.port, 2, stream)
        assert CameraSettings.parse({"id": 1, "name": "x", "rtsp_url": address}).kind == "rtsp"
        assert display_url(address) == address, "nothing in it is taken for a secret"


def test_codes_are_unique() -> None:
    assert len(MAKES) == len(CAMERA_MAKES)


@pytest.mark.parametrize(
    ("host", "written"),
    [(" kamera-1.lan ", "kamera-1.lan"), ("fe80::1", "[fe80::1]"), ("[2001:db8::7]", "[2001:db8::7]")],
)
def test_hosts(host: str, written: str) -> None:
    assert compose_address(MAKES["tapo"], host, 8554, 1, Stream.MAIN) == f"rtsp://{written}:8554/stream1"


@pytest.mark.parametrize(
    "host", ["", "  ", "rtsp://h", "h/p", "admin:geheim@h", "h:554", "two hosts", "h?x", "a:b:geheim"]
)
def test_what_is_no_host_is_refused_and_not_repeated(host: str) -> None:
    with pytest.raises(SettingsError) as refused:
        compose_address(MAKES["tapo"], host, 554, 1, Stream.MAIN)
    assert refused.value.code == "host_invalid"
    assert "geheim" not in str(refused.value)
