"""Things that answer at a port and are no camera."""

import contextlib
import socket
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def answering(*replies: bytes) -> Iterator[int]:
    """The port of a server that gives each connection these replies, one a request, and then hangs up.

    Without any it accepts connections and never says a word.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = threading.Event()
        thread = threading.Thread(target=_answer, args=(listening, replies, ended))
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            ended.set()
            with contextlib.suppress(OSError):
                socket.create_connection(listening.getsockname(), 1).close()  # wakes `accept`
            thread.join()


def _answer(listening: socket.socket, replies: tuple[bytes, ...], ended: threading.Event) -> None:
    held = []
    while not ended.is_set():
        connection, _ = listening.accept()
        held.append(connection)
        connection.settimeout(2)
        with contextlib.suppress(OSError):
            for reply in () if ended.is_set() else replies:
                connection.recv(4096)
                connection.sendall(reply)
        if replies:
            connection.close()
    for connection in held:
        connection.close()


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
