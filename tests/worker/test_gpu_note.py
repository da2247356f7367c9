"""That the models ran on a GPU is noted for the dashboard, which tells its loss from its absence."""

from pathlib import Path

import pytest

from core.paths import SitePaths
from core.settings import Parameters
from tests.painted import painted_pack
from worker.runner import loaded


@pytest.mark.parametrize(
    ("provider", "noted"), [("CUDAExecutionProvider", True), ("CPUExecutionProvider", False)]
)
def test_a_gpu_that_works_is_noted(tmp_path: Path, provider: str, noted: bool) -> None:
    paths, pack = SitePaths(tmp_path).create(), painted_pack()
    pack.embedder.provider = provider  # type: ignore[misc]
    assert loaded(lambda _parameters: pack, Parameters(), paths) is pack
    assert paths.gpu_worked.exists() is noted


def test_where_it_cannot_be_noted_the_worker_works_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pack = painted_pack()
    pack.embedder.provider = "CUDAExecutionProvider"  # type: ignore[misc]
    assert loaded(lambda _parameters: pack, Parameters(), SitePaths(tmp_path / "gone")) is pack
    assert "cannot note that the GPU works: No such file or directory" in caplog.text
