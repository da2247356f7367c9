"""What a form and the documentation need to know of each parameter; the words are in the catalogue."""

from dataclasses import dataclass
from typing import Any, Literal

from core.settings.camera import OVERRIDABLE
from core.settings.parameters import Parameters

Kind = Literal["switch", "whole", "number", "choice", "text", "list", "hours"]

GROUPS = (
    "site",
    "presence",
    "attendance",
    "alerts",
    "retention",
    "models",
    "video",
    "recognition",
    "quality",
    "storage",
)

_KINDS: dict[str, Kind] = {"boolean": "switch", "integer": "whole", "number": "number", "array": "list"}


@dataclass(frozen=True)
class Description:
    """One key: its catalogue entries are `settings.<key>.title` and `settings.<key>.help`."""

    key: str
    group: str
    kind: Kind
    default: Any
    """As in the JSON file."""
    nullable: bool
    minimum: float | None
    maximum: float | None
    """Inclusive."""
    unit: str | None
    """`settings.unit.<unit>`."""
    choices: tuple[str, ...]
    per_camera: bool
    """Whether a camera's file may override it."""


def describe_parameters() -> list[Description]:
    """Every parameter, in the order of `GROUPS` and within a group in that of `Parameters`."""
    properties = Parameters.model_json_schema()["properties"]
    described = [_describe(key, schema) for key, schema in properties.items()]
    return sorted(described, key=lambda one: GROUPS.index(one.group))


def _describe(key: str, schema: dict[str, Any]) -> Description:
    alternatives = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
    value = alternatives[0]
    return Description(
        key=key,
        group=schema["group"],
        kind=_kind(value),
        default=Parameters().as_json()[key],
        nullable="anyOf" in schema,
        minimum=value.get("minimum"),
        maximum=value.get("maximum"),
        unit=schema.get("unit"),
        choices=tuple(value.get("enum", ())),
        per_camera=key in OVERRIDABLE,
    )


def _kind(value: dict[str, Any]) -> Kind:
    if "$ref" in value:
        return "hours"
    return "choice" if "enum" in value else _KINDS.get(value["type"], "text")
