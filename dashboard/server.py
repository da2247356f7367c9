"""Streamlit's pages and our routes on one origin: `streamlit run dashboard/server.py`."""

import sys
from pathlib import Path

import streamlit as st

# Streamlit imports this file as a lone script; the packages lie one folder up.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.logs import configure_logging
from dashboard.failure_page import show_failure
from dashboard.routes import all_middleware, all_routes, open_site
from dashboard.warm_up import warmed_up

configure_logging("dashboard")
open_site()

app = st.App(
    Path(__file__).with_name("app.py"),
    routes=all_routes(),
    middleware=all_middleware(),
    on_script_error=show_failure,
    lifespan=warmed_up,
)
