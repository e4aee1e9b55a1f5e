"""Delivery against a real server with TLS and a login, with the faults real ones have.

What must hold is the issue's: nothing lost, nothing twice; only a mail whose final dot got no answer is uncertain (RFC 1047).
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from addin.mailing import deliver, outbox
from addin.mailing.deliver import Result
from addin.mailing.outbox import PENDING, REFUSED, SENT, UNCERTAIN, Journal
from addin.mailing.smtp import Server, Smtp
from tests.mailing.letters import letter, outbox_with
from tests.mailing.post import PASSWORD, USER, Authority, Post, drops, says, waits
from workbook_templates.answers import Refused

SENDER = "post@starbridge.example"


def way(post: Post, **more: object) -> Smtp:
    security = "tls" if post.implicit else "starttls"
    known = Server("localhost", post.port, security, USER, PASSWORD, 5.0, str(post.authority.path))
    return Smtp(dataclasses.replace(known, **more), SENDER)  # type: ignore[arg-type]


def sent(folder: Path, smtp: Smtp) -> Result:
    """Send what is ready, as the action does."""
    with Journal(folder) as journal:
        ready = [e for e in journal.entries.values() if e.state in outbox.READY]
        return deliver.run(journal, ready, smtp)


def states(folder: Path) -> list[str]:
    return [e.state for e in outbox.read(folder).values()]


def to(number: int) -> str:
    return f"p{number:03}@starbridge.example"


@pytest.mark.filterwarnings(
    "ignore:Requiring AUTH while not requiring TLS:UserWarning"
)  # the test server can't see TLS from the first byte
@pytest.mark.parametrize("implicit", [False, True])
def test_mails_arrive_whole_once_and_no_longer_marked_as_drafts(tmp_path: Path, authority: Authority, implicit: bool) -> None:
    letters = [letter(n) for n in range(3)]
    outbox_with(tmp_path, letters)
    with Post(authority, implicit=implicit) as post:
        result = sent(tmp_path, way(post))
        assert [e.state for e in result.done] == [SENT] * 3 and not result.left and post.logins == 1
        assert not sent(tmp_path, way(post)).done  # nothing is left to do
    assert post.addresses() == [to(n) for n in range(3)]
    for got, one in zip(post.got, letters, strict=True):
        assert got.message["X-Unsent"] is None and got.sender == SENDER
        assert got.content == one.content.replace(b"X-Unsent: 1\r\n", b"")
        assert str(got.message["Subject"]) == one.subject


def test_lines_that_begin_with_a_dot_and_bare_line_feeds_arrive_as_they_are(tmp_path: Path, post: Post) -> None:
    one = letter(1, body=".\n..\n.bcc\nend")
    raw = one.content.replace(b"base64", b"8bit", 1)
    one = dataclasses.replace(one, content=raw.replace(b"\r\n\r\n", b"\r\n\r\n.\r\n..x\n.\r\n", 1))
    outbox_with(tmp_path, [one])
    sent(tmp_path, way(post))
    (got,) = post.got
    assert b"\r\n\r\n.\r\n..x\r\n.\r\n" in got.content


def test_a_refused_recipient_stops_nobody_else_and_may_be_tried_again(tmp_path: Path, post: Post) -> None:
    outbox_with(tmp_path, [letter(n) for n in range(4)])
    post.faults["rcpt", to(1)] = says("550 5.1.1 no such person")
    post.faults["whole", to(2)] = says("452 4.3.1 mailbox full")
    result = sent(tmp_path, way(post))
    assert states(tmp_path) == [SENT, REFUSED, REFUSED, SENT]
    assert "550 5.1.1 no such person" in result.done[1].reply and "452" in result.done[2].reply
    post.faults.clear()
    sent(tmp_path, way(post))
    assert states(tmp_path) == [SENT] * 4 and sorted(post.addresses()) == [to(n) for n in range(4)]


def test_a_connection_lost_before_the_dot_is_tried_again_at_once(tmp_path: Path, post: Post) -> None:
    outbox_with(tmp_path, [letter(n) for n in range(3)])
    post.faults["rcpt", to(1)] = drops(1)
    assert [e.state for e in sent(tmp_path, way(post)).done] == [SENT] * 3
    assert post.addresses() == [to(0), to(1), to(2)] and post.logins == 2


@pytest.mark.parametrize("at", ["whole", "taken"])
def test_a_connection_lost_after_the_dot_is_uncertain_and_never_resent(tmp_path: Path, post: Post, at: str) -> None:
    """Once the server had taken the mail, once not: from here the two look the same."""
    letters = [letter(n) for n in range(3)]
    outbox_with(tmp_path, letters)
    post.faults[at, to(1)] = drops(1)
    sent(tmp_path, way(post))
    assert states(tmp_path) == [SENT, UNCERTAIN, SENT]
    assert list(outbox.read(tmp_path)) == [one.message for one in letters]  # it keeps its Message-ID
    sent(tmp_path, way(post))
    assert post.addresses().count(to(1)) <= 1 and states(tmp_path)[1] == UNCERTAIN


def test_a_slow_server_costs_its_own_mail_only(tmp_path: Path, post: Post) -> None:
    """Too slow before the dot: not sent, for certain. Too slow after it: uncertain."""
    outbox_with(tmp_path, [letter(n) for n in range(4)])
    post.faults["rcpt", to(1)] = waits(2)
    post.faults["taken", to(2)] = waits(8)
    result = sent(tmp_path, way(post, timeout=0.5))
    assert states(tmp_path) == [SENT, PENDING, UNCERTAIN, SENT]
    assert [e.message for e in result.left] == [letter(1).message] and "timed out" in result.left[0].reply
    post.faults.clear()
    sent(tmp_path, way(post))
    assert states(tmp_path) == [SENT, SENT, UNCERTAIN, SENT] and len(set(post.messages())) == len(post.messages()) == 4


def test_a_server_that_goes_away_stops_the_run_and_loses_nothing(tmp_path: Path, post: Post) -> None:
    outbox_with(tmp_path, [letter(n) for n in range(6)])
    for n in range(1, 6):
        post.faults["rcpt", to(n)] = drops()
    result = sent(tmp_path, way(post))
    assert result.stopped is not None and len(result.done) == 1
    assert states(tmp_path) == [SENT] + [PENDING] * 5
    post.faults.clear()
    sent(tmp_path, way(post))
    assert post.addresses() == [to(n) for n in range(6)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "wrong"}, "user or password not accepted"),
        ({"ca": ""}, "can't be trusted"),
        ({"host": "127.0.0.2"}, "127.0.0.2"),  # the certificate does not name it
        ({"security": "tls"}, "can't be reached"),
        ({"ca": "/no/such/file"}, "/no/such/file"),
    ],
)
def test_without_trust_and_login_nothing_goes_out(tmp_path: Path, post: Post, change: dict[str, str], said: str) -> None:
    outbox_with(tmp_path, [letter(n) for n in range(5)])
    result = sent(tmp_path, way(post, **change))
    assert not post.got and states(tmp_path) == [PENDING] * 5
    assert result.stopped is not None and said in result.stopped.en
    assert PASSWORD not in (tmp_path / outbox.NAME).read_text("utf-8") and PASSWORD not in repr(way(post).server)


def test_a_server_without_encryption_gets_neither_password_nor_mail(tmp_path: Path, post: Post) -> None:
    from aiosmtpd.controller import Controller

    heard: list[str] = []

    class Plain:
        async def handle_EHLO(  # noqa: N802
            self, server, session, envelope, hostname, responses
        ):  # type: ignore[no-untyped-def]
            heard.append(hostname)
            session.host_name = hostname
            return responses

    plain = Controller(Plain(), hostname="127.0.0.1", port=post.port + 1)
    plain.start()
    try:
        outbox_with(tmp_path, [letter(1)])
        result = sent(tmp_path, Smtp(Server("localhost", plain.port, "starttls", USER, PASSWORD, 5.0), SENDER))
    finally:
        plain.stop(no_assert=True)
    assert heard and result.stopped is not None and "no encryption" in result.stopped.en and states(tmp_path) == [PENDING]


def test_a_draft_that_was_changed_after_the_check_is_not_sent(tmp_path: Path, post: Post) -> None:
    entries = outbox_with(tmp_path, [letter(n) for n in range(3)])
    (tmp_path / entries[0].file).write_bytes(letter(0).content + b"more")
    (tmp_path / entries[1].file).unlink()
    sent(tmp_path, way(post))
    assert states(tmp_path) == [REFUSED, REFUSED, SENT] and post.addresses() == [to(2)]


@pytest.mark.parametrize(
    ("text", "host", "port", "security"),
    [
        ("smtp.example.com", "smtp.example.com", 587, "starttls"),
        ("smtp.example.com:465", "smtp.example.com", 465, "tls"),
        ("smtp.example.com:2525", "smtp.example.com", 2525, "starttls"),
        ("[::1]:25", "::1", 25, "starttls"),
    ],
)
def test_a_server_is_named_as_people_do(text: str, host: str, port: int, security: str) -> None:
    found = Server.parse(text)
    assert (found.host, found.port, found.security) == (host, port, security)


@pytest.mark.parametrize("text", ["", "user:pw@host", "host:0", "host:99999", "host:1:2", "a b"])
def test_what_names_no_server_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        Server.parse(text)
