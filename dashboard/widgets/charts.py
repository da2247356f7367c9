"""The charts of the reports. Colours that also the colour-blind tell apart, on light and dark pages."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.i18n import whole_percent
from core.reports.figures import ARRIVAL_MIN
from dashboard.widgets.words import Words

BLUE, ORANGE, GREEN = "#3b8fd1", "#e08a00", "#1fa187"
"""After the palette of Okabe and Ito, of a lightness that stands out on white and on black."""
SEPARATORS = {"en": ".,", "id": ",."}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TICKS = 8
HEIGHT_PX = 320


def attendance_rate_chart(rates: pd.DataFrame, words: Words) -> go.Figure:
    """rates: of `figures.attendance_rate`."""
    return _lines(
        list(rates["day"].dt.date),
        (
            (words("charts.rate"), rates["rate"], BLUE, "solid"),
            (words("charts.coverage"), rates["coverage"], ORANGE, "dot"),
        ),
        words("charts.rate_axis"),
        words,
    )


def coverage_chart(coverage: pd.DataFrame, words: Words) -> go.Figure:
    """coverage: of `figures.coverage_by_day`."""
    series = ((words("charts.coverage"), coverage["coverage"], ORANGE, "solid"),)
    return _lines(list(coverage["day"].dt.date), series, words("charts.coverage_axis"), words)


def arrival_chart(arrivals: pd.DataFrame, words: Words) -> go.Figure:
    """arrivals: of `figures.arrival_times`."""
    clock = [_clock(int(minute)) for minute in arrivals["minute"]]
    ends = [_clock(int(minute) + ARRIVAL_MIN) for minute in arrivals["minute"]]
    said = [
        words("charts.arrivals_hover", start=start, end=end, count=words.number(count))
        for start, end, count in zip(clock, ends, arrivals["arrivals"], strict=True)
    ]
    bars = go.Bar(x=clock, y=arrivals["arrivals"], marker_color=BLUE, hovertext=said, hoverinfo="text")
    figure = _figure([bars], words, words("charts.arrivals_x"), words("charts.arrivals_y"))
    figure.update_layout(bargap=0.05)
    figure.update_xaxes(type="category", nticks=TICKS)
    return figure


def presence_chart(hours: pd.DataFrame, words: Words) -> go.Figure:
    """hours: of `figures.presence_by_hour`; a weekday that has not been is blank."""
    weekdays = [words(f"calendar.weekday.{name}") for name in WEEKDAYS]
    said = [
        [
            words("charts.presence_hover", day=day, hour=f"{hour:02}", people=_figure_of(value, 1, words))
            for hour, value in zip(hours.columns, row, strict=True)
        ]
        for day, row in zip(weekdays, hours.to_numpy(), strict=True)
    ]
    cells = go.Heatmap(
        x=[f"{hour:02}" for hour in hours.columns],
        y=weekdays,
        z=hours.astype(object).where(hours.notna(), None).to_numpy().tolist(),
        colorscale="Cividis",
        zmin=0,
        colorbar={"title": {"text": words("charts.people")}, "thickness": 12},
        text=said,
        hoverinfo="text",
        xgap=1,
        ygap=1,
    )
    figure = _figure([cells], words, words("charts.hour_axis"), words("charts.weekday_axis"))
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(type="category")
    return figure


def lateness_chart(rows: pd.DataFrame, words: Words) -> go.Figure:
    """rows: of `figures.lateness_by_department`; the bars carry the coverage in words."""
    names = [name or words("charts.no_department") for name in rows["department"]]
    said = [
        words(
            "charts.late_hover",
            department=name,
            late=words.number(row["late"]),
            attended=words.number(row["attended"]),
            minutes=_figure_of(row["mean_late_min"], 0, words),
            coverage=percent(row["coverage"], words),
        )
        for name, row in zip(names, rows.to_dict("records"), strict=True)
    ]
    bars = go.Bar(
        x=100 * rows["share"],
        y=names,
        orientation="h",
        marker_color=GREEN,
        text=[
            words("charts.late_bar", share=percent(share, words), coverage=percent(coverage, words))
            for share, coverage in zip(rows["share"], rows["coverage"], strict=True)
        ],
        hovertext=said,
        hoverinfo="text",
    )
    figure = _figure([bars], words, words("charts.late_axis"), words("charts.department_axis"))
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(rangemode="tozero")
    figure.update_layout(height=max(HEIGHT_PX, 26 * len(names) + 90))
    return figure


def show_chart(title: str, about: str, figure: go.Figure, key: str) -> None:
    """With its heading, and a sentence for who does not see it."""
    st.subheader(title, anchor=False)
    st.caption(about)
    st.plotly_chart(figure, key=key, alt=f"{title}. {about}", config={"displayModeBar": False})


def _lines(
    days: Sequence[date], series: Sequence[tuple[str, Any, str, str]], axis: str, words: Words
) -> go.Figure:
    """Shares over days, in percent."""
    traces = [
        go.Scatter(
            x=list(range(len(days))),
            y=100 * shares,
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2},
            hovertext=[
                f"{words.date(day)}: {name} {percent(share, words)}"
                for day, share in zip(days, shares, strict=True)
            ],
            hoverinfo="text",
        )
        for name, shares, colour, dash in series
    ]
    figure = _figure(traces, words, words("charts.day_axis"), axis)
    step = max(1, -(-len(days) // TICKS))
    places = list(range(0, len(days), step))
    figure.update_xaxes(tickmode="array", tickvals=places, ticktext=[words.date(days[n]) for n in places])
    figure.update_yaxes(range=[0, 104])
    figure.update_layout(legend={"orientation": "h", "y": 1.12, "x": 0})
    return figure


def _figure(traces: Sequence[Any], words: Words, x: str, y: str) -> go.Figure:
    figure = go.Figure(traces)
    figure.update_layout(
        height=HEIGHT_PX,
        margin={"l": 10, "r": 10, "t": 20, "b": 10},
        separators=SEPARATORS[words.language],
        showlegend=len(traces) > 1,
    )
    figure.update_xaxes(title_text=x, fixedrange=True)
    figure.update_yaxes(title_text=y, fixedrange=True)
    return figure


def percent(share: float, words: Words) -> str:
    """Rounded down; a dash for what is not known."""
    return words("presence.no_figure") if pd.isna(share) else f"{whole_percent(share)} %"


def _figure_of(value: float, decimals: int, words: Words) -> str:
    return words("presence.no_figure") if pd.isna(value) else words.number(value, decimals)


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
