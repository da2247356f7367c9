"""What is wrong with a settings file, as codes and parameters that every language can say.

A problem never holds the value of a text setting: it could be a password.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from itertools import groupby
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from core.errors import SettingsError
from core.i18n import text

DOMAIN_PREFIX = "settings."
"""Errors of our own validators carry a type with this prefix; the rest of it is the problem's code."""

_CODES = {
    "missing": "missing_key",
    "int_type": "not_whole",
    "int_from_float": "not_whole",
    "float_type": "not_number",
    "finite_number": "not_number",
    "bool_type": "not_yes_no",
    "string_type": "not_text",
    "string_too_short": "too_short",
    "string_too_long": "too_long",
    "tuple_type": "not_list",
    "model_type": "not_object_at",
    "string_pattern_mismatch": "bad_provider",
}


@dataclass(frozen=True)
class Problem:
    """One thing to put right: the sentence `settings.problem.<code>` with its parameters."""

    code: str
    params: dict[str, str | int | float]
    file: str = ""
    """Relative to the home folder; empty for values that come from no file."""

    def sentence(self, language: str = "en") -> str:
        return text(f"settings.problem.{self.code}", language, **self.params)


class InvalidSettings(SettingsError):
    """Settings that cannot be used: every problem at once, one sentence each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.sentences("en"))

    @classmethod
    def joined(cls, errors: Iterable["InvalidSettings"]) -> "InvalidSettings":
        """The problems of several files as one error."""
        return cls(problem for error in errors for problem in error.problems)

    def sentences(self, language: str) -> str:
        """A sentence for each problem, after the name of its file where there is one."""
        by_file = groupby(self.problems, key=lambda problem: problem.file)
        return " ".join(_of_one_file(file, problems, language) for file, problems in by_file)

    def in_file(self, file: str) -> "InvalidSettings":
        return InvalidSettings(replace(problem, file=file) for problem in self.problems)

    def to_json(self) -> str:
        """Codes and parameters, for a column from which a page says it in the reader's language."""
        return json.dumps([asdict(problem) for problem in self.problems], ensure_ascii=False)

    @classmethod
    def from_json(cls, stored: str) -> "InvalidSettings":
        return cls(Problem(**fields) for fields in json.loads(stored))


def _of_one_file(file: str, problems: Iterable[Problem], language: str) -> str:
    said = " ".join(problem.sentence(language) for problem in problems)
    return f"{file}: {said}" if file else said


def invalid(code: str, **params: str | int | float) -> InvalidSettings:
    """An error with a single problem."""
    return InvalidSettings([Problem(code, params)])


def problems_of(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """The problems that pydantic found, without any value that could be a secret."""
    return [_problem(entry, model) for entry in error.errors(include_url=False)]


def _problem(entry: Any, model: type[BaseModel]) -> Problem:
    key = _key(entry["loc"])
    kind, context = entry["type"], entry.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(key, _model_at(model, entry["loc"]))
    if kind.startswith(DOMAIN_PREFIX):
        return Problem(kind.removeprefix(DOMAIN_PREFIX), {"key": key, **context})
    if kind in ("greater_than_equal", "less_than_equal"):
        return _out_of_range(key, entry["input"], kind, context)
    if kind == "literal_error":
        return Problem("not_one_of", {"key": key, "choices": context["expected"].replace("' or '", "', '")})
    lengths = {name: context[name] for name in ("min_length", "max_length") if name in context}
    return Problem(_CODES.get(kind, "invalid_value"), {"key": key, **lengths})


def _out_of_range(key: str, value: float, kind: str, context: dict[str, Any]) -> Problem:
    if kind == "greater_than_equal":
        return Problem("too_small", {"key": key, "value": value, "minimum": context["ge"]})
    return Problem("too_large", {"key": key, "value": value, "maximum": context["le"]})


def _unknown_key(key: str, model: type[BaseModel]) -> Problem:
    name = key.rpartition(".")[2]
    nearest = get_close_matches(name, list(model.model_fields), n=1, cutoff=0.0)
    return Problem("unknown_key", {"key": key, "nearest": nearest[0]})


def _model_at(model: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel]:
    """The model whose key the last part of a location is."""
    for part in location[:-1]:
        if isinstance(part, str):
            model = _nested_model(model.model_fields[part].annotation) or model
    return model


def _nested_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_nested_model, get_args(annotation))), None)


def _key(location: tuple[int | str, ...]) -> str:
    """supervisors[0].phone, as one writes it; a whole-file rule has none."""
    key = ""
    for part in location:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else part
    return key
