"""Notifications by WhatsApp, config/config_whatsapp.json. Every secret itself stays in the environment."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from core.settings.model import SettingsModel
from core.settings.problems import DOMAIN_PREFIX
from core.settings.recipients import Department, Language, Level, PersonName, ServiceUrl, VariableName


def _international_number(phone: str) -> str:
    digits = re.sub(r"[\s().-]", "", phone)
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", digits):
        raise PydanticCustomError(f"{DOMAIN_PREFIX}bad_phone", "not an international number")
    return digits


def _digits(number: str) -> str:
    if not re.fullmatch(r"[0-9]*", number):
        raise PydanticCustomError(f"{DOMAIN_PREFIX}bad_phone_number_id", "not an id of digits")
    return number


def _version(version: str) -> str:
    if not re.fullmatch(r"v[1-9][0-9]*\.[0-9]+", version):
        raise PydanticCustomError(f"{DOMAIN_PREFIX}bad_api_version", "not a version of the API")
    return version


def _template_name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9_]{1,512}", name):
        raise PydanticCustomError(f"{DOMAIN_PREFIX}bad_template", "not the name of a template")
    return name


def _template_language(code: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", code):
        raise PydanticCustomError(f"{DOMAIN_PREFIX}bad_template_language", "not a language of a template")
    return code


TemplateLanguage = Annotated[str, AfterValidator(_template_language)]


class TemplateLanguages(SettingsModel):
    """By which codes Meta knows the template's languages: `en` may be `en_US` there."""

    en: TemplateLanguage = "en"
    id: TemplateLanguage = "id"


class Supervisor(SettingsModel):
    """Who is told: of the named departments, or of all when there are none."""

    name: PersonName
    phone: Annotated[str, AfterValidator(_international_number)]
    departments: tuple[Department, ...] = ()
    language: Language = "id"
    level: Level = 1


class WhatsAppSettings(SettingsModel):
    """The `…_env` keys name the environment variables that hold token, app secret and verify token."""

    enabled: Annotated[bool, Field(strict=True)] = False
    provider: Literal["meta"] = "meta"
    base_url: ServiceUrl = "https://graph.facebook.com"
    api_version: Annotated[str, AfterValidator(_version)] = "v26.0"
    phone_number_id: Annotated[str, AfterValidator(_digits)] = ""
    access_token_env: VariableName = "WHATSAPP_ACCESS_TOKEN"
    message_type: Literal["template", "text"] = "template"
    template_name: Annotated[str, AfterValidator(_template_name)] = "gspe_alert"
    template_languages: TemplateLanguages = TemplateLanguages()
    app_secret_env: VariableName = "WHATSAPP_APP_SECRET"
    verify_token_env: VariableName = "WHATSAPP_VERIFY_TOKEN"
    supervisors: tuple[Supervisor, ...] = ()

    @model_validator(mode="after")
    def _enabled_is_complete(self) -> Self:
        if self.enabled and not (self.phone_number_id and self.supervisors):
            raise PydanticCustomError(f"{DOMAIN_PREFIX}whatsapp_incomplete", "incomplete")
        return self
