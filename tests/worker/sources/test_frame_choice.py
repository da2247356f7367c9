import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.sources import FrameChoice


def chosen(choice: FrameChoice, times: list[float]) -> list[int]:
    return [index for index, at_s in enumerate(times) if choice.wants(at_s)]


@pytest.mark.parametrize(
    ("source_fps", "fps_target", "frame_skip", "expected"),
    [
        (25, 25, 0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        (25, 5, 0, [0, 5, 10]),
        (25, 60, 0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        (25, 25, 2, [0, 3, 6, 9]),
        (25, 5, 1, [0, 6, 10]),
        (12, 5, 0, [0, 3, 5, 8, 10]),
        (30000 / 1001, 5, 0, [0, 6]),
    ],
)
def test_a_recording_is_sampled_on_a_fixed_grid(
    source_fps: float, fps_target: float, frame_skip: int, expected: list[int]
) -> None:
    times = [index / source_fps for index in range(12)]
    assert chosen(FrameChoice(fps_target, frame_skip), times) == expected


@given(
    jitter=st.lists(st.floats(-0.04, 0.04), min_size=50, max_size=50),
    began_s=st.floats(0, 1e6),
)
def test_a_live_camera_at_the_wanted_rate_loses_nothing_to_jitter(
    jitter: list[float], began_s: float
) -> None:
    times = [began_s + index * 0.2 + shift for index, shift in enumerate([0.0, *jitter])]
    assert len(chosen(FrameChoice.live(5.0), times)) == len(times)


@given(gaps=st.lists(st.floats(0.001, 0.5), min_size=1, max_size=200), fps=st.floats(0.5, 30))
def test_never_more_than_the_target_over_the_whole(gaps: list[float], fps: float) -> None:
    times = [sum(gaps[:index]) for index in range(len(gaps) + 1)]
    assert len(chosen(FrameChoice(fps), times)) <= times[-1] * fps + 1.01


@pytest.mark.parametrize(("fps_target", "frame_skip"), [(0, 0), (-1, 0), (5, -1)])
def test_refuses_rates_that_mean_nothing(fps_target: float, frame_skip: int) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        FrameChoice(fps_target, frame_skip)
