"""A mail server on this machine: STARTTLS or TLS, sign-in, and refusals on demand."""

import ssl
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.certificates import self_signed
from tests.worker.sources.answering import unused_port

USER, PASSWORD = "alerts@example.com", "s3cr3t-mail"


class MailServer:
    """A context manager. refuse_recipient, refuse_data: the reply instead of yes, e.g. "452 later"."""

    def __init__(self, folder: Path, *, tls: bool = False, starttls: bool = True) -> None:
        self.certificate, key = self_signed(folder)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.certificate, key)
        self._tls, self._starttls = tls, starttls
        self.letters: list[EmailMessage] = []
        self.refuse_recipient: str | None = None
        self.refuse_data: str | None = None
        self.drop_after_data = False
        self.unencrypted: list[str] = []

    def __enter__(self) -> Self:
        options: dict[str, Any] = {"authenticator": self._authenticate}
        if self._starttls:
            options |= {"tls_context": self._context, "require_starttls": True, "auth_required": True}
        else:
            options |= {"auth_require_tls": False}
        context = {"ssl_context": self._context} if self._tls else {}
        self._controller = Controller(self, hostname="127.0.0.1", port=unused_port(), **context, **options)
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        server = cast(Any, self._controller.server)
        return int(server.sockets[0].getsockname()[1])

    def settings(self, **more: Any) -> dict[str, Any]:
        values = {"host": "localhost", "port": self.port, "username": USER, "from_address": USER}
        recipients = [{"name": "Sari Dewi", "address": "sari@example.com", "language": "id"}]
        security = "tls" if self._tls else "starttls" if self._starttls else "none"
        return {**values, "security": security, "recipients": recipients, **more}

    def _authenticate(
        self, _server: SMTP, session: Session, _envelope: Envelope, _mechanism: str, auth: LoginPassword
    ) -> AuthResult:
        if session.ssl is None and not self._tls:
            self.unencrypted.append("a password")
        known = (auth.login, auth.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=known, handled=known)

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.refuse_recipient is not None:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.refuse_data is not None:
            return self.refuse_data
        letter = message_from_bytes(cast(bytes, envelope.content), policy=policy.default)
        self.letters.append(cast(EmailMessage, letter))
        if self.drop_after_data:
            self.drop_after_data = False
            cast(Any, server.transport).abort()
        return "250 OK"
