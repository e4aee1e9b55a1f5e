"""Write minutes: the topics of an event as a Word document without a single guest's name, and a draft mail for each who came."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from addin import documents
from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from addin.dispatching import day_of
from addin.mailing import safe
from udfs.text import Text
from workbook_templates.answers import ERROR, Problem, Refused, offered
from workbook_templates.chapters.marketing import events
from workbook_templates.chapters.marketing.campaigns import reachable
from workbook_templates.chapters.marketing.events import MinutesHead
from workbook_templates.chapters.marketing.naming import Named
from workbook_templates.chapters.marketing.tables import MINUTES
from workbook_templates.documents import Made
from workbook_templates.intake.parsing import fold
from workbook_templates.tables.duties import Day
from workbook_templates.tables.grids import Held
from workbook_templates.tables.schema import Row
from workbook_templates.wordfile import Letterhead

_SAID, _HEAD = ("topic", "said", "next_step"), ("name", "place")  # what minutes say, and what stands above it
_WORD = ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document")
_DRAFT = Text("纪要邮件", "Minutes mail")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument(
        "--event",
        metavar="ID",
        help=str(Text("哪场活动；默认已结束、还没有纪要的那一场", "which event; default the one that is over without minutes")),
    )


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """One event's minutes; refused where they name somebody who was there."""
    found = book.problems("Events", "EventGuests", "EventTopics")
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    held, day = book.read("Events"), day_of(book)
    index = _chosen(held, options.event, day)
    if index is None:
        return Outcome(Text("没有要写纪要的活动", "no event waits for its minutes"), problems=found)
    event, topics = held.rows[index], book.read("EventTopics")
    if not isinstance(event.get("end"), dt.datetime) or event["end"] > day.now:
        over = f"{event['end']:%Y-%m-%d %H:%M}" if isinstance(event.get("end"), dt.datetime) else "–"
        raise Refused(
            Text(
                f"{event['id']} 到 {over} 才结束：结束后再写纪要",
                f"{event['id']} ends at {over}: write its minutes when it is over",
            )
        )
    mine = [place for place, row in enumerate(topics.rows) if row.get("event") == event["id"]]
    if not mine:
        raise Refused(
            Text(f"{event['id']} 没有议题：先填“活动议题”", f"{event['id']} has no topics: enter them on Event topics first")
        )
    guests = [row for row in book.read("EventGuests").rows if row.get("event") == event["id"]]
    said = [topics.rows[place] for place in mine]
    named = [*_named(book, topics, mine, _SAID, guests), *_named(book, held, [index], _HEAD, guests)]
    if named:
        return Outcome.refused([*found, *named])
    outcome = Outcome(Text("", ""), problems=found)
    progress(Text("生成纪要", "Writing the minutes"))
    came = [row for row in guests if row.get("came") == "yes"]
    paths = documents.keep(book, outcome, lambda letterhead: _made(event, letterhead, said, came))
    if outcome.documents and not event.get("minutes_on"):
        outcome.changes.edit("Events", index, minutes_on=day.now)
    silent = [str(row["name"]) for row in came if not reachable(row.get("email"))]
    if silent:
        outcome.notes.append(
            Text(f"到场嘉宾 {len(silent)} 位没有邮箱，没有草稿", f"{len(silent)} who came have no e-mail: no draft for them")
        )
    outcome.summary = Text(
        f"{event['id']} 纪要：{paths[0].name}，邮件草稿 {len(paths) - 1} 封",
        f"{event['id']}: {paths[0].name}, drafts: {len(paths) - 1}",
    )
    outcome.data = {"event": event["id"], "minutes": str(paths[0]), "drafts": len(paths) - 1}
    return outcome


def _chosen(held: Held, asked: str | None, day: Day) -> int | None:
    """The row of the event that is asked for; else of the first that is over and has no minutes."""
    if asked:
        index = next((i for i, row in enumerate(held.rows) if fold(row.get("id") or "") == fold(asked.strip())), None)
        if index is None:
            ids = [str(row["id"]) for row in held.rows if row.get("id")]
            raise Refused(Text(f"没有活动“{asked}”", f"there is no event “{asked}”") + offered(asked, ids))
        return index
    over = [
        (row["end"], i)
        for i, row in enumerate(held.rows)
        if isinstance(row.get("end"), dt.datetime) and row["end"] <= day.now and not row.get("minutes_on")
    ]
    return min(over)[1] if over else None


