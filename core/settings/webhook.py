"""Notifications to another program, config/config_webhook.json. The secret stays in the environment."""

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from core.settings.model import SettingsModel
from core.settings.problems import DOMAIN_PREFIX
from core.settings.recipients import Department, ServiceUrl, VariableName


class WebhookSettings(SettingsModel):
    """secret_env names the environment variable that holds the key of the signature."""

    enabled: Annotated[bool, Field(strict=True)] = False
    url: ServiceUrl | None = None
    secret_env: VariableName = "WEBHOOK_SECRET"
    departments: tuple[Department, ...] = ()

    @model_validator(mode="after")
    def _enabled_is_complete(self) -> Self:
        if self.enabled and not self.url:
            raise PydanticCustomError(f"{DOMAIN_PREFIX}webhook_incomplete", "incomplete")
        return self

    @property
    def endpoint(self) -> str:
        """Host and port: what rows and pages may say, because a URL's path can be a secret."""
        return urlsplit(self.url or "").netloc
