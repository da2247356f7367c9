"""The parameters that one camera may have otherwise than the site, folded away: most cameras need none."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

import streamlit as st

from core.settings import CameraSettings, Parameters
from core.settings.description import Description, describe_parameters
from dashboard.widgets.words import Words

ELSEWHERE = ("rtsp_protocol",)
"""What the form asks for at its own place."""


def show_overrides(stored: CameraSettings | None, site: Parameters, words: Words, key: str) -> dict[str, Any]:
    """Within a form. Values by key; None where the site's value holds, which the field shows."""
    values: dict[str, Any] = {}
    described = [one for one in describe_parameters() if one.per_camera and one.key not in ELSEWHERE]
    chosen = sum(getattr(stored, one.key, None) is not None for one in described)
    title = words("cameras.overrides_some", count=chosen) if chosen else words("cameras.overrides")
    with st.expander(title, icon=":material/tune:"):
        st.caption(words("cameras.overrides_about"))
        for group, members in groupby(described, key=lambda one: one.group):
            st.markdown(f"**{words(f'settings.group.{group}')}**")
            columns = st.columns(2)
            for number, one in enumerate(members):
                with columns[number % 2]:
                    values[one.key] = _field(
                        one, getattr(stored, one.key, None), getattr(site, one.key), words, key
                    )
    return values


def _field(one: Description, stored: Any, site: Any, words: Words, key: str) -> Any:
    label = words(f"settings.{one.key}.title")
    if one.unit:
        unit = words(f"settings.unit.{one.unit}", count=one.maximum)
        label = words("cameras.with_unit", title=label, unit=unit)
    about = words(f"settings.{one.key}.help")
    widget_key = f"cam_{one.key}_{key}"
    if one.kind == "switch":
        return _switch(label, about, stored, site=site, words=words, key=widget_key)
    whole = one.kind == "whole"
    number: Callable[[Any], Any] = int if whole else float
    step: Any = 1 if whole else _step(one)
    return st.number_input(
        label,
        number(one.minimum or 0),
        number(one.maximum or 0),
        None if stored is None else number(stored),
        placeholder=words("cameras.as_site", value=words.number(site, 0 if site == int(site) else 2)),
        help=about,
        format="%d" if whole else "%g",
        step=step,
        key=widget_key,
    )


def _step(one: Description) -> float:
    return 0.05 if one.maximum is not None and one.maximum <= 1 else 0.5


def _switch(label: str, about: str, stored: Any, *, site: bool, words: Words, key: str) -> bool | None:
    said = {True: words("units.yes"), False: words("units.no")}
    options = [None, True, False]
    return st.selectbox(
        label,
        options,
        index=options.index(stored),
        format_func=lambda value: (
            words("cameras.as_site", value=said[site]) if value is None else said[value]
        ),
        help=about,
        key=key,
    )
