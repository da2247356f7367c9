import pytest

from core.errors import PackUnavailable, ProviderUnavailable
from worker.analysis.sessions import CPU, SessionOptions, open_session, providers_missing

CUDA = "CUDAExecutionProvider"


@pytest.mark.parametrize(
    ("wanted", "in_use", "missing"),
    [
        ((CUDA, CPU), CPU, (CUDA,)),
        ((CUDA, CPU), CUDA, ()),
        ((CPU,), CPU, ()),
        ((CPU, CUDA), CPU, ()),
        ((CUDA,), CPU, (CUDA,)),
    ],
)
def test_what_was_wanted_before_the_provider_in_use_is_missing(wanted, in_use, missing):
    assert providers_missing(wanted, in_use) == missing


def test_a_site_that_wants_only_what_is_not_there_is_refused():
    with pytest.raises(ProviderUnavailable, match=r"NoSuchProvider.*`providers`"):
        _ = SessionOptions(("NoSuchProvider",)).usable


@pytest.mark.parametrize("content", [b"", b"not a model", None], ids=["empty", "garbage", "missing"])
def test_a_file_that_is_no_model_is_told_in_one_sentence(tmp_path, content):
    model = tmp_path / "face.onnx"
    if content is not None:
        model.write_bytes(content)

    with pytest.raises(PackUnavailable, match=r"face\.onnx cannot be loaded"):
        open_session(model, SessionOptions((CPU,), 1))
