"""`salesplan import FILE PLAN.xlsx`: real rows into a plan, and a report of every row refused."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from addin.cli import ATTENTION, DONE, Stop
from addin.progress import steps
from udfs.text import Text, language

if TYPE_CHECKING:
    from workbook_templates.importing import Outcome, Refusal
    from workbook_templates.package import Saved
    from workbook_templates.reading import Source

HELP = Text("把成交、客户、人员等数据导入计划", "bring deals, customers or people into a plan")
ABOUT = Text(
    "把 CSV 或 .xlsx 里的行导入计划工作簿：自动认编码（UTF-8、GB18030、UTF-16）、分隔符、中英文标题和标题所在行。\n"
    "每行要么整行导入，要么拒绝并说明行号、列、原值、原因和改法。相同的行再导入一次不会重复。导入后提成台账和全部\n"
    "结果同时更新，并留备份和变更记录。退出码：0 全部导入，1 有行被拒绝，2 无法导入（什么都没有改）。",
    "Bring the rows of a CSV or .xlsx into a planning workbook. Encoding (UTF-8, GB18030, UTF-16), delimiter, Chinese or\n"
    "English headers and the row they stand in are found. A row comes in as a whole or is refused with its line, column,\n"
    "value, reason and remedy. The same rows once more change nothing. The commission ledger and all results follow; a\n"
    "backup and a line in the change log are kept. Exit code: 0 all in, 1 some rows refused, 2 not possible, nothing changed.",
)
EXAMPLES = Text(
    "示例：\n"
    "  salesplan import 人员.xlsx 计划2027.xlsx --table People\n"
    "  salesplan import 成交.csv 计划2027.xlsx --dry-run --report 拒绝.csv\n"
    '  salesplan import 导出.csv 计划2027.xlsx --map "业务员=主办工号" --map "备注="',
    "examples:\n"
    "  salesplan import people.xlsx plan2027.xlsx --table People\n"
    "  salesplan import deals.csv plan2027.xlsx --dry-run --report refused.csv\n"
    '  salesplan import export.csv plan2027.xlsx --map "Sales rep=Seller ID" --map "Remarks="',
)
MOST = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = partial(_add, parser)
    add("file", "要导入的 CSV 或 .xlsx", "the CSV or .xlsx with the rows", metavar="FILE")
    add("plan", "计划工作簿", "the planning workbook", metavar="PLAN.xlsx")
    add("--table", "导入到哪个表：Deals（默认）、People、Customers……", "into which Table: Deals (default), People, Customers …", default="Deals", metavar="TABLE")  # fmt: skip
    add("--sheet", "读哪个工作表，默认第一个", "which sheet to read, default the first")
    add("--encoding", "文字编码，默认自动识别", "encoding of the text, found by itself unless given", metavar="ENC")
    add("--map", "“文件的列=我们的列”；等号后留空则不导入该列；可重复", '"their header=our column"; nothing after = leaves it out; repeatable', action="append", default=[], dest="renames", metavar="THEIRS=OURS")  # fmt: skip
    add("--add-people", "未登记的主办自动加入人员表", "add sellers that the plan does not know to People", action="store_true")
    add("--dry-run", "只检查，不写入", "check only, write nothing", action="store_true")
    add("--report", "把全部拒绝原因写入此 CSV", "write every refusal to this CSV", metavar="REFUSED.csv")
    add("--no-backup", "不留备份", "keep no backup", action="store_true")
    add("--json", "输出 JSON", "print JSON", action="store_true")


def _add(parser: argparse.ArgumentParser, name: str, zh: str, en: str, **settings: Any) -> None:
    parser.add_argument(name, help=str(Text(zh, en)), **settings)


def run(options: argparse.Namespace) -> int:
    """Read, decide, write, report."""
    from workbook_templates import importing, intake, reading, recalc, schema
    from workbook_templates.package import Package, Saved

    spec = schema.table(_table(options.table))
    wishes = importing.Wishes(
        _renames(options.renames), frozenset({"Customers", "People"} if options.add_people else {"Customers"})
    )
    _check_paths(options)
    saved = Saved(Path(options.plan), False)
    with steps(6) as step:
        step(Text("读取文件", "Reading the file"))
        source = reading.read(options.file, partial(importing.headers_matched, spec), options.sheet, options.encoding)
        step(Text("读取计划", "Reading the plan"))
        package = Package.open(options.plan)
        step(Text("逐行核对", "Checking the rows"))
        planned = intake.plan_intake(package, source, spec.name, wishes)
        if planned.outcome.rows and not options.dry_run:
            step(Text("写入行", "Writing the rows"))
            intake.write(package, planned, source.path.name)
            step(Text("计算公式", "Computing the formulas"))
            recalc.recalculate(package)
            step(Text("保存", "Saving"))
            saved = package.save(backup=not options.no_backup)
    outcome = planned.outcome
    if options.report:
        _write_report(Path(options.report), outcome.refusals)
    if options.json:
        print(_as_json(options, source, outcome, saved))
    else:
        _print(options, source, outcome, saved)
    return ATTENTION if outcome.refused else DONE


def _check_paths(options: argparse.Namespace) -> None:
    """What can't be written is better known before the work than after it."""
    from workbook_templates.saving import check_writable

    if not options.dry_run:
        check_writable(options.plan)
    if options.report:
        check_writable(options.report)
        if Path(options.report).resolve() in (Path(options.plan).resolve(), Path(options.file).resolve()):
            raise Stop(Text("--report 不能覆盖数据文件或计划", "--report must not overwrite the data or the plan"))


