"""Working hours as people write them."""

import pytest

from core.domain.week_text import read_spans, written_spans


@pytest.mark.parametrize(
    ("written", "spans"),
    [
        ("", []),
        ("  ", []),
        ("08:00-17:00", [["08:00", "17:00"]]),
        ("8-17", [["08:00", "17:00"]]),
        ("8.30 \u2013 17.00", [["08:30", "17:00"]]),
        ("08:00-12:00, 13:00-17:00", [["08:00", "12:00"], ["13:00", "17:00"]]),
        ("8-12;13-17,", [["08:00", "12:00"], ["13:00", "17:00"]]),
        ("00:00-24:00", [["00:00", "24:00"]]),
        ("22-6", [["22:00", "06:00"]]),
        ("morning", [["morning", ""]]),
        ("08:00", [["08:00", ""]]),
    ],
)
def test_hours_are_read(written: str, spans: list[list[str]]) -> None:
    assert read_spans(written) == spans
    assert read_spans(written_spans(spans)) == spans
