"""The one write of the page on notifications: a test message."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.domain.states import Channel, Role
from core.errors import GspeError
from core.storage import audit, outbox
from dashboard.auth import require
from dashboard.channels import channel_setups
from dashboard.writes import write


def send_test(channel: Channel) -> int:
    """Asks the notifier to send a test message to everybody of a channel; returns its id in the outbox.

    Raises GspeError, code `channel_off`, for one that is not enabled.
    """
    account = require(Role.ADMIN)
    if not any(setup.channel is channel and setup.enabled for setup in channel_setups()):
        raise GspeError(f"{channel} is not enabled; enable it in its settings file", code="channel_off")

    def work(session: Session, now: datetime) -> int:
        outbox_id = outbox.send_test(session, channel, account.username, now)
        subject = f"notification_outbox:{outbox_id}"
        audit.append(session, now, account.username, "notification.tested", subject, {"channel": channel})
        return outbox_id

    return write(work)
