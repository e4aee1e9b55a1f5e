"""Compose mail: a draft for each recipient in the outbox folder, and the list of them to be looked at. Nothing is sent."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

from addin import cycling
from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book, FileBook
from addin.cycling import checked_period
from addin.mailing import credentials, letters, outbox, records
from addin.mailing.compose import Letter
from addin.mailing.letters import MailWishes, Prepared
from addin.mailing.outbox import Journal
from addin.performing import who_am_i
from udfs.text import Text, counted
from workbook_templates import mailed
from workbook_templates.answers import ERROR, Refused
from workbook_templates.mailed import Facts
from workbook_templates.saving import beside
from workbook_templates.tables.schema import TABLES


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""

    def add(name: str, zh: str, en: str, **settings: object) -> None:
        parser.add_argument(name, help=str(Text(zh, en)), **settings)  # type: ignore[arg-type]

    add("--what", "发送什么（默认 statement）", "what to send (default statement)", default="statement", metavar="KIND")
    add("--period", "月份", "the month", metavar="YYYY-MM", default=None)
    add(
        "--to",
        "只发送给：编号，或 team:编号（其团队）；可重复、可用逗号",
        "only to: IDs, or team:ID for all below; repeatable, commas",
        action="append",
        default=[],
        metavar="ID",
    )
    outbox_argument(parser)
    add("--again", "已发送过的也再发送", "also what went before", action="store_true")
    add("--changed", "已发送过但内容有变的也再发送", "also what went before and changed since", action="store_true")
    add("--password-from",
        "给附件加密，密码来自 file:文件.csv、env:前缀 或 keyring:服务名",
        "lock the attachments with passwords from file:PATH.csv, env:PREFIX or keyring:SERVICE", metavar="SOURCE")  # fmt: skip


def outbox_argument(parser: argparse.ArgumentParser) -> None:
    """The folder both mail actions work on."""
    about = Text("发件箱文件夹（默认：计划旁的 outbox-计划名）", "outbox folder (default: outbox-PLAN beside the plan)")
    parser.add_argument("--outbox", default=None, metavar="DIR", help=str(about))


def outbox_of(book: Book, chosen: str | None) -> Path:
    """The outbox folder of a plan."""
    if chosen:
        return Path(chosen)
    path = Path(book.identity)
    if not isinstance(book, FileBook) and not path.is_absolute():
        raise Refused(Text("请先保存工作簿：发件箱放在它旁边", "save the workbook first: the outbox lies beside it"))
    return beside(path.with_suffix(""), "outbox-")


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Compose all in memory; with a problem anywhere nothing is written."""
    from addin.facts import facts

    book.require_ours()
    kinds = mailed.every()
    if options.what not in kinds:
        raise Refused(
            Text(f"--what “{options.what}”：可用 {'、'.join(kinds)}", f"--what “{options.what}”: one of {', '.join(kinds)}")
        )
    period = checked_period(options.period)
    if not period:
        raise Refused(Text("请给出期间，如 --period 2027-03", "say which month, such as --period 2027-03"))
    found = book.problems(*_needed(book), references=False)
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    password = credentials.file_passwords(options.password_from) if options.password_from else None
    to = tuple(word.strip() for part in options.to for word in part.split(",") if word.strip())
    wishes = MailWishes(options.what, period, to, options.again, options.changed, password)
    folder, read = outbox_of(book, options.outbox), facts(book)
    before = [*records.logged(book), *outbox.all_entries(records.plan_key(book), folder)]
    plan = records.plan_key(book)
    now = dt.datetime.now().astimezone().replace(microsecond=0)
    prepared = letters.prepare(book, read, plan, kinds[options.what], wishes, before, progress, now)
    if prepared.errors:
        refused = Outcome.refused(prepared.problems)
        refused.data = {"kind": options.what, "period": period, "composed": 0}
        return refused
    return _outcome(book, read, wishes, folder, prepared)


ACTION = Action(
    label=Text("生成邮件草稿", "Draft mails"),
    tip=Text(
        "为每位收件人生成工作簿和邮件草稿，放入发件箱文件夹供核对",
        "Makes each recipient's workbook and mail draft and puts them into the outbox folder to be looked at",
    ),
    about=Text(
        "在发件箱文件夹里为每位收件人写一个 .eml 草稿，并在“待发邮件”页列出；一封也不发送。",
        "Writes an .eml draft for each recipient into the outbox folder and lists them on the Outbox sheet; nothing is sent.",
    ),
    group="mail",
    order=10,
    icon="NewMailMessage",
    keytip="X",
    run=run,
    guards=True,
    arguments=arguments,
    asks={
        "what": Ask(
            Text(
                "发送什么：statement（提成对账单）、team（团队汇总）、dealer（返利对账单）、cockpit（驾驶舱）",
                "What: statement, team, dealer or cockpit",
            )
        ),
        "period": cycling.PERIOD,
    },
    examples=Text(
        "示例：\n"
        "  salesplan mail 计划.xlsx --period 2027-03\n"
        "  salesplan mail 计划.xlsx --what team --period 2027-03 --to P002\n"
        "  salesplan mail 计划.xlsx --period 2027-03 --smtp smtp.example.com",
        "examples:\n"
        "  salesplan mail plan.xlsx --period 2027-03\n"
        "  salesplan mail plan.xlsx --what team --period 2027-03 --to P002\n"
        "  salesplan mail plan.xlsx --period 2027-03 --smtp smtp.example.com",
    ),
)


