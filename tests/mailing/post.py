"""A real SMTP server on this machine: aiosmtpd with TLS and a login, and the faults that real ones have."""

from __future__ import annotations

import asyncio
import email
import email.policy
import io
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "post@starbridge.example", "hen-7-Lantern"


@dataclass(frozen=True)
class Authority:
    """A certificate authority of the tests' own."""

    path: Path
    context: ssl.SSLContext

    @classmethod
    def made(cls, folder: Path) -> Authority:
        ca = trustme.CA()
        path = folder / "ca.pem"
        ca.cert_pem.write_to_path(str(path))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        ca.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        return cls(path, context)


@dataclass
class Got:
    """A mail as it arrived."""

    sender: str
    recipients: list[str]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        message = email.message_from_bytes(self.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def workbook(self) -> io.BytesIO:
        (part,) = self.message.iter_attachments()
        return io.BytesIO(part.get_payload(decode=True))  # type: ignore[arg-type]


# What a server may do with a mail: return its reply, or do something else first.
Fault = Callable[["Post", str], Any]


@dataclass
class Post:
    """The server. ``faults`` by recipient: at RCPT ("rcpt"), when the mail is whole ("whole") or has been taken ("taken")."""

    authority: Authority
    implicit: bool = False
    got: list[Got] = field(default_factory=list)
    faults: dict[tuple[str, str], Any] = field(default_factory=dict)
    logins: int = 0
    _controller: Any = None
    _transports: list[Any] = field(default_factory=list)

    def __enter__(self) -> Post:
        post = self

        class Server(SMTP):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                post._transports.append(transport)
                super().connection_made(transport)

        class Loopback(Controller):
            def factory(self) -> SMTP:
                tls = {} if post.implicit else {"tls_context": post.authority.context, "require_starttls": True}
                return Server(
                    post,
                    authenticator=post.login,
                    auth_required=True,
                    auth_require_tls=not post.implicit,  # aiosmtpd can't see TLS from the first byte
                    data_size_limit=50_000_000,
                    **tls,
                )

        context = self.authority.context if self.implicit else None
        self._controller = Loopback(self, hostname="127.0.0.1", port=0, ssl_context=context)
        # Port 0: the controller looks at the port it was given, so it is found out here.
        import socket

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._controller.port = probe.getsockname()[1]
        self._controller.start()
        return self

    def __exit__(self, *error: object) -> None:
        # aiosmtpd leaves the connections open that a client dropped or a handshake failed on.
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._controller.loop).result(10)
        self._controller.stop(no_assert=True)

    async def _hang_up(self) -> None:
        for transport in self._transports:
            transport.abort()
        await asyncio.sleep(0.01)  # the loop closes the sockets in its next rounds

    @property
    def port(self) -> int:
        return int(self._controller.port)

    @property
    def address(self) -> str:
        return f"localhost:{self.port}"

    def login(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.logins += 1
        good = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=good, handled=False)

    def addresses(self) -> list[str]:
        """Who got mail, in order."""
        return [r for got in self.got for r in got.recipients]

    def messages(self) -> list[str]:
        return [str(got.message["Message-ID"]) for got in self.got]

    # ---- what aiosmtpd asks

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fault = self.faults.get(("rcpt", address))
        if fault is not None:
            reply = await fault(server)
            if reply:
                return str(reply)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        to = envelope.rcpt_tos[0]
        fault = self.faults.get(("whole", to))
        if fault is not None:
            reply = await fault(server)
            if reply:
                return str(reply)
        self.got.append(Got(str(envelope.mail_from), list(envelope.rcpt_tos), envelope.content or b""))  # type: ignore[arg-type]
        fault = self.faults.get(("taken", to))
        if fault is not None:
            reply = await fault(server)
            if reply:
                return str(reply)
        return "250 2.0.0 taken"


def says(reply: str) -> Any:
    """Answer so, whatever came."""

    async def fault(server: SMTP) -> str:
        return reply

    return fault


def drops(times: int = 10**9) -> Any:
    """The connection breaks without an answer, the first ``times`` times."""
    left = [times]

    async def fault(server: SMTP) -> str:
        if left[0] > 0:
            left[0] -= 1
            assert server.transport is not None
            server.transport.abort()
        return ""

    return fault


def waits(seconds: float) -> Any:
    """The answer takes long."""

    async def fault(server: SMTP) -> str:
        await asyncio.sleep(seconds)
        return ""

    return fault
