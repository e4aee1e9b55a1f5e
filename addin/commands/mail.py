"""`salesplan mail PLAN`: compose, show, and after an explicit yes deliver."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from addin.action import ATTENTION, DONE, FAILED
from addin.actions import mail, send
from addin.actions.mail import outbox_of
from addin.command import Command, Stop
from addin.performing import perform
from addin.progress import steps
from udfs.text import Text

MOST = 60


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the two actions ask, and what a command line adds."""
    parser.add_argument("plan", metavar="PLAN.xlsx", help=str(Text("计划工作簿", "the planning workbook")))
    mail.ACTION.declare(parser)
    parser.add_argument("--draft", action="store_true", help=str(Text("只留草稿（默认）", "leave the drafts (default)")))
    send.way_arguments(parser)
    common_arguments(parser)


def common_arguments(parser: argparse.ArgumentParser) -> None:
    """What composing and sending have in common on a command line."""
    parser.add_argument("--yes", action="store_true", help=str(Text("不再询问，直接发送", "send without asking")))
    parser.add_argument(
        "--dry-run", action="store_true", help=str(Text("只预览，不写入、不发送", "preview only, write and send nothing"))
    )
    parser.add_argument("--no-backup", action="store_true", help=str(Text("不留备份", "keep no backup")))
    parser.add_argument("--json", action="store_true", help=str(Text("输出 JSON", "print JSON")))


def run(options: argparse.Namespace) -> int:
    """Compose, preview, ask, deliver."""
    from addin.book import FileBook

    if options.draft and (options.smtp or options.outlook):
        raise Stop(Text("--draft 与 --smtp、--outlook 不能同时用", "--draft goes with neither --smtp nor --outlook"))
    wanted = bool(options.smtp or options.outlook)
    if wanted:  # a missing password is better known before the work than after it
        send.way_of(options, "x@example.invalid").close()
    with steps(8) as step:
        done = perform(
            mail.ACTION, FileBook.open(options.plan), options, step, dry_run=options.dry_run, backup=not options.no_backup
        )
    report: dict[str, Any] = {"file": options.plan, "ok": not done.refused, "dry_run": options.dry_run, **_told(done)}
    if not options.json:
        _show(done, options.dry_run)
    if done.refused:
        return _end(options, report, FAILED)
    if not wanted or options.dry_run:
        return _end(options, report, ATTENTION if done.outcome.data["before"] else DONE)
    sent = deliver(options, backup=False)
    report["delivery"] = sent.outcome.data if sent is not None else None
    return _end(options, report, max(exit_code(sent), ATTENTION if done.outcome.data["before"] else DONE))


COMMAND = Command(
    help=Text("生成草稿并（确认后）发送对账单等邮件", "draft statements and other mails, send them after a yes"),
    about=Text(
        "为每位收件人生成工作簿和 .eml 草稿，放入发件箱文件夹，列出预览；有任何问题就一封也不写。\n"
        "默认只留草稿。--smtp 或 --outlook 在确认后逐封交付：同一封不发送两次，中断后再运行会接着做，\n"
        "送达不明的不会自动重发。退出码：0 完成，1 有未发送或需查看的，2 没能做。",
        "Make each recipient's workbook and .eml draft, put them into the outbox folder and list them; with any problem "
        "nothing is\n"
        "written. Drafts are all by default. --smtp or --outlook deliver after a yes: nothing goes twice, an interrupted run "
        "goes on\n"
        "when run again, what perhaps arrived is not repeated by itself. Exit code: 0 done, 1 some need a look, 2 not possible.",
    ),
    arguments=arguments,
    run=run,
    examples=mail.ACTION.examples,
)


def deliver(options: argparse.Namespace, backup: bool) -> Any:
    """Send what the outbox list shows, after a yes; None where there was none."""
    from addin.book import FileBook

    agreed: list[bool] = []

    def confirm(what: Text) -> bool:
        agreed.append(options.yes or _asked(what, options.json))
        return agreed[-1]

    book = FileBook.open(options.plan)
    options.outbox = str(outbox_of(book, options.outbox))
    with steps(send.ready_of(outbox_of(book, options.outbox)) + 4) as step:
        done = perform(send.ACTION, book, options, step, dry_run=options.dry_run, backup=backup, confirm=confirm)
    if not options.json:
        for problem in done.outcome.problems:
            print(f"· {problem.sheet}!{problem.cell}  {problem.text}")
        for note in done.outcome.notes:
            print(f"· {note}")
        print(
            done.sentence
            if done.written or not agreed
            else Text("没有发送，草稿还在发件箱里", "not sent; the drafts stay in the outbox")
        )
    return done if done.written or not agreed else None


def _asked(what: Text, quiet: bool) -> bool:
    """A yes at the terminal; where nobody sits there is none."""
    if quiet or not sys.stdin.isatty():
        print(Text("无法确认：直接发送请加 --yes", "Can't ask here: add --yes to send without asking"), file=sys.stderr)
        return False
    return input(f"{what} [y/N] ").strip().lower() in ("y", "yes", "是", "好")


def exit_code(done: Any) -> int:
    if done is None:
        return ATTENTION
    data = done.outcome.data
    return ATTENTION if any(data.get(k) for k in ("refused", "uncertain", "left", "stopped")) or done.outcome.problems else DONE


def _told(done: Any) -> dict[str, Any]:
    problems = [{"sheet": p.sheet, "cell": p.cell, "level": p.level, "text": str(p.text)} for p in done.outcome.problems]
    return {"summary": str(done.sentence), "written": done.written, "problems": problems, **done.outcome.data}


def _show(done: Any, dry_run: bool) -> None:
    """The preview: who gets what."""
    for problem in done.outcome.problems[:MOST]:
        where = f"{problem.sheet}!{problem.cell}  " if problem.cell else ""
        print(f"{'!' if problem.level == 'error' else '·'} {where}{problem.text}")
    letters = done.outcome.details or []
    for one in letters[:MOST]:
        total = "" if one.total is None else f"{one.total:,.2f}"
        print(f"  {one.recipient}  {one.email}  {one.subject}  {total}  {one.attachment}  {max(1, len(one.content) // 1024)} KB")
    if len(letters) > MOST:
        more = len(letters) - MOST
        print(Text(f"  … 另有 {more} 封，见“待发邮件”页", f"  … {more} more, see the Outbox sheet"))
    print(done.sentence if not dry_run else done.sentence + Text("（试运行，没有写入）", " (dry run, nothing written)"))


def _end(options: argparse.Namespace, report: dict[str, Any], code: int) -> int:
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
    return code
