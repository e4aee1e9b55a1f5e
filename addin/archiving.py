"""What a month's archive holds, file by file, and how the folder comes to be: as a whole or not at all."""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from addin import guarding, printing, publishing
from addin.action import Progress
from addin.book import Book
from udfs.text import Text
from udfs.values import total_of
from workbook_templates.answers import Refused
from workbook_templates.mailed import Facts, Piece, figures, statement
from workbook_templates.mailed.words import clean, day, month_name, yuan
from workbook_templates.papers import office, paper, second_look
from workbook_templates.papers.paper import PaperTable, PlainPaper
from workbook_templates.tables import schema
from workbook_templates.tables.words import STATEMENTS

_LETTERS, _OURS, _AS_IT_IS = (
    Text("Typst（内嵌中文字体）", "Typst, Chinese font embedded"),
    Text("本程序", "this program"),
    Text("原样", "as it is"),
)


@dataclass(frozen=True)
class Filed:
    """A file of the archive: its name, what it is, what made it."""

    name: str
    what: Text
    by: Text
    content: bytes


# ------------------------------------------------------------------------------------------------------------------ files


def filed(
    book: Book, options: argparse.Namespace, facts: Facts, people: list[str], period: str, step: Progress
) -> Iterator[Filed]:
    """What goes in, one after the other."""
    step(Text("驾驶舱", "Cockpit"))
    yield Filed(
        f"{Text('驾驶舱', 'cockpit')}.html",
        Text("驾驶舱网页", "the cockpit's page"),
        _OURS,
        publishing.page(book).content,
    )
    if office.program() is not None and printing.views(book):
        content = printing.printed(book)
        by = second_look.producer(content) or "LibreOffice"
        what = Text("驾驶舱、五屏、各章视图、问题", "cockpit, screens, views, problems")
        yield Filed(f"{printing.LABEL}.pdf", what, Text(by, by), content)
    for count, id in enumerate(people, 1):
        step(Text(f"对账单 {count}/{len(people)}", f"statements {count}/{len(people)}"))
        piece = statement.KIND.make(facts, id, period)
        name = Path(piece.filename).with_suffix(".pdf").name
        label = STATEMENTS.label("statement")
        what = Text(f"{label.zh} {piece.recipient} {piece.name}", f"{label.en} {piece.recipient} {piece.name}")
        yield Filed(f"{label}/{name}", what, _LETTERS, _letter(facts, piece))
        yield Filed(f"{label}/{piece.filename}", what, _OURS, piece.workbook)  # every order and its working
    yield Filed(
        f"{Text('审批记录', 'approvals')}.pdf",
        Text("审批与状态", "approvals and states"),
        _LETTERS,
        _approvals(book, facts, people, period),
    )
    seal = guarding.path_of(book, options)
    if seal is not None and seal.exists():
        yield Filed(seal.name, Text("封签", "seals"), _AS_IT_IS, seal.read_bytes())


def _letter(facts: Facts, piece: Piece) -> bytes:
    """A statement as its mail says it."""
    lines = piece.text.splitlines()
    title, rest = next((line for line in lines if line.strip()), piece.name), lines[1:]
    return paper.as_pdf(
        PlainPaper(
            title,
            facts.company,
            f"{piece.recipient} {piece.name} · {piece.period}",
            rest,
            footer=f"{facts.company} · {facts.version}",
        ),
        facts.lang,
        facts.as_of,
    )


def _approvals(book: Book, facts: Facts, people: list[str], period: str) -> bytes:
    """Who did what when, and what each statement comes to."""
    spec = schema.TABLES["Approvals"]
    keys = ("number", "step", "who", "when", "people", "total", "paid", "note")
    rows = [
        [_said(row.get(key), spec[key].shown(row.get(key)), spec[key].kind) for key in keys]
        for row in book.optional("Approvals")
        if row.get("period") == period
    ]
    one = PaperTable([str(spec[key].header) for key in keys], rows, (1, 1.6, 1.8, 2.4, 1, 2, 2, 2), (0, 4, 5, 6))
    accounts = [(id, figures.account(facts, id, period)) for id in people]
    names = facts.once(figures.people)
    state = schema.TABLES["Accounts"]["statement"]
    lines = [
        [
            id,
            clean(names.get(id, {}).get("name")),
            str(state.shown(found["statement"])),
            yuan(figures.number(found["paid"])),
            yuan(figures.number(found["held"])),
        ]
        for id, found in accounts
    ]
    total = yuan(total_of(figures.number(found["paid"]) for _, found in accounts))
    lines.append([str(Text("合计", "Total")), "", "", total, ""])
    heads = [
        str(t)
        for t in (
            Text("工号", "ID"),
            Text("姓名", "Name"),
            Text("状态", "State"),
            Text("应发（元）", "Payable (yuan)"),
            Text("待发余额（元）", "Held (yuan)"),
        )
    ]
    two = PaperTable(heads, lines, (1, 2, 2, 2, 2), (3, 4))
    return paper.as_pdf(
        PlainPaper(
            f"{Text('审批与状态', 'Approvals and states')} {month_name(period)}",
            facts.company,
            f"{Text('截至', 'As of')} {day(facts.as_of)}",
            tables=[one, two],
        ),
        facts.lang,
        facts.as_of,
    )


def _said(cell: object, shown: object, kind: str) -> str:
    if isinstance(cell, float) and kind == "fen":
        return yuan(cell)
    if isinstance(cell, float) and kind == "int":
        return f"{cell:.0f}"
    return clean(shown)


def index(facts: Facts, period: str, files: list[Filed]) -> list[Filed]:
    """What is in the folder: to read, and for programs; each file by its fingerprint."""
    prints = [(file, hashlib.sha256(file.content).hexdigest()) for file in files]
    heads = [
        str(t)
        for t in (
            Text("文件", "File"),
            Text("内容", "What"),
            Text("由谁生成", "Made by"),
            Text("字节", "Bytes"),
            Text("SHA-256", "SHA-256"),
        )
    ]
    rows = [[file.name, str(file.what), str(file.by), str(len(file.content)), digest] for file, digest in prints]
    table = PaperTable(heads, [[*row[:4], row[4][:16]] for row in rows], (4, 4, 3, 1.4, 2.6), (3,))
    title = f"{Text('存档目录', 'Index of the archive')} {month_name(period)}"
    made = paper.as_pdf(
        PlainPaper(title, facts.company, f"{Text('截至', 'As of')} {day(facts.as_of)} · {facts.version}", tables=[table]),
        facts.lang,
        facts.as_of,
    )
    listed = io.StringIO(newline="")
    csv.writer(listed).writerows([heads, *rows])
    name, what = Text("目录", "index"), Text("目录", "index")
    return [
        Filed(f"{name}.pdf", what, _LETTERS, made),
        Filed(f"{name}.csv", what, _OURS, listed.getvalue().encode("utf-8-sig")),
    ]


def written(files: list[Filed], to: Path, mode: int | None) -> None:
    """The folder, whole or not at all; no more open than the plan."""
    folder = Path(tempfile.mkdtemp(prefix=f".{to.name}-", dir=to.resolve().parent))
    try:
        for file in files:
            path = folder / file.name
            path.parent.mkdir(exist_ok=True, mode=0o700)
            path.write_bytes(file.content)
            path.chmod(mode if mode is not None else 0o600)
        folder.rename(to)
    except OSError as error:
        raise Refused(Text(f"{to} 写不进去：{error.strerror}", f"{to} can't be written: {error.strerror}")) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
