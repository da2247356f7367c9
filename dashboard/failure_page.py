"""What a reader sees when a page fails: one sentence. The traceback is in the log."""

import streamlit as st
from sqlalchemy.exc import DBAPIError

from core.errors import GspeError
from core.i18n import catalogue, text
from core.storage.retry import failure_of
from dashboard.database import reader
from dashboard.place import reader_language


def show_failure(error: Exception) -> bool:
    """Streamlit's `on_script_error`: True says that the page shows the error itself."""
    language = reader_language(None)  # the account may be what cannot be read
    known = failure_of(reader(), error) if isinstance(error, DBAPIError) else error
    key = f"errors.{known.code}" if isinstance(known, GspeError) else "errors.error"
    if key not in catalogue(language):
        key = "errors.error"
    st.error(text(key, language), icon=":material/error:")
    return True
