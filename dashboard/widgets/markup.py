"""Lists of people as one piece of HTML: quick to refresh, and every word in it escaped.

Thumbnails travel in a style sheet beside the words, so that a refresh sends the words only.
"""

import re
from html import escape
from pathlib import Path

import streamlit as st

from dashboard.widgets.followed import show_followed
from dashboard.widgets.pictures import picture_class, thumbnail_url

STYLE_SHEET = Path(__file__).with_name("board.css")
MARKDOWN = re.compile(r"[\\`*_{}\[\]<>()#$:~|]")


class Markup:
    """Collects list entries and the pictures that they show."""

    def __init__(self) -> None:
        self._pictures: dict[str, str] = {}
        self._entries: list[str] = []

    def face(self, picture_path: str | None, name: str, *, whole: str | None = None) -> str:
        """A thumbnail, or initials where there is no picture; `name` is read to who sees none.

        With `whole`, the address of the picture itself, the thumbnail grows and leads there.
        """
        url = thumbnail_url(picture_path)
        label = escape(name, quote=True)
        if url is None:
            return f'<span class="gspe-face" role="img" aria-label="{label}">{escape(initials(name))}</span>'
        style = picture_class(url)
        self._pictures[style] = url
        if whole is None:
            return f'<span class="gspe-face {style}" role="img" aria-label="{label}"></span>'
        link = f'href="{escape(whole, quote=True)}" target="_blank" aria-label="{label}"'
        return f'<a class="gspe-face gspe-zoom {style}" {link}></a>'

    def add(self, entry: str) -> None:
        """One list entry, already escaped."""
        self._entries.append(entry)

    def show(self, list_class: str) -> None:
        st.html(self._pictures_style())
        st.html(self._list(list_class))

    def show_whole(self, list_class: str) -> None:
        """For a few entries that a refreshing part does not always show.

        Streamlit keeps lone style sheets apart, in places that it counts anew with each run of a part: one
        more there would take the place of a sheet of the page.
        """
        st.html(f"{self._list(list_class)}{self._pictures_style()}")

    def follow(self, key: str) -> None:
        """Shows the entries as they are, and changes only what differs from the last time."""
        st.html(self._pictures_style())
        show_followed(key, "".join(self._entries))

    def _list(self, list_class: str) -> str:
        return f'<ul class="{list_class}">{"".join(self._entries)}</ul>'

    def _pictures_style(self) -> str:
        rules = "".join(f".{style}{{background-image:url({url})}}" for style, url in self._pictures.items())
        return f"<style>{rules}</style>"


def plain(words: str) -> str:
    """For places that read Markdown: names and values are no markup."""
    return MARKDOWN.sub(r"\\\g<0>", words)


def initials(name: str) -> str:
    """First letters of the first and the last word."""
    words = name.split()
    return "".join(word[0].upper() for word in (words[:1] + words[1:][-1:]))


def line(words: str, style: str = "gspe-quiet") -> str:
    """One escaped line; nothing for no words."""
    return f'<span class="{style}">{escape(words)}</span>' if words else ""


def joined(*parts: str | None) -> str:
    """The parts that there are, with a dot between."""
    return " · ".join(part for part in parts if part)
