"""Whether a camera can be reached at all: FFmpeg's own errors do not tell one network fault from another."""

import errno
import ipaddress
import socket
import threading

from core.domain.states import CameraCause

LOOKUP_S = 3.0
"""How long a host's name may take to resolve."""

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


def connection_fault(host: str, port: int, timeout_s: float) -> CameraCause | None:
    """Why no TCP connection can be made, or None where it can."""
    try:
        socket.create_connection((host, port), timeout_s).close()
    except ConnectionRefusedError:
        return CameraCause.REFUSED
    except TimeoutError:
        return CameraCause.TIMEOUT
    except OSError as error:
        return CameraCause.NO_ROUTE if error.errno in _NO_ROUTE_ERRNOS else CameraCause.TIMEOUT
    return None
