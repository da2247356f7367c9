"""One Chromium for the browser tests of a module: while it runs, nobody else can have an event loop there."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import running_chromium


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser
