"""Settle dealers: the quarters' rebates, paid or withheld, and the exit verdict, into the rebate ledger.

What was settled is never rewritten: corrections are adjustment rows, a rebate freed by a passed exam is a release row.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
from collections.abc import Collection, Iterable

from addin.action import Action, Outcome, Progress
from addin.book import Book
from udfs import policy
from udfs.text import Text, counted, joined, speaking
from udfs.values import total_of
from workbook_templates.answers import ERROR, WARNING, Problem, Refused
from workbook_templates.chapters.channels import settlement
from workbook_templates.chapters.channels.settlement import RebateTerms, Recomputed, quarter_end, quarter_of
from workbook_templates.chapters.incentives import ledger
from workbook_templates.tables.grids import Held
from workbook_templates.tables.schema import Row
from workbook_templates.tables.spec import QUARTER

_FEN = 0.005
_FACTS = ("Dealers", "DealerSales", "Exams")  # a row of these that can't be read leaves out its dealer


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument("--quarter", metavar="YYYY-Qn", help=str(Text("只结算某一季", "one quarter only")))


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Work out what the rebate ledger should say."""
    as_of = book.as_of or dt.date.today()
    quarter = checked_quarter(options.quarter, as_of)
    # A dealer or quarter that is gone from its Table is told by its own ledger row: an adjustment.
    facts, found = book.problems(*_FACTS), book.problems("DealerLedger", references=False)
    with contextlib.suppress(Refused):  # a missing column is among the problems already
        found += _tampered(book.read("DealerLedger"))
    if any(p.level == ERROR for p in found) or any(p.level == ERROR and not p.row for p in facts):
        return Outcome.refused([*facts, *found])
    left_out, sales, exams = _left_out(book, facts)
    found = [*facts, *found, *_worth_a_look(book, as_of, left_out)]
    progress(Text("计算返利", "Computing rebates"))
    held, terms = book.read("DealerLedger"), terms_of(book)
    with speaking(book.lang):  # reasons are cells
        try:
            wanted = settlement.due(sales, exams, as_of, terms)
        except ValueError as error:
            raise Refused(
                Text(f"返利算不出来，没有写入：{error}", f"the rebates can't be computed, nothing was written: {error}")
            ) from error
        progress(Text("与台账核对", "Comparing with the ledger"))
        today, first = policy.clock() or dt.date.today(), f"{book.year}-Q1" if book.year else ""
        result = settlement.settle(wanted, held.rows, today, as_of, quarter, terms.version, first, left_out)
    outcome = Outcome(_summary(result, held.rows, quarter), problems=found, notes=_notes(result, held.rows))
    outcome.data = {
        "accruals": sum(r["kind"] == "accrual" for r in result.added),
        "adjustments": len(result.adjustments),
        "releases": sum(r["kind"] == "release" for r in [*result.added, *result.edited.values()]),
        "dealers": _standing(_after(result, held.rows), wanted),
    }
    outcome.partial = any(p.level == ERROR for p in found)
    outcome.data["left_out"] = {dealer: str(why) for dealer, why in left_out.items()}
    outcome.notes = [
        *(Text(f"未结算：{who}：{why.zh}", f"left out: {who}: {why.en}") for who, why in left_out.items()),
        *outcome.notes,
    ]
    _put(outcome, held, result)
    return outcome


ACTION = Action(
    label=Text("结算渠道返利", "Settle dealers"),
    tip=Text(
        "按季计算返利、暂扣与退出结论；考试补过即补发",
        "Rebates by quarter, withheld or paid, and the exit verdict; a passed exam releases",
    ),
    about=Text(
        "把截止日期前已结束各季的返利写入“返利台账”：任一学院考试不及格的暂扣并写明原因；尚在“计算”状态的行重新计算，已审核、异议中、锁定、"
        "已发放的行保持不变，差额另记“调整”行，考试补过后另记“补发”行。",
        "Writes the rebates of the quarters over by the as-of date into the rebate ledger: withheld, with the reason, while a college's exam is not "
        "passed. Rows still “Computed” are computed anew; rows reviewed, disputed, locked or paid stay: a difference becomes an Adjustment row, a "
        "rebate freed by a passed exam a Release row.",
    ),
    group="incentives",
    order=40,
    icon="InternationalCurrency",
    keytip="D",
    run=run,
    guards=True,
    arguments=arguments,
    examples=Text(
        "示例：\n  salesplan dealers 计划.xlsx --quarter 2027-Q1", "examples:\n  salesplan dealers plan.xlsx --quarter 2027-Q1"
    ),
)


