"""A thread for each message, so that a channel that hangs holds up neither the others nor the end."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from core.domain.delivery import Cause
from core.domain.states import Channel
from worker.notify.messages import Answer, Message, Refused, Sender

OVERDUE_S = 150.0
"""Longer than all time-outs of one message together: a call that takes so long is abandoned."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivered:
    """A message that was handed over, and the answer to it."""

    message: Message
    answer: Answer


class Courier:
    """Sends one message a channel at a time. Threads are daemons: what hangs is left behind at the end."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._on_the_way: dict[Channel, tuple[Message, float]] = {}
        self._answers: queue.SimpleQueue[Delivered | None] = queue.SimpleQueue()

    def is_free(self, channel: Channel) -> bool:
        return channel not in self._on_the_way

    def is_idle(self) -> bool:
        return not self._on_the_way

    def hand_over(self, sender: Sender, message: Message) -> None:
        """Only for a channel that is free."""
        assert self.is_free(sender.channel)
        self._on_the_way[sender.channel] = (message, self._clock())
        name = f"send-{sender.channel}"
        threading.Thread(target=self._send, args=(sender, message), name=name, daemon=True).start()

    def answers(self, wait_s: float) -> list[Delivered]:
        """Those that have come, waiting up to wait_s seconds for the first one, or until `wake` is called."""
        found = self._overdue()
        wait_s = 0.0 if found else wait_s
        with suppress(queue.Empty):
            found += self._taken(self._answers.get(block=wait_s > 0, timeout=wait_s or None))
            while True:
                found += self._taken(self._answers.get_nowait())
        return found

    def wake(self) -> None:
        """Ends a wait for answers; a signal's handler may call it."""
        self._answers.put(None)

    def _send(self, sender: Sender, message: Message) -> None:
        answer: Answer = Refused(Cause.CUT_OFF)
        try:
            answer = sender.send(message)
        except Exception as error:  # noqa: BLE001  one message's fault must not end the others
            log.error("sending by %s failed with %s", sender.channel, type(error).__name__)
        finally:
            self._answers.put(Delivered(message, answer))

    def _taken(self, delivered: Delivered | None) -> list[Delivered]:
        """Nothing for a wake-up, and for the late answer of a call that was abandoned."""
        if delivered is None:
            return []
        channel = delivered.message.recipient.channel
        current = self._on_the_way.get(channel)
        if current is None or current[0] is not delivered.message:
            return []
        del self._on_the_way[channel]
        return [delivered]

    def _overdue(self) -> list[Delivered]:
        now_s = self._clock()
        late = [message for message, since_s in self._on_the_way.values() if now_s - since_s > OVERDUE_S]
        for message in late:
            del self._on_the_way[message.recipient.channel]
        return [Delivered(message, Refused(Cause.TIMEOUT)) for message in late]
