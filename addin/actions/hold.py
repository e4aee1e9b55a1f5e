"""Hold: what is payable to somebody, or of one deal, waits; it is paid in full in the first month after."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from addin.cycling import checked_period
from addin.performing import who_am_i
from udfs.text import Text
from workbook_templates.answers import ERROR, Problem, Refused, offered
from workbook_templates.intake.parsing import fold
from workbook_templates.tables.schema import Row

TABLE = "Holds"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""

    def add(name: str, zh: str, en: str, **settings: object) -> None:
        parser.add_argument(name, help=str(Text(zh, en)), **settings)  # type: ignore[arg-type]

    add("--person", "工号；只给 --deal 则此单的所有人", "whose pay; --deal alone: everybody's of that deal", metavar="ID")
    add("--deal", "只暂缓这一单，默认全部应发", "this deal only, default everything payable", metavar="ID")
    add("--from", "从哪个月起", "the first month", metavar="YYYY-MM", dest="first")
    add("--until", "到哪个月止（含）；只给它则结束现有的暂缓", "the last month, included; alone it ends the hold there is", metavar="YYYY-MM")  # fmt: skip
    add("--reason", "原因", "why", metavar="TEXT")
    add("--by", "决定人，默认当前用户", "who decided, default the user", metavar="NAME")


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Enter a hold or end one."""
    book.require_ours()
    found = book.problems(TABLE, "People", references=False)
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    first, until = checked_period(options.first), checked_period(options.until)
    person, deal, problems = _named(book, options)
    if first is None and until is None:
        problems.append(
            _say("从哪个月起？请给出 --from；结束暂缓请给出 --until", "from which month? give --from; to end a hold --until")
        )
    if first and until and until < first:
        problems.append(_say(f"截止月 {until} 早于起始月 {first}", f"ends in {until}, before it begins in {first}"))
    if first and not (options.reason or "").strip():
        problems.append(_say("请写明原因：--reason", "say why: --reason"))
    if problems:
        return Outcome.refused(problems)
    rows = book.read(TABLE).rows
    mine = [
        i
        for i, row in enumerate(rows)
        if fold(row["person"] or "") == fold(person) and fold(row["deal"] or "") == fold(deal or "")
    ]
    outcome = _ended(rows, mine, until or "") if first is None else _begun(options, rows, mine, person, deal, first, until)
    outcome.notes += _settled(book, person, deal, first or until or "")
    return outcome


ACTION = Action(
    label=Text("登记暂缓", "Hold pay"),
    tip=Text(
        "暂缓发放某人或某单的应发，期满后的第一个月一并发放",
        "Pay of a person or a deal waits; it is paid in the first month after",
    ),
    about=Text(
        "在“暂缓发放”登记工号、起止月、原因和决定人；下次计算提成时应发转入暂缓，已审核的月份不变。",
        "Enters who, from which month, why and who decided on Holds; computing commissions then puts what is payable on hold. Reviewed "
        "months stay.",
    ),
    group="incentives",
    order=9,
    icon="Pushpin",
    keytip="K9",
    run=run,
    arguments=arguments,
    guards=True,
    asks={
        "person": Ask(Text("工号", "Whose pay (ID)")),
        "first": Ask(Text("从哪个月起，如 2027-06", "The first month, such as 2027-06")),
        "reason": Ask(Text("原因", "Why")),
        "by": Ask(Text("决定人", "Who decided")),
    },
    examples=Text(
        "示例：\n  salesplan hold 计划.xlsx --person P007 --from 2027-06 --reason 离职交接 --by 周敏\n"
        "  salesplan hold 计划.xlsx --person P007 --until 2027-08",
        "examples:\n  salesplan hold plan.xlsx --person P007 --from 2027-06 --reason handover --by Zhou\n"
        "  salesplan hold plan.xlsx --person P007 --until 2027-08",
    ),
)


def _say(zh: str, en: str) -> Problem:
    return Problem("", 0, 0, Text(zh, en))


