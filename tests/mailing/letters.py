"""Letters for tests of delivery: real workbooks, real mails, an outbox on disk."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

from addin.mailing import compose
from addin.mailing.compose import Attachment, Heading, Letter, Words
from addin.mailing.outbox import Entry, Journal

HEADING = Heading(
    "星桥|2027",
    "starbridge.example",
    "post@starbridge.example",
    "星桥 HR",
    "zh",
    dt.datetime(2027, 4, 5, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=8))),
)


def workbook(name: str, total: float) -> bytes:
    book = Workbook()
    book.active["A1"], book.active["B1"] = name, total
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def letter(number: int, **more: object) -> Letter:
    """A statement of the person with this number."""
    name, total = f"员工{number:03}", 1000.5 + number
    content = workbook(name, total)
    words = {
        "kind": "statement", "recipient": f"P{number:03}", "name": name, "email": f"p{number:03}@starbridge.example",
        "period": "2027-03", "subject": f"2027-03 对账单：{name}", "body": f"{name}，您好：\n合计 {total:,.2f} 元", "total": total,
    } | more  # fmt: skip
    attached = Attachment(f"对账单-{name}.xlsx", content, compose.digest(content))
    return compose.letter(HEADING, Words(**words), attached)  # type: ignore[arg-type]


def outbox_with(folder: Path, letters: Sequence[Letter]) -> list[Entry]:
    with Journal(folder) as journal:
        journal.put(letters)
        return [journal.entries[one.message] for one in letters]
