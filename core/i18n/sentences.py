"""The catalogues: `core/i18n/{language}/{area}.json` holds flat keys, `area.key` is their full name.

`{count}` is a parameter. `{count:day|days}` is the word before the bar where that parameter reads 1, else the
one behind it, so that a sentence agrees with its figures; a language that does not bend its words has none.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from core import strict_json

LANGUAGES = ("en", "id")
_FOLDER = Path(__file__).parent
_ONE_OR_MORE = re.compile(r"\{(\w+):([^{}|]*)\|([^{}|]*)\}")


def text(key: str, language: str, /, **params: object) -> str:
    """The sentence `area.key` in a language, with its parameters filled in.

    Raises KeyError for an unknown key or language, or when a parameter is missing.
    """
    sentence = catalogue(language)[key]
    if "|" in sentence:
        sentence = _ONE_OR_MORE.sub(lambda found: _agreeing(found, params), sentence)
    return sentence.format_map(params)


def _agreeing(found: re.Match[str], params: Mapping[str, object]) -> str:
    figure, one, more = found.groups()
    return one if str(params[figure]) == "1" else more


def languages() -> dict[str, str]:
    """The name of each language, in that language, by its code."""
    return {language: text("language.name", language) for language in LANGUAGES}


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every sentence of a language by its full key. Raises KeyError for a language that is not there."""
    if language not in LANGUAGES:
        raise KeyError(f"no catalogue for the language {language!r}")
    sentences: dict[str, str] = {}
    for path in sorted((_FOLDER / language).glob("*.json")):
        area = strict_json.loads(path.read_bytes())
        sentences.update({f"{path.stem}.{key}": sentence for key, sentence in area.items()})
    return sentences
