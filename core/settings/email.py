"""Notifications by e-mail, config/config_email.json. The password itself stays in the environment."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from core.settings.model import SettingsModel
from core.settings.problems import DOMAIN_PREFIX
from core.settings.recipients import (
    Department,
    Language,
    Level,
    PersonName,
    VariableName,
    is_own_network,
)


def _address(address: str) -> str:
    """One mailbox and nothing that could begin another header."""
    if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}", address):
        raise PydanticCustomError(f"{DOMAIN_PREFIX}bad_address", "not an e-mail address")
    return address


def _host(host: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]*", host):
        raise PydanticCustomError(f"{DOMAIN_PREFIX}bad_mail_host", "not a host")
    return host


def _address_or_none(address: str) -> str:
    return _address(address) if address else address


Address = Annotated[str, AfterValidator(_address)]


class MailRecipient(SettingsModel):
    """Who is told: of the named departments, or of all when there are none."""

    name: PersonName
    address: Address
    departments: tuple[Department, ...] = ()
    language: Language = "id"
    level: Level = 1


class EmailSettings(SettingsModel):
    """password_env names the environment variable that holds the password of `username`."""

    enabled: Annotated[bool, Field(strict=True)] = False
    host: Annotated[str, AfterValidator(_host)] = ""
    port: Annotated[int, Field(ge=1, le=65_535, strict=True)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    password_env: VariableName = "SMTP_PASSWORD"
    from_address: Annotated[str, AfterValidator(_address_or_none)] = ""
    recipients: tuple[MailRecipient, ...] = ()

    @model_validator(mode="after")
    def _enabled_is_complete(self) -> Self:
        if self.enabled and not (self.host and self.from_address and self.recipients):
            raise PydanticCustomError(f"{DOMAIN_PREFIX}email_incomplete", "incomplete")
        if self.security == "none" and self.username and not is_own_network(self.host):
            raise PydanticCustomError(f"{DOMAIN_PREFIX}plain_mail", "a password in plain over the internet")
        return self