def _needed(book: Book) -> list[str]:
    """The Tables a mail is made from."""
    return [
        "People",
        *(["Dealers"] if "Dealers" in TABLES and book.grid("Dealers") is not None else []),
        "MailTemplates",
        "Outbox",
    ]


def _outcome(book: Book, read: Facts, wishes: MailWishes, folder: Path, prepared: Prepared) -> Outcome:
    made, entries = prepared.letters, outbox.read(folder)
    listed = {str(row["message"]): str(row["digest"] or "") for row in book.read("Outbox").rows}
    new = [one for one in made if not _there(folder, entries, one, listed)]
    stale = _superseded(entries, made)
    summary = _summary(len(made), len(prepared.before), folder)
    outcome = Outcome(summary, problems=prepared.problems)
    outcome.details = made
    outcome.data = {
        "kind": wishes.kind, "period": wishes.period, "outbox": str(folder), "composed": len(made), "before": len(prepared.before),
        "letters": [_shown(one) for one in made],
    }  # fmt: skip
    rows = records.outbox_rows(
        book, made, entries | {one.message: outbox.entry_of(one) for one in new}, wishes.kind, wishes.period
    )
    outcome.lasting.replaced["Outbox"] = rows
    logged = [outbox.entry_of(one) for one in made]
    lines = records.unlogged(book.optional("MailLog"), logged, who_am_i())
    outcome.lasting.add("MailLog", lines)
    if not new and not stale:
        return outcome
    outcome.asks = ACTION.about + Text(f"\n{len(made)} 封，发件箱：{folder}", f"\n{counted(len(made), 'mail')}, outbox: {folder}")

    def write(progress: Progress) -> Outcome:
        progress(Text("写入发件箱", "Writing the outbox"))
        outbox.room_for(folder, 2 * sum(len(one.content) for one in new))
        with Journal(folder, who_am_i()) as journal:
            outbox.remember(records.plan_key(book), folder)
            journal.put(new)
            journal.drop(journal.entries[e.message] for e in stale)
        outcome.deed = None
        return outcome

    outcome.deed = write
    return outcome


def _there(folder: Path, entries: dict[str, outbox.Entry], one: Letter, listed: dict[str, str]) -> bool:
    """Whether the same draft lies ready already, as the plan's list knows it: then it stays as it is, its date, too."""
    entry = entries.get(one.message)
    if entry is None or entry.state not in outbox.READY or listed.get(one.message) != entry.sha256 or entry.email != one.email:
        return False
    return outbox.content(folder, entry) is not None


def _superseded(entries: dict[str, outbox.Entry], made: list[Letter]) -> list[outbox.Entry]:
    """Drafts in whose place there are newer ones."""
    now = {(one.kind, one.recipient, one.period): one.message for one in made}
    return [e for e in entries.values() if e.state in outbox.READY and now.get(e.what, e.message) != e.message]


def _summary(count: int, before: int, folder: Path) -> Text:
    tail = Text(f"；{before} 封此前已发送，没有再备", f"; {before} went before and were left out") if before else Text("", "")
    if not count:
        return Text("没有要发送的邮件", "There is nothing to mail") + tail
    after = Text(
        "。下一步：在“待发邮件”页逐封核对，再“发送邮件”（salesplan send 计划 --smtp 服务器 或 --outlook）",
        ". What next: look through the Outbox sheet, then Send mail (salesplan send PLAN --smtp HOST, or --outlook)",
    )
    return Text(f"已备好 {count} 封草稿：{folder}", f"{counted(count, 'draft')} ready: {folder}") + tail + after


def _shown(one: Letter) -> dict[str, object]:
    return {
        "recipient": one.recipient, "name": one.name, "email": one.email, "subject": one.subject, "total": one.total,
        "attachment": one.attachment, "size": len(one.content), "file": one.file, "message": one.message, "hash": one.hash,
        "problems": [str(p) for p in one.problems],
    }  # fmt: skip
