"""Policy change: a value of the policy that holds from a day on; what was signed before keeps the value of its day."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence

from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from addin.changes import where
from addin.performing import who_am_i
from udfs.policy import POLICIES
from udfs.text import Text, joined
from udfs.values import text_to_date
from workbook_templates.answers import Problem, Refused
from workbook_templates.tables import policies
from workbook_templates.tables.grids import Held
from workbook_templates.tables.policies import Change
from workbook_templates.tables.schema import Row


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""

    def add(name: str, zh: str, en: str, **settings: object) -> None:
        parser.add_argument(name, help=str(Text(zh, en)), **settings)  # type: ignore[arg-type]

    add("--key", "哪个参数：键或名称，如 commission.rates、提成比例；可与 --value 成对重复", "which value: its key or label, such as commission.rates; repeatable in pairs with --value", action="append", default=[], metavar="KEY")  # fmt: skip
    add("--value", '新值，多项用 / 分隔，如 "4%% / 6%% / 9%%"', 'its value, several parts with /, such as "4%% / 6%% / 9%%"', action="append", default=[], metavar="VALUE")  # fmt: skip
    add("--valid-from", "从哪天起", "from which day on", metavar="YYYY-MM-DD")
    add("--by", "决定人，默认当前用户", "who decided, default the user", metavar="NAME")
    add("--reason", "原因", "why", metavar="TEXT")


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Enter the changes, all or none."""
    book.require_ours()
    held = book.read(policies.TABLE)
    keys, values = _many(options.key), _many(options.value)
    problems = _missing(options, keys, values)
    if problems:
        return Outcome.refused(problems)
    day = _day(options.valid_from)
    asked: list[Change] = []
    for key, value in zip(keys, values, strict=True):
        found = _change(key, value, day)
        (problems if isinstance(found, Problem) else asked).append(found)  # type: ignore[arg-type]
    if problems:
        return Outcome.refused(problems)
    new = [change for change in asked if not _there(book, held, change)]
    fits = policies.of_book(book, more=new)
    problems = [Problem("", 0, 0, fault.text) for fault in fits.faults if fault.row < 0]
    if problems:
        return Outcome.refused(problems)
    outcome = Outcome(_summary(asked, new, day), notes=_notes(book, asked, day))
    outcome.changes.add(policies.TABLE, [_row(change, options, book.lang) for change in new])
    return outcome


ACTION = Action(
    label=Text("登记制度变更", "Change policy"),
    tip=Text(
        "制度参数从某日起改用新值，以前的订单仍按当时的值", "A new value from a day on; older deals keep the value of their day"
    ),
    about=Text(
        "在“制度变更”登记参数、生效日期、新值、决定人和原因；“参数”的输入值不变，现行值从生效日起改变。已审核的行保持不变。",
        "Enters value, day, who decided and why on Policy changes; the inputs on Settings stay, what holds changes from that day. "
        "Rows that are reviewed stay as they are.",
    ),
    group="plan",
    order=45,
    icon="ReviewEditComment",
    keytip="K5",
    run=run,
    arguments=arguments,
    guards=True,
    asks={
        "key": Ask(
            Text("哪个参数：键或名称，如 commission.rates、提成比例", "Which value: its key or label, such as commission.rates")
        ),
        "valid_from": Ask(Text("从哪天起，如 2027-07-01", "From which day on, such as 2027-07-01")),
        "value": Ask(Text("新值，多项用 / 分隔，如 4% / 6% / 9%", "Its value, several parts with /, such as 4% / 6% / 9%")),
        "by": Ask(Text("决定人", "Who decided")),
        "reason": Ask(Text("原因", "Why")),
    },
    examples=Text(
        '示例：\n  salesplan policy 计划.xlsx --key commission.rates --value "4% / 6% / 9%" --valid-from 2027-07-01 --by 王总 --reason 年中调整',
        'examples:\n  salesplan policy plan.xlsx --key commission.rates --value "4% / 6% / 9%" --valid-from 2027-07-01 --by Wang --reason '
        "'mid-year change'",
    ),
)


def _many(said: str | Sequence[str]) -> list[str]:
    """What was asked for; a button asks for one."""
    return [said] if isinstance(said, str) else list(said)


def _missing(options: argparse.Namespace, keys: Sequence[str], values: Sequence[str]) -> list[Problem]:
    wanted = [
        (bool(keys), Text("哪个参数？请给出 --key", "which value? give --key")),
        (len(keys) == len(values), Text("--key 与 --value 要成对", "--key and --value come in pairs")),
        (bool(options.valid_from), Text("从哪天起？请给出 --valid-from", "from which day on? give --valid-from")),
        (bool((options.reason or "").strip()), Text("请写明原因：--reason", "say why: --reason")),
    ]
    return [Problem("", 0, 0, text) for given, text in wanted if not given]


def _day(said: str) -> dt.date:
    day = text_to_date(said)
    if day is None:
        raise Refused(Text(f"“{said}”不是日期：请填如 2027-07-01", f"“{said}” is no date: write it as 2027-07-01"))
    return day


def _change(said: str, value: str, day: dt.date) -> Change | Problem:
    key = policies.key_named(said)
    if key is None:
        return Problem("", 0, 0, policies.unknown_key(said))
    try:
        return Change(key, day, policies.read(POLICIES[key], value))
    except policies.NoSuchValue as fault:
        label = POLICIES[key].label
        return Problem("", 0, 0, Text(f"“{label.zh}”", f"“{label.en}” ") + fault.text)


def _there(book: Book, held: Held, change: Change) -> bool:
    """Whether it is on record; another value from the same day is refused, with its cell."""
    known = next((c for c in book.policies().changes(change.key) if c.day == change.day), None)
    if known is not None and known.value != change.value:
        label, at = POLICIES[change.key].label, where(held.grid.sheet, held.at(known.row, "value"))
        raise Refused(
            Text(
                f"“{label.zh}”从 {change.day} 起已登记另一个值（{at}）：请在那里改正",
                f"“{label.en}” has another value from {change.day} already ({at}): correct it there",
            )
        )
    return known is not None


def _row(change: Change, options: argparse.Namespace, lang: str) -> Row:
    said = policies.written(POLICIES[change.key], change.value, lang)
    who = (options.by or "").strip() or who_am_i()
    day = {"valid_from": change.day, "on": dt.date.today()}
    return {"key": change.key, "value": said, "by": who, "reason": options.reason.strip(), **day}


def _summary(asked: Sequence[Change], new: Sequence[Change], day: dt.date) -> Text:
    labels = [POLICIES[change.key].label for change in asked]
    zh, en = joined(labels)
    if not new:
        return Text(f"{zh}从 {day} 起的变更已登记", f"{en} from {day}: on record already")
    return Text(f"制度变更：{zh}从 {day} 起改用新值", f"policy change: {en} from {day}")


def _notes(book: Book, asked: Sequence[Change], day: dt.date) -> list[Text]:
    """That settled months keep what they have."""
    settled = [str(row["period"]) for row in book.optional("Ledger") if row["status"] != "computed" and row["period"]]
    last = max((month for month in settled if month >= f"{day:%Y-%m}"), default=None)
    if last is None:
        return []
    return [
        Text(
            f"{day:%Y-%m} 至 {last} 有已审核的对账单：已结的行保持原值；若会改价，“计算提成”会拒绝并列出差额，确要追溯用 --reprice",
            f"statements are reviewed from {day:%Y-%m} to {last}: settled rows keep what they have. Where it would re-price them "
            "Compute commissions refuses and says by how much; if it is to be retroactive: --reprice",
        )
    ]
