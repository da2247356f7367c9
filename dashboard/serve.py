"""python -m dashboard serve: becomes `streamlit run dashboard/server.py` with the flags of this start."""

import argparse
import os
import secrets
import sys
from collections.abc import Mapping

from core.home import current_home
from core.paths import REPOSITORY, SitePaths
from core.storage.files import write_atomically

MAX_UPLOAD_MB = 10
STREAMLIT_SECRET = "streamlit.secret"


def configure(parser: argparse.ArgumentParser) -> None:
    """It takes no options: scripts/run passes the address in the environment, as to every program."""


def main(arguments: argparse.Namespace) -> int:
    home = current_home(os.environ)
    home.paths.create()
    if not home.demo and SitePaths(home.site.demo_home).database.exists():
        from core.demo import end_demo  # noqa: PLC0415  the database's libraries would delay every start

        end_demo(SitePaths(home.site.demo_home), home.site)
    environ = {**os.environ, "STREAMLIT_SERVER_COOKIE_SECRET": streamlit_secret(home.paths)}
    command = [sys.executable, "-m", "streamlit", "run", str(REPOSITORY / "dashboard" / "server.py")]
    os.execve(sys.executable, [*command, *server_flags(os.environ)], environ)


def server_flags(environ: Mapping[str, str]) -> list[str]:
    """Streamlit's flags for the address in GSPE_HOST, GSPE_PORT, GSPE_TLS_CERT and GSPE_TLS_KEY."""
    options = {
        "server.address": environ.get("GSPE_HOST") or "127.0.0.1",
        "server.port": environ.get("GSPE_PORT") or "8501",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.maxUploadSize": str(MAX_UPLOAD_MB),
        "server.sslCertFile": environ.get("GSPE_TLS_CERT"),
        "server.sslKeyFile": environ.get("GSPE_TLS_KEY"),
        "browser.gatherUsageStats": "false",
        "client.showErrorDetails": "none",
        "client.toolbarMode": "minimal",
    }
    return [f"--{name}={value}" for name, value in options.items() if value]


def streamlit_secret(paths: SitePaths) -> str:
    """What Streamlit signs its own cookies with, made once, so that a restart keeps sessions."""
    path = paths.run / STREAMLIT_SECRET
    if not path.exists():
        write_atomically(path, secrets.token_urlsafe(32).encode())
    return path.read_text()
