"""E-mail by SMTP."""

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from core.domain.delivery import Cause
from core.domain.states import Channel
from core.settings import EmailSettings
from core.telling import digest, subject
from worker.notify.messages import Accepted, Answer, Message, Refused

TIMEOUT_S = 15.0
LONGEST_TEXT = 8000


@dataclass(frozen=True)
class Mail:
    """environ: where the password is looked up by the name in the settings, each time anew."""

    settings: EmailSettings
    environ: Mapping[str, str]
    channel: Channel = Channel.EMAIL

    def send(self, message: Message) -> Answer:
        password = self.environ.get(self.settings.password_env, "")
        if self.settings.username and not password:
            return Refused(Cause.NO_SECRET, self.settings.password_env)
        try:
            self._deliver(message, password)
        except smtplib.SMTPException as error:
            return Refused(*_meaning(error), secret=password)
        except ssl.SSLError as error:
            return Refused(Cause.TLS, error.reason or "")
        except TimeoutError:
            return Refused(Cause.TIMEOUT)
        except OSError as error:
            return Refused(Cause.UNREACHABLE, error.strerror or "")
        return Accepted(message.thread)

    def letter(self, message: Message) -> EmailMessage:
        """Subject and text in the recipient's language; the Message-ID tells a repetition."""
        matters = [(one.kind, one.params) for one in message.told]
        letter = EmailMessage()
        letter["Subject"] = subject(message.site, matters, message.voice)
        letter["From"] = formataddr((" ".join(message.site.split()), self.settings.from_address))
        letter["To"] = formataddr((message.recipient.name, message.recipient.address))
        letter["Date"] = format_datetime(message.voice.now)
        letter["Message-ID"] = f"<{message.thread}>"
        letter["Auto-Submitted"] = "auto-generated"
        say = message.voice.say
        sentences = digest(matters, message.voice, LONGEST_TEXT)
        paragraphs = [say("greeting", name=message.recipient.name), *sentences]
        letter.set_content("\n\n".join([*paragraphs, say("closing", site=message.site)]) + "\n")
        return letter

    def _deliver(self, message: Message, password: str) -> None:
        server = self._connected()
        try:
            if self.settings.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self.settings.username:
                _sign_in(server, self.settings.username, password)
            letter = self.letter(message)
            server.send_message(letter, self.settings.from_address, [message.recipient.address])
        finally:
            with suppress(smtplib.SMTPException, OSError):  # what was taken is taken, goodbye or not
                server.quit()
            server.close()

    def _connected(self) -> smtplib.SMTP:
        host, port = self.settings.host, self.settings.port
        if self.settings.security == "tls":
            return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=ssl.create_default_context())
        return smtplib.SMTP(host, port, timeout=TIMEOUT_S)


def _sign_in(server: smtplib.SMTP, username: str, password: str) -> None:
    """Raises SMTPAuthenticationError, also for a server that knows no way to sign in."""
    try:
        server.login(username, password)
    except (smtplib.SMTPResponseException, smtplib.SMTPServerDisconnected):
        raise
    except smtplib.SMTPException as error:
        raise smtplib.SMTPAuthenticationError(504, str(error)) from None


def _meaning(error: smtplib.SMTPException) -> tuple[Cause, str]:
    """By the reply's code: 4xx asks to come again, 5xx refuses."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return (Cause.LATER if code < 500 else Cause.RECIPIENT), _reply(code, said)
    if isinstance(error, smtplib.SMTPResponseException):
        return _meaning_of_reply(error), _reply(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Cause.TLS, str(error)
    return Cause.CUT_OFF, ""


def _meaning_of_reply(error: smtplib.SMTPResponseException) -> Cause:
    if not 400 <= error.smtp_code < 600:
        return Cause.CUT_OFF
    if error.smtp_code < 500:
        return Cause.LATER
    return Cause.SIGN_IN if isinstance(error, smtplib.SMTPAuthenticationError) else Cause.REJECTED


def _reply(code: int, said: bytes | str) -> str:
    return f"({code}) {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
