"""Composes a camera's address from its make, so that nobody has to know how makers write theirs."""

import streamlit as st

from core.errors import SettingsError
from core.settings.camera_makes import MAKES, MAX_CHANNEL, CameraMake, Stream, compose_address
from dashboard.widgets.page import show_error
from dashboard.widgets.words import Words

MAX_PORT = 65_535


def show_address_by_make(address_key: str, key: str, words: Words, *, opened: bool) -> None:
    """Puts the composed address into the field of this key when asked to; outside of the form."""
    with st.expander(words("cameras.by_make"), icon=":material/link:", expanded=opened):
        code = st.selectbox(
            words("cameras.make"),
            list(MAKES),
            index=None,
            format_func=lambda code: MAKES[code].name,
            placeholder=words("cameras.make_choose"),
            key=f"make_{key}",
        )
        if code is None:
            st.caption(words("cameras.make_about"))
        else:
            _compose(MAKES[code], address_key, key, words)


def _compose(make: CameraMake, address_key: str, key: str, words: Words) -> None:
    host_at, port_at, channel_at, stream_at = st.columns([3, 1.2, 1.2, 2])
    host = host_at.text_input(words("cameras.host"), key=f"make_host_{key}", placeholder="192.168.1.64")
    port = port_at.number_input(
        words("cameras.port"), 1, MAX_PORT, make.port, key=f"make_port_{make.code}_{key}"
    )
    channel = channel_at.number_input(
        words("cameras.channel"),
        1,
        MAX_CHANNEL,
        disabled=not make.has_channels,
        help=words("cameras.channel_help"),
        key=f"make_channel_{key}",
    )
    stream = stream_at.selectbox(
        words("cameras.stream"),
        make.streams(),
        format_func=lambda stream: words(f"cameras.stream.{stream}"),
        key=f"make_stream_{make.code}_{key}",
    )
    if not host:
        st.caption(words("cameras.host_missing"))
        return
    try:
        address = compose_address(make, host, int(port), int(channel), stream or Stream.MAIN)
    except SettingsError as error:
        show_error(words, error)
        return
    st.code(address, language=None, wrap_lines=True)
    st.button(
        words("cameras.use_address"),
        icon=":material/arrow_downward:",
        key=f"make_use_{key}",
        on_click=_take,
        args=(address_key, address),
    )


def _take(address_key: str, address: str) -> None:
    st.session_state[address_key] = address
