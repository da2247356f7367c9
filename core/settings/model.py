"""What every settings file has in common: typed, frozen, no unknown key, every problem told at once."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.config import JsonDict

from core.settings.problems import InvalidSettings, invalid, problems_of


class SettingsModel(BaseModel):
    """Frozen settings; `parse` and `changed` say what is wrong in sentences that hold no secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)

    @classmethod
    def parse(cls, values: object) -> Self:
        """From parsed JSON. Raises InvalidSettings with every problem."""
        if not isinstance(values, Mapping):
            raise invalid("not_object")
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            problems = problems_of(error, cls)
        raise InvalidSettings(problems)  # outside `except`: a chained error would print the values

    def changed(self, **changes: object) -> Self:
        """A validated copy with other values. Raises InvalidSettings."""
        return self.parse({**self.as_json(), **changes})

    def as_json(self) -> dict[str, Any]:
        """The JSON that `parse` reads back to an equal value; secrets are in the clear."""
        return self.model_dump(mode="json")


def setting(group: str) -> Any:
    """Metadata of a key: its group on the page. Title and help are `settings.<key>.title` and `.help`."""
    return Field(json_schema_extra={"group": group})


def switch(group: str) -> Any:
    """A key that is true or false."""
    return Field(strict=True, json_schema_extra={"group": group})


def number(group: str, minimum: float, maximum: float, *, unit: str | None = None) -> Any:
    """A key with inclusive bounds and the code of its unit, `settings.unit.<unit>`."""
    extra: JsonDict = {"group": group, "unit": unit}
    return Field(ge=minimum, le=maximum, strict=True, json_schema_extra=extra)
