"""The version of this checkout."""

import tomllib
from functools import cache

from core.paths import REPOSITORY


@cache
def version() -> str:
    """As pyproject.toml has it."""
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
