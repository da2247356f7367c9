"""What messages say: every kind in every language, a digest that fits, nothing that breaks a line."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.site_watch import Fault
from core.domain.states import AlertKind, CameraCause, CameraStatus
from core.i18n import LANGUAGES
from core.telling import KINDS, Voice, digest, one, subject

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
ENGLISH, INDONESIAN = (Voice(language, ZoneInfo("Asia/Jakarta"), NOW) for language in ("en", "id"))


def params(**more: Any) -> dict[str, Any]:
    times = {
        "since": (NOW - timedelta(minutes=5)).isoformat(),
        "at": (NOW - timedelta(minutes=4)).isoformat(),
    }
    return {"name": "Ayu Lestari", "department": "Produksi", **times, **more}


def camera(**more: Any) -> dict[str, Any]:
    times = {"since": (NOW - timedelta(days=1)).isoformat(), "at": NOW.isoformat()}
    return {"camera": "Gerbang", "location": "Lobi", "cause": "refused", **times, **more}


@pytest.mark.parametrize(
    ("kind", "told", "english", "indonesian"),
    [
        (
            AlertKind.ABSENT,
            params(),
            "Ayu Lestari (Produksi) has not been seen since 09:55, although the cameras were watching.",
            "Ayu Lestari (Produksi) tidak terlihat sejak 09.55, padahal kamera sedang memantau.",
        ),
        (
            AlertKind.CAME_BACK,
            params(department=None),
            "Ayu Lestari is back since 09:56, after not having been seen since 09:55.",
            "Ayu Lestari sudah kembali sejak 09.56, setelah tidak terlihat sejak 09.55.",
        ),
        (
            AlertKind.NOT_ARRIVED,
            params(day="2026-11-23"),
            "Ayu Lestari (Produksi) has not arrived for the shift of 23 Nov 2026.",
            "Ayu Lestari (Produksi) belum datang untuk sif tanggal 23 Nov 2026.",
        ),
        (
            AlertKind.UNKNOWN_PERSON,
            camera(),
            "An unknown person was seen at Gerbang (Lobi), 22 Nov 2026 10:00.",
            "Orang tak dikenal terlihat di Gerbang (Lobi), 22 Nov 2026 10.00.",
        ),
        (
            AlertKind.CAMERA_DOWN,
            camera(),
            "The camera Gerbang (Lobi) shows no picture since 22 Nov 2026 10:00. The camera's address "
            "answers, but its port is closed. Check the port and that RTSP is switched on in the camera.",
            "Kamera Gerbang (Lobi) tidak menampilkan gambar sejak 22 Nov 2026 10.00. Alamat kamera menjawab, "
            "tetapi portnya tertutup. Periksa nomor port dan pastikan RTSP diaktifkan pada kamera.",
        ),
        (
            AlertKind.CAMERA_BACK,
            camera(),
            "The camera Gerbang (Lobi), without picture since 22 Nov 2026 10:00, works again.",
            "Kamera Gerbang (Lobi), yang tanpa gambar sejak 22 Nov 2026 10.00, sudah berfungsi lagi.",
        ),
        (
            AlertKind.WORKER_FAULT,
            params(cause="silent"),
            "Nobody watches the cameras: the recognition has been silent since 09:55. "
            "Look at the dashboard and the worker's log.",
            "Tidak ada yang memantau kamera: program pengenalan tidak melapor sejak 09.55. "
            "Lihat dasbor dan log worker.",
        ),
        (
            "test",
            {"by": "admin"},
            "This is a test message, sent by admin. Alerts arrive here.",
            "Ini pesan uji coba yang dikirim oleh admin. Peringatan akan tiba di sini.",
        ),
    ],
)
def test_one_matter(kind: str, told: dict[str, Any], english: str, indonesian: str) -> None:
    assert one(kind, told, ENGLISH) == english
    assert one(kind, told, INDONESIAN) == indonesian


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", [*Fault, "of another version", None])
def test_every_fault_has_its_sentence(language: str, cause: str | None) -> None:
    voice = Voice(language, ZoneInfo("UTC"), NOW)
    for kind in (AlertKind.WORKER_FAULT, AlertKind.MODEL_FAULT):
        assert "02" in one(kind, params(cause=cause), voice)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", [*CameraCause, CameraStatus.CONNECTING, None])
def test_every_cause_of_a_camera_ends_in_a_sentence(language: str, cause: str | None) -> None:
    said = one(AlertKind.CAMERA_DOWN, camera(cause=cause), Voice(language, ZoneInfo("UTC"), NOW))
    assert said.endswith(".")
    assert said.count(".") > 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_digest_of_everything_names_ten_and_counts_the_rest(language: str) -> None:
    voice = Voice(language, ZoneInfo("UTC"), NOW)
    told = [
        (kind, {**params(name=f"N{number}"), **camera(cause=None)}) for kind in KINDS for number in range(12)
    ]
    sentences = digest(told, voice, 10_000)
    assert len(sentences) == len(KINDS)
    assert "N9" in sentences[3]
    assert "N10" not in sentences[3]


def test_those_longest_away_give_the_time() -> None:
    early, late = params(name="Budi", since="2026-11-23T01:00:00+00:00"), params()
    (said,) = digest([("absent", late), ("absent", early)], ENGLISH, 900)
    assert said == "2 people have not been seen since 08:00 or later: Ayu Lestari, Budi."


def test_a_headline_tells_what_or_how_many() -> None:
    assert (
        subject("Bengkel\nMaju", [("absent", params())], INDONESIAN)
        == "Bengkel Maju: ada yang tidak terlihat"
    )
    assert subject("X", [("absent", params()), ("camera_down", camera())], ENGLISH) == "X: 2 alerts"
    for kind in (*KINDS, "test"):
        assert subject("X", [(kind, params())], ENGLISH).startswith("X: ")


names = st.text(max_size=300)
matters = st.lists(
    st.tuples(
        st.sampled_from([*KINDS, "test"]),
        st.builds(
            lambda name, place: {**params(name=name, by=name), **camera(camera=place, location=place)},
            names,
            names,
        ),
    ),
    min_size=1,
    max_size=80,
)


@given(matters, st.sampled_from([300, 900, 4000]), st.sampled_from([ENGLISH, INDONESIAN]))
def test_whatever_it_is_fits_on_one_line(
    told: list[tuple[str, dict[str, Any]]], limit: int, voice: Voice
) -> None:
    text = " ".join(digest(told, voice, limit))
    assert 0 < len(text) <= limit
    assert text.splitlines() == [text]
    assert "     " not in text
