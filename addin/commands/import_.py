"""`salesplan import FILE PLAN.xlsx`, in either order: real rows into a plan, and a report of every row refused."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from addin.action import ATTENTION, DONE, FAILED
from addin.action_command import problem_lines, problems_as_json, report
from addin.actions import import_
from addin.command import Command
from addin.performing import perform
from addin.progress import steps
from udfs.text import Text, language
from workbook_templates.answers import Refused
from workbook_templates.tables.grids import language_of_file

if TYPE_CHECKING:
    from addin.action import Done
    from workbook_templates.answers import Problem
    from workbook_templates.intake.files import Source
    from workbook_templates.intake.importing import Imported, RefusedRow
    from workbook_templates.xlsx.package import Saved

MOST = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the action asks, and what a command line adds."""
    import_.ACTION.declare(parser)
    add = partial(_add, parser)
    add(
        "plan",
        "计划工作簿；与 FILE 谁先谁后都可以",
        "the planning workbook; it and FILE may stand in either order",
        metavar="PLAN.xlsx",
    )
    add("--dry-run", "只检查，不写入", "check only, write nothing", action="store_true")
    add("--no-backup", "不留备份", "keep no backup", action="store_true")
    add("--json", "输出 JSON", "print JSON", action="store_true")


def _add(parser: argparse.ArgumentParser, name: str, zh: str, en: str, **settings: Any) -> None:
    parser.add_argument(name, help=str(Text(zh, en)), **settings)


def run(options: argparse.Namespace) -> int:
    """Read, decide, write, report: the import action, with a report of its own."""
    from addin.book import FileBook
    from workbook_templates.xlsx.package import Saved

    import_.table_named(options.table)  # said before anything is read
    import_.renames(options.renames)
    _in_order(options)
    _check_paths(options)
    with steps(6) as step:
        done = perform(
            import_.ACTION, FileBook.open(options.plan), options, step, dry_run=options.dry_run, backup=not options.no_backup
        )
    if done.refused:  # what is settled is not as it was approved: nothing was read
        print(report(options, done))
        return FAILED
    source, planned = done.outcome.details
    outcome = planned.outcome
    saved = done.saved or Saved(Path(options.plan), False)
    if options.report:
        _write_report(options, [*outcome.refusals, *outcome.left])
    if options.json:
        print(_as_json(options, source, outcome, saved, done.outcome.problems))
    else:
        _print(options, source, outcome, saved, done)
    return ATTENTION if outcome.refused else DONE


COMMAND = Command(
    help=Text("把成交、客户、人员等数据导入计划", "bring deals, customers or people into a plan"),
    about=Text(
        "把 CSV 或 .xlsx 里的行导入计划工作簿：自动认编码（UTF-8、GB18030、UTF-16）、分隔符、中英文标题和标题所在行。\n"
        "每行要么整行导入，要么拒收并说明行号、列、原值、原因和改法。相同的行再导入一次不会重复。导入后全部公式随之更新，\n"
        "提成台账与账户由 salesplan commission 更新；留备份和变更记录。退出码：0 全部导入，1 有行被拒收，2 无法导入（什么都没有改）。",
        "Bring the rows of a CSV or .xlsx into a planning workbook. Encoding (UTF-8, GB18030, UTF-16), delimiter, Chinese or\n"
        "English headers and the row they are in are found. A row comes in as a whole or is rejected with its line, column,\n"
        "value, reason and remedy. The same rows once more change nothing. All formulas follow, ledger and accounts with salesplan\n"
        "commission; a backup and a line in the change log are kept. Exit code: 0 all in, 1 some rows rejected, 2 not possible, nothing "
        "changed.",
    ),
    arguments=arguments,
    run=run,
    examples=Text(
        "示例：\n"
        "  salesplan import 人员.xlsx 计划2027.xlsx --table People\n"
        "  salesplan import 成交.csv 计划2027.xlsx --dry-run --report 拒收.csv\n"
        '  salesplan import 导出.csv 计划2027.xlsx --map "业务员=主办工号" --map "备注="',
        "examples:\n"
        "  salesplan import people.xlsx plan2027.xlsx --table People\n"
        "  salesplan import deals.csv plan2027.xlsx --dry-run --report rejected.csv\n"
        '  salesplan import export.csv plan2027.xlsx --map "Sales rep=Seller ID" --map "Remarks="',
    ),
)


def _in_order(options: argparse.Namespace) -> None:
    """The plan may stand first, as with all other commands: what each file is tells them apart, and two plans are asked about; but of how
    sources are read one plan tells another, in the order written."""
    if not _is_plan(options.file):
        return
    if _is_plan(options.plan):
        if import_.table_named(options.table) == "Sources":
            return
        raise Refused(
            Text(f"“{Path(options.file).name}”和“{Path(options.plan).name}”都是计划，看不出导入到哪一个，没有写入：请把要导入的行另存为 CSV。",
                 f"“{Path(options.file).name}” and “{Path(options.plan).name}” are both plans, so it can't be told which one the rows go to; nothing "
                 "was written: save the rows as CSV.")
        )  # fmt: skip
    options.file, options.plan = options.plan, options.file


