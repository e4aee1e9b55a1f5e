"""An attachment's name in the raw bytes, read by the standard library and, apart from it, by the RFCs' own rules."""

from __future__ import annotations

import base64
import email
import email.policy
import io
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin.mailing import addresses, compose, safe
from addin.mailing.addresses import BadAddress
from addin.mailing.compose import Attachment, Letter, Words
from tests.mailing.letters import HEADING, letter, outbox_with, workbook
from tests.mailing.post import Post
from tests.mailing.test_smtp import sent, way
from udfs.text import speaking
from workbook_templates.documents import PICTURE
from workbook_templates.webpage import drawings

WORKBOOK = workbook("x", 1.0)
NAMES = [
    "对账单-员工001.xlsx",
    "2027年第三季度华东大区经销商返利与提成对账单-杭州市余杭区良渚街道某某科技有限公司-终稿修订版.xlsx",
    "statement.xlsx",
    "a very long name in plain letters that a mail program would have to fold more than once " * 2 + ".xlsx",
    'quotes "and" back\\slashes; filename=x.exe.xlsx',
    "100% 'of' it*.xlsx",
    "=?utf-8?B?eA==?=.xlsx",
    "𠮷野家 résumé 𝒳.xlsx",
    "é" * 150 + ".xlsx",
]


def named(name: str) -> Letter:
    words = Words("statement", "P1", "林", "p001@starbridge.example", "2027-03", "s", "b")
    return compose.letter(HEADING, words, Attachment(name, WORKBOOK, "d"))


def header(one: Letter, name: str) -> str:
    """A header of the attachment as it stands, unfolded by no library."""
    (found,) = re.findall(rb"(?m)^%s: ((?:application|attachment)[^\r\n]*(?:\r\n[ \t][^\r\n]*)*)" % name.encode(), one.content)
    return str(found.decode("ascii"))


def by_rfc_2231(text: str) -> str:
    (value,) = re.findall(r"filename\*=([^;\s]*)$", text)
    charset, language, coded = value.split("'", 2)
    assert (charset, language) == ("UTF-8", "") and re.fullmatch(r"(?:[A-Za-z0-9!#$&+.^_`|~-]|%[0-9A-F]{2})*", coded)
    return unquote(coded, "utf-8", "strict")


def by_rfc_2047(text: str) -> str:
    (value,) = re.findall(r'(?s)name="(.*)"$', text)
    words = value.split("\r\n ")
    assert all(len(w) <= 75 for w in words) and all(len(line) <= 76 for line in text.split("\r\n")[1:])
    parts = [re.fullmatch(r"=\?utf-8\?B\?([A-Za-z0-9+/=]*)\?=", w) for w in words]
    return "".join(base64.b64decode(p[1], validate=True).decode("utf-8", "strict") for p in parts if p)  # each whole by itself


def by_the_library(one: Letter) -> str:
    (part,) = email.message_from_bytes(one.content, policy=email.policy.default).iter_attachments()  # type: ignore[attr-defined]
    assert part.get_payload(decode=True) == WORKBOOK
    return str(part.get_filename())


@pytest.mark.parametrize("name", NAMES)
def test_every_program_finds_the_name(name: str) -> None:
    one = named(name)
    assert by_the_library(one) == name and not compose.faults(one)
    disposition, kind = header(one, "Content-Disposition"), header(one, "Content-Type")
    assert "*0" not in one.content.decode("ascii") and max(map(len, one.content.split(b"\r\n"))) <= 998
    if name.isascii() and "=?" not in name:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        assert disposition == f'attachment;\r\n filename="{quoted}"' and kind.endswith(f';\r\n name="{quoted}"')
    else:
        assert by_rfc_2231(disposition) == name == by_rfc_2047(kind)


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_name_that_a_file_may_have_arrives(text: str) -> None:
    name = safe.file_name(text, ".xlsx")
    one = named(name)
    assert by_the_library(one) == name
    if not name.isascii() or "=?" in name:
        assert by_rfc_2231(header(one, "Content-Disposition")) == name == by_rfc_2047(header(one, "Content-Type"))


