"""Every route beside the pages; a module of dashboard.api more is one line here."""

import sys
from contextlib import ExitStack

from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from core.errors import StorageError
from core.storage.lock import dashboard_lock
from core.storage.verify import verify_database
from dashboard.api.rest.app import rest_routes
from dashboard.api.session import session_routes
from dashboard.api.whatsapp import whatsapp_routes
from dashboard.database import site_paths
from dashboard.guarded_paths import GuardedPaths
from dashboard.live.feed import Feeds
from dashboard.live.socket import live_routes
from dashboard.page_headers import PageHeaders

_held = ExitStack()
"""The lock of this program, until the process ends."""


def open_site() -> None:
    """Keeps migration and restore away and checks the database, before anything is served.

    Ends the program with one sentence that says what to do when the database cannot be used.
    """
    try:
        _held.enter_context(dashboard_lock(site_paths().create()))
        verify_database(site_paths())
    except StorageError as error:
        sys.exit(f"dashboard: {error}")


def all_routes() -> list[BaseRoute]:
    beside = [
        *session_routes(),
        *whatsapp_routes(),
        *live_routes(Feeds(site_paths())),
    ]
    return [*beside, *rest_routes(beside)]  # last: it answers whatever else lies below /api


def all_middleware() -> list[Middleware]:
    return [Middleware(GuardedPaths), Middleware(PageHeaders)]
