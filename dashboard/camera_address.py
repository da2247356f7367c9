"""A camera's URL as a form shows it: an address that may be seen, and credentials that are only written."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from core.errors import SettingsError
from core.settings import display_url

MASK = "***"
"""What `display_url` puts in the place of a secret parameter."""

DEFAULT_PORTS = {"rtsp": ":554", "rtsps": ":322"}


@dataclass(frozen=True)
class Credentials:
    """As typed. Empty means: as stored for this very host. `none` takes the stored ones away."""

    user: str = ""
    password: str = ""
    none: bool = False


def compose(address: str, typed: Credentials, stored_url: str | None = None) -> str:
    """The URL to store: the address with user and password percent-encoded in it.

    An address without a scheme (file, webcam, `demo:`) takes none. Credentials pasted within the address hold
    unless the fields say otherwise; what nobody typed stays as it is in `stored_url`.
    Raises SettingsError for a password without a user, for an address that still holds a mask, and where
    stored credentials would go to another host than the one they were typed for: it could read them.
    """
    address = address.strip()
    if stored_url is not None and address == display_url(stored_url):
        address = _without_user(stored_url)  # its secret parameters are masked in the form
    elif MASK in address:
        raise SettingsError(
            f"the address holds {MASK}; write that part again", code="address_masked", mask=MASK
        )
    scheme, separator, rest = address.partition("://")
    if not separator or scheme.lower() not in ("rtsp", "rtsps"):
        return address
    pasted, _, rest = _split_user(rest)
    if (
        stored_url
        and _takes_over(typed, pasted, stored_url)
        and not _same_server(f"{scheme}://{rest}", stored_url)
    ):
        raise SettingsError(
            "the stored user and password belong to another host; enter both again",
            code="credentials_of_another_host",
        )
    user, password = _credentials(typed, pasted, stored_url)
    if password and not user:
        raise SettingsError("a password needs a user name; enter both", code="user_missing")
    return f"{scheme}://{user}{':' if password else ''}{password}{'@' if user else ''}{rest}"


def has_credentials(url: str) -> bool:
    return bool(_user_of(url))


def _credentials(typed: Credentials, pasted: str, stored_url: str | None) -> tuple[str, str]:
    """User and password, both percent-encoded: typed over pasted over stored."""
    if typed.none:
        return "", ""
    user, _, password = (pasted or _user_of(stored_url or "")).partition(":")
    return quote(typed.user, safe="") or user, quote(typed.password, safe="") or password


def _takes_over(typed: Credentials, pasted: str, stored_url: str) -> bool:
    """Whether any part of the stored credentials would be used."""
    return has_credentials(stored_url) and not (typed.none or pasted or (typed.user and typed.password))


def _same_server(address: str, stored_url: str) -> bool:
    """Whether scheme, host and port are those of the stored URL; another scheme may send in plain."""
    return _server(address) == _server(stored_url)


def _server(url: str) -> tuple[str, str]:
    scheme, _, rest = _without_user(url).casefold().partition("://")
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    return scheme, authority.removesuffix(DEFAULT_PORTS.get(scheme, ""))


def _user_of(url: str) -> str:
    """`user:password` of a URL, still encoded."""
    return _split_user(url.partition("://")[2])[0]


def _without_user(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{_split_user(rest)[2]}" if separator else url


def _split_user(rest: str) -> tuple[str, str, str]:
    """`user:password`, `@` and the rest of what follows a scheme; a `@` behind the first / is the path's."""
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    return user, at, f"{host}{slash}{path}"
