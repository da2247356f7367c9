"""What the channels of notifications have in common: names, departments, variables, addresses."""

import re
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from core.settings.problems import DOMAIN_PREFIX

OWN_NETWORK = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
"""Ends of host names that are never the internet's."""


def _variable_name(name: str) -> str:
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", name):
        raise PydanticCustomError(f"{DOMAIN_PREFIX}bad_variable", "not the name of a variable")
    return name


def _service_url(url: str) -> str:
    """Passwords would be readable on the way; who may listen within the own network is the site's matter."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username or parts.password or re.search(r"\s", url):
        raise PydanticCustomError(f"{DOMAIN_PREFIX}bad_service_url", "not a URL of a service")
    if parts.scheme == "http" and not is_own_network(parts.hostname or ""):
        raise PydanticCustomError(f"{DOMAIN_PREFIX}plain_http", "plain HTTP over the internet")
    return url.rstrip("/")


def is_own_network(host: str) -> bool:
    """Whether the host is this machine or one of the site's own network, told from its name or number."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return "." not in host or host.lower().endswith(OWN_NETWORK)
    return address.is_loopback or address.is_private or address.is_link_local


VariableName = Annotated[str, AfterValidator(_variable_name)]
ServiceUrl = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_service_url)]
PersonName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Department = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Language = Literal["en", "id"]
Level = Literal[1, 2]
"""1: told first; 2: told when nobody has dealt with it after escalate_after_min."""
