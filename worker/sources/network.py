"""Whether a camera can be reached at all: FFmpeg's own errors do not tell one network fault from another."""

import errno
import ipaddress
import socket
import ssl
import threading

from core.domain.states import CameraCause

LOOKUP_S = 3.0
"""How long a host's name may take to resolve."""

_GREETING_BYTES = 64
_NO_ROUTE_ERRNOS = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH})


def resolves(host: str, timeout_s: float) -> bool:
    """Whether the name has an address, known within `timeout_s`.

    The lookup runs on a thread of its own: a name server that does not answer must not hang the reader,
    as nothing can interrupt a lookup.
    """
    try:
        ipaddress.ip_address(host)
        return True
    except ValueError:
        pass
    found = threading.Event()
    done = threading.Event()

    def look_up() -> None:
        try:
            socket.getaddrinfo(host, None)
            found.set()
        except (OSError, UnicodeError):
            pass  # an unknown name, or one that cannot be a host's
        finally:
            done.set()

    threading.Thread(target=look_up, name="name lookup", daemon=True).start()
    done.wait(timeout_s)
    return found.is_set()


def rtsp_fault(host: str, port: int, *, secure: bool, timeout_s: float) -> CameraCause | None:
    """Why no RTSP server answers at host and port, or None where one does.

    Asks for OPTIONS, which needs no password, so that no account is locked by it.
    """
    try:
        with (
            socket.create_connection((host, port), timeout_s) as plain,
            _unverified().wrap_socket(plain) if secure else plain as connection,
        ):
            connection.sendall(f"OPTIONS rtsp://{host}:{port}/ RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
            answer = connection.recv(_GREETING_BYTES)
    except ConnectionRefusedError:
        return CameraCause.REFUSED
    except TimeoutError:
        return CameraCause.TIMEOUT
    except ssl.SSLError:
        return CameraCause.TLS
    except OSError as error:
        return CameraCause.NO_ROUTE if error.errno in _NO_ROUTE_ERRNOS else CameraCause.LOST
    return None if answer.startswith(b"RTSP/") else CameraCause.PROTOCOL


def _unverified() -> ssl.SSLContext:
    """Cameras sign their certificates themselves."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
