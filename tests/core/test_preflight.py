import os
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import LaunchRefused
from core.launch import answers, programs_environment
from core.paths import SitePaths
from core.preflight import (
    MIN_FREE_MB,
    Endpoint,
    check,
    check_certificate,
    check_disk,
    check_home,
    check_not_running,
    check_port,
)
from tests.certificates import self_signed


def endpoint(
    host: str = "127.0.0.1", port: int = 0, cert: Path | None = None, key: Path | None = None
) -> Endpoint:
    return Endpoint(host, port, cert, key)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.mark.parametrize(
    ("host", "tls", "plain"),
    [
        ("127.0.0.1", False, False),
        ("127.0.0.9", False, False),
        ("::1", False, False),
        ("localhost", False, False),
        ("0.0.0.0", False, True),
        ("192.168.1.5", False, True),
        ("::", False, True),
        ("cctv.example", False, True),
        ("0.0.0.0", True, False),
    ],
)
def test_who_sends_passwords_in_plain(host: str, tls: bool, plain: bool) -> None:
    paths = (Path("c"), Path("k")) if tls else (None, None)
    assert Endpoint(host, 8501, *paths).carries_passwords_in_plain == plain


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8501"),
        ("0.0.0.0", "http://127.0.0.1:8501"),
        ("::", "http://[::1]:8501"),
        ("cctv.example", "http://cctv.example:8501"),
    ],
)
def test_the_url_can_be_opened_on_this_machine(host: str, url: str) -> None:
    assert endpoint(host, 8501).url == url


def test_a_home_that_can_run_passes(tmp_path: Path) -> None:
    check(endpoint(), SitePaths(tmp_path / "home"), tmp_path / "none.sock")


def test_a_port_in_use_is_told(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with pytest.raises(LaunchRefused, match=rf"port {port} on 127\.0\.0\.1 is in use; .*--port"):
        check_port(endpoint(port=port))


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host"])
def test_a_foreign_address_is_told(host: str) -> None:
    with pytest.raises(LaunchRefused, match="--host"):
        check_port(endpoint(host))


def test_programs_that_run_already_are_told(tmp_path: Path) -> None:
    site, file = SitePaths(tmp_path), tmp_path / "s.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(file))
        server.listen(1)
        with pytest.raises(LaunchRefused, match="run already"):
            check_not_running(site, file)
    check_not_running(site, file)  # a socket left behind is nobody


def test_too_little_disk_is_told(tmp_path: Path) -> None:
    check_disk(SitePaths(tmp_path), MIN_FREE_MB)
    with pytest.raises(LaunchRefused, match=f"only {MIN_FREE_MB - 1} MB are free"):
        check_disk(SitePaths(tmp_path), MIN_FREE_MB - 1)


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LaunchRefused, match=r"cannot be written .*GSPE_HOME"):
        check_home(SitePaths(tmp_path / "file" / "home"))


def test_a_certificate_with_its_key_passes(certificate: tuple[Path, Path]) -> None:
    check_certificate(endpoint(cert=certificate[0], key=certificate[1]))
    check_certificate(endpoint())


@pytest.mark.parametrize("given", [(True, False), (False, True)])
def test_half_a_certificate_is_told(certificate: tuple[Path, Path], given: tuple[bool, bool]) -> None:
    cert, key = (file if wanted else None for file, wanted in zip(certificate, given, strict=True))
    with pytest.raises(LaunchRefused, match="belong together"):
        check_certificate(endpoint(cert=cert, key=key))


def test_a_file_that_is_no_certificate_is_told(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    broken = tmp_path / "cert.pem"
    for cert, key in ((broken, certificate[1]), (certificate[1], certificate[0]), certificate[:1] * 2):
        with pytest.raises(LaunchRefused, match="cannot be used"):
            check_certificate(endpoint(cert=cert, key=key))
        broken.write_text("nothing")


def test_the_programs_get_absolute_paths(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    environment = programs_environment(
        endpoint("0.0.0.0", 8443, Path(os.path.relpath(certificate[0])), certificate[1]),
        SitePaths(tmp_path),
        tmp_path / "s.sock",
    )
    assert environment["GSPE_TLS_CERT"] == str(certificate[0])
    assert (environment["GSPE_TLS"], environment["GSPE_HOST"], environment["GSPE_PORT"]) == (
        "1",
        "0.0.0.0",
        "8443",
    )


def serve_once(server: socket.socket, response: bytes) -> threading.Thread:
    def serve() -> None:
        try:
            connection, _ = server.accept()
        except ssl.SSLError:
            return
        with connection:
            connection.recv(4096)
            connection.sendall(response)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("response", "there"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", True),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", False),
        (b"", False),
    ],
    ids=["health page", "not yet", "cut off"],
)
def test_only_a_health_page_is_an_answer(listener: socket.socket, response: bytes, there: bool) -> None:
    thread = serve_once(listener, response)
    assert answers(f"http://127.0.0.1:{listener.getsockname()[1]}") == there
    thread.join()


def test_a_certificate_of_one_s_own_is_no_obstacle(
    listener: socket.socket, certificate: tuple[Path, Path]
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with context.wrap_socket(listener, server_side=True) as server:
        thread = serve_once(server, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        assert answers(f"https://127.0.0.1:{server.getsockname()[1]}")
        thread.join()


def test_silence_is_no_answer() -> None:
    assert not answers("http://127.0.0.1:1")