def checked_quarter(quarter: str | None, as_of: dt.date) -> str | None:
    """A quarter as the ledger writes it, and over."""
    if quarter is None:
        return None
    if not QUARTER.fullmatch(quarter):
        raise Refused(
            Text(
                f"“{quarter}”不是季度：请按 YYYY-Qn 填，如 2027-Q1", f"“{quarter}” is not a quarter: use YYYY-Qn, such as 2027-Q1"
            )
        )
    if quarter_end(quarter) > as_of:
        raise Refused(
            Text(
                f"{quarter} 在截止日期 {as_of} 还没有结束：到期后再结算，或改截止日期",
                f"{quarter} is not over on the as-of date {as_of}: settle it when it is, or change the date",
            )
        )
    return quarter


def terms_of(book: Book) -> RebateTerms:
    """The workbook's own rules."""
    return RebateTerms(
        book.setting("rebate.thresholds"),
        book.setting("rebate.rates"),
        book.setting("rebate.mode"),
        book.setting("rebate.pass_score"),
        book.setting("channels.targets"),
        book.setting("channels.exit_limit"),
        book.setting("channels.exit_quarters"),
        book.setting("channels.exit_basis"),
        str(book.first("plan_version") or ledger.VERSION),
    )


# -------------------------------------------------------------------------------------------------------- what is wrong


def _tampered(held: Held) -> list[Problem]:
    """A row whose parts no longer add up was changed by hand: nothing is built on it."""
    out = []
    for index, row in enumerate(held.rows):
        money = [row[k] for k in ("rebate", "paid", "withheld")]
        if all(isinstance(m, float) for m in money) and abs(total_of([money[0], -money[1], -money[2]])) >= _FEN:
            text = Text(
                f"应得 {money[0]:,.2f} ≠ 支付 {money[1]:,.2f} + 暂扣 {money[2]:,.2f}：台账不能手改，请从备份恢复",
                f"earned {money[0]:,.2f} is not paid {money[1]:,.2f} + withheld {money[2]:,.2f}: restore the ledger's row from a copy",
            )
            out.append(Problem(held.grid.sheet, *held.at(index, "rebate"), text))
    return out


def _left_out(book: Book, found: Iterable[Problem]) -> tuple[dict[str, Text], list[Row], list[Row]]:
    """The dealers a row that can't be read touches, with the reason; and the sales and exams of all others."""
    tables = {name: book.read(name) for name in _FACTS}
    places = {
        (held.grid.sheet, line): row["id" if name == "Dealers" else "dealer"]
        for name, held in tables.items()
        for line, row in zip(held.lines, held.rows, strict=True)
    }
    out: dict[str, Text] = {}
    bad = set()
    for problem in found:
        if problem.level == ERROR:
            bad.add((problem.sheet, problem.row))
            who = places.get((problem.sheet, problem.row))
            if who:
                out.setdefault(who, Text(f"{problem.sheet}!{problem.cell} ", f"{problem.sheet}!{problem.cell} ") + problem.text)
    rows = []
    for held in (tables["DealerSales"], tables["Exams"]):
        pairs = zip(held.lines, held.rows, strict=True)
        rows.append([row for line, row in pairs if row["dealer"] not in out and (held.grid.sheet, line) not in bad])
    return out, rows[0], rows[1]


def _worth_a_look(book: Book, as_of: dt.date, left_out: Collection[str]) -> list[Problem]:
    """Sales before a dealer signed up or after it left, quarters still to end, exams still to come: told, no reason to stop."""
    dealers = {row["id"]: row for row in book.read("Dealers").rows}
    sales, out = book.read("DealerSales"), []
    for index, row in enumerate(sales.rows):
        if row["dealer"] in left_out or row["dealer"] not in dealers:
            continue
        dealer = dealers[row["dealer"]]
        away = row["quarter"] < quarter_of(dealer["joined"]) or (dealer["left"] and row["quarter"] > quarter_of(dealer["left"]))
        if away:
            text = Text(
                f"{row['dealer']} {row['quarter']}：不在合作期内，返利照算：请核对",
                f"{row['dealer']} {row['quarter']}: no contract in that quarter; the rebate is computed: check it",
            )
            out.append(Problem(sales.grid.sheet, *sales.at(index, "quarter"), text, WARNING))
        elif quarter_end(row["quarter"]) > as_of:
            text = Text(
                f"{row['dealer']} {row['quarter']}：截止日期时未结束，不结算",
                f"{row['dealer']} {row['quarter']}: not over on the as-of date, not settled",
            )
            out.append(Problem(sales.grid.sheet, *sales.at(index, "quarter"), text, WARNING))
    return out


