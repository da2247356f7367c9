"""Every text a user reads, in every language: sentences by key, and dates and numbers by custom."""

from core.i18n.formats import (
    format_date,
    format_datetime,
    format_duration,
    format_number,
    format_time,
    whole_percent,
)
from core.i18n.sentences import LANGUAGES, catalogue, languages, text

__all__ = [
    "LANGUAGES",
    "catalogue",
    "format_date",
    "format_datetime",
    "format_duration",
    "format_number",
    "format_time",
    "languages",
    "text",
    "whole_percent",
]
