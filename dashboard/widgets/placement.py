"""What a camera's latest faces looked like, and what to do at the camera."""

from collections.abc import Iterator

import streamlit as st

from core.domain.placement import Advice, AdviceCode, FaceStats, advise
from core.errors import SettingsError
from core.settings import Parameters
from core.storage import queries
from dashboard import data
from dashboard.camera_list import ListedCamera
from dashboard.refreshing import refreshing
from dashboard.widgets.charts import percent
from dashboard.widgets.refused_faces import show_refused
from dashboard.widgets.words import Words

REFRESH_S = 3.0
SHOW_ADVICE = {True: st.success, False: st.warning}


@refreshing(REFRESH_S)
def show_placement(camera: ListedCamera, words: Words) -> None:
    row = next((row for row in data.ask(queries.cameras) if row.id == camera.id), None)
    stats = FaceStats.from_json(row.face_stats if row else {})
    st.caption(words("placement.about"))
    for advice in advise(stats, _min_face_px(camera)):
        _show_advice(advice, words)
    if stats.faces:
        st.markdown("\n".join(f"- {label}: **{value}**" for label, value in figures(stats, words)))
        if stats.refused:
            st.markdown(f"**{words('placement.refused')}**")
            show_refused(stats.refused, stats.faces, words)


def _show_advice(advice: Advice, words: Words) -> None:
    if advice.code is AdviceCode.MORE_FACES:
        seen, wanted = words.number(advice.value), words.number(advice.wanted)
        st.info(words("placement.more_faces", seen=seen, wanted=wanted), icon=":material/directions_walk:")
        st.progress(min(1.0, advice.value / advice.wanted))
        return
    show = SHOW_ADVICE[advice.is_good]
    icon = ":material/check_circle:" if advice.is_good else ":material/build:"
    show(sentence(advice, words), icon=icon)


def sentence(advice: Advice, words: Words) -> str:
    return words(
        f"placement.{advice.code}",
        share=percent(advice.share, words),
        value=words.number(advice.value),
        wanted=words.number(advice.wanted),
    )


def figures(stats: FaceStats, words: Words) -> Iterator[tuple[str, str]]:
    """Label and value of what was measured."""
    yield words("placement.faces"), words.number(stats.faces)
    yield words("placement.usable"), percent(stats.usable, words)
    yield words("placement.turned_share"), percent(stats.turned, words)
    width = {rank: words.number(value) for rank, value in stats.width_px.items()}
    yield words("placement.width"), words("placement.width_value", **width)
    yield words("placement.sharpness"), words.number(stats.sharpness["p50"])
    light = {rank: percent(value, words) for rank, value in stats.brightness.items()}
    yield words("placement.brightness"), words("placement.brightness_value", **light)


def _min_face_px(camera: ListedCamera) -> int:
    """What the worker refuses below, as far as the settings can be read."""
    try:
        site = data.settings_store().load_parameters().value
        return (site.for_camera(camera.settings) if camera.settings else site).quality_min_face_px
    except SettingsError:
        return Parameters().quality_min_face_px
