"""SMTP, encrypted and with the server's certificate verified: each mail ends as sent, refused or uncertain, never as a guess.

The standard library sends a mail's last line and waits for the answer in one call; here the two are apart, so that the
journal knows whether the server could have taken the mail (RFC 5321, 4.5.3.2.6 and RFC 1047: only between the final dot and
its answer).
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from addin.mailing import safe
from addin.mailing.compose import as_sent
from addin.mailing.deliver import NotReached, Reply
from addin.mailing.outbox import REFUSED, SENT, UNCERTAIN, Entry
from udfs.text import Text
from workbook_templates.answers import Refused

PORTS = {"starttls": 587, "tls": 465}
_PATIENCE = 10  # the answer to a whole mail may take that many times as long as any other


@dataclass(frozen=True)
class Server:
    """Where mail is handed in. ``password`` is never shown."""

    host: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 60.0
    ca: str = ""  # a file of certificates to trust instead of the system's

    @classmethod
    def parse(cls, text: str, **more: object) -> Server:
        """``host``, ``host:port``; port 465 means TLS from the first byte."""
        match = re.fullmatch(r"\s*(\[[0-9A-Fa-f:]+\]|[^\s:/@\[\]]+)(?::(\d{1,5}))?\s*", text)
        if match is None or int(match[2] or 1) not in range(1, 65536):
            raise Refused(
                Text(
                    f"邮件服务器“{safe.line(text, 60)}”应写作 主机 或 主机:端口",
                    f"the mail server “{safe.line(text, 60)}” must be HOST or HOST:PORT",
                )
            )
        host = match[1].strip("[]")
        given = str(more.pop("security", "") or "")
        security = given or ("tls" if match[2] == "465" else "starttls")
        return cls(host, int(match[2] or PORTS[security]), security, **more)  # type: ignore[arg-type]


class Smtp:
    """A way out: one connection for many mails, opened anew when it breaks."""

    def __init__(self, server: Server, sender: str) -> None:
        self.server, self.sender = server, sender
        self._client: smtplib.SMTP | None = None

    def deliver(self, entry: Entry, content: bytes, folder: Path, committing: Callable[[], None]) -> Reply:
        """Hand one mail in."""
        for attempt in (1, 2):  # a connection may have died of waiting; before the final dot trying again is safe
            fresh = self._client is None
            client = self._client or self._connect()
            try:
                return self._hand_in(client, entry.email, as_sent(content), committing)
            except (smtplib.SMTPServerDisconnected, OSError) as error:
                self._drop()
                if fresh or attempt == 2:
                    why = safe.line(error, 150)
                    raise NotReached(Text(f"连接中断：{why}", f"the connection broke: {why}")) from error
            except BaseException:
                self._drop()  # the server must not take half a mail for a whole one
                raise
        raise AssertionError("one of the two attempts ends it")

    def _hand_in(self, client: smtplib.SMTP, to: str, content: bytes, committing: Callable[[], None]) -> Reply:
        for code, said in self._envelope(client, to):
            if code == 421:
                raise smtplib.SMTPServerDisconnected(_words(code, said))
            if code not in (250, 251, 354):
                if code >= 0:
                    with contextlib.suppress(smtplib.SMTPException, OSError):
                        client.rset()
                return Reply(REFUSED, _words(code, said))
        client.send(_quoted(content))
        committing()
        try:
            client.send(b".\r\n")
            assert client.sock is not None
            client.sock.settimeout(self.server.timeout * _PATIENCE)
            code, said = client.getreply()
            client.sock.settimeout(self.server.timeout)
        except OSError as error:  # smtplib's own are, too
            self._drop()
            return Reply(UNCERTAIN, safe.line(error, 200))
        if code == -1:
            self._drop()
            return Reply(UNCERTAIN, _words(code, said))
        if code == 421:
            self._drop()
        return Reply(SENT if 200 <= code < 300 else REFUSED, _words(code, said))

    def _envelope(self, client: smtplib.SMTP, to: str):  # type: ignore[no-untyped-def]
        yield client.mail(self.sender)
        yield client.rcpt(to)
        yield client.docmd("DATA")

    def _connect(self) -> smtplib.SMTP:
        server = self.server
        try:
            context = ssl.create_default_context(cafile=server.ca or None)
        except OSError as error:
            raise NotReached(
                Text(f"读不了证书文件 {server.ca}", f"the certificate file {server.ca} can't be read"), True
            ) from error
        try:
            client = self._opened(context)
        except ssl.SSLCertVerificationError as error:
            raise NotReached(_distrusted(server, error), True) from error
        except smtplib.SMTPNotSupportedError as error:
            raise NotReached(_unsafe(server), True) from error
        except smtplib.SMTPAuthenticationError as error:
            said = _words(error.smtp_code, error.smtp_error)
            raise NotReached(Text(f"用户名或密码不被接受：{said}", f"user or password not accepted: {said}"), True) from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotReached(_unreachable(server, error), isinstance(error, socket.gaierror)) from error
        with contextlib.suppress(OSError, AttributeError):  # else the final dot waits 40 ms for the mail's acknowledgement
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # type: ignore[union-attr]
        self._client = client
        return client

    def _opened(self, context: ssl.SSLContext) -> smtplib.SMTP:
        """A connection that is encrypted and logged in, or none: one that got half-way is not left open."""
        server = self.server
        if server.security == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
        else:
            client = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
        try:
            if server.security != "tls":
                client.ehlo_or_helo_if_needed()
                client.starttls(context=context)  # without a context nothing would be verified
            client.ehlo_or_helo_if_needed()
            if server.user:
                client.login(server.user, server.password)
        except BaseException:
            with contextlib.suppress(OSError):
                client.close()
            raise
        return client

    def close(self) -> None:
        """Say good-bye."""
        if self._client is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._client.quit()
            self._drop()

    def _drop(self) -> None:
        if self._client is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._client.close()
            self._client = None


def _quoted(content: bytes) -> bytes:
    """A mail's lines as they travel: a dot that begins a line is doubled; the last line ends."""
    lines = re.sub(rb"(?m)^\.", b"..", re.sub(rb"\r?\n", b"\r\n", content))
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def _words(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return safe.line(f"{code} {text}", 200)


def _distrusted(server: Server, error: ssl.SSLCertVerificationError) -> Text:
    return Text(
        f"{server.host} 的证书不可信（{error.verify_message}），没有发送：请核对主机名；自建证书用 --ca 指定",
        f"the certificate of {server.host} can't be trusted ({error.verify_message}), nothing was sent: check the host's name; "
        "name your own authority with --ca",
    )


def _unsafe(server: Server) -> Text:
    return Text(
        f"{server.host}:{server.port} 不支持所需的加密或登录方式，没有发送：改用 465 端口（--security tls），或换服务器",
        f"{server.host}:{server.port} offers no encryption (or no login) of the kind asked for, nothing was sent: try port 465 "
        "(--security tls) or another server",
    )


def _unreachable(server: Server, error: Exception) -> Text:
    why = safe.line(error, 150)
    return Text(f"连不上 {server.host}:{server.port}：{why}", f"{server.host}:{server.port} can't be reached: {why}")
