"""Pixels and overlay travel together and come apart again."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.live_frame import SEGMENT_MAX_BYTES, Overlay, OverlayBox, embed_overlay, split_overlay


def jpeg(width: int = 32, height: int = 24) -> bytes:
    picture = io.BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(picture, "JPEG", quality=75)
    return picture.getvalue()


def box(name: str | None = None, track_id: int | None = 1, side: float = 0.1) -> OverlayBox:
    return {
        "xyxy": [0.0, 0.0, side, side],
        "track_id": track_id,
        "employee_id": None if name is None else 7,
        "name": name,
        "reason": None if name else "too_small",
        "score": 0.5,
        "since": None,
    }


def overlay(boxes: list[OverlayBox]) -> Overlay:
    return {
        "camera_id": 1,
        "sequence": 4,
        "captured_at": datetime(2026, 11, 22, tzinfo=UTC).isoformat(),
        "width": 1280,
        "height": 720,
        "analysed_fps": None,
        "boxes": boxes,
    }


PLAIN = jpeg()


@given(st.lists(st.text(min_size=1, max_size=40), max_size=20))
def test_splitting_returns_what_was_embedded(names: list[str]) -> None:
    written = overlay([box(name) for name in names])
    read, pixels = split_overlay(embed_overlay(PLAIN, written))
    assert read == written
    assert pixels == PLAIN


def test_the_picture_still_decodes_to_the_same_pixels() -> None:
    carrier = embed_overlay(PLAIN, overlay([box("Ana")]))
    assert Image.open(io.BytesIO(carrier)).tobytes() == Image.open(io.BytesIO(PLAIN)).tobytes()
    assert carrier[2:4] == PLAIN[2:4] == b"\xff\xe0", "the JFIF header stays first"


def test_a_jpeg_without_jfif_header_takes_an_overlay_too() -> None:
    length = int.from_bytes(PLAIN[4:6], "big")
    bare = PLAIN[:2] + PLAIN[4 + length :]
    assert split_overlay(embed_overlay(bare, overlay([])))[0] == overlay([])


def test_a_plain_jpeg_has_no_overlay() -> None:
    assert split_overlay(PLAIN) == (None, PLAIN)


def test_a_full_segment_keeps_names_then_tracks_then_large_faces() -> None:
    strangers = [box(None, track_id=None, side=0.001 * n) for n in range(1, 500)]
    named = [box(f"Person {n} " + "x" * 60) for n in range(40)]
    tracked = [box(None, track_id=9, side=0.01)]
    read, pixels = split_overlay(embed_overlay(PLAIN, overlay(strangers + tracked + named)))
    assert read is not None
    assert pixels == PLAIN
    kept = read["boxes"]
    assert kept[:41] == named + tracked
    assert read["boxes_dropped"] == 540 - len(kept)
    sizes = [entry["xyxy"][2] for entry in kept[41:]]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) > 300, "the segment is used, not halved"


def test_a_single_box_larger_than_the_segment_is_dropped() -> None:
    read, _ = split_overlay(embed_overlay(PLAIN, overlay([box("é" * SEGMENT_MAX_BYTES)])))
    assert read is not None
    assert (read["boxes"], read["boxes_dropped"]) == ([], 1)


@pytest.mark.parametrize("content", [b"", b"\xff", b"not a jpeg", b"\x89PNG\r\n"])
def test_what_is_no_jpeg_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="not a JPEG"):
        embed_overlay(content, overlay([]))
    with pytest.raises(ValueError, match="not a JPEG"):
        split_overlay(content)


@pytest.mark.parametrize("cut", [2, 3, 5, 12, 25])
def test_a_cut_off_file_carries_no_overlay(cut: int) -> None:
    assert split_overlay(PLAIN[:cut])[0] is None


@pytest.mark.parametrize("text", [b"{", b"[]", b"{}", b'{"captured_at":"x","boxes":3}'])
def test_an_unreadable_overlay_is_an_error(text: bytes) -> None:
    payload = b"GSPE\0" + text
    segment = b"\xff\xeb" + (len(payload) + 2).to_bytes(2, "big") + payload
    with pytest.raises(ValueError):
        split_overlay(PLAIN[:2] + segment + PLAIN[2:])


def test_a_number_that_json_lacks_is_refused() -> None:
    with pytest.raises(ValueError):
        embed_overlay(PLAIN, {**overlay([]), "analysed_fps": float("nan")})
