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
    """UTF-8 JSON that a person can read and edit."""
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise DuplicateKey(key)
        values[key] = value
    return values


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
