"""A day's working hours as people write them, 08:00-12:00, 13:00-17:00, and back."""

import re
from collections.abc import Iterable, Sequence

_CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?"
_SPAN = re.compile(rf"{_CLOCK}\s*[-\u2013\u2014]\s*{_CLOCK}")

Spans = list[list[str]]
"""Pairs of HH:MM; a piece that is no span is a pair of what was written and nothing, which no rule takes."""


def read_spans(written: str) -> Spans:
    """Takes 8-17, 08.00-17.00 with any dash, and several spans with commas; nothing written is a free day."""
    return [_span(piece.strip()) for piece in re.split(r"[,;]", written) if piece.strip()]


def written_spans(spans: Iterable[Sequence[str]]) -> str:
    """What `read_spans` reads back to the same."""
    return ", ".join("-".join(filter(None, span)) for span in spans)


def _span(piece: str) -> list[str]:
    match = _SPAN.fullmatch(piece)
    if match is None:
        return [piece, ""]
    hours = (match[1], match[3])
    minutes = (match[2] or "00", match[4] or "00")
    return [f"{hour:0>2}:{minute}" for hour, minute in zip(hours, minutes, strict=True)]
