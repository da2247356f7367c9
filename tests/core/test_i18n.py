import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

import core.i18n
from core import errors, strict_json
from core.i18n import (
    LANGUAGES,
    catalogue,
    format_date,
    format_datetime,
    format_duration,
    format_number,
    format_time,
    languages,
    text,
    whole_percent,
)
from core.settings import (
    CameraSettings,
    EmailSettings,
    Parameters,
    PayrollSettings,
    WebhookSettings,
    WhatsAppSettings,
)
from core.settings.camera import OWN_KEYS
from core.settings.description import GROUPS, describe_parameters

FOLDER = Path(core.i18n.__file__).parent
AREAS = sorted({path.stem for language in LANGUAGES for path in (FOLDER / language).glob("*.json")})
JAKARTA = ZoneInfo("Asia/Jakarta")
AT = datetime(2026, 8, 16, 22, 5, 9, tzinfo=UTC)


def area(language: str, name: str) -> dict[str, str]:
    return strict_json.loads((FOLDER / language / f"{name}.json").read_bytes())


def placeholders(sentence: str) -> list[str]:
    """Their names; a word that agrees with one of them adds none."""
    fields = [
        (name, form, change) for _, name, form, change in Formatter().parse(sentence) if name is not None
    ]
    assert all(name.isidentifier() and not change for name, _, change in fields), sentence
    assert all(not form or form.count("|") == 1 for _, form, _ in fields), sentence
    return sorted(name for name, form, _ in fields if not form)


@pytest.mark.parametrize("name", AREAS)
def test_every_language_has_the_same_keys_and_placeholders(name: str) -> None:
    english = area("en", name)
    for language in LANGUAGES[1:]:
        other = area(language, name)
        assert other.keys() == english.keys()
        for key, sentence in english.items():
            assert placeholders(other[key]) == placeholders(sentence), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty(language: str) -> None:
    for key, sentence in catalogue(language).items():
        assert isinstance(sentence, str), key
        assert sentence.strip() == sentence != "", key


def test_the_folders_are_the_languages() -> None:
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(LANGUAGES)
    assert languages() == {"en": "English", "id": "Bahasa Indonesia"}


def error_codes() -> set[str]:
    classes = (value for value in vars(errors).values() if isinstance(value, type))
    return {value.code for value in classes if issubclass(value, errors.GspeError)}


def test_every_error_has_a_sentence() -> None:
    assert set(area("en", "errors")) >= error_codes()


def test_every_setting_has_a_title_and_help_of_one_sentence() -> None:
    keys = [
        *Parameters.model_fields,
        *OWN_KEYS,
        *(f"whatsapp.{key}" for key in WhatsAppSettings.model_fields),
        *(f"email.{key}" for key in EmailSettings.model_fields),
        *(f"webhook.{key}" for key in WebhookSettings.model_fields),
        *(f"payroll.{key}" for key in PayrollSettings.model_fields),
    ]
    assert set(OWN_KEYS) <= set(CameraSettings.model_fields)
    for language in LANGUAGES:
        for key in keys:
            assert text(f"settings.{key}.title", language)
            help_text = text(f"settings.{key}.help", language)
            assert help_text.endswith("."), key
            assert ". " not in help_text, key


def test_every_group_and_unit_has_a_name() -> None:
    units = {one.unit for one in describe_parameters() if one.unit}
    wanted = {f"group.{group}" for group in GROUPS} | {f"unit.{unit}" for unit in units}
    named = {key for key in area("en", "settings") if key.startswith(("group.", "unit."))}
    assert named == wanted


def test_parameters_are_filled_in_and_must_be_there() -> None:
    assert text("calendar.hours", "id", count=3) == "3 jam"
    with pytest.raises(KeyError, match="count"):
        text("calendar.hours", "en")
    assert text("settings.problem.missing_key", "en", key="fps") == "fps is missing; add it."