@pytest.mark.parametrize(
    "name", ["x\r\nBcc: thief@evil.example.xlsx", "x\x00.xlsx", 'x"\r\n\r\nbody.xlsx', "\x7f.xlsx", "\ud800.xlsx"]
)
def test_no_name_becomes_a_header(name: str) -> None:
    one = named(name)
    part = one.content.partition(b"Content-Disposition")[2].partition(b"\r\n\r\n")[0]
    assert b"\r\nBcc" not in one.content and b"\x00" not in one.content
    assert {line.partition(b":")[0] for line in part.split(b"\r\n") if line[:1].isalpha()} == {b"MIME-Version", b"Content-Type"}


def test_only_a_name_too_long_for_a_line_is_continued() -> None:
    name = "字" * 400 + ".xlsx"
    one = named(name)
    assert by_the_library(one) == name and max(map(len, one.content.split(b"\r\n"))) <= 998
    pieces = re.findall(r"filename\*(\d+)\*=(?:UTF-8'')?([^;\s]*)", header(one, "Content-Disposition"))
    assert [int(n) for n, _ in pieces] == list(range(len(pieces))) and len(pieces) > 1
    assert unquote("".join(p for _, p in pieces)) == name


def test_the_name_arrives_by_mail(tmp_path: Path, post: Post) -> None:
    outbox_with(tmp_path, [letter(1)])
    sent(tmp_path, way(post))
    (got,) = post.got
    assert [part.get_filename() for part in got.message.iter_attachments()] == ["对账单-员工001.xlsx"]
    assert got.workbook.read(2) == b"PK" and isinstance(got.workbook, io.BytesIO)


@pytest.mark.parametrize("mark", "%!|")
def test_an_address_that_names_another_way_is_refused(mark: str) -> None:
    for local in (f"a{mark}evil.example", f"{mark}a", f"a{mark}", f"x.{mark}.y"):
        with pytest.raises(BadAddress) as caught:
            addresses.checked(f"{local}@starbridge.example")
        assert f"“{mark}”" in caught.value.text.zh and f"“{mark}”" in caught.value.text.en
    assert addresses.checked("lin+a&b_c/d@starbridge.example") == "lin+a&b_c/d@starbridge.example"


def test_a_mails_picture_stands_in_its_page_and_is_no_file() -> None:
    """One PNG beside the HTML that names it, seen by who opens the mail and told to who can't; page and picture stay under 102 KB."""
    rows = [(f"{month}月", 35e6 * month, 33e6 * month if month < 7 else None) for month in range(1, 13)]
    with speaking("zh"):
        png = drawings.png("cd_months", ("", "累计计划", "累计签单"), rows)
    page = f"<p>甲</p>{PICTURE}<p>乙</p>"
    told = 'a "told" <text>'
    made = compose.letter(
        HEADING,
        Words("cockpit", "P1", "林", "p001@starbridge.example", "2027-03", "s", "b", html=page, picture=(png, told)),
        Attachment("a.xlsx", WORKBOOK, "d"),
    )
    bare = compose.letter(
        HEADING,
        Words("cockpit", "P1", "林", "p001@starbridge.example", "2027-03", "s", "b", html=page),
        Attachment("a.xlsx", WORKBOOK, "d"),
    )
    assert compose.faults(made) == [] == compose.faults(bare)
    message = email.message_from_bytes(made.content, policy=email.policy.default)
    (image,) = (part for part in message.walk() if part.get_content_type() == "image/png")
    body = message.get_body(("html",))
    assert body is not None and image.get_content() == png and image.get_filename() is None and png.startswith(b"\x89PNG")
    said = body.get_content()
    assert (
        f"cid:{image['Content-ID'].strip('<>')}" in said
        and 'alt="a &quot;told&quot; &lt;text&gt;"' in said
        and PICTURE not in said
    )
    assert len(said.encode()) + len(png) < 102_000
    assert b"<img" not in bare.content and PICTURE.encode() not in bare.content
    assert made.message == bare.message  # whoever draws it: the same mail goes once
