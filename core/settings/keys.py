"""The types of the keys that a camera may override, shared by the site's parameters and each camera."""

from typing import Annotated, Literal

from core.settings.model import number, setting, switch

FpsTarget = Annotated[float, number("video", 0.1, 60, unit="fps")]
FrameSkip = Annotated[int, number("video", 0, 100, unit="frames")]
AnnotationStride = Annotated[int, number("video", 1, 100, unit="frames")]
StreamMaxWidth = Annotated[int, number("video", 160, 3840, unit="px")]
JpegQuality = Annotated[int, number("video", 20, 100)]
UseGstreamerRtsp = Annotated[bool, switch("video")]
RtspProtocol = Annotated[Literal["tcp", "udp"], setting("video")]
GstLatencyMs = Annotated[int, number("video", 0, 10_000, unit="ms")]
RtspOpenTimeout = Annotated[float, number("video", 0.5, 60, unit="s")]
RtspReadTimeout = Annotated[float, number("video", 0.5, 60, unit="s")]
FrozenAfter = Annotated[float, number("video", 1, 3600, unit="s")]
LoopFile = Annotated[bool, switch("video")]

SmoothingWindow = Annotated[int, number("recognition", 1, 100, unit="faces")]
SmoothingMinVotes = Annotated[int, number("recognition", 1, 100, unit="faces")]
TrackerIouThreshold = Annotated[float, number("recognition", 0.01, 0.99)]
TrackerMaxMisses = Annotated[int, number("recognition", 0, 1000, unit="frames")]
EventMinInterval = Annotated[float, number("storage", 0.1, 86_400, unit="s")]

QualityMinBlurVar = Annotated[float, number("quality", 0, 100_000)]
QualityMinFaceAreaFrac = Annotated[float, number("quality", 0, 1)]
QualityMinFacePx = Annotated[int, number("quality", 8, 2000, unit="px")]
QualityMinBrightness = Annotated[float, number("quality", 0, 1)]
QualityMaxBrightness = Annotated[float, number("quality", 0, 1)]
QualityMinScore = Annotated[float, number("quality", 0, 1)]