@pytest.mark.parametrize(
    ("key", "params", "sentence"),
    [
        ("unknown.apply", {"count": "1"}, "Name 1 face"),
        ("unknown.apply", {"count": 1}, "Name 1 face"),
        ("unknown.apply", {"count": "0"}, "Name 0 faces"),
        ("unknown.apply", {"count": "1,000"}, "Name 1,000 faces"),
        ("unknown.counts", {"groups": 1, "faces": 2}, "1 person, 2 faces"),
        ("settings.unit.days", {"count": "30"}, "days"),
        ("person.counts", {"count": 1}, "1 day changes."),
    ],
)
def test_words_agree_with_their_figure(key: str, params: dict[str, object], sentence: str) -> None:
    assert text(key, "en", **params) == sentence


def test_a_language_that_does_not_bend_its_words_needs_no_second_one() -> None:
    assert text("unknown.apply", "id", count=1) == "Beri nama 1 wajah"
    with pytest.raises(KeyError, match="count"):
        text("settings.unit.days", "en")


NEVER_ONE = {
    "coach.few_templates",
    "coach.progress",
    "errors.holds_too_many",
    "errors.recompute_too_long",
    "settings_page.history.versions_about",
    "wall.age_days",
}
"""Constants of more than one, and what is said of two and more."""
COUNTED = re.compile(
    r"\{(count|all|visits|groups|faces|rows|files|events|alerts|changed|judged|points|days)\} "
    r"(more )?(people|(?!is |was |has )[a-z]+s)\b"
)


def test_no_sentence_counts_one_people() -> None:
    for key, sentence in catalogue("en").items():
        if key not in NEVER_ONE and not key.endswith(".many"):
            assert not COUNTED.search(sentence), key


@pytest.mark.parametrize(("key", "language"), [("calendar.nothing", "en"), ("calendar.hours", "de")])
def test_an_unknown_key_or_language_is_an_error(key: str, language: str) -> None:
    with pytest.raises(KeyError):
        text(key, language, count=1)


def test_times_are_shown_in_the_site_s_zone() -> None:
    assert format_time(AT, "en", JAKARTA) == "05:05"
    assert format_time(AT, "id", JAKARTA, seconds=True) == "05.05.09"
    assert format_date(AT, "en", JAKARTA) == "17 Aug 2026"
    assert format_date(date(2026, 8, 17), "id") == "17 Agu 2026"
    assert format_datetime(AT, "id", JAKARTA) == "17 Agu 2026 05.05"


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        format_time(AT.replace(tzinfo=None), "en", JAKARTA)
    with pytest.raises(ValueError, match="time zone"):
        format_date(AT, "en")


@pytest.mark.parametrize(
    ("value", "english", "indonesian"),
    [
        (0, "0 s", "0 dtk"),
        (-5, "0 s", "0 dtk"),
        (59.9, "59 s", "59 dtk"),
        (60, "1 min", "1 mnt"),
        (61, "1 min 1 s", "1 mnt 1 dtk"),
        (timedelta(hours=1, seconds=59), "1 h", "1 jam"),
        (timedelta(hours=1, minutes=5), "1 h 5 min", "1 jam 5 mnt"),
        (timedelta(days=2, hours=3, minutes=4), "2 d 3 h", "2 hari 3 jam"),
        (timedelta(days=2, minutes=4), "2 d", "2 hari"),
    ],
)
def test_durations(value: timedelta | float, english: str, indonesian: str) -> None:
    assert format_duration(value, "en") == english
    assert format_duration(value, "id") == indonesian


def test_numbers() -> None:
    assert format_number(1234.56, "en", 1) == "1,234.6"
    assert format_number(1234.56, "id", 1) == "1.234,6"
    assert format_number(12, "id") == "12"


@pytest.mark.parametrize(
    ("share", "percent"),
    [(0.0, 0), (0.29, 29), (0.57, 57), (0.58, 58), (0.996, 99), (0.9999, 99), (1.0, 100)],
)
def test_only_a_whole_share_is_a_hundred_percent(share: float, percent: int) -> None:
    assert whole_percent(share) == percent


def test_every_whole_percent_is_itself() -> None:
    assert [whole_percent(n / 100) for n in range(101)] == [*range(101)]
