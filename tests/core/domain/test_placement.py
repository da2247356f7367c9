"""What faces looked like, and the advice that follows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.placement import (
    MIN_FACES,
    OF_REFUSAL,
    Advice,
    AdviceCode,
    FaceStats,
    MeasuredFace,
    advise,
)
from core.domain.states import FaceRefusal

MIN_PX = 32


def faces(count: int, refusal: FaceRefusal | None = None, width_px: float = 90.0) -> list[MeasuredFace]:
    return [MeasuredFace(width_px, 200.0, 0.5, refusal)] * count


def codes(seen: list[MeasuredFace], min_face_px: float = MIN_PX) -> list[AdviceCode]:
    return [advice.code for advice in advise(FaceStats.of(seen), min_face_px)]


def test_figures_of_faces() -> None:
    seen = [MeasuredFace(10.0 * n, 100.0 + n, n / 10, None) for n in range(1, 10)]
    stats = FaceStats.of([*seen, MeasuredFace(100, 110, 1.0, FaceRefusal.TURNED_AWAY)])
    assert stats.faces == 10
    assert stats.usable == 0.9
    assert stats.turned == 0.1
    assert stats.width_px == {"p10": 19.0, "p50": 55.0, "p90": 91.0}
    assert stats.sharpness == {"p50": 105.5}
    assert stats.brightness == {"p10": 0.19, "p50": 0.55, "p90": 0.91}
    assert stats.refused == {"turned_away": 1}


def test_nobody_seen() -> None:
    assert FaceStats.of([]) == FaceStats.from_json({}) == FaceStats()
    assert FaceStats().share(FaceRefusal.TOO_SMALL) == 0.0


def test_stored_and_read_again() -> None:
    stats = FaceStats.of([*faces(3), *faces(1, FaceRefusal.TOO_DARK)])
    assert FaceStats.from_json(stats.as_json()) == stats


def test_too_few_faces_say_nothing_but_that() -> None:
    (advice,) = advise(FaceStats.of(faces(12, FaceRefusal.TOO_SMALL, 10)), MIN_PX)
    assert advice == Advice(AdviceCode.MORE_FACES, value=12, wanted=MIN_FACES)


@pytest.mark.parametrize(("refusal", "code"), OF_REFUSAL.items())
def test_a_frequent_refusal_is_named(refusal: FaceRefusal, code: AdviceCode) -> None:
    assert codes([*faces(75), *faces(25, refusal)]) == [code]
    assert codes([*faces(76), *faces(24, refusal)]) == [AdviceCode.GOOD]


def test_every_refusal_has_an_advice() -> None:
    assert set(OF_REFUSAL) == set(FaceRefusal)


@pytest.mark.parametrize(
    ("width_px", "min_face_px", "wanted_px"),
    [(22, 32, 40), (39, 32, 40), (60, 80, 80)],
)
def test_small_faces_name_their_width_and_the_wanted_one(
    width_px: float, min_face_px: float, wanted_px: float
) -> None:
    refusal = FaceRefusal.TOO_SMALL if width_px < min_face_px else None
    (advice,) = advise(FaceStats.of(faces(60, refusal, width_px)), min_face_px)
    assert (advice.code, advice.value, advice.wanted) == (AdviceCode.SMALL, width_px, wanted_px)


def test_what_concerns_most_faces_comes_first() -> None:
    seen = [*faces(20), *faces(30, FaceRefusal.TOO_DARK), *faces(50, FaceRefusal.TURNED_AWAY)]
    assert codes(seen) == [AdviceCode.TURNED, AdviceCode.DARK]


def test_of_many_rare_reasons_the_most_frequent_is_named() -> None:
    rare = [FaceRefusal.TOO_DARK, FaceRefusal.CUT_OFF, FaceRefusal.TOO_BLURRY]
    seen = [*faces(40), *(face for refusal in rare for face in faces(16, refusal))]
    assert codes([*seen, *faces(24, FaceRefusal.LOW_SCORE)]) == [AdviceCode.UNCLEAR]


def test_good_says_how_many_are_usable() -> None:
    (advice,) = advise(FaceStats.of([*faces(90), *faces(10, FaceRefusal.CUT_OFF)]), MIN_PX)
    assert advice.is_good
    assert advice.share == 0.9


MEASURED = st.builds(
    MeasuredFace,
    st.floats(1, 500),
    st.floats(0, 5000),
    st.floats(0, 1),
    st.none() | st.sampled_from(list(FaceRefusal)),
)


@given(st.lists(MEASURED, max_size=120), st.floats(8, 400))
def test_there_is_always_advice_and_never_praise_beside_blame(seen: list[MeasuredFace], px: float) -> None:
    found = advise(FaceStats.of(seen), px)
    assert found
    assert len({one.code for one in found}) == len(found)
    assert not any(one.is_good for one in found) or len(found) == 1
