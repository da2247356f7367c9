"""What messages say, in the recipient's language and the site's zone: a sentence a matter, or a digest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.domain.states import AlertKind
from core.i18n import catalogue, format_date, format_datetime, format_time, text

Params = Mapping[str, Any]

NAMED = 10
"""So many people or cameras are named in one sentence; the others are counted."""
LONGEST_NAME = 60
KINDS = (
    AlertKind.WORKER_FAULT,
    AlertKind.MODEL_FAULT,
    AlertKind.CAMERA_DOWN,
    AlertKind.ABSENT,
    AlertKind.NOT_ARRIVED,
    AlertKind.UNKNOWN_PERSON,
    AlertKind.CAME_BACK,
    AlertKind.CAMERA_BACK,
)
"""In the order in which a digest tells them."""


@dataclass(frozen=True)
class Voice:
    """In which language, zone and moment something is told."""

    language: str
    zone: ZoneInfo
    now: datetime

    def say(self, key: str, **params: object) -> str:
        return text(f"notifications.{key}", self.language, **params)

    def moment(self, iso: str) -> str:
        """The clock time, with its date when that is not today."""
        at = datetime.fromisoformat(iso)
        if at.astimezone(self.zone).date() == self.now.astimezone(self.zone).date():
            return format_time(at, self.language, self.zone)
        return format_datetime(at, self.language, self.zone)


def one(kind: str, params: Params, voice: Voice) -> str:
    """The sentence about one matter; what is no alert's kind is a test."""
    if kind not in KINDS:
        return voice.say("test", name=_clean(params.get("by", "")))
    is_fault = kind in (AlertKind.WORKER_FAULT, AlertKind.MODEL_FAULT)
    sentence = voice.say(
        f"fault.{_fault(params, voice)}" if is_fault else kind,
        person=_person(params, voice),
        place=_place(params, voice),
        day=_day(params, voice),
        since=voice.moment(params["since"]),
        at=voice.moment(params["at"]),
    )
    return f"{sentence} {_camera_cause(params, voice)}" if kind == AlertKind.CAMERA_DOWN else sentence


def digest(matters: Iterable[tuple[str, Params]], voice: Voice, limit: int) -> list[str]:
    """A sentence for each kind of matter, together not longer than `limit` characters.

    What finds no room is counted at the end.
    """
    of_kind: dict[str, list[Params]] = {}
    for kind, params in matters:
        of_kind.setdefault(kind, []).append(params)
    ordered = sorted(of_kind, key=lambda kind: KINDS.index(AlertKind(kind)) if kind in KINDS else len(KINDS))
    said = [(len(of_kind[kind]), _said(kind, of_kind[kind], voice)) for kind in ordered]
    return _fitting(said, voice, limit)


def subject(site: str, matters: Sequence[tuple[str, Params]], voice: Voice) -> str:
    """The headline of an e-mail."""
    if len(matters) > 1:
        return voice.say("subject.many", site=_clean(site), count=len(matters))
    return voice.say(f"subject.{matters[0][0]}", site=_clean(site))


def _said(kind: str, told: Sequence[Params], voice: Voice) -> str:
    if len(told) == 1 or f"notifications.{kind}.many" not in catalogue(voice.language):
        return " ".join(dict.fromkeys(one(kind, params, voice) for params in told))
    if kind == AlertKind.UNKNOWN_PERSON:
        last = told[-1]
        place, time = _place(last, voice), voice.moment(last["since"])
        return voice.say(f"{kind}.many", count=len(told), place=place, time=time)
    of_cameras = kind in (AlertKind.CAMERA_DOWN, AlertKind.CAMERA_BACK)
    names = [_camera(params, voice) if of_cameras else _name(params, voice) for params in told]
    since = voice.moment(min((params["since"] for params in told), key=datetime.fromisoformat))
    return voice.say(f"{kind}.many", count=len(told), time=since, names=_listed(names, voice))


def _listed(names: Sequence[str], voice: Voice) -> str:
    more, named = len(names) - NAMED, ", ".join(names[:NAMED])
    return voice.say("more_names", names=named, count=more) if more > 0 else named


def _fitting(said: Sequence[tuple[int, str]], voice: Voice, limit: int) -> list[str]:
    """As many sentences as there is room for, the last one cut if need be."""
    kept: list[str] = []
    left = sum(count for count, _ in said)
    room = limit - len(voice.say("more_alerts", count=left)) - 1
    for count, sentence in said:
        if len(sentence) > room and kept:
            break
        kept.append(_cut(sentence, room))
        room -= len(kept[-1]) + 1
        left -= count
    return [*kept, voice.say("more_alerts", count=left)] if left else kept


def _cut(sentence: str, longest: int) -> str:
    return sentence if len(sentence) <= longest else f"{sentence[: longest - 1].rstrip()}…"


def _name(params: Params, voice: Voice) -> str:
    return _clean(params.get("name") or voice.say("somebody"))


def _person(params: Params, voice: Voice) -> str:
    department = params.get("department")
    return f"{_name(params, voice)} ({_clean(department)})" if department else _name(params, voice)


def _camera(params: Params, voice: Voice) -> str:
    return _clean(params.get("camera") or voice.say("some_camera"))


def _place(params: Params, voice: Voice) -> str:
    location = params.get("location")
    return f"{_camera(params, voice)} ({_clean(location)})" if location else _camera(params, voice)


def _camera_cause(params: Params, voice: Voice) -> str:
    """The precise reason, else what state the camera is in; nothing for a code of another version."""
    known = catalogue(voice.language)
    return known.get(f"camera.cause.{params.get('cause')}", "") or voice.say("camera_unclear")


def _fault(params: Params, voice: Voice) -> str:
    cause = params.get("cause")
    return str(cause) if f"notifications.fault.{cause}" in catalogue(voice.language) else "other"


def _day(params: Params, voice: Voice) -> str:
    day = date.fromisoformat(params["day"]) if "day" in params else voice.now.astimezone(voice.zone).date()
    return format_date(day, voice.language)


def _clean(name: object) -> str:
    """One line, as a template's variable must be, and not endless."""
    return _cut(" ".join(str(name).split()), LONGEST_NAME)