def _named(book: Book, options: argparse.Namespace) -> tuple[str, str | None, list[Problem]]:
    """The person and the deal as the plan writes them."""
    problems: list[Problem] = []
    if not options.person and not options.deal:
        return "", None, [_say("谁？请给出 --person，或用 --deal 给出订单", "whose pay? give --person, or a deal with --deal")]
    person = _known(book, "People", options.person, problems) if options.person else None
    deal = _known(book, "Deals", options.deal, problems) if options.deal else None
    return person or "", deal, problems


def _known(book: Book, table: str, asked: str, problems: list[Problem]) -> str | None:
    ids = {fold(row["id"]): str(row["id"]) for row in book.read(table).rows if row["id"]}
    found = ids.get(fold(asked.strip()))
    if found is None:
        title = book.read(table).spec.title
        text = Text(f"“{asked}”不在“{title.zh}”中", f"“{asked}” is not in {title.en}") + offered(asked, ids.values())
        problems.append(Problem("", 0, 0, text))
    return found


def _ended(rows: Sequence[Row], mine: Sequence[int], until: str) -> Outcome:
    """The latest hold ends with a month."""
    if not mine:
        raise Refused(Text("没有可结束的暂缓：请核对工号与单号", "there is no hold to end: check person and deal"))
    last = max(mine, key=lambda i: str(rows[i]["from"]))
    row = rows[last]
    if until < str(row["from"]):
        raise Refused(
            Text(f"暂缓从 {row['from']} 起，不能在 {until} 结束", f"the hold begins in {row['from']}, it can't end in {until}")
        )
    whose = row["person"] or row["deal"]
    outcome = Outcome(Text(f"{whose} 的暂缓到 {until} 止", f"the hold of {whose} ends with {until}"))
    if row["until"] != until:
        outcome.changes.edit(TABLE, last, until=until)
    return outcome


def _begun(
    options: argparse.Namespace,
    rows: Sequence[Row],
    mine: Sequence[int],
    person: str,
    deal: str | None,
    first: str,
    until: str | None,
) -> Outcome:
    what = Text(f"{person}{f'（{deal}）' if deal else ''}", f"{person}{f' ({deal})' if deal else ''}")
    if not person:
        what = Text(f"{deal}（所有人）", f"{deal} (everybody)")
    row = next((rows[i] for i in mine if rows[i]["from"] == first), None)
    if row is not None and (until is None or row["until"] == until):
        return Outcome(what + Text(f" 从 {first} 起的暂缓已登记", f": a hold from {first} is on record already"))
    overlapping = [rows[i] for i in mine if not rows[i]["until"] or str(rows[i]["until"]) >= first]
    overlapping = [r for r in overlapping if not until or str(r["from"]) <= until]
    if overlapping:
        there = overlapping[0]
        raise Refused(
            what
            + Text(
                f" 从 {there['from']} 到 {there['until'] or '今'} 已在暂缓：要改截止月请只给 --until",
                f" is on hold from {there['from']} to {there['until'] or 'now'}: to change the end give --until alone",
            )
        )
    who = (options.by or "").strip() or who_am_i()
    new = {"person": person or None, "deal": deal, "from": first, "until": until, "reason": options.reason.strip(), "by": who}
    zh, en = (f"到 {until} 止", f" to {until}") if until else ("起", " on")
    outcome = Outcome(what + Text(f" 从 {first} {zh}暂缓发放", f" is on hold from {first}{en}"))
    outcome.changes.add(TABLE, [new])
    return outcome


def _settled(book: Book, person: str, deal: str | None, month: str) -> list[Text]:
    """That what is reviewed stays as it is."""
    last: dict[str, str] = {}
    for row in book.optional("Ledger"):
        whose = row["person"] == person if person else row["deal"] == deal
        if whose and row["status"] != "computed" and str(row["period"]) >= month:
            last[str(row["person"])] = max(last.get(str(row["person"]), ""), str(row["period"]))
    return [
        Text(
            f"{who} 的对账单已审核到 {period}：这些月份不变，从下一个未审核的月份起生效",
            f"{who}'s statements are reviewed up to {period}: those months stay, it takes effect with the next one",
        )
        for who, period in sorted(last.items())
    ]