def _is_plan(path: str) -> bool:
    """Whether a file is a planning workbook of ours."""
    return language_of_file(path) is not None


def _check_paths(options: argparse.Namespace) -> None:
    """What can't be written is better known before the work than after it."""
    from workbook_templates.saving import check_writable

    if not options.dry_run:
        check_writable(options.plan)
    if options.report:
        check_writable(options.report)


# ---------------------------------------------------------------------------------------------------------------------- reports


def _print(options: argparse.Namespace, source: Source, outcome: Imported, saved: Saved, done: Done) -> None:
    for line in problem_lines(options, done.outcome.problems):
        print(line)
    for refusal in outcome.refusals[:MOST]:
        print(_line(refusal))
    if len(outcome.refusals) > MOST:
        print(_more(outcome.refusals))
    for note in outcome.notes:
        print(f"· {note}")
    if outcome.unused:
        names = " | ".join(outcome.unused[:20]) + (" …" if len(outcome.unused) > 20 else "")
        print(Text(f"· 没有用到的列：{names}", f"· columns not used: {names}"))
    print(_summary(options, source, outcome, done.written))
    if saved.backup:
        print(Text(f"备份：{saved.backup}", f"backup: {saved.backup}"))


def _more(refusals: list[RefusedRow]) -> str:
    """What the rest comes to: the commonest reasons and where to see all."""
    kinds = Counter(Text(f"{r.column}：", f"{r.column}: ") + r.reason for r in refusals)
    listed = [f"  {count:>7,} × {reason}" for reason, count in kinds.most_common(5)]
    left = len(refusals) - MOST
    head = Text(
        f"… 另有 {left:,} 条，用 --report 文件.csv 查看全部；最多的原因：",
        f"… {left:,} more; see them all with --report FILE.csv. The commonest:",
    )
    return "\n".join([str(head), *listed])


def _line(refusal: RefusedRow) -> Text:
    sheet = f"“{refusal.sheet}”" if refusal.sheet else ""
    where = Text(f"! {sheet}第 {refusal.line} 行", f"! {sheet + ' ' if sheet else ''}line {refusal.line}")
    column = f" {refusal.column}" if refusal.column else ""
    value = f" “{_cut(refusal.value)}”" if refusal.value else ""
    return where + column + value + Text("：", ": ") + refusal.reason


def _cut(value: str) -> str:
    return value if len(value) <= 40 else value[:39] + "…"


def _summary(options: argparse.Namespace, source: Source, outcome: Imported, written: bool) -> Text:
    done = Text("可导入", "can come in") if options.dry_run else Text("已导入", "imported")
    tail = Text("（试运行，没有写入）", " (dry run, nothing written)") if options.dry_run else Text("", "")
    if not written and not options.dry_run:
        tail = Text("，计划没有改动", "; the plan is unchanged")
    return (
        Text(
            "{file}（{how}）→ {table}：读取 {read:,} 行，{done} {rows:,}，已在计划中 {already:,}，拒收 {refused:,}",
            "{file} ({how}) → {table}: read {read:,}, {done} {rows:,}, already there {already:,}, rejected {refused:,}",
        ).format(
            file=source.path.name,
            how=source.how,
            table=outcome.spec.title,
            read=outcome.read,
            done=done,
            rows=len(outcome.rows),
            already=outcome.already,
            refused=outcome.refused,
        )
        + (Text(f"，更正 {len(outcome.updated):,}", f", corrected {len(outcome.updated):,}") if outcome.updated else Text("", ""))
        + tail
    )


def _as_json(options: argparse.Namespace, source: Source, outcome: Imported, saved: Saved, problems: Sequence[Problem]) -> str:
    return json.dumps(
        {
            "file": str(source.path),
            "read_as": str(source.how),
            "plan": options.plan,
            "table": outcome.spec.name,
            "header_line": outcome.header_line,
            "columns": outcome.matched,
            "unused": outcome.unused,
            "read": outcome.read,
            "imported": len(outcome.rows),
            "already_there": outcome.already,
            "refused": outcome.refused,
            "updated": len(outcome.updated),
            "added": {name: len(rows) for name, rows in outcome.added.items()},
            "problems": problems_as_json(problems),
            "notes": [str(note) for note in outcome.notes],
            "refusals": [_told(r) for r in outcome.refusals],
            "left_out": [_told(r) for r in outcome.left],
            "dry_run": options.dry_run,
            "written": bool(saved),
            "backup": str(saved.backup) if saved.backup else None,
        },
        ensure_ascii=False,
    )


def _told(row: RefusedRow) -> dict[str, Any]:
    where = {"sheet": row.sheet, "line": f"{row.sheet}!{row.line}"} if row.sheet else {"line": row.line}
    return {**where, "column": row.column, "value": row.value, "reason": str(row.reason)}


def _write_report(options: argparse.Namespace, refusals: list[RefusedRow]) -> None:
    from workbook_templates.transactions.report import write_rows

    headers = ["line", "column", "value", "reason"] if language() == "en" else ["行号", "列", "原值", "原因与改法"]
    rows = ((f"{r.sheet}!{r.line}" if r.sheet else r.line, r.column, r.value, str(r.reason)) for r in refusals)
    write_rows(options.report, headers, rows, options.plan, options.file)
