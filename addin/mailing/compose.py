"""From a piece to a letter: a mail as a file that opens as an unsent draft, the same for the same content."""

from __future__ import annotations

import base64
import datetime as dt
import email
import email.policy
import hashlib
import html
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from addin.mailing import safe
from udfs.text import Text
from workbook_templates.documents import PICTURE

POLICY = email.policy.SMTP
UNSENT = b"X-Unsent: 1\r\n"  # Outlook opens a file with it as a draft to be sent
_XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
CALENDAR = ("text", "calendar")
_ENDINGS = {_XLSX: ".xlsx", CALENDAR: ".ics"}
# The display name of an address holds nothing that has a meaning there: libraries have quoted it wrongly before.
_SPECIALS = re.compile(r'["\\<>()\[\]@,;:=?]+')
_HEADERS = {"from", "to", "subject", "date", "message-id", "x-unsent", "mime-version", "content-type", "content-language"}
_RECIPIENTS = ("To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc")
_LINE_MOST = 998  # octets of a line (RFC 5322, 2.1.1)
_WORD_BYTES = 42  # in an encoded word: 56 characters in base64, 68 with its marks, so that its line has 76
_CID = "picture@salesplan"
_STAMPS = {"docProps/core.xml"}  # says when, not what


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail; ``shown`` is its name, ``content`` what is sent, ``hash`` what it says unlocked."""

    shown: str
    content: bytes
    digest: str
    kind: tuple[str, str] = _XLSX


@dataclass(frozen=True)
class Letter:
    """A mail ready to be looked at and delivered."""

    message: str  # its Message-ID
    hash: str  # of what it says
    kind: str
    recipient: str
    name: str
    email: str
    period: str
    subject: str
    total: float | None
    attachment: str
    content: bytes
    problems: tuple[Text, ...] = ()
    items: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Its name in the outbox."""
        stem = f"{self.period} {self.kind} {self.recipient} {self.name}"
        return safe.file_name(stem[:80], f".{self.message[1:].partition('@')[0][-12:]}.eml")

    @property
    def sha256(self) -> str:
        """Of the file, byte by byte."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Heading:
    """What all letters of a run have in common."""

    plan: str  # whose plan of which year
    host: str  # the domain that Message-IDs end in
    sender: str  # the address it comes from; blank leaves it to the mail program
    sender_name: str
    lang: str
    date: dt.datetime


@dataclass(frozen=True)
class Words:
    """What one letter says, and to whom."""

    kind: str
    recipient: str
    name: str
    email: str
    period: str
    subject: str
    body: str
    text: str = ""  # the piece's own text and HTML, below the body
    html: str = ""
    picture: tuple[bytes, str] | None = None  # PNG, and what it says to who can't see it
    total: float | None = None
    problems: tuple[Text, ...] = field(default=())


def letter(heading: Heading, words: Words, attached: Attachment | None) -> Letter:
    """Put a letter together. The same words and file give the same Message-ID, whenever and wherever it is done."""
    said = (
        words.subject,
        words.body,
        words.text,
        words.html,
        attached.shown if attached else "",
        attached.digest if attached else "",
    )
    content_hash = _hash(*said)[:32]
    number = _hash(heading.plan, words.kind, words.recipient, words.period, content_hash, heading.sender, words.email)
    message_id = f"<salesplan.{number[:32]}@{heading.host}>"
    message = EmailMessage(policy=POLICY)
    if heading.sender:
        message["From"] = _address(heading.sender_name, heading.sender)
    message["To"] = _address(words.name, words.email)
    message["Subject"] = safe.header(words.subject)
    message["Date"] = format_datetime(heading.date)
    message["Message-ID"] = message_id
    message["X-Unsent"] = "1"
    message["Content-Language"] = "en" if heading.lang == "en" else "zh-CN"
    text = "\n\n".join(filter(None, (safe.lines(words.body), safe.lines(words.text))))
    message.set_content(text + "\n", cte=_encoding(text))
    page = _page(words, heading.lang)
    message.add_alternative(page, subtype="html", cte=_encoding(page))
    if words.picture is not None:
        *_, shown_part = message.iter_parts()
        assert isinstance(shown_part, EmailMessage)
        shown_part.add_related(words.picture[0], "image", "png", cid=f"<{_CID}>", disposition="inline")
    if attached is not None:
        stand_in = f"{number[:24]}{_ENDINGS[attached.kind]}"
        message.add_attachment(attached.content, maintype=attached.kind[0], subtype=attached.kind[1], filename=stand_in)
        next(iter(message.iter_attachments())).set_param("name", stand_in)
    for place, part in enumerate(p for p in message.walk() if p.is_multipart()):
        part.set_boundary(f"=_salesplan_{number[32:56]}_{place}")
    shown = attached.shown if attached else ""
    content = _unbroken(message.as_bytes())
    if attached is not None:
        content = _named(content, stand_in, shown, attached.kind)
    return Letter(
        message_id, content_hash, words.kind, words.recipient, safe.line(words.name), words.email, words.period,
        safe.header(words.subject), words.total, shown, content, words.problems,
    )  # fmt: skip


def _unbroken(content: bytes) -> bytes:
    """No header begins on the line after its name: readers take the break for a part of the value (Python's own folds so)."""
    head, gap, rest = content.partition(b"\r\n\r\n")
    return re.sub(rb"(?m)^([A-Za-z-]+):[ \t]*\r\n[ \t]+", rb"\1: ", head) + gap + rest


def _named(content: bytes, stand_in: str, shown: str, kind: tuple[str, str]) -> bytes:
    """The attachment's name in the spellings that mail programs read, which Python writes otherwise.

    ``filename*=`` in one piece (RFC 2231), since some programs can't put ``filename*0*=``, ``filename*1*=`` together again;
    and, for those that know nothing of it, encoded words in ``name=`` (RFC 2047 has no place for them there; the programs have).
    """
    plain = shown.isascii() and shown.isprintable() and "=?" not in shown  # which would be decoded
    quoted = re.sub(r'(["\\\\])', r"\\\1", shown)
    spelled = f' filename="{quoted}"' if plain else f" filename*=UTF-8''{quote(shown, safe='', errors='replace')}"
    parts = [spelled] if len(spelled) <= _LINE_MOST else _continued(shown)
    words = quoted if plain and len(quoted) < _LINE_MOST - 8 else "\r\n ".join(_encoded_words(shown))
    headers = (
        (rb"(Content-Disposition: attachment);\s+filename=", ";\r\n".join(["", *parts])),
        (rb"(Content-Type: %s);\s+name=" % "/".join(kind).encode(), f';\r\n name="{words}"'),
    )
    for pattern, new in headers:
        content, times = re.subn(pattern + rb'"%s"' % stand_in.encode(), lambda m, n=new: m[1] + n.encode("ascii"), content)  # type: ignore[misc]
        assert times == 1, "the library writes this header in another way now"
    return content


def _continued(shown: str) -> list[str]:
    """A name longer than a line may be: there is no other way then."""
    whole, most = quote(shown, safe="", errors="replace"), 900
    pieces = re.findall(f"(?:%..|.){{1,{most // 3}}}", whole)
    return [f" filename*{n}*=" + ("" if n else "UTF-8''") + piece for n, piece in enumerate(pieces)]


def _encoded_words(text: str) -> list[str]:
    """UTF-8 in encoded words of at most 75 characters; none ends within a letter."""
    words, part = [], ""
    for c in safe.whole(text):
        if len((part + c).encode("utf-8")) > _WORD_BYTES:
            words.append(part)
            part = ""
        part += c
    return [f"=?utf-8?B?{base64.b64encode(w.encode('utf-8')).decode('ascii')}?=" for w in [*words, part]]


def faults(letter: Letter) -> list[Text]:
    """The letter as anybody reads it: one recipient, the headers meant and no others, the file under its name."""
    message = email.message_from_bytes(letter.content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    found = []
    to = [a.addr_spec for a in message["To"].addresses] if message["To"] else []
    if to != [letter.email]:
        found.append(Text(f"收件人成了 {to}", f"the recipients became {to}"))
    odd = sorted({name.lower() for name in message} - _HEADERS)
    if odd or any(len(message.get_all(name, [])) > 1 for name in message):
        found.append(Text(f"邮件头异常：{odd}", f"unexpected headers: {odd}"))
    if str(message["Message-ID"]) != letter.message or str(message["Subject"]) != letter.subject:
        found.append(Text("主题或邮件编号读回时不同", "subject or Message-ID read back differently"))
    names = [part.get_filename() for part in message.iter_attachments()]
    if names != ([letter.attachment] if letter.attachment else []):
        found.append(Text(f"附件名成了 {names}", f"the attachments became {names}"))
    return found


def addressed(content: bytes) -> tuple[list[str], str]:
    """To whom a letter goes, whatever header says so, and its Message-ID; nobody where it can't be told for certain."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    try:
        to = [a.addr_spec for name in _RECIPIENTS for field in message.get_all(name, []) for a in field.addresses]
        numbers = [str(field) for field in message.get_all("Message-ID", [])]
    except (AttributeError, ValueError, IndexError):  # the library's own parser raises on some garbage
        return [], ""
    return to, numbers[0] if len(numbers) == 1 else ""


def as_sent(content: bytes) -> bytes:
    """A draft as it goes to a server: no longer marked as unsent."""
    head, gap, rest = content.partition(b"\r\n\r\n")
    return (head + b"\r\n").replace(UNSENT, b"", 1)[:-2] + gap + rest


def digest(workbook: bytes) -> str:
    """What a workbook says, whenever it was made: its parts without their times."""
    try:
        with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
            parts = [(name, archive.read(name)) for name in sorted(archive.namelist()) if name not in _STAMPS]
    except zipfile.BadZipFile:
        parts = [("", workbook)]
    return _hash(*(f"{name}\0{hashlib.sha256(part).hexdigest()}" for name, part in parts))


def fields(company: str, year: int, version: str, common: Mapping[str, str], piece: Any, kind: str) -> dict[str, str]:
    """The values of a template's fields for one recipient; the piece's own may be named, too."""
    own = {name: safe.line(value) for name, value in piece.fields.items()}
    total = "" if piece.total is None else f"{piece.total:,.2f}"
    return own | {
        "name": safe.line(piece.name),
        "id": safe.line(piece.recipient),
        "period": piece.period,
        "total": own.get("total") or total,
        "kind": kind,
        "company": safe.line(company),
        "year": str(year),
        "version": safe.line(version),
        "attachment": safe.line(piece.filename),
        **common,
    }


def _address(name: str, address: str) -> Address:
    return Address(display_name=safe.line(_SPECIALS.sub(" ", name), 60), addr_spec=address)


def _encoding(text: str) -> str:
    return "quoted-printable" if text.isascii() else "base64"


def _page(words: Words, lang: str) -> str:
    """The body above the piece's own HTML, which may be a whole page or a part of one."""
    body = "".join(
        f"<p>{'<br>'.join(html.escape(row) for row in p.split(chr(10)))}</p>" for p in safe.lines(words.body).split("\n\n")
    )
    own = safe.whole(words.html).replace(PICTURE, _image(words))
    match = re.search(r"<body[^>]*>", own, re.IGNORECASE)
    if match:
        return own[: match.end()] + body + own[match.end() :]
    language = "en" if lang == "en" else "zh-CN"
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
        f"<body style=\"font-family:'Microsoft YaHei','PingFang SC',Arial,sans-serif;font-size:14px\">{body}{own}</body></html>"
    )


def _image(words: Words) -> str:
    """The picture where the piece has its place; nothing where there is none."""
    if words.picture is None:
        return ""
    look = "display:block;width:100%;max-width:560px;height:auto;margin:14px 0 0;background:#ffffff"
    return f'<img src="cid:{_CID}" alt="{html.escape(words.picture[1], quote=True)}" style="{look}">'


def _hash(*parts: str) -> str:
    whole = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        whole.update(len(raw).to_bytes(8, "big") + raw)
    return whole.hexdigest()
