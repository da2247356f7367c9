"""Reads one RTSP camera with GStreamer, for `worker.sources.gstreamer`; runs under the system's Python.

Standard input: one JSON line {location, user, password, protocol, latency_ms}, so that no password shows in
the list of processes; then one byte for each picture offered, `y` to have it and `n` to let it go.
Standard output: JSON lines {"connected": codec}, {"picture": [width, height, stride, size]}, the latter
followed by `size` bytes of BGR rows when wanted, and at the end {"error": code}.
Ends when standard input does.
"""

import json
import sys
from typing import Any

_ELEMENTS = ("rtspsrc", "decodebin", "videoconvert", "appsink", "avdec_h264")
_PIPELINE = (
    "rtspsrc name=source ! application/x-rtp,media=video ! decodebin name=decoder "
    "! videoconvert ! video/x-raw,format=BGR ! appsink name=sink sync=false max-buffers=1 drop=true"
)
_POLL_NS = 100_000_000


def say(message: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    setup = json.loads(sys.stdin.buffer.readline())
    try:
        import gi  # noqa: PLC0415

        gi.require_version("Gst", "1.0")
        gi.require_version("GstVideo", "1.0")
        from gi.repository import Gst, GstVideo  # noqa: PLC0415
    except (ImportError, ValueError):
        say({"error": "missing"})
        return
    Gst.init(None)
    if not all(Gst.ElementFactory.find(name) for name in _ELEMENTS):
        say({"error": "missing"})
        return
    pipeline = _pipeline(Gst, setup)
    try:
        _read(Gst, GstVideo, pipeline)
    finally:
        pipeline.set_state(Gst.State.NULL)


def _pipeline(gst: Any, setup: dict[str, Any]) -> Any:
    pipeline = gst.parse_launch(_PIPELINE)
    source = pipeline.get_by_name("source")
    source.set_property("location", setup["location"])
    source.set_property("latency", setup["latency_ms"])
    gst.util_set_object_arg(source, "protocols", setup["protocol"])
    gst.util_set_object_arg(source, "tls-validation-flags", "0")  # cameras sign their certificates themselves
    if setup["user"]:
        source.set_property("user-id", setup["user"])
        source.set_property("user-pw", setup["password"])
    source.connect("pad-added", _say_connected)
    return pipeline


def _say_connected(_: Any, pad: Any) -> None:
    caps = pad.get_current_caps() or pad.query_caps(None)
    structure = caps.get_structure(0)
    if structure.get_string("media") == "video":
        say({"connected": (structure.get_string("encoding-name") or "unknown").lower()})


def _read(gst: Any, gst_video: Any, pipeline: Any) -> None:
    sink = pipeline.get_by_name("sink")
    bus = pipeline.get_bus()
    pipeline.set_state(gst.State.PLAYING)
    while True:
        sample = sink.emit("try-pull-sample", _POLL_NS)
        if sample is not None:
            damaged = sample.get_buffer().has_flags(gst.BufferFlags.CORRUPTED)
            if not damaged and not _offer(gst, gst_video, sample):
                return
            continue
        message = bus.timed_pop_filtered(0, gst.MessageType.ERROR | gst.MessageType.EOS)
        if message is not None:
            say({"error": _code(gst, message)})
            return


def _offer(gst: Any, gst_video: Any, sample: Any) -> bool:
    """False when nobody listens any more."""
    info = gst_video.VideoInfo.new_from_caps(sample.get_caps())
    buffer = sample.get_buffer()
    say({"picture": [info.width, info.height, info.stride[0], buffer.get_size()]})
    answer = sys.stdin.buffer.read(1)
    if answer == b"y":
        mapped, memory = buffer.map(gst.MapFlags.READ)
        if not mapped:
            raise SystemExit("a picture could not be read from memory")
        sys.stdout.buffer.write(memory.data)
        sys.stdout.buffer.flush()
        buffer.unmap(memory)
    return bool(answer)


def _code(gst: Any, message: Any) -> str:
    """What went wrong, by GStreamer's error code; its text may quote the URL and is not passed on."""
    if message.type == gst.MessageType.EOS:
        return "lost"
    error, _ = message.parse_error()
    for domain, code, name in (
        (gst.ResourceError.quark(), gst.ResourceError.NOT_AUTHORIZED, "unauthorised"),
        (gst.ResourceError.quark(), gst.ResourceError.NOT_FOUND, "not_found"),
        (gst.StreamError.quark(), gst.StreamError.CODEC_NOT_FOUND, "missing"),
        (gst.CoreError.quark(), gst.CoreError.MISSING_PLUGIN, "missing"),
        (gst.StreamError.quark(), gst.StreamError.DECODE, "codec"),
    ):
        if error.matches(domain, code):
            return name
    return "failed"


if __name__ == "__main__":
    main()
