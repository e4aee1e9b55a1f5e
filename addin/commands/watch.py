"""`salesplan watch FOLDER --plan PLAN`: news of customers, dropped as files into a folder, to their owners by mail."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from addin.action import ATTENTION, DONE, FAILED
from addin.actions import send
from addin.command import Command
from udfs.text import Text, counted

if TYPE_CHECKING:
    from addin.book import Book
    from addin.mailing import feed

_SHORTEST = 0.2  # seconds between two looks


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""

    def add(name: str, zh: str, en: str, **settings: Any) -> None:
        parser.add_argument(name, help=str(Text(zh, en)), **settings)

    add("folder", "要监视的文件夹", "the folder to watch", metavar="FOLDER")
    add("--plan", "计划工作簿", "the planning workbook", metavar="PLAN.xlsx", required=True)
    send.way_arguments(parser)
    add("--every", "隔多少秒看一次（默认 60）", "seconds between two looks (default 60)", type=float, default=60.0)
    add("--settle", "文件多少秒不变才算写完（默认 5）", "seconds a file must stay unchanged (default 5)", type=float, default=5.0)
    add("--once", "只看一次就结束（用于定时任务）", "look once and end (for cron)", action="store_true")
    add("--json", "每次结果输出一行 JSON", "print a line of JSON for each look", action="store_true")


def run(options: argparse.Namespace) -> int:
    """Look, tell, wait; until stopped, or once."""
    from addin.mailing import feed
    from workbook_templates.answers import Refused

    folder = Path(options.folder)
    if not folder.is_dir():
        raise Refused(Text(f"没有文件夹 {folder}", f"there is no folder {folder}"))
    if not 0 < options.every <= feed.WITHIN.total_seconds():
        raise Refused(
            Text("--every 应不超过 1800 秒：30 分钟内要送到", "--every: 1800 seconds at most; mail is due within 30 minutes")
        )
    if options.smtp:
        send.way_of(options, "x@example.invalid").close()  # a missing password is told at once
    watch = FolderWatch(folder, Path(options.plan), options)
    try:
        while True:
            code = watch.look()
            if options.once:
                return code
            time.sleep(max(options.every, _SHORTEST))
    except KeyboardInterrupt:
        return DONE


COMMAND = Command(
    help=Text("监视文件夹：客户变动发给负责人", "watch a folder: news of customers to their owners"),
    about=Text(
        "工商变更、招投标等文件（CSV、XLSX、JSON）放进文件夹，30 分钟内发到客户负责人邮箱，同一条不发两次；\n"
        "写到一半的文件会等；对不上负责人的，通知“邮件模板”页指定的人；读不了的移到 bad 并写明原因，处理完的移到 done。\n"
        "快到时限或已超时的工单、活动后未发的纪要，同时各告知负责人一次。\n"
        "不给 --smtp 只在 FOLDER/outbox 留草稿。计划文件只读不写。定时任务用 --once。",
        "Files of registry changes and tenders (CSV, XLSX, JSON) dropped into the folder reach the customer's owner by mail "
        "within\n"
        "30 minutes, nothing twice. Half-written files are waited for; what finds no owner goes to the people named on the mail\n"
        "sheet; what can't be read is moved to bad with the reason, what is done to done. Tickets near or over their limit and\n"
        "minutes that are due are told to who is to act, once each. Without --smtp drafts are left in\n"
        "FOLDER/outbox. The plan is read, never written. For cron use --once.",
    ),
    arguments=arguments,
    run=run,
    examples=Text(
        "示例：\n  salesplan watch 变动 --plan 计划.xlsx --smtp smtp.example.com --once",
        "examples:\n  salesplan watch news --plan plan.xlsx --smtp smtp.example.com --once",
    ),
)


class FolderWatch:
    """The service: what it keeps from one look to the next."""

    def __init__(self, folder: Path, plan: Path, options: argparse.Namespace) -> None:
        from addin.mailing import feed

        self.folder, self.plan, self.options = folder, plan, options
        self.arrivals = feed.Arrivals(folder, options.settle)
        self._ordered, self._silent = 0, set[str]()
        self._desk: tuple[tuple[int, int], feed.Desk, Book] | None = None

    def look(self) -> int:
        """One look at the folder; what can't be done now is tried again at the next."""
        from addin.mailing import feed, outbox
        from workbook_templates.answers import Refused

        now = time.time()
        files = self.arrivals.ready(now)
        if self.options.once and self.options.settle > 0:
            time.sleep(min(self.options.settle, 1.0))  # a second look: nobody is writing now
            files = [f for f in self.arrivals.ready(time.time()) if f in files]
        try:
            desk = self.desk()
            with outbox.Journal(self.folder / feed.OUTBOX, "watch") as journal:
                outbox.remember(desk.plan, journal.folder)
                ordered = self._order(desk, journal)
                report = self._tell(desk, journal, files, ordered)
        except Refused as refused:
            self._say({"problem": str(refused)}, [f"! {refused}"])
            return FAILED
        return report

    def desk(self) -> feed.Desk:
        """The plan as it is now; read again only when it changed."""
        from addin.book import FileBook
        from addin.facts import facts
        from addin.mailing import feed, letters, records
        from workbook_templates.answers import Refused

        now = dt.datetime.now().astimezone().replace(microsecond=0)
        try:
            status = self.plan.stat()
            state = (status.st_size, status.st_mtime_ns)
            if self._desk is None or self._desk[0] != state:
                book = FileBook.open(self.plan)
                read = facts(book)
                mail, wrong = letters.settings(book, read)
                if mail is None:
                    zh, en = ("; ".join(f"{p.sheet}!{p.cell} {getattr(p.text, lang)}" for p in wrong) for lang in ("zh", "en"))
                    raise Refused(Text(zh, en))
                self._desk = state, feed.Desk(read, mail, feed.template_of(book, read), records.plan_key(book), now), book
        except (Refused, OSError) as fault:  # being saved just now: as it was before
            if self._desk is None:
                text = fault.text if isinstance(fault, Refused) else Text(str(fault), str(fault))
                raise Refused(text) from fault
        kept = self._desk[1]
        return feed.Desk(kept.facts, kept.mail, kept.template, kept.plan, now)

    def _order(self, desk: feed.Desk, journal: Any) -> list[Text]:
        """What may not wait for the night: tickets near their limit, minutes that are due. Each is told once; the plan is not written."""
        from addin.dispatching import day_of
        from addin.mailing import feed
        from workbook_templates.tables import duties

        assert self._desk is not None, "the desk was read"
        book, today = self._desk[2], desk.now.date()
        if book.as_of is None or book.year is None:
            return []
        day = day_of(book, today if today.year == book.year else None)
        rules = {key: rule for key, rule in duties.every().items() if rule.hours and not _unreadable(book, rule.reads)}
        letters, silent = desk.order(duties.dispatched(day, rules).new, feed.seen(journal))
        journal.put([one for one in letters if one.message not in journal.entries])
        self._ordered = len(letters)
        new = [text for text in silent if str(text) not in self._silent]  # said once, not at every look
        self._silent.update(map(str, new))
        return new

    def _tell(self, desk: feed.Desk, journal: Any, files: list[Path], silent: list[Text]) -> int:
        from addin.mailing import feed

        taken: list[tuple[Path, list[feed.Item], int]] = []
        bad: list[tuple[Path, Text]] = []
        for path in files:
            try:
                taken.append((path, *feed.take(path)))
            except feed.Unusable as fault:
                bad.append((path, fault.text))
            except OSError:
                continue  # held by somebody: at the next look
        items = [item for _, found, _ in taken for item in found]
        told = desk.compose(items, feed.seen(journal))
        journal.put([one for one in told.letters if one.message not in journal.entries])
        nobody = bool(told.unmatched) and not any(e for e in told.letters if e.items and e.recipient in desk.mail.fallback)
        lost = dict(told.unmatched)
        skipped = []
        for path, found, without in taken:
            notes = [f"{i.customer or i.code or i.id}：{i.line}（{lost[i]}）" for i in found if i in lost]
            if without:
                skipped.append(
                    (
                        path,
                        Text(
                            f"{without} 行没有客户或内容，未处理", f"left out: {counted(without, 'row')} without customer or news"
                        ),
                    )
                )
                notes.append(str(skipped[-1][1]))
            feed.quietly_moved(path, feed.BAD if nobody and any(i in lost for i in found) else feed.DONE, "\n".join(notes))
        for path, why in bad:
            feed.quietly_moved(path, feed.BAD, str(why))
        delivery = self._deliver(desk, journal)
        if silent:
            delivery["notes"] = [*map(str, silent), *delivery.get("notes", [])]
        return self._report(told, [*bad, *skipped], delivery, feed.late(journal, desk.now), len(files))

    def _deliver(self, desk: feed.Desk, journal: Any) -> dict[str, Any]:
        from addin.mailing import deliver, feed

        ready = feed.waiting(journal)
        if not ready or not (self.options.smtp or self.options.outlook):
            return {"waiting": len(ready)}
        strange = _strange(desk, journal, ready)
        result = deliver.run(journal, [e for e in ready if e not in strange], send.way_of(self.options, desk.mail.sender))
        ended = [*(journal.entries[e.message] for e in strange), *result.done]
        counts: dict[str, Any] = dict(Counter(e.state for e in ended))
        notes = [f"{e.email}: {e.reply}" for e in [*ended, *result.left] if e.state not in ("sent", "handed")]
        return counts | {"waiting": len(result.left), "notes": notes, "stopped": str(result.stopped) if result.stopped else None}

    def _report(self, told: feed.Told, bad: list[tuple[Path, Text]], delivery: dict[str, Any], late: int, files: int) -> int:
        unmatched = [f"{i.customer or i.code or i.id} {i.line}: {why}" for i, why in told.unmatched]
        data = {
            "files": files, "mails": len(told.letters), "tasks": self._ordered, "unmatched": unmatched, "repeated": told.repeated,
            "bad": {path.name: str(why) for path, why in bad}, "late": late, "delivery": delivery,
        }  # fmt: skip
        lines = [f"! {path.name}：{why}" for path, why in bad] + [
            f"· {line}" for line in [*unmatched, *delivery.get("notes", [])]
        ]
        if delivery.get("stopped"):
            lines.append(f"! {delivery['stopped']}")
        if late:
            lines.append(
                str(Text(f"! {late} 封超过 30 分钟未送出", f"! waiting longer than 30 minutes: {counted(late, 'mail')}"))
            )
        if self._ordered:
            lines.append(
                str(Text(f"到时限的待办 {self._ordered} 封", f"tasks that can't wait: {counted(self._ordered, 'mail')}"))
            )
        if files or delivery.get("sent"):
            lines.append(str(_summary(files, told, delivery)))
        self._say(data, lines)
        troubled = bad or unmatched or late or any(delivery.get(k) for k in ("refused", "uncertain", "stopped", "notes"))
        return ATTENTION if troubled else DONE

    def _say(self, data: dict[str, Any], lines: list[str]) -> None:
        if self.options.json:
            print(json.dumps({"time": dt.datetime.now().isoformat(timespec="seconds")} | data, ensure_ascii=False), flush=True)
            return
        for line in lines:
            print(line, flush=True)


