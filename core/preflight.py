"""What would keep the programs from starting here, each thing told in one line that says what to do.

It runs before anything is installed, so it needs the standard library only.
"""

import errno
import ipaddress
import os
import shutil
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from core.errors import LaunchRefused
from core.paths import OWNER_ONLY_FOLDER, SitePaths

MIN_FREE_MB = 500


@dataclass(frozen=True)
class Endpoint:
    """Where the dashboard listens."""

    host: str
    port: int
    tls_cert: Path | None
    tls_key: Path | None

    @property
    def scheme(self) -> str:
        return "https" if self.tls_cert else "http"

    @property
    def reachable_host(self) -> str:
        """The host to type on this machine: a wildcard is no address."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"[{host}]" if ":" in host else host

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.reachable_host}:{self.port}"

    @property
    def carries_passwords_in_plain(self) -> bool:
        """Whether other machines reach it, and without TLS."""
        return not self.tls_cert and not _is_loopback(self.host)


def check(endpoint: Endpoint, site: SitePaths, socket_file: Path) -> None:
    """Raises LaunchRefused for the first thing that would keep the programs from starting."""
    check_home(site)
    check_not_running(site, socket_file)
    check_certificate(endpoint)
    check_port(endpoint)
    check_disk(site, shutil.disk_usage(site.data).free // 2**20)


def check_disk(site: SitePaths, free_mb: int) -> None:
    if free_mb < MIN_FREE_MB:
        raise LaunchRefused(
            f"only {free_mb} MB are free on the disk of {site.data}; free {MIN_FREE_MB} MB and run again"
        )


def check_home(site: SitePaths) -> None:
    try:
        for folder in (site.config, site.camera_configs, site.data):
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
        site.data.chmod(OWNER_ONLY_FOLDER)
    except OSError as error:
        raise LaunchRefused(
            f"{error.filename} cannot be written ({error.strerror}); "
            "change its owner, or set GSPE_HOME to a folder of yours"
        ) from error


def check_not_running(site: SitePaths, socket_file: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        try:
            client.connect(str(socket_file))
        except OSError:
            return
    raise LaunchRefused(f"the programs of {site.home} run already; stop them first")


def check_certificate(endpoint: Endpoint) -> None:
    if endpoint.tls_cert is None and endpoint.tls_key is None:
        return
    if endpoint.tls_cert is None or endpoint.tls_key is None:
        raise LaunchRefused("--tls-cert and --tls-key belong together; give both or none")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(endpoint.tls_cert, endpoint.tls_key)
    except OSError as error:  # ssl.SSLError is one
        reason = getattr(error, "reason", None) or error.strerror
        raise LaunchRefused(
            f"{endpoint.tls_cert} and {endpoint.tls_key} cannot be used ({reason}); "
            "give a PEM certificate and its key"
        ) from error


def check_port(endpoint: Endpoint) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            endpoint.host, endpoint.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(1)
    except socket.gaierror as error:
        raise LaunchRefused(f"--host {endpoint.host} is not an address of this machine") from error
    except OSError as error:
        raise LaunchRefused(_port_refusal(endpoint, error)) from error


def _port_refusal(endpoint: Endpoint, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {endpoint.port} on {endpoint.host} is in use; stop what uses it or choose one with --port"
        )
    if error.errno == errno.EACCES:
        return f"port {endpoint.port} is reserved for root; choose one above 1023 with --port"
    return f"--host {endpoint.host} --port {endpoint.port} cannot be used ({error.strerror}); choose another"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