# ------------------------------------------------------------------------------------------------------ what comes of it


def _put(outcome: Outcome, held: Held, result: Recomputed) -> None:
    """Edits in place and new rows below; only where rows go are the others moved up."""
    if result.removed:
        outcome.changes.replaced["DealerLedger"] = _after(result, held.rows)
        return
    for place, row in result.edited.items():
        before = held.rows[place]
        outcome.changes.edit("DealerLedger", place, **{k: v for k, v in row.items() if before.get(k) != v})
    if result.added:
        outcome.changes.add("DealerLedger", result.added)


def _after(result: Recomputed, rows: list[Row]) -> list[Row]:
    """The ledger as it will be."""
    gone = set(result.removed)
    return [*(result.edited.get(i, row) for i, row in enumerate(rows) if i not in gone), *result.added]


def _sum(rows: list[Row], key: str) -> float:
    return total_of(row[key] for row in rows)


def _summary(result: Recomputed, rows: list[Row], quarter: str | None) -> Text:
    what = Text(f"{quarter} ", f"{quarter}: ") if quarter else Text("", "")
    if not (result.edited or result.removed or result.added):
        return what + Text(f"返利台账已是最新：{len(rows)} 行", f"the rebate ledger is up to date: {counted(len(rows), 'row')}")
    after = _after(result, rows)
    return what + Text(
        f"返利台账：新增 {len(result.added)} 行，重算 {len(result.edited)} 行，移除 {len(result.removed)} 行；"
        f"支付 {_sum(rows, 'paid'):,.2f} → {_sum(after, 'paid'):,.2f} 元，"
        f"暂扣 {_sum(rows, 'withheld'):,.2f} → {_sum(after, 'withheld'):,.2f} 元",
        f"rebate ledger: {counted(len(result.added), 'row')} added, {len(result.edited)} computed anew, {len(result.removed)} removed; "
        f"paid {_sum(rows, 'paid'):,.2f} → {_sum(after, 'paid'):,.2f} yuan, "
        f"withheld {_sum(rows, 'withheld'):,.2f} → {_sum(after, 'withheld'):,.2f} yuan",
    )


def _notes(result: Recomputed, rows: list[Row]) -> list[Text]:
    """Every line with a reason, in its own words; who is to leave; what went."""
    notes = []
    for row in [*result.added, *result.edited.values()]:
        who = f"{row['dealer']} {row['quarter']}"
        if row["reason"]:
            notes.append(Text(f"{who}：{row['reason']}", f"{who}: {row['reason']}"))
        if row["verdict"] == "exit":
            notes.append(Text(f"{who}：启动退出", f"{who}: exit to be started"))
    gone = [rows[i] for i in result.removed]
    if gone:
        zh, en = joined(dict.fromkeys(f"{r['dealer']} {r['quarter']}" for r in gone), most=5)
        notes.append(Text(f"移除未审核的行：{zh}", f"rows removed that nobody had reviewed: {en}"))
    return notes


def _standing(rows: list[Row], wanted: dict[settlement.Key, settlement.Due]) -> list[dict[str, object]]:
    """Each dealer: earned, paid, withheld in all, and the verdict of its last quarter."""
    last = {dealer: due for (_, dealer), due in sorted(wanted.items())}
    out: list[dict[str, object]] = []
    for dealer in sorted({row["dealer"] for row in rows}):
        own = [row for row in rows if row["dealer"] == dealer]
        money = {key: _sum(own, key) for key in ("rebate", "paid", "withheld")}
        out.append({"dealer": dealer, **money, "verdict": last[dealer].verdict if dealer in last else None})
    return out
