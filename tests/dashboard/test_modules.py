"""Every module of the dashboard can be imported and every page and route is there, whoever opens it first."""

from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import dashboard
from dashboard.pages import HIDDEN_PAGES, PAGES
from dashboard.routes import all_middleware, all_routes

SCRIPTS = {"dashboard.app", "dashboard.server", "dashboard.__main__"}
"""They act when they are run; tests/dashboard/test_app.py and every browser test do that."""
MODULES = sorted({module.name for module in walk_packages(dashboard.__path__, "dashboard.")} - SCRIPTS)


def test_all_are_looked_at() -> None:
    folders = {Path(folder) for folder in dashboard.__path__}
    written = [path for folder in folders for path in folder.rglob("*.py") if path.stem != "__init__"]
    named = {name.rpartition(".")[2] for name in MODULES} | {name.rpartition(".")[2] for name in SCRIPTS}
    assert {path.stem for path in written} <= named


@pytest.mark.parametrize("name", MODULES)
def test_it_can_be_imported(name: str) -> None:
    assert import_module(name).__doc__ or name == "dashboard.views", "and says what it is for"


@pytest.mark.parametrize("spec", [*PAGES, *HIDDEN_PAGES], ids=lambda spec: spec.url_path)
def test_each_page_has_its_function(spec) -> None:
    module, _, function = spec.view.partition(":")
    assert callable(getattr(import_module(module), function))


def test_the_servers_routes_are_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GSPE_HOME", str(tmp_path))
    paths = {getattr(route, "path", "") for route in all_routes()}
    assert {"/api/live", "/api/session", "/api/whatsapp/webhook"} <= paths
    assert all_middleware()
