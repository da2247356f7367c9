from pathlib import Path

import pytest

from core.domain.states import CameraCause, CameraStatus
from core.i18n import LANGUAGES, catalogue
from worker.sources.causes import address_of, camera_error, endpoint_of

SETTINGS_CAUSES = {CameraCause.SETTINGS_INVALID, CameraCause.ID_MISMATCH}
"""Found by whoever reads the settings; no source raises them."""

DOCS = Path(__file__).parents[3] / "docs" / "troubleshooting.md"


@pytest.mark.parametrize("cause", sorted(set(CameraCause) - SETTINGS_CAUSES))
def test_every_cause_has_an_error_with_a_camera_status(cause: CameraCause) -> None:
    error = camera_error(cause, "10.0.0.5:554", packages="some")
    assert CameraStatus(error.code) not in (
        CameraStatus.ONLINE,
        CameraStatus.CONNECTING,
        CameraStatus.DISABLED,
    )
    assert error.params["cause"] == cause.value
    assert "10.0.0.5:554" in str(error)
    assert "{" not in str(error)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_status_and_cause_has_a_sentence_in_every_language(language: str) -> None:
    wanted = {f"camera.status.{status}" for status in CameraStatus}
    wanted |= {f"camera.cause.{cause}" for cause in CameraCause}
    assert wanted <= catalogue(language).keys()


def test_every_cause_has_its_section_in_the_troubleshooting_page() -> None:
    page = DOCS.read_text()
    assert [cause for cause in CameraCause if page.count(f'<a id="{cause}"></a>\n### ') != 1] == []


@pytest.mark.parametrize(
    ("url", "endpoint", "address"),
    [
        ("rtsp://10.0.0.5/x", ("10.0.0.5", 554), "10.0.0.5:554"),
        ("rtsps://cam.lan/x", ("cam.lan", 322), "cam.lan:322"),
        ("rtsp://user:p%40ss@cam.lan:8554/x", ("cam.lan", 8554), "cam.lan:8554"),
        ("rtsp://u:p@[fe80::1]:554/x", ("fe80::1", 554), "[fe80::1]:554"),
    ],
)
def test_the_address_of_a_url_holds_no_credentials(url: str, endpoint: tuple[str, int], address: str) -> None:
    assert endpoint_of(url) == endpoint
    assert address_of(url) == address
