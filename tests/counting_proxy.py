"""A way to a server that counts who takes it."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class CountingProxy:
    """`port` leads to the server; `connected_s` holds when each connection came (time.monotonic)."""

    port: int
    connected_s: list[float] = field(default_factory=list)


@contextlib.contextmanager
def counting_proxy(server_port: int) -> Iterator[CountingProxy]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        proxy = CountingProxy(listening.getsockname()[1])
        ended = threading.Event()
        thread = threading.Thread(target=_accept, args=(listening, server_port, proxy, ended), daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            ended.set()
            with contextlib.suppress(OSError):
                socket.create_connection(listening.getsockname(), 1).close()  # wakes `accept`
            thread.join()


def _accept(listening: socket.socket, server_port: int, proxy: CountingProxy, ended: threading.Event) -> None:
    while True:
        client, _ = listening.accept()
        if ended.is_set():
            client.close()
            return
        proxy.connected_s.append(time.monotonic())
        server = socket.create_connection(("127.0.0.1", server_port), 5)
        for source, target in ((client, server), (server, client)):
            threading.Thread(target=_pass_on, args=(source, target), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    """Until either side hangs up."""
    with contextlib.suppress(OSError):
        while content := source.recv(65536):
            target.sendall(content)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
