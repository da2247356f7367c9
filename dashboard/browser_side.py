"""What only a script in the browser can do for a page: its language, its skip link, telling news and
that the server is gone."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from dashboard.widgets.words import Words

_mount = st.components.v2.component(
    "gspe.page",
    html='<div class="gspe-sound"></div>',
    js=(Path(__file__).with_name("assets") / "page.js").read_text(),
    isolate_styles=False,
)


def tell_browser(words: Words, news: Sequence[Mapping[str, str]] = ()) -> None:
    """`news` have a `key` and a `text` each; a browser tells each key once, many of them as one."""
    with st.container(key="gspe-browser-side"):
        grouped = {"grouped": words("bell.new", count="{count}"), "close": words("bell.close")}
        place = {"cut_off": words("shell.cut_off", time="{time}"), "zone": words.zone.key}
        _mount(key="browser_side", data={**_said(words), "news": list(news), **grouped, **place})


def offer_sound(words: Words) -> None:
    """A switch that this browser remembers; off at first."""
    _mount(key="sound", data={**_said(words), "sound": words("bell.sound")})


def _said(words: Words) -> dict[str, object]:
    return {"language": words.language, "skip": words("shell.skip")}
