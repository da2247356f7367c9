"""Loads every page before the first visitor comes, and keeps what is loaded out of garbage collection.

Streamlit collects garbage after every run of a script or a fragment; over pandas, SQLAlchemy and all the
rest that is most of what an open page costs. What was loaded at the start never becomes garbage.
"""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

import streamlit as st

from dashboard.pages import HIDDEN_PAGES, PAGES

ALWAYS = ("dashboard.shell", "dashboard.views.sign_in")


@asynccontextmanager
async def warmed_up(_app: st.App) -> AsyncIterator[dict[str, object]]:
    """The lifespan of the server."""
    for module in (*ALWAYS, *(spec.view.partition(":")[0] for spec in (*PAGES, *HIDDEN_PAGES))):
        import_module(module)
    gc.collect()
    gc.freeze()
    yield {}
