"""Send mail: what the outbox list shows and a person agreed to, each once, each logged; goes on where it was interrupted."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from addin.action import Action, Outcome, Progress
from addin.actions.mail import outbox_argument, outbox_of
from addin.book import Book
from addin.mailing import addresses, credentials, deliver, outbox, records, safe
from addin.mailing.outbox import DROPPED, GONE, HANDED, READY, REFUSED, SENDING, SENT, UNCERTAIN, Entry, Journal
from addin.performing import who_am_i
from udfs.text import Text, counted, joined
from workbook_templates.answers import WARNING, Problem, Refused


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    outbox_argument(parser)
    way_arguments(parser)


def way_arguments(parser: argparse.ArgumentParser) -> None:
    """How mail goes out."""

    def add(name: str, zh: str, en: str, **settings: object) -> None:
        parser.add_argument(name, help=str(Text(zh, en)), **settings)  # type: ignore[arg-type]

    add(
        "--outlook",
        "放进本机 Outlook 的草稿箱（Windows）",
        "into the drafts of Outlook on this machine (Windows)",
        action="store_true",
    )
    add(
        "--smtp",
        "经此服务器发送，如 smtp.example.com:587；用户名、密码取自环境变量或密钥环",
        "send by this server, such as smtp.example.com:587; user and password come from the environment or the keyring",
        metavar="HOST[:PORT]",
    )
    add("--user", f"SMTP 用户名（或环境变量 {credentials.USER}）", f"SMTP user (or the variable {credentials.USER})", default="")
    add(
        "--security",
        "加密方式：starttls（默认）或 tls（465 端口）",
        "starttls (default) or tls (port 465)",
        choices=("starttls", "tls"),
    )
    add("--ca", "自建证书机构的证书文件", "certificates of your own authority", default="", metavar="FILE")
    add("--timeout", "等服务器多少秒（默认 60）", "seconds to wait for the server (default 60)", type=float, default=60.0)


def way_of(options: argparse.Namespace, sender: str) -> deliver.Way:
    """The way out that was chosen; in Excel on Windows it is Outlook."""
    from addin.mailing.outlook import Outlook
    from addin.mailing.smtp import Server, Smtp

    if options.smtp:
        if not sender:
            raise Refused(Text("请在“邮件模板”页填写发件邮箱", "fill in the from address on the sheet Mail templates"))
        server = Server.parse(options.smtp, security=options.security, timeout=options.timeout, ca=options.ca)
        user, password = credentials.server_login(server.host, options.user)
        return Smtp(Server(server.host, server.port, server.security, user, password, server.timeout, server.ca), sender)
    if options.outlook or sys.platform == "win32":
        return Outlook()
    raise Refused(
        Text(
            "请选择怎样发送：--outlook 或 --smtp 主机；也可以直接打开发件箱里的 .eml 草稿",
            "say how: --outlook or --smtp HOST; or open the .eml drafts of the outbox yourself",
        )
    )


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """See what is to go; it goes when the person agreed."""
    book.require_ours()
    folder = outbox_of(book, options.outbox)
    entries = outbox.read(folder)
    ready, problems = _ready(book, folder, entries)
    lacking = records.unlogged(book.read("MailLog").rows, _told(book, folder), who_am_i())
    if not ready:
        outcome = Outcome(
            Text("没有要发送的邮件：请先“生成邮件草稿”", "There is nothing to send: draft mails first"), problems=problems
        )
        outcome.lasting.add("MailLog", lacking)
        return outcome
    way = way_of(options, _sender(book))
    how = (
        Text(f"经 {options.smtp} 发出", f"by {options.smtp}")
        if options.smtp
        else Text("放进 Outlook 草稿箱", "to Outlook's drafts")
    )
    outcome = Outcome(Text(f"待发送 {len(ready)} 封", f"{counted(len(ready), 'mail')} to send"), problems=problems)
    outcome.asks = Text(f"将{how.zh} {len(ready)} 封邮件：", f"{counted(len(ready), 'mail')} to go {how.en}: ") + _names(ready)
    outcome.lasting.add("MailLog", [])
    outcome.details = ready
    outcome.data = {"to_send": len(ready)}

    def send(step: Progress) -> Outcome:
        with Journal(folder, who_am_i()) as journal:
            still = [e for e in ready if journal.entries[e.message].state in READY]  # another run may have been quicker
            result = deliver.run(journal, still, way, lambda n, e: step(_step(n, len(still), e)))
            return _report(book, journal, result, problems)

    outcome.deed = send
    return outcome


ACTION = Action(
    label=Text("发送邮件", "Send mail"),
    tip=Text(
        "把“待发邮件”页的邮件放进 Outlook 草稿箱，或（命令行）经 SMTP 发出",
        "Puts the mails of the Outbox sheet into Outlook's drafts or (command line) sends them by SMTP",
    ),
    about=Text(
        "逐封交付“待发邮件”页列出的草稿：Outlook 草稿箱，或经 SMTP 发出；结果写入“邮件记录”。已发送的不会再发送，中断后再运行会接着做。",
        "Delivers the drafts listed on the Outbox sheet one by one: to Outlook's drafts, or by SMTP; the results go to the "
        "mail log. "
        "What went out is never sent twice; run it again after an interruption and it goes on.",
    ),
    group="mail",
    order=20,
    icon="SendDefault",
    keytip="E",
    run=run,
    arguments=arguments,
    examples=Text(
        "示例：\n  salesplan send 计划.xlsx --smtp smtp.example.com --user hr@example.com",
        "examples:\n  salesplan send plan.xlsx --smtp smtp.example.com --user hr@example.com",
    ),
)


def _sender(book: Book) -> str:
    value = book.first("mail_from")
    return addresses.checked(value) if value else ""


def _ready(book: Book, folder: Path, entries: dict[str, Entry]) -> tuple[list[Entry], list[Problem]]:
    """The rows of the list that may go, and why others may not."""
    held = book.read("Outbox")
    elsewhere = [*records.logged(book), *outbox.all_entries(records.plan_key(book), folder)]
    gone: dict[tuple[str, str, str], str] = {}
    for e in elsewhere:
        if e.state in GONE:
            gone[e.what] = max(gone.get(e.what, ""), e.time)
    ready, problems = [], []
    for index, row in enumerate(held.rows):
        entry = entries.get(str(row["message"] or ""))
        if row["hold"] == "yes" or (entry is not None and entry.state in (SENT, HANDED)):
            continue
        why = _why_not(entry, row, gone)
        if why is not None:
            problems.append(Problem(held.grid.sheet, *held.at(index, "recipient"), why, WARNING))
        elif entry is not None:
            # From here on the plan's word counts, not the journal's: to whom it goes, and which bytes.
            ready.append(replace(entry, email=str(row["email"]), sha256=str(row["digest"])))
    return ready, problems


# What the list says of a draft, and the journal must say, too.
_VOUCHED = {"kind": "kind", "period": "period", "recipient": "recipient", "file": "file", "digest": "sha256"}


def _why_not(entry: Entry | None, row: dict[str, Any], gone: dict[tuple[str, str, str], str]) -> Text | None:
    if entry is None or entry.state == DROPPED:
        return Text("发件箱里没有这封草稿：请重新生成草稿", "the outbox has no such draft: compose it again")
    if entry.state in (UNCERTAIN, SENDING):
        return Text(
            "可能已送达，没有再发：确认后用 salesplan mail 的 --again",
            "perhaps it arrived; not sent again: ask, then compose with --again",
        )
    if str(row["email"] or "") != entry.email:
        return Text(
            f"邮箱与草稿（{entry.email}）不同：地址在人员表里改，再重新生成草稿",
            f"the address is not the draft's ({entry.email}): change it in People and compose again",
        )
    if any(str(row[key] or "") != getattr(entry, field) for key, field in _VOUCHED.items()):
        return Text(
            "草稿与清单不符（发件箱被改动过，或在别处重新生成过），没有发送：请重新生成草稿",
            "the draft is not the one on this list (the outbox was tampered with, or it was composed again elsewhere), not "
            "sent: compose it again",
        )
    if gone.get(entry.what, "") > entry.time:  # sent from another outbox, or by somebody else, after this draft was made
        return Text(
            "此后已从别处发送，没有再发：请重新生成草稿", "it went out from elsewhere since; not sent again: compose anew"
        )
    return None


def _told(book: Book, folder: Path) -> list[Entry]:
    """What the log must know of: results that a killed run had no time to log, and those of the service that tells news."""
    return [
        e for e in outbox.all_entries(records.plan_key(book), folder) if e.state in (SENT, REFUSED, UNCERTAIN, HANDED, SENDING)
    ]


def _step(number: int, count: int, entry: Entry) -> Text:
    return Text(f"发送 {number + 1}/{count}：{entry.name}", f"Sending {number + 1} of {count}: {entry.name}")


def _names(ready: list[Entry]) -> Text:
    return joined((entry.name for entry in ready), most=5, unit="人") + Text("。确认发送？", ". Send them?")


def _report(book: Book, journal: Journal, result: deliver.Result, problems: list[Problem]) -> Outcome:
    """What came of it, for the log and the person."""
    counts = Counter(e.state for e in result.done)
    outcome = Outcome(_summary(counts, len(result.left)), problems=problems)
    lines = records.unlogged(book.read("MailLog").rows, _told(book, journal.folder), who_am_i())
    outcome.lasting.add("MailLog", lines)
    finished = {e.message for e in journal.entries.values() if e.state in (SENT, HANDED)}
    outcome.lasting.replaced["Outbox"] = [
        {c.key: row[c.key] for c in book.read("Outbox").spec.inputs}
        for row in book.read("Outbox").rows
        if row["message"] not in finished
    ]
    outcome.notes = [_line(e) for e in result.done if e.state in (REFUSED, UNCERTAIN)] + [
        _line(e) for e in result.left if e.reply
    ]
    if result.stopped is not None:
        outcome.notes.append(result.stopped)
    outcome.data = {
        **{state: counts.get(state, 0) for state in (SENT, REFUSED, UNCERTAIN, HANDED)},
        "left": len(result.left),
        "stopped": str(result.stopped) if result.stopped else None,
        "mails": [
            {"recipient": e.recipient, "email": e.email, "state": e.state, "reply": e.reply, "message": e.message}
            for e in [*result.done, *result.left]
        ],
    }
    return outcome


def _summary(counts: Counter[str], left: int) -> Text:
    said = (
        (counts[SENT], Text("已发送", "sent")),
        (counts[HANDED], Text("放入 Outlook 草稿箱", "in Outlook's drafts")),
        (counts[REFUSED], Text("被拒收", "rejected")),
        (counts[UNCERTAIN], Text("送达不明", "delivery unknown")),
        (left, Text("未发送", "not sent")),
    )
    shown = [(n, t) for n, t in said if n]
    return (
        Text("，".join(f"{t.zh} {n} 封" for n, t in shown), ", ".join(f"{n} {t.en}" for n, t in shown))
        if shown
        else Text("没有发送", "Nothing sent")
    )


def _line(entry: Entry) -> Text:
    words = {
        REFUSED: Text("被拒收", "rejected"),
        UNCERTAIN: Text("送达不明，不会自动重发", "perhaps arrived, is not sent again by itself"),
    }
    what = words.get(entry.state, Text("未发送", "not sent"))
    who = f"{entry.name} <{entry.email}>"
    return Text(f"{who}：{what.zh}：{safe.line(entry.reply, 120)}", f"{who}: {what.en}: {safe.line(entry.reply, 120)}")


def ready_of(path: Path) -> int:
    """How many drafts of an outbox wait to be delivered."""
    return sum(e.state in READY for e in outbox.read(path).values())
