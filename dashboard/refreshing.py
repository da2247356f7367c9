"""Parts of a page that run again by themselves, and only for as long as the account may see them."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from dashboard.auth import current_account

P = ParamSpec("P")


def refreshing(every_s: float | None) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Makes a fragment that runs every so many seconds; None: only when something in it is used.

    A browser may ask for one fragment alone, so the page's own check is not met again: each run asks whether
    the account is still the one that opened the page. If not, the whole app runs again.
    """

    def decorate(show: Callable[P, None]) -> Callable[P, None]:
        @wraps(show)  # Streamlit tells fragments apart by the names of their functions
        def show_to(opened_by: object, /, *args: P.args, **kwargs: P.kwargs) -> None:
            if current_account() != opened_by:
                st.rerun(scope="app")
            show(*args, **kwargs)

        fragment = st.fragment(show_to, run_every=every_s)

        @wraps(show)
        def open_it(*args: P.args, **kwargs: P.kwargs) -> None:
            fragment(current_account(), *args, **kwargs)

        return open_it

    return decorate