def _named(book: Book, held: Held, mine: Sequence[int], columns: Sequence[str], guests: Sequence[Row]) -> list[Problem]:
    """Where rows whose words are written into the minutes name a guest or a company, cell by cell."""
    words = Named(guests, [str(word) for word in book.setting("duplicates.suffixes")])
    return [
        Problem(
            held.grid.sheet, *held.at(mine[one.index], one.column),
            Text(f"出现了“{one.word}”：纪要不写嘉宾与公司，请改写", f"names “{one.word}”: minutes name no guest and no company, word it otherwise"),
        )
        for one in events.named([held.rows[place] for place in mine], columns, words)
    ]  # fmt: skip


def _made(event: Row, letterhead: Letterhead, said: Sequence[Row], came: Sequence[Row]) -> list[Made]:
    """The minutes, and a draft for each who came."""
    head = _head(event, letterhead)
    content = events.minutes(head, said)
    return [Made(Text("纪要", "Minutes"), str(event["id"]), ".docx", content), *_drafts(event, head, content, came)]


def _head(event: Row, head: Letterhead) -> MinutesHead:
    start, end = event.get("start"), event.get("end")
    when = " – ".join(f"{at:%Y-%m-%d %H:%M}" for at in (start, end) if isinstance(at, dt.datetime))
    return MinutesHead(
        str(event.get("name") or event["id"]), when, str(event.get("place") or ""), head.company, head.version, head.slogan, head.day,
    )  # fmt: skip


def _drafts(event: Row, head: MinutesHead, content: bytes, came: Sequence[Row]) -> list[Made]:
    """A draft for each who came and has an address; nobody sees who else was there."""
    out = []
    for number, row in enumerate(sorted(came, key=lambda row: str(row.get("name"))), 1):
        address = str(row.get("email") or "").strip()
        if "@" in address and reachable(address):
            out.append(Made(_DRAFT, f"{event['id']}-{number}", ".eml", _mail(head, content, row, address)))
    return out


def _mail(head: MinutesHead, content: bytes, guest: Row, address: str) -> bytes:
    message: Any = EmailMessage(policy=SMTP)
    message["To"] = safe.header(address)
    title = Text("活动纪要", "Minutes")
    message["Subject"] = safe.header(f"{title} · {head.event}")
    message["Date"] = format_datetime(dt.datetime.combine(head.day, dt.time(9), dt.UTC))
    message["X-Unsent"] = "1"
    body = Text(
        f"{guest['name']}：\n\n感谢参加“{head.event}”。纪要附上，按查塔姆规则不记发言人。\n\n{head.company}\n{head.slogan}\n",
        f"Dear {guest['name']},\n\nthank you for coming to “{head.event}”. The minutes are attached; nobody is named.\n\n{head.company}\n{head.slogan}\n",
    )
    message.set_content(safe.lines(str(body)) + "\n")
    message.add_attachment(content, maintype=_WORD[0], subtype=_WORD[1], filename="minutes.docx")
    for place, part in enumerate(p for p in message.walk() if p.is_multipart()):
        part.set_boundary(f"=_salesplan_minutes_{place}")  # the same inputs, the same bytes
    return bytes(message.as_bytes())


ACTION = Action(
    label=MINUTES,
    tip=Text(
        "把活动议题写成 Word 纪要，给到场嘉宾各备一封邮件草稿；出现人名或公司名就退回",
        "An event's topics as a Word document and a draft mail for each who came; refused where somebody is named",
    ),
    about=Text(
        "在计划旁的“文档”文件夹里写纪要和邮件草稿，登记到“文档”，写入活动的纪要时间；一封也不发送。",
        "Writes the minutes and draft mails into the folder of documents, lists them and notes the time at the event; nothing is sent.",
    ),
    group="marketing",
    order=30,
    icon="MailMergeMergeToDocument",
    keytip="63",
    run=run,
    arguments=arguments,
    asks={"event": Ask(Text("哪场活动的编号（空：最早没有纪要的一场）", "Which event's ID (blank: the first without minutes)"))},
    guards=False,
    examples=Text("示例：\n  salesplan minutes 计划.xlsx --event E01", "examples:\n  salesplan minutes plan.xlsx --event E01"),
)
