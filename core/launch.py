"""python -m core.launch check | start: the last steps of scripts/run.

`check` runs before anything is installed, so it needs the standard library only. `start` becomes
`supervisord -n`.
"""

import argparse
import os
import signal
import ssl
import sys
import time
import urllib.request
from pathlib import Path

from core.errors import GspeError
from core.home import die_with_parent, site_paths
from core.paths import REPOSITORY, SitePaths
from core.preflight import Endpoint, check
from core.supervision import make_socket_folder, supervisor_socket

ANSWER_WITHIN_S = 120.0
POLL_S = 0.2
PROGRAMS_UMASK = 0o077


def main(argv: list[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    endpoint = Endpoint(arguments.host, arguments.port, arguments.tls_cert, arguments.tls_key)
    try:
        if arguments.action == "check":
            check(endpoint, site_paths(os.environ), supervisor_socket(os.environ))
        else:
            start(endpoint, site_paths(os.environ))
    except GspeError as error:
        sys.stderr.write(f"run: {error}\n")
        return 1
    return 0


def start(endpoint: Endpoint, site: SitePaths) -> None:
    """Becomes supervisord in the foreground; a child says the URL once the dashboard answers."""
    os.umask(PROGRAMS_UMASK)
    site.create()
    socket_file = supervisor_socket(os.environ)
    make_socket_folder(socket_file)
    if endpoint.carries_passwords_in_plain:
        sys.stderr.write(
            f"run: warning: {endpoint.host} serves plain HTTP, which carries passwords readably over the "
            "network, and browsers give their camera to HTTPS pages only: use --tls-cert and --tls-key\n"
        )
    sys.stdout.write(f"starting the programs; their logs are in {site.logs}; Ctrl-C stops them\n")
    announce_in_child(endpoint, site)
    configuration = str(REPOSITORY / "supervisord.conf")
    command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", configuration]
    os.execve(sys.executable, command, {**os.environ, **programs_environment(endpoint, site, socket_file)})


def announce_in_child(endpoint: Endpoint, site: SitePaths) -> None:
    """Forks a process that prints the URL when the dashboard answers, or that it does not, and ends."""
    sys.stdout.flush()
    if os.fork():
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    die_with_parent()
    deadline_s = time.monotonic() + ANSWER_WITHIN_S
    while time.monotonic() < deadline_s and not answers(endpoint.url):
        time.sleep(POLL_S)
    late = f"the dashboard does not answer yet; {site.logs / 'dashboard.log'} may say why\n"
    sys.stdout.write(f"dashboard: {endpoint.url}\n" + ("" if answers(endpoint.url) else late))
    sys.stdout.flush()
    os._exit(0)


def answers(url: str) -> bool:
    """Whether the dashboard's health page is there. Its certificate may be anybody's: nothing is sent."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    try:
        with opener.open(f"{url}/_stcore/health", timeout=2):
            return True
    except OSError:
        return False


def programs_environment(endpoint: Endpoint, site: SitePaths, socket_file: Path) -> dict[str, str]:
    """What supervisord.conf and the programs read."""
    tls = {"GSPE_TLS_CERT": endpoint.tls_cert, "GSPE_TLS_KEY": endpoint.tls_key}
    return {
        "GSPE_HOME": str(site.home),
        "GSPE_HOST": endpoint.host,
        "GSPE_PORT": str(endpoint.port),
        "GSPE_PLAIN_HTTP": "1" if endpoint.carries_passwords_in_plain else "",
        "GSPE_TLS": "1" if endpoint.tls_cert else "",
        **{name: str(path.resolve()) if path else "" for name, path in tls.items()},
        "GSPE_PYTHON": sys.executable,
        "GSPE_LOGS": str(site.logs),
        "GSPE_RUN": str(site.run),
        "GSPE_SUPERVISOR_SOCKET": str(socket_file),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.launch", description=__doc__)
    parser.add_argument("action", choices=("check", "start"))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--tls-cert", type=Path)
    parser.add_argument("--tls-key", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main())
