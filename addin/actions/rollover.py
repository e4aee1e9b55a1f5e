"""Roll over: next year's plan with people, customers, balances and what holds on; the plan of this year is not touched."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from addin import guarding
from addin.action import Action, Ask, Outcome, Progress
from addin.actions.next import state_of
from addin.book import Book
from udfs.text import Text, counted, joined
from udfs.values import total_of
from workbook_templates import next_year
from workbook_templates.answers import ERROR, Problem, Refused
from workbook_templates.chapters.incentives.cycle import exported
from workbook_templates.next_year import Balances
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Company, held_inside


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument("file", metavar="NEW.xlsx", help=str(Text("要新建的下一年计划 .xlsx", "the .xlsx of next year's plan")))


def beside(options: argparse.Namespace) -> Mapping[Path, str]:
    """The new plan's seal file: what was locked goes over with its seals."""
    return {guarding.beside_plan(Path(options.file)): ".json"}


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Look whether the year is done, and make the new plan."""
    year = _year(book)
    names = [spec.name for spec in next_year.tables(book.off) if book.grid(spec.name) is not None]
    found = book.problems(*names, references=False)
    if any(problem.level == ERROR for problem in found):
        return Outcome.refused(found)
    if problems := _open(book, year):
        return Outcome.refused(problems)
    progress(Text("生成下一年的计划", "Making next year's plan"))
    rows = {name: next_year.settled_only(name, book.read(name).rows) for name in names}
    held = {name: list(kept) for name, kept in rows.items() if kept}
    company = Company(
        str(book.first("company_name") or ""),
        year + 1,
        held_inside(dt.date.today(), year + 1),
        version=str(book.first("plan_version") or "V1.0"),
        rows=held,
        chapters=book.in_use,
    )
    cells = {name: book.named(name) for name in next_year.KEPT if book.locate(name) is not None}
    path = Path(options.file)
    files = {path: next_year.content(company, book.lang, cells)}
    if sealed := guarding.entries(book, options):
        files[guarding.beside_plan(path)] = exported.written(sealed)
    carried = next_year.balances(rows.get("Accounts", ()))
    outcome = Outcome(_summary(path, year + 1, held, carried), problems=found, files=files, notes=_notes(book, year + 1))
    outcome.opens = path
    outcome.data = {
        "year": year + 1,
        "rows": {name: len(kept) for name, kept in held.items()},
        "balances": {person: vars(one) for person, one in carried.items()},
    }
    return outcome


def _year(book: Book) -> int:
    """The plan's year; refused where the plan is none of ours or of another version."""
    if book.adoption is not None or book.year is None:
        raise Refused(
            Text(
                f"“{book.name}”不是销售计划工作簿，不能结转：用 salesplan new 新建下一年的计划",
                f"“{book.name}” is no plan this program made and can't be rolled over: make next year's with salesplan new",
            )
        )
    if book.first("program_version") != metadata.version("salesplan"):
        raise Refused(
            Text(
                "计划由旧版程序生成：先运行“升级计划”，再结转",
                "the plan is of an older version: run Upgrade plan first, then roll over",
            )
        )
    return book.year


def _open(book: Book, year: int) -> list[Problem]:
    """What of the year is not done yet, with its months or cell."""
    out = []
    if book.optional("Deals") or book.optional("Ledger"):  # a year of which nothing was sold has nothing to close
        months = next_year.open_months(book.optional("Ledger"), book.optional("Accounts"))
        if months:
            zh, en = joined(months)
            out.append(
                Text(
                    f"还有月份没有发放：{zh}：先审核、锁定并标记已发放，再结转",
                    f"months that are not paid: {en}: review, lock and mark them as paid first",
                )
            )
        if book.as_of is not None and book.as_of < dt.date(year, 12, 31):
            out.append(
                Text(
                    f"截止日期 {book.as_of} 还没到年底：在“参数”改为 {year}-12-31，再计算提成",
                    f"the as-of date {book.as_of} is before the end of the year: set it to {year}-12-31 on Settings, then compute commissions",
                )
            )
        elif not months and state_of(book, dt.date.today()).stale():
            out.append(Text("提成台账不是最新：先计算提成", "the ledger is out of date: compute commissions first"))
    return [Problem("", 0, 0, text) for text in out]


def _summary(path: Path, year: int, held: Mapping[str, list[schema.Row]], carried: Mapping[str, Balances]) -> Text:
    people, customers, deals = (len(held.get(name, ())) for name in ("People", "Customers", "Deals"))
    sums = [total_of(getattr(one, key) for one in carried.values()) for key in ("closing", "held", "draw_debt", "on_hold")]
    closing, waiting, debt, on_hold = (f"{one:,.2f}" for one in sums)
    return Text(
        f"已生成 {year} 年的计划 {path}：人员 {people} 人，客户 {customers} 家，成交 {deals} 单；"
        f"期末结转 {closing} 元，待发 {waiting} 元，预支欠款 {debt} 元，暂缓 {on_hold} 元",
        f"made the plan of {year}, {path}: {counted(people, 'person', 'people')}, {counted(customers, 'customer')}, {counted(deals, 'deal')}; "
        f"carried {closing} yuan, held {waiting}, draw debt {debt}, on hold {on_hold}",
    )


def _notes(book: Book, year: int) -> list[Text]:
    """What begins anew, and what is to be looked at first."""
    anew = [schema.table(name).title for name in ("Quotas", "Budget", "Pool") if schema.home_of(name).number not in book.off]
    return [
        Text("重新开始：", "begin anew: ") + joined(anew),
        Text(
            f"去年的成交、台账与账户一并带入，只用于退货、回款与比较，{year} 年的合计不计",
            f"last year's deals, ledger and accounts are in it for returns, cash and comparison; the sums of {year} leave them out",
        ),
    ]


ACTION = Action(
    label=Text("结转下年", "Roll over"),
    tip=Text(
        "生成下一年的计划：人员、客户、余额与仍有效的制度带过去",
        "Makes next year's plan: people, customers, balances and what holds on go over",
    ),
    about=Text(
        "新建一个文件；本年的计划不改动。还有月份没有发放时不结转，并说明是哪几个月。",
        "Makes a new file; this year's plan is not changed. While a month is not paid it refuses and names the months.",
    ),
    group="plan",
    order=15,
    icon="Schedule",
    keytip="Y",
    run=run,
    guards=True,
    writes={"file": ".xlsx"},
    beside=beside,
    arguments=arguments,
    asks={"file": Ask("save")},
    examples=Text(
        "示例：\n  salesplan rollover 计划2027.xlsx 计划2028.xlsx", "examples:\n  salesplan rollover plan2027.xlsx plan2028.xlsx"
    ),
)
