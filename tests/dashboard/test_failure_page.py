"""A page that fails says one sentence, whatever the error was."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.i18n import text
from tests.patience import PATIENCE_S


def _fail(code: str) -> None:
    from core.errors import AccessDenied, GspeError
    from dashboard.failure_page import show_failure

    errors = {
        "": ValueError("secret"),
        "role_too_low": AccessDenied("x", code="role_too_low"),
        "new": GspeError("y", code="new"),
    }
    assert show_failure(errors[code])


@pytest.mark.parametrize(
    ("code", "key"), [("", "errors.page"), ("new", "errors.page"), ("role_too_low", "errors.role_too_low")]
)
def test_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, key: str) -> None:
    monkeypatch.setenv("GSPE_HOME", str(tmp_path))
    page = AppTest.from_function(_fail, args=(code,), default_timeout=PATIENCE_S).run()
    assert not page.exception
    assert [error.value for error in page.error] == [text(key, "en")]
