"""A file that takes a while: a button makes it, and once it is there another one hands it over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.errors import GspeError
from core.reports.files import MIME, Ending, ReportFile
from dashboard.widgets.page import show_error
from dashboard.widgets.words import Words

ICONS = {
    Ending.XLSX: ":material/table_view:",
    Ending.CSV: ":material/csv:",
    Ending.PDF: ":material/picture_as_pdf:",
}


@dataclass(frozen=True)
class Offer:
    """key: of the button, and of the choices that the file is about. label: what the button says."""

    key: str
    label: str
    ending: Ending
    file_name: str
    make: Callable[[], ReportFile]


@dataclass(frozen=True)
class _Made:
    """What was made last in this session; it counts while the choices stay the same."""

    about: str
    offer_key: str
    content: bytes


def offer_files(offers: Sequence[Offer], about: str, words: Words) -> None:
    """One button an offer. about: the choices; another value forgets what was made before."""
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = [
            offer
            for offer in offers
            if st.button(offer.label, icon=ICONS[offer.ending], key=f"make_{offer.key}")
        ]
    for offer in pressed:
        try:
            with st.spinner(words("report_page.making")):
                content = offer.make().content
        except GspeError as error:
            show_error(words, error)
            return
        st.session_state["made_file"] = _Made(about, offer.key, content)
    made = st.session_state.get("made_file")
    if isinstance(made, _Made) and made.about == about:
        _hand_over(next(offer for offer in offers if offer.key == made.offer_key), made, words)


def _hand_over(offer: Offer, made: _Made, words: Words) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            words("report_page.download", name=offer.file_name),
            made.content,
            file_name=offer.file_name,
            mime=MIME[offer.ending],
            on_click="ignore",
            icon=":material/download:",
            type="primary",
            key="hand_over",
        )
        size = words.number(max(1, len(made.content) / 1024))
        st.caption(words("report_page.ready", size=size))
