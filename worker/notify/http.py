"""One POST, and what became of it; its text never quotes the address, which may hold a secret."""

from dataclasses import dataclass, field
from typing import Any

import requests
from requests.auth import AuthBase

from core.domain.delivery import Cause
from worker.notify.messages import Refused

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 15.0
LONGEST_ANSWER = 65_536


@dataclass(frozen=True)
class Post:
    url: str = field(repr=False)
    body: bytes
    headers: dict[str, str]
    token: str = field(default="", repr=False)
    """Of the bearer; empty: none."""


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes


class _Bearer(AuthBase):
    """As `auth`, so that no .netrc of the machine takes its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def post(what: Post) -> Reply | Refused:
    """The answer, or why there is none. Follows no redirect: a token goes where the settings say."""
    timeouts = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)
    options: dict[str, Any] = {"timeout": timeouts, "allow_redirects": False, "stream": True}
    try:
        with requests.post(
            what.url, data=what.body, headers=what.headers, auth=_Bearer(what.token), **options
        ) as answer:
            return Reply(answer.status_code, _beginning(answer))
    except requests.exceptions.SSLError:
        return Refused(Cause.TLS)
    except requests.exceptions.ConnectTimeout:
        return Refused(Cause.UNREACHABLE)
    except requests.exceptions.Timeout:
        return Refused(Cause.TIMEOUT)
    except requests.exceptions.ConnectionError as error:
        return Refused(Cause.CUT_OFF if _was_connected(error) else Cause.UNREACHABLE)
    except requests.exceptions.RequestException:
        return Refused(Cause.CUT_OFF)


def _beginning(answer: requests.Response) -> bytes:
    return next(answer.iter_content(LONGEST_ANSWER), b"")


def _was_connected(error: requests.exceptions.ConnectionError) -> bool:
    """Whether the connection broke after the request began, told from what urllib3 wraps."""
    reason = error.args[0] if error.args else None
    return type(reason).__name__ == "ProtocolError"
