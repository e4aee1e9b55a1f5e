"""Documents beside the plan: put into its own folder, never over a file, and listed on Documents.

A document is the company's: it is written in the plan's language, whatever language the person at the terminal is told things in.
An action hands over how it is made; the file and its row are written with the rest of its outcome. Undo takes neither back: what lies in
the folder is there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from addin.action import Outcome
from addin.book import Book
from addin.performing import who_am_i
from udfs.text import Text, speaking
from workbook_templates.answers import Refused
from workbook_templates.documents import TABLE, Made, file_name, folder_name, is_file_name
from workbook_templates.tables.schema import Row
from workbook_templates.wordfile import Letterhead

_NO_DAY = Text("参数缺少截止日期：请填写", "the as-of date is missing on Settings: fill it in")


def folder_of(book: Book) -> Path:
    """Where a plan's documents lie."""
    plan = Path(book.identity)
    if not plan.is_file():
        raise Refused(
            Text(
                "计划还没有存到磁盘，文档没有地方放：请先保存工作簿",
                "the plan is on no disk yet, so there is no place for documents: save the workbook first",
            )
        )
    with speaking(book.lang):
        return plan.parent / folder_name(plan.stem)


def letterhead(book: Book) -> Letterhead:
    """Company, version, day and slogan of a plan."""
    if book.as_of is None:
        raise Refused(_NO_DAY)
    said = [str(book.first(name) or "") for name in ("company_name", "plan_version", "mail_slogan")]
    return Letterhead(said[0], said[1], book.as_of, said[2])


def keep(book: Book, outcome: Outcome, make: Callable[[Letterhead], Sequence[Made]]) -> list[Path]:
    """Have documents made, written and listed; returns where each lies. One that is there already, byte for byte, is neither.

    They are made here, so that each is in the plan's language: the file, its name, its row and the folder. A document that is listed
    but gone from the folder is written again under the name it had.
    """
    head = letterhead(book)
    with speaking(book.lang):
        return _kept(book, outcome, make(head), head.day)


def _kept(book: Book, outcome: Outcome, made: Sequence[Made], day: dt.date) -> list[Path]:
    folder = folder_of(book)
    listed = book.read(TABLE).rows
    taken = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    taken |= {str(row.get("file")) for row in listed} | {path.name for path in outcome.documents}
    number, out, rows = _last(listed), [], list[Row]()
    for one in made:
        known = _listed(listed, one)
        path = folder / (known or file_name(str(one.kind), one.object, day, one.ending, taken))
        out.append(path)
        if known is None:
            taken.add(path.name)
            number += 1
            rows.append({
                "id": f"D{number:05d}", "kind": str(one.kind), "object": one.object, "file": path.name, "sha256": one.sha256,
                "made_on": day, "by": who_am_i(),
            })  # fmt: skip
        if not path.exists():
            outcome.documents[path] = one.content
    outcome.lasting.add(TABLE, rows)
    return out


def _listed(rows: Sequence[Row], made: Made) -> str | None:
    """The name under which this content is listed for this object."""
    mine = (row for row in rows if row.get("sha256") == made.sha256 and row.get("object") == made.object)
    return next((str(row["file"]) for row in mine if is_file_name(row.get("file"))), None)


def _last(rows: Sequence[Row]) -> int:
    found = (re.fullmatch(r"D(\d+)", str(row.get("id") or "")) for row in rows)
    return max((int(match[1]) for match in found if match), default=0)
