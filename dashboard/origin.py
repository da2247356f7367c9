"""Requests of our own pages only: what a browser sends from another site carries that site's Origin."""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection


def same_origin(connection: HTTPConnection) -> bool:
    """Whether the request names an Origin and it is the host that it was sent to.

    Browsers send Origin with every POST and every WebSocket; a request without it is no page of ours.
    """
    origin, host = connection.headers.get("origin"), connection.headers.get("host")
    return bool(origin) and bool(host) and urlsplit(origin).netloc == host
