"""Hostile text in every place it can reach: headers, file names, addresses.

The list is the issue's, and what each has done elsewhere.
"""

from __future__ import annotations

import dataclasses
import email
import email.policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin.mailing import addresses, compose, safe
from addin.mailing.addresses import BadAddress, Domains
from tests.mailing.letters import HEADING, letter, outbox_with

HOSTILE = [
    '=HYPERLINK("http://evil.example","x")',
    "+cmd|' /C calc'!A0",
    "a\r\nBcc: all@evil.example",
    "a\nContent-Type: text/html\n\n<script>",
    "a\x00b\x0bc\x85d\u2028e",
    "../../etc/passwd",
    "..\\..\\windows\\system32",
    "C:\\con",
    "NUL",
    "com1.xlsx",
    "LPT¹",
    "x" * 300,
    "名" * 300,
    "😀👨‍👩‍👧",
    "gnp\u202exslx.exe",
    "\u200fعربي",
    "name. . .",
    "...",
    "~$lock",
    "-rf",
    'a/b:c*d?e"f<g>h|i',
    "\ud800 lone",
    '"Boss" <boss@evil.example>, x',
    "=?utf-8?q?=42cc=3A?=",
    "{name} {0.__class__}",
    "<img src=x onerror=alert(1)>",
    "",
    "   ",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_file_name_is_one_name_on_every_system(text: str, tmp_path: Path) -> None:
    name = safe.file_name(text, ".xlsx")
    assert name.endswith(".xlsx") and len(name.encode()) <= 130 and not set(name) & set('<>:"/\\|?*')
    stem = name.removesuffix(".xlsx")
    assert stem == stem.strip() and stem[0] not in ".-~=+@" and not stem.endswith(".")
    assert stem.split(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT1", "LPT¹"}
    assert all(c.isprintable() or c == "\u200d" for c in name) and "\u202e" not in name
    (tmp_path / name).write_bytes(b"")
    assert [p.name for p in tmp_path.iterdir()] == [name]


@given(st.text(max_size=400))
def test_any_text_gives_a_file_name_and_a_line(text: str) -> None:
    name, line = safe.file_name(text, ".eml"), safe.line(text)
    assert name.encode("utf-8") and len(name.encode()) <= 130 and "/" not in name and "\\" not in name
    line.encode("utf-8")
    assert len(line) <= 200 and line == line.strip() and len(line.splitlines()) <= 1
    assert safe.line(line) == line


@pytest.mark.parametrize("language", ["commission statement ", "提成单 ", "=? ", "nospaces"])
def test_a_subject_of_any_length_reads_back_as_it_was_meant(language: str) -> None:
    for length in range(1, 240, 3):
        one = letter(1, subject=(language * 240)[:length])
        assert compose.faults(one) == [], length
        assert b"\r\nSubject: " in one.content


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("where", ["name", "subject", "body", "text", "html", "recipient", "period"])
def test_a_mail_says_what_it_should_whatever_a_cell_holds(text: str, where: str, tmp_path: Path) -> None:
    one = letter(1, **{where: text})
    assert compose.faults(one) == []
    message = email.message_from_bytes(one.content, policy=email.policy.default)
    assert [a.addr_spec for a in message["To"].addresses] == ["p001@starbridge.example"] and message["Bcc"] is None
    assert [p.get_content_type() for p in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain", "text/html", one.content and "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ]  # fmt: skip
    head = one.content.partition(b"\r\n\r\n")[0]
    assert head.isascii() and all(len(line) <= 998 for line in head.split(b"\r\n")) and b"\n" not in head.replace(b"\r\n", b"")
    if where == "body":
        page = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
        assert "<img" not in page and "<script" not in page
    (entry,) = outbox_with(tmp_path / "out", [one])
    assert sorted(p.name for p in (tmp_path / "out").glob("*.eml")) == [entry.file] and not (tmp_path / "etc").exists()


def test_a_file_name_of_an_attachment_reads_back_in_both_places() -> None:
    one = letter(1)
    message = email.message_from_bytes(one.content, policy=email.policy.default)
    (part,) = message.iter_attachments()  # type: ignore[attr-defined]
    assert part.get_filename() == "对账单-员工001.xlsx" == part.get_param("name")
    assert b"filename*=UTF-8''" in one.content.replace(b"\r\n", b"")


def test_the_same_letter_is_the_same_mail_and_another_is_another() -> None:
    one = letter(1)
    assert letter(1) == one and letter(1).content == one.content
    later = dataclasses.replace(HEADING, date=HEADING.date.replace(day=6))
    for changed in (letter(2), letter(1, subject="x"), letter(1, body="x"), letter(1, period="2027-04"), letter(1, kind="team")):
        assert changed.message != one.message
    assert compose.letter(later, _words(), None).message == compose.letter(HEADING, _words(), None).message


def _words() -> compose.Words:
    return compose.Words("statement", "P001", "x", "p@starbridge.example", "2027-03", "s", "b")


def test_a_workbooks_digest_does_not_know_when_it_was_made() -> None:
    import io

    from openpyxl import Workbook

    digests = set()
    for year in (2020, 2027):
        book = Workbook()
        book.active["A1"] = 5
        book.properties.modified = book.properties.created = HEADING.date.replace(year=year, tzinfo=None)
        made = io.BytesIO()
        book.save(made)
        digests.add(compose.digest(made.getvalue()))
    assert len(digests) == 1


# -------------------------------------------------------------------------------------------------------------- addresses

COMPANY = Domains.parse("starbridge.example，*.dealer.example; 星桥.example")


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("Lin@Starbridge.example", "Lin@starbridge.example"),
        (" a.b+c@starbridge.example ", "a.b+c@starbridge.example"),
        ("x@north.dealer.example", "x@north.dealer.example"),
        ("x@a.b.dealer.example", "x@a.b.dealer.example"),
        ("x@星桥.example", "x@xn--kivo4c.example"),
        ("x@xn--kivo4c.example", "x@xn--kivo4c.example"),
    ],
)
def test_an_address_in_an_allowed_domain(address: str, sent: str) -> None:
    assert addresses.first_problem(address, COMPANY, [address]) == (sent, None)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "@starbridge.example",
        "x@",
        "x@localhost",
        "x@127.0.0.1",
        "x@[127.0.0.1]",
        "x@evil.example",
        "x@notstarbridge.example",
        "x@starbridge.example.evil.example",
        "x@sub.starbridge.example",
        "x@dealer.example",
        "x@notdealer.example",
        "x@evil.example@starbridge.example",
        "a@starbridge.example,b@evil.example",
        "a@starbridge.example b@evil.example",
        "a@evil.example;b@starbridge.example",
        "Boss <x@starbridge.example>",
        '"x"@starbridge.example',
        "x@starbridge.example.",
        "x..y@starbridge.example",
        ".x@starbridge.example",
        "x@starbridge.example\r\nBcc: y@evil.example",
        "x@starbridge.example\x00",
        "x@star\u200bbridge.example",
        "x@\u202eelpmaxe.egdirbrats",
        "x@stаrbridge.example",  # a Cyrillic а
        "x@ѕtаrbrіdgе.example",
        "x@ｓtarbridge.example",
        "x@starbridge。example",
        "林@starbridge.example",
        "x@" + "a" * 64 + ".example",
        "a" * 65 + "@starbridge.example",
        "x@-starbridge.example",
        "x@starbridge_.example",
        "x%evil.example@",
        "x@starbridge.example/../",
        "=x@evil.example",
    ],
)
def test_any_other_address_gets_nothing(address: str) -> None:
    found, wrong = addresses.first_problem(address, COMPANY, [address])
    assert found == "" and wrong is not None and wrong.zh and wrong.en


def test_an_address_must_be_the_persons_own() -> None:
    assert addresses.first_problem("x@starbridge.example", COMPANY, ["y@starbridge.example", "bad"])[1] is not None
    assert addresses.first_problem("x@starbridge.example", COMPANY, ["X@STARBRIDGE.example"])[1] is None


@pytest.mark.parametrize(
    "text", ["example", "a b.c d", "stаrbridge.example", "*.", "*", "http://x.example", "x@y@z.example", "1.2.3.4"]
)
def test_a_bad_domain_among_the_allowed_is_told(text: str) -> None:
    with pytest.raises(BadAddress):
        Domains.parse(text)


def test_no_domain_allows_nothing() -> None:
    assert not Domains.parse(" , ") and not Domains.parse("").allow("x@starbridge.example")
