"""Make a contract: its text by ticks as a Word file, what is still open, whose signatures stand; a changed text voids them."""

from __future__ import annotations

import argparse
from typing import Any

from addin import documents
from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from addin.dispatching import barred, day_of
from udfs.text import SEMICOLON, Text, joined, speaking
from workbook_templates.answers import ERROR, WARNING, Problem, Refused, offered
from workbook_templates.chapters.risk import contract_file
from workbook_templates.chapters.risk.contracts import ContractState, state_of
from workbook_templates.chapters.risk.words import ACTIVE, CONTRACT, ENDED, REVIEW
from workbook_templates.intake.parsing import fold
from workbook_templates.tables import gates
from workbook_templates.tables.duties import Day
from workbook_templates.tables.schema import Row

TABLE = "Contracts"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument(
        "--contract",
        metavar="ID",
        default=None,
        help=str(
            Text("生成这份合同的 Word 文件；不给则只核对全部", "make this contract's Word file; without it all are looked at")
        ),
    )
    parser.add_argument(
        "--activate",
        action="store_true",
        help=str(Text("并置为生效：不齐就拒绝", "and put it in force; refused while something is open")),
    )


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Look at every contract; make the file of the one asked for."""
    found = book.problems(TABLE, "ContractClauses", "ClauseLibrary", "Signatures", "People")
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    outcome, day = Outcome(Text("", ""), problems=found), day_of(book)
    rows = book.read(TABLE).rows
    states = {index: state_of(day, row) for index, row in enumerate(rows) if row.get("id") and row.get("status") != ENDED}
    void = sum(_look(book, day, outcome, index, rows[index], state) for index, state in states.items())
    _stamp(book, outcome, {rows[index]["id"]: rows[index].get("digest") or state.digest for index, state in states.items()})
    open_ = sum(bool(state.problems) for state in states.values())
    outcome.summary = _summary(len(states), open_, void)
    outcome.data = {"contracts": len(states), "open": open_, "void": void}
    if options.contract:
        return _make(book, day, outcome, rows, states, options)
    if options.activate:
        raise Refused(Text("置为生效请给出 --contract", "say which contract with --contract"))
    return outcome


def _look(book: Book, day: Day, outcome: Outcome, index: int, row: Row, state: ContractState) -> bool:
    """Write down what is found; a contract in force whose text changed goes back to review. Whether it did."""
    moved = row.get("status") == ACTIVE and row.get("digest") not in (None, state.digest)
    with speaking(book.lang):  # a cell
        told = str(joined(state.problems, between=SEMICOLON))
    written: dict[str, Any] = {"major": "yes" if state.major else "no", "digest": state.digest, "problems": told or None}
    if moved or (row.get("status") == REVIEW and not row.get("sent_on")):
        written["sent_on"] = day.as_of  # the age of a review counts from the day it began, or began anew
    if any(row.get(key) != cell for key, cell in written.items()):
        outcome.changes.edit(TABLE, index, **written)
    if moved:
        held = book.read(TABLE)
        outcome.changes.edit(TABLE, index, status=REVIEW)
        text = Text(
            f"{row['id']} 生效后文本已改：退回会审，签字作废",
            f"{row['id']} changed after it came into force: back to review, signatures void",
        )
        outcome.problems.append(Problem(held.grid.sheet, *held.at(index, "status"), text, WARNING))
    return moved


def _stamp(book: Book, outcome: Outcome, shown: dict[str, str]) -> None:
    """A new signature stands for the text as it was last looked at, which is the one that was there to be signed."""
    for index, row in enumerate(book.read("Signatures").rows):
        if row.get("contract") in shown and row.get("verdict") and not row.get("digest"):
            outcome.changes.edit("Signatures", index, digest=shown[row["contract"]])


def _make(
    book: Book, day: Day, outcome: Outcome, rows: list[Row], states: dict[int, ContractState], options: argparse.Namespace
) -> Outcome:
    index = next((i for i in states if fold(rows[i]["id"]) == fold(options.contract.strip())), None)
    if index is None:
        ids = [str(row["id"]) for row in rows if row.get("id")]
        raise Refused(
            Text(f"没有未终止的合同“{options.contract}”", f"there is no open contract “{options.contract}”")
            + offered(options.contract, ids)
        )
    row, state = rows[index], states[index]
    outcome.notes += gates.unseen(day, gates.Moment.CONTRACT, str(row["id"]))
    if options.activate:
        why = gates.refusals(day, gates.Moment.CONTRACT, str(row["id"]))  # all that is in the way at once
        if why:
            head = Text(f"{row['id']} 不能生效：", f"{row['id']} can't come into force: ")
            return barred(book.read(TABLE), index, "status", head, why)
        outcome.changes.edit(TABLE, index, status=ACTIVE)
    customer = next((c for c in day.rows("Customers") if c.get("id") == row.get("customer")), {})
    buyer = str(customer.get("name") or row.get("customer"))
    (path,) = documents.keep(book, outcome, lambda head: [contract_file.document(row, state, buyer, head)])
    if row.get("file") != path.name:
        outcome.changes.edit(TABLE, index, file=path.name)
    said = Text(f"{row['id']} 已生成 {path.name}", f"{row['id']}: {path.name}")
    if options.activate:
        said += Text("，已生效", ", in force")
    elif state.problems:
        said += Text(
            f"；还差 {len(state.problems)} 项：{state.problems[0].zh}",
            f"; still open: {len(state.problems)}, first {state.problems[0].en}",
        )
    outcome.summary = said
    outcome.data |= {"file": str(path), "problems": [str(p) for p in state.problems], "major": state.major}
    return outcome


def _summary(count: int, open_: int, void: int) -> Text:
    if not count:
        return Text("没有合同：请在“合同”填写", "there is no contract: enter one on Contracts")
    head = Text(f"合同 {count} 份，{open_} 份还有未办", f"contracts: {count}, with something open: {open_}")
    return head + (Text(f"；文本改动退回会审 {void} 份", f"; changed and back in review: {void}") if void else Text("", ""))


ACTION = Action(
    label=CONTRACT,
    tip=Text(
        "按勾选的条款生成 Word 合同与风险表，核对三方会签是否对应现在的文本",
        "A Word contract with its risks by the clauses ticked; whether three signatures stand for the text as it is",
    ),
    about=Text(
        "写入重大、未办事项与校验码，新签字记下校验码；文本改过的退回会审。Word 文件放进文档文件夹。",
        "Writes major, what is open and the checksum, which new signatures are tied to; a changed text goes back to review. The file goes into the documents folder.",
    ),
    group="risk",
    order=20,
    icon="FileNew",
    keytip="OK",
    run=run,
    guards=False,
    arguments=arguments,
    asks={"contract": Ask(Text("哪份合同（编号）", "Which contract (ID)"))},
    examples=Text(
        "示例：\n  salesplan contract 计划.xlsx --contract HT001\n  salesplan contract 计划.xlsx --contract HT001 --activate",
        "examples:\n  salesplan contract plan.xlsx --contract HT001\n  salesplan contract plan.xlsx --contract HT001 --activate",
    ),
)
