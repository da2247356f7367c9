"""RTSP addresses as common makes of cameras and recorders build them; who has another one writes it by hand.

Users and passwords are no part of an address here. `{channel}` counts from 1, `{channel0}` from 0.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.errors import SettingsError

RTSP_PORT = 554
MAX_CHANNEL = 256


class Stream(StrEnum):
    MAIN = "main"
    SUB = "sub"
    """Smaller pictures: for a distant face too small, for a close one quicker."""


@dataclass(frozen=True)
class CameraMake:
    """`name` as on the box. `sub` is None where the maker leaves it to the camera's own profiles."""

    code: str
    name: str
    main: str
    sub: str | None
    port: int = RTSP_PORT

    @property
    def has_channels(self) -> bool:
        return "{channel" in self.main

    def streams(self) -> tuple[Stream, ...]:
        return (Stream.MAIN, Stream.SUB) if self.sub else (Stream.MAIN,)


CAMERA_MAKES = (
    CameraMake(
        "hikvision", "Hikvision", "/Streaming/Channels/{channel}01", "/Streaming/Channels/{channel}02"
    ),
    CameraMake(
        "dahua",
        "Dahua, Amcrest, Imou",
        "/cam/realmonitor?channel={channel}&subtype=0",
        "/cam/realmonitor?channel={channel}&subtype=1",
    ),
    CameraMake(
        "axis",
        "Axis",
        "/axis-media/media.amp?camera={channel}",
        "/axis-media/media.amp?camera={channel}&resolution=640x360",
    ),
    CameraMake("reolink", "Reolink", "/Preview_{channel:02d}_main", "/Preview_{channel:02d}_sub"),
    CameraMake("tapo", "TP-Link Tapo", "/stream1", "/stream2"),
    CameraMake("vigi", "TP-Link VIGI", "/stream1", "/stream2"),
    CameraMake("uniview", "Uniview (UNV)", "/media/video1", "/media/video2"),
    CameraMake(
        "uniview_nvr",
        "Uniview (UNV) NVR",
        "/unicast/c{channel}/s0/live",
        "/unicast/c{channel}/s1/live",
    ),
    CameraMake("hanwha", "Hanwha Wisenet", "/profile2/media.smp", None),
    CameraMake("hanwha_multi", "Hanwha Wisenet multi-sensor", "/{channel0}/profile2/media.smp", None),
    CameraMake("hanwha_nvr", "Hanwha Wisenet NVR", "/LiveChannel/{channel0}/media.smp", None),
    CameraMake("ezviz", "EZVIZ", "/Streaming/Channels/{channel}01", "/Streaming/Channels/{channel}02"),
    CameraMake("vivotek", "VIVOTEK", "/live1s1.sdp", "/live1s2.sdp"),
    CameraMake("foscam", "Foscam", "/videoMain", "/videoSub", port=88),
    CameraMake("onvif", "ONVIF", "/onvif1", "/onvif2"),
)

MAKES = {make.code: make for make in CAMERA_MAKES}


def compose_address(make: CameraMake, host: str, port: int, channel: int, stream: Stream) -> str:
    """`rtsp://HOST:PORT/PATH` without credentials.

    Raises SettingsError (code `host_invalid`) for what is no host name or IP address.
    """
    name = host.strip()
    bare = name.removeprefix("[").removesuffix("]")
    if not bare or any(sign in bare for sign in "/@?#[] \t\n") or (":" in bare and not _is_ipv6(bare)):
        raise SettingsError("the host is one name or IP address, without port and path", code="host_invalid")
    template = make.sub if stream is Stream.SUB and make.sub else make.main
    path = template.format(channel=channel, channel0=channel - 1)
    return f"rtsp://{f'[{bare}]' if ':' in bare else bare}:{port}{path}"


def _is_ipv6(text: str) -> bool:
    return text.count(":") >= 2 and all(sign in "0123456789abcdefABCDEF:.%" for sign in text)
