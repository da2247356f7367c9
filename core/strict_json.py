"""JSON as this project reads it: no key twice, no NaN, no surprise about the encoding."""

import json
from typing import Any, NoReturn


class DuplicateKey(ValueError):
    """One object names a key twice; `key` is that key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the key {key} appears twice")
        self.key = key


def loads(content: bytes) -> Any:
    """Parses UTF-8 JSON, with or without a byte order mark.

    Raises `DuplicateKey`, and ValueError (json.JSONDecodeError, UnicodeDecodeError) for anything else.
    """
    return json.loads(
        content.decode("utf-8-sig"), object_pairs_hook=_unique_keys, parse_constant=_refuse_constant
    )


def dumps(value: Any) -> bytes:
    """UTF-8 JSON that a person can read and edit: a line for each key, lists without objects on one line."""
    return (_readable(value, "\n") + "\n").encode()


def _readable(value: Any, line: str) -> str:
    inner = f"{line}  "
    if isinstance(value, dict) and value:
        entries = (
            f"{json.dumps(key, ensure_ascii=False)}: {_readable(one, inner)}" for key, one in value.items()
        )
        return "{" + inner + f",{inner}".join(entries) + line + "}"
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return "[" + inner + f",{inner}".join(_readable(one, inner) for one in value) + line + "]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise DuplicateKey(key)
        values[key] = value
    return values


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
