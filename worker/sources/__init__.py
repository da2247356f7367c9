"""Where frames come from: RTSP, GStreamer, files, webcams and the demo scene."""

from worker.sources.opening import open_source
from worker.sources.source import CapturedFrame, FrameChoice, FrameSource, StreamInfo, frames, sampled

__all__ = ["CapturedFrame", "FrameChoice", "FrameSource", "StreamInfo", "frames", "open_source", "sampled"]