def _unreadable(book: Book, tables: tuple[str, ...]) -> bool:
    """Whether a rule's Tables have errors: it says nothing then, the nightly routine names them."""
    from workbook_templates.answers import ERROR

    return any(problem.level == ERROR for problem in book.problems(*tables))


def _strange(desk: feed.Desk, journal: Any, ready: list[Any]) -> list[Any]:
    """Those that the journal would send to somebody whom the plan does not know: its word is not enough.

    They are refused for good.
    """
    from addin.mailing import outbox

    found = [(entry, wrong) for entry in ready if (wrong := desk.refused(entry.email)) is not None]
    for entry, wrong in found:
        journal.record(entry.message, outbox.REFUSED, str(wrong))
    return [entry for entry, _ in found]


def _summary(files: int, told: feed.Told, delivery: dict[str, Any]) -> Text:
    sent, left = delivery.get("sent", 0), delivery.get("waiting", 0)
    return Text(
        f"{files} 个文件，{len(told.letters)} 封邮件，已发送 {sent}，待发 {left}，重复 {told.repeated} 条，未匹配 {len(told.unmatched)} 条",
        f"{counted(files, 'file')}, {counted(len(told.letters), 'mail')}, {sent} sent, {left} waiting, {told.repeated} "
        f"repeated, {len(told.unmatched)} without an owner",
    )
