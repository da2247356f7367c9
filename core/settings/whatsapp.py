"""Notifications by WhatsApp, config/config_whatsapp.json. The token itself stays in the environment."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from core.settings.model import SettingsModel
from core.settings.problems import DOMAIN_PREFIX


def _international_number(phone: str) -> str:
    digits = re.sub(r"[\s().-]", "", phone)
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", digits):
        raise PydanticCustomError(f"{DOMAIN_PREFIX}bad_phone", "not an international number")
    return digits


def _variable_name(name: str) -> str:
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", name):
        raise PydanticCustomError(f"{DOMAIN_PREFIX}bad_variable", "not the name of a variable")
    return name


def _digits(number: str) -> str:
    if not re.fullmatch(r"[0-9]*", number):
        raise PydanticCustomError(f"{DOMAIN_PREFIX}bad_phone_number_id", "not an id of digits")
    return number


Department = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class Supervisor(SettingsModel):
    """Who is told: of the named departments, or of all when there are none."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    phone: Annotated[str, AfterValidator(_international_number)]
    departments: tuple[Department, ...] = ()
    language: Literal["en", "id"] = "id"


class WhatsAppSettings(SettingsModel):
    """access_token_env names the environment variable that holds the token."""

    enabled: Annotated[bool, Field(strict=True)] = False
    provider: Literal["meta"] = "meta"
    phone_number_id: Annotated[str, AfterValidator(_digits)] = ""
    access_token_env: Annotated[str, AfterValidator(_variable_name)] = "WHATSAPP_ACCESS_TOKEN"
    supervisors: tuple[Supervisor, ...] = ()

    @model_validator(mode="after")
    def _enabled_is_complete(self) -> Self:
        if self.enabled and not (self.phone_number_id and self.supervisors):
            raise PydanticCustomError(f"{DOMAIN_PREFIX}whatsapp_incomplete", "incomplete")
        return self
