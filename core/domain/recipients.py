"""Who is told what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.domain.states import AlertKind, Channel

FIRST_LEVEL = 1
ABOUT_PEOPLE = frozenset({AlertKind.ABSENT, AlertKind.CAME_BACK, AlertKind.NOT_ARRIVED})


@dataclass(frozen=True)
class Recipient:
    """Somebody whom one channel reaches; `departments` empty: he is told of all.

    level: 1 for who is told first, 2 for who is told of what nobody has dealt with, None for a program, which
    is told everything.
    """

    channel: Channel
    name: str
    address: str
    language: str
    departments: tuple[str, ...] = ()
    level: int | None = FIRST_LEVEL


@dataclass(frozen=True)
class Subject:
    """What is to be told. department: the employee's; None where there is none."""

    kind: AlertKind
    department: str | None = None
    level: int = FIRST_LEVEL


def recipients_of(subject: Subject, everybody: Iterable[Recipient]) -> list[Recipient]:
    """Those whom a message about the subject goes to, in the order of the channels.

    Of a person, those are told who may know of his department; of one without department, those who may know
    of everybody. What concerns no department (a camera, a program, a stranger) goes to those who may know of
    everybody, or, so that it is not told to nobody, to all of a channel that has no such recipient.
    """
    on_level = [one for one in everybody if one.level in (None, subject.level)]
    by_channel = [[one for one in on_level if one.channel is channel] for channel in Channel]
    return [one for group in by_channel for one in _of_channel(subject, group)]


def _of_channel(subject: Subject, group: Sequence[Recipient]) -> list[Recipient]:
    unlimited = [one for one in group if not one.departments]
    if subject.kind not in ABOUT_PEOPLE:
        return unlimited or list(group)
    return [one for one in group if not one.departments or subject.department in one.departments]