def _table(name: str) -> str:
    """A Table by its name in any case, or by its title."""
    from workbook_templates import intake, reading, schema

    names = intake.importable()
    for known in names:
        if name.strip().casefold() in {known.casefold(), *(t.casefold() for t in schema.table(known).title)}:
            return known
    guess = reading.near(name, names)
    raise Stop(
        Text(
            f"不能导入到表“{name}”" + (f"，是否想用 {guess[0]}？" if guess else "") + f"可用：{'、'.join(names)}",
            f"rows can't be brought into “{name}”"
            + (f"; did you mean {guess[0]}?" if guess else ".")
            + f" There are: {', '.join(names)}",
        )
    )


def _renames(pairs: list[str]) -> dict[str, str]:
    out = {}
    for pair in pairs:
        theirs, equals, ours = pair.rpartition("=")
        if not equals or not theirs.strip():
            raise Stop(
                Text(
                    f"--map “{pair}” 的写法须是 “文件的列=我们的列”", f"--map “{pair}” must be written “their header=our column”"
                )
            )
        out[theirs] = ours
    return out


# ---------------------------------------------------------------------------------------------------------------------- reports


def _print(options: argparse.Namespace, source: Source, outcome: Outcome, saved: Saved) -> None:
    for refusal in outcome.refusals[:MOST]:
        print(_line(refusal))
    if len(outcome.refusals) > MOST:
        print(_more(outcome.refusals))
    for note in outcome.notes:
        print(f"· {note}")
    if outcome.unused:
        names = " | ".join(outcome.unused[:20]) + (" …" if len(outcome.unused) > 20 else "")
        print(Text(f"· 没有用到的列：{names}", f"· columns not used: {names}"))
    print(_summary(options, source, outcome))
    if saved.backup:
        print(Text(f"备份：{saved.backup}", f"backup: {saved.backup}"))


def _more(refusals: list[Refusal]) -> str:
    """What the rest comes to: the commonest reasons and where to see all."""
    kinds = Counter(Text(f"{r.column}：", f"{r.column}: ") + r.reason for r in refusals)
    listed = [f"  {count:>7,} × {reason}" for reason, count in kinds.most_common(5)]
    left = len(refusals) - MOST
    head = Text(f"… 另有 {left:,} 条，用 --report 文件.csv 查看全部；最多的原因：", f"… {left:,} more; see them all with --report FILE.csv. The commonest:")  # fmt: skip
    return "\n".join([str(head), *listed])


def _line(refusal: Refusal) -> Text:
    where = Text(f"! 第 {refusal.line} 行", f"! line {refusal.line}")
    column = f" {refusal.column}" if refusal.column else ""
    value = f" “{_cut(refusal.value)}”" if refusal.value else ""
    return where + column + value + Text("：", ": ") + refusal.reason


def _cut(value: str) -> str:
    return value if len(value) <= 40 else value[:39] + "…"


def _summary(options: argparse.Namespace, source: Source, outcome: Outcome) -> Text:
    done = Text("可导入", "can come in") if options.dry_run else Text("已导入", "imported")
    tail = Text("（试运行，没有写入）", " (dry run, nothing written)") if options.dry_run else Text("", "")
    if not outcome.rows and not options.dry_run:
        tail = Text("，计划没有改动", "; the plan is unchanged")
    return (
        Text(
            "{file}（{how}）→ {table}：读取 {read:,} 行，{done} {rows:,}，已在计划中 {already:,}，拒绝 {refused:,}",
            "{file} ({how}) → {table}: read {read:,}, {done} {rows:,}, already there {already:,}, refused {refused:,}",
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
        + tail
    )


def _as_json(options: argparse.Namespace, source: Source, outcome: Outcome, saved: Saved) -> str:
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
            "added": {name: len(rows) for name, rows in outcome.added.items()},
            "notes": [str(note) for note in outcome.notes],
            "refusals": [
                {"line": r.line, "column": r.column, "value": r.value, "reason": str(r.reason)} for r in outcome.refusals
            ],
            "dry_run": options.dry_run,
            "written": bool(saved),
            "backup": str(saved.backup) if saved.backup else None,
        },
        ensure_ascii=False,
    )


def _write_report(path: Path, refusals: list[Refusal]) -> None:
    """A CSV for Excel: with a byte order mark, and no value that Excel would take for a formula."""
    from workbook_templates.saving import atomic_write

    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["line", "column", "value", "reason"] if language() == "en" else ["行号", "列", "原值", "原因与改法"])
    writer.writerows([r.line, _inert(r.column), _inert(r.value), _inert(str(r.reason))] for r in refusals)
    atomic_write(path, out.getvalue().encode("utf-8-sig", errors="replace"))


def _inert(text: str) -> str:
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
