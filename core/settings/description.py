"""What a form and the documentation need to know of each parameter; the words are in the catalogue."""

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from core.settings.camera import OVERRIDABLE
from core.settings.files import MODELS, SettingsFile
from core.settings.parameters import Parameters
from core.settings.problems import Problem

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

AREAS = (SettingsFile.WHATSAPP, SettingsFile.EMAIL, SettingsFile.WEBHOOK, SettingsFile.PAYROLL)
"""The other files, each of which is a group of its own."""

MODEL_KEYS = ("model_pack", "model_licence_accepted", "providers", "model_threads", "detector_width_px")
"""A change of these needs the models loaded again, which the worker does by starting anew."""
JUDGING_KEYS = (
    "time_zone",
    "working_hours",
    "late_grace_min",
    "early_grace_min",
    "half_day_share",
    "min_coverage",
    "overtime_from_min",
)
"""By these days are judged; days that are final stay as they are until somebody judges them again."""
TOGETHER = {
    "below_present_timeout": ("tracking_timeout", "present_timeout_sec"),
    "votes_over_window": ("smoothing_min_votes", "smoothing_window"),
    "brightness_crossed": ("quality_min_brightness", "quality_max_brightness"),
    "threshold_of_another_pack": ("similarity_threshold", "similarity_threshold_pack"),
    "payroll_signs": ("separator", "decimal_sign"),
    "payroll_headers": ("columns",),
    "whatsapp_incomplete": ("enabled",),
    "email_incomplete": ("enabled",),
    "webhook_incomplete": ("enabled",),
    "plain_mail": ("security",),
}
"""By the code of a problem that is no single key's: beside which ones a form says it."""

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
    file: SettingsFile = SettingsFile.PARAMETERS

    @property
    def name(self) -> str:
        """Of its entries in the catalogue: the key, after its file where that is not the parameters'."""
        return self.key if self.file is SettingsFile.PARAMETERS else f"{self.file}.{self.key}"


def describe_parameters() -> list[Description]:
    """Every parameter, in the order of `GROUPS` and within a group in that of `Parameters`."""
    properties = Parameters.model_json_schema()["properties"]
    described = [_describe(key, schema) for key, schema in properties.items()]
    return sorted(described, key=lambda one: GROUPS.index(one.group))


def describe_area(file: SettingsFile) -> list[Description]:
    """Every key of one of the other files, in their order."""
    model = MODELS[file]
    defaults = model().as_json()
    properties = model.model_json_schema()["properties"]
    return [
        replace(_described(key, schema, defaults[key]), group=str(file), file=file)
        for key, schema in properties.items()
    ]


def keys_of(problem: Problem) -> tuple[str, ...]:
    """The keys of the file beside which a form says what is wrong."""
    if problem.code in TOGETHER:
        return TOGETHER[problem.code]
    return (re.split(r"[.\[]", str(problem.params.get("key", "")))[0],)


def _describe(key: str, schema: dict[str, Any]) -> Description:
    return _described(key, schema, Parameters().as_json()[key])


def _described(key: str, schema: dict[str, Any], default: Any) -> Description:
    alternatives = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
    value = alternatives[0]
    return Description(
        key=key,
        group=schema.get("group", ""),
        kind=_kind(value),
        default=default,
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
