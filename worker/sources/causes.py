"""The error of each cause: a camera status, a sentence that says what to do, and never a credential."""

from urllib.parse import urlsplit

from core.domain.states import CameraCause
from core.errors import (
    CameraError,
    CameraMisconfigured,
    CameraNoFrames,
    CameraUnauthorised,
    CameraUnreachable,
)

_ERRORS: dict[CameraCause, tuple[type[CameraError], str]] = {
    CameraCause.UNAUTHORISED: (
        CameraUnauthorised,
        "{address} refuses this user name and password: enter those of a user who may view the stream.",
    ),
    CameraCause.REFUSED: (
        CameraUnreachable,
        "{address} refuses the connection: check the port and that RTSP is switched on in the camera.",
    ),
    CameraCause.TIMEOUT: (
        CameraUnreachable,
        "{address} does not answer: check the camera's power, its network cable and the address.",
    ),
    CameraCause.HOST_UNKNOWN: (
        CameraUnreachable,
        "The name in {address} cannot be resolved: correct it, or enter the camera's IP address.",
    ),
    CameraCause.NO_ROUTE: (
        CameraUnreachable,
        "No network leads to {address}: check this machine's network and the camera's address.",
    ),
    CameraCause.NOT_FOUND: (
        CameraMisconfigured,
        "{address} has no stream under this path: copy the RTSP path from the camera's manual.",
    ),
    CameraCause.REJECTED: (
        CameraUnreachable,
        "{address} answered with an error: close other viewers of it, or try the other rtsp_protocol.",
    ),
    CameraCause.PROTOCOL: (
        CameraMisconfigured,
        "What answers at {address} does not speak RTSP: use the camera's RTSP port, mostly 554.",
    ),
    CameraCause.TLS: (
        CameraMisconfigured,
        "No secure connection to {address}: use rtsps:// with the camera's TLS port, or rtsp:// without TLS.",
    ),
    CameraCause.CODEC: (
        CameraMisconfigured,
        "{address} delivers no video that can be decoded: set the camera's stream to H.264 or H.265.",
    ),
    CameraCause.LOST: (
        CameraUnreachable,
        "{address} ended the connection: check its power and network if this does not heal by itself.",
    ),
    CameraCause.NO_FRAMES: (
        CameraNoFrames,
        "{address} is connected but sends no pictures: restart the camera if this does not heal by itself.",
    ),
    CameraCause.FROZEN: (
        CameraNoFrames,
        "{address} sends the same picture again and again: restart the camera.",
    ),
    CameraCause.STUCK: (
        CameraNoFrames,
        "Reading from {address} hung and was started anew: restart the camera if this happens often.",
    ),
    CameraCause.FAILED: (
        CameraNoFrames,
        "Reading from {address} failed unexpectedly and is tried again: set the camera's stream to H.264 "
        "if it does not heal by itself.",
    ),
    CameraCause.ENDED: (
        CameraNoFrames,
        "The recording {address} is over: switch on loop_file to play it again and again.",
    ),
    CameraCause.SOURCE_MISSING: (
        CameraMisconfigured,
        "{address} does not exist: correct the path, or plug the webcam in.",
    ),
    CameraCause.NOT_READABLE: (
        CameraMisconfigured,
        "{address} cannot be read: check that it is a video and that this program may open it.",
    ),
    CameraCause.BACKEND_MISSING: (
        CameraMisconfigured,
        "GStreamer cannot read {address} because it is not complete here: install {packages}, "
        "or switch off use_gstreamer_rtsp.",
    ),
    CameraCause.URL_INVALID: (
        CameraMisconfigured,
        "{address} is no camera address: write rtsp://HOST:PORT/PATH, a file's path or a webcam's number.",
    ),
}


def camera_error(cause: CameraCause, address: str, **params: str) -> CameraError:
    """The error of a cause; `address` is host:port, a path or a device, and must hold no credential."""
    kind, sentence = _ERRORS[cause]
    return kind(sentence.format(address=address, **params), cause=cause.value, address=address, **params)


def address_of(url: str) -> str:
    """host:port of an RTSP URL, for messages. Raises CameraMisconfigured where there is none."""
    host, port = endpoint_of(url)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def endpoint_of(url: str) -> tuple[str, int]:
    """Host and port of an RTSP URL. Raises CameraMisconfigured where there is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:  # its text may quote the password
        host, port = None, None
    if not host:
        raise camera_error(CameraCause.URL_INVALID, "The camera's URL")
    return host, port or (322 if parts.scheme.lower() == "rtsps" else 554)
