"""What holds for every test.

What needs more than the pinned packages is skipped by name; with CI=true, where all is there, a skip fails.
"""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import settings

from core.errors import PackUnavailable
from tests.rtsp import server_missing
from worker.pack_manifest import open_pack_folder, read_manifest
from worker.packs import default_cache

settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")

CHROMIUM = "chromium"
IN_CI = os.environ.get("CI") == "true"

_no_home = tempfile.TemporaryDirectory(prefix="gspe-tests-")
os.environ["GSPE_HOME"] = _no_home.name
"""A test that forgets to choose a home must not touch the site of whoever runs it."""
for _name in ("GSPE_SITE_HOME", "GSPE_DEMO", "GSPE_NO_DEMO"):
    os.environ.pop(_name, None)


@cache
def models_missing() -> str | None:
    try:
        read_manifest(open_pack_folder(default_cache()))
    except PackUnavailable as error:
        return str(error)
    return None


@cache
def rtsp_missing() -> str | None:
    return server_missing()


@cache
def browser_missing() -> str | None:
    return None if shutil.which(CHROMIUM) else f"needs: apt-get install {CHROMIUM}"


NEEDS = {"models": models_missing, "rtsp": rtsp_missing, "browser": browser_missing}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests begin first, then those with most tests: what begins last is waited for alone.

    By itself pytest-xdist would begin with the files of most tests, and end with those that take minutes.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path not in slow, -tests[item.path], item.path))


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, missing in NEEDS.items():
        if item.get_closest_marker(marker) and (reason := missing()):
            pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[Any]:
    return _failed_if_skipped_in_ci((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[Any]:
    return _failed_if_skipped_in_ci((yield))


def _failed_if_skipped_in_ci(report: Any) -> Any:
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true forbids: {report.longrepr[-1]}"
    return report
