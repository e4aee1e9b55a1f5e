"""The daily routine: the as-of date moves to today, the month's ROI is looked at, and what is due becomes a task with an owner and a day.

Rules are handed in by the chapters (``tables.duties``); this is the one dispatcher. Twice on one day changes nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import functools
from pathlib import Path
from typing import Any

from addin.action import Action, Outcome, Progress
from addin.actions import roi
from addin.actions.mail import outbox_argument, outbox_of
from addin.book import Book
from addin.dispatching import day_of, ordered
from addin.mailing import letters, notices, outbox, records, safe
from addin.mailing.outbox import Journal
from addin.performing import who_am_i
from udfs.text import Text, counted, joined
from udfs.values import serial_to_date
from workbook_templates.answers import ERROR, WARNING, Problem, Refused
from workbook_templates.recalc import AS_OF
from workbook_templates.tables import duties, schema
from workbook_templates.tables.duties import Day, Dispatched, Lacking
from workbook_templates.tables.schema import Row
from workbook_templates.tables.spec import held_inside
from workbook_templates.xlsx.package import CellFormula

_BUDGET = "Budget"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument(
        "--as-of",
        metavar="YYYY-MM-DD",
        help=str(
            Text(
                "把截止日期设为这一天；默认今天（在计划年度内）",
                "set the as-of date to this day; default today, inside the plan's year",
            )
        ),
    )
    page = Text("把驾驶舱网页也重新发布到这个文件", "publish the cockpit's page anew, too, in this file")
    parser.add_argument("--html", metavar="FILE", help=str(page))
    whose = Text(
        "网页只给这位总监；几位用逗号分开，每人一个文件（文件名后加工号）",
        "the page is for this director; several with commas between: a file each, the ID in its name",
    )
    parser.add_argument("--for", metavar="ID", dest="person", default="", help=str(whose))
    parser.add_argument(
        "--drafts",
        action="store_true",
        help=str(
            Text(
                "给新待办的负责人各备一封邮件草稿，附日历文件；不发送",
                "a mail draft to each owner of new tasks, with a calendar file; nothing is sent",
            )
        ),
    )
    outbox_argument(parser)


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Ask every rule of the chapters in use, and bring the list of tasks up to date."""
    book.require_ours()
    day = day_of(book, _day(book, options.as_of))
    found = book.problems(*_asked(book, day))
    _require_tasks(book)
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    begun = {table: rows for table, rows in duties.begun(day).items() if book.grid(table) is not None}
    day = duties.with_rows(day, begun)
    done = duties.dispatched(day)
    if done.lacking:
        return Outcome.refused([_nobody(book, lacking) for lacking in dict.fromkeys(done.lacking)])
    outcome = Outcome(_summary(day, done), problems=[*found, *_reopened(book, done), *_left_behind(book, day, done)])
    if book.as_of != day.as_of:
        outcome.changes.named[AS_OF] = day.as_of
    _roll(book, day, outcome, progress)
    for table, rows in begun.items():
        outcome.changes.add(table, rows)
        outcome.notes.append(_begun(table, len(rows)))
    ordered(outcome, done)
    outcome.notes += [*([] if options.as_of else _early(day)), *_instead(done), *_overdue(day, done)]
    outcome.data = _data(day, done)
    if options.drafts and done.new:
        _drafts(book, day, done.new, options.outbox, outcome)
    _publish(book, options, outcome)
    return outcome


def _publish(book: Book, options: argparse.Namespace, outcome: Outcome) -> None:
    """The page of the day: made when the plan is written, from what it then says."""
    pages = _pages(options)
    if not pages:
        return
    from addin.publishing import content, page

    for to, person in pages.items():
        page(book, person)  # what can't be published is said before anything is written
        outcome.published[to] = functools.partial(content, book, person)
        outcome.notes.append(Text(f"驾驶舱网页：{to}", f"the cockpit's page: {to}"))


def _pages(options: argparse.Namespace) -> dict[Path, str]:
    """The files of pages and whose they are; several directors have one each, called by their IDs."""
    if not options.html:
        return {}
    to, people = Path(options.html), [id.strip() for id in options.person.split(",") if id.strip()]
    if len(people) < 2:
        return {to: "".join(people)}
    return {to.with_name(safe.file_name(f"{to.stem}-{person}", to.suffix)): person for person in people}


def _beside(options: argparse.Namespace) -> dict[Path, str]:
    return dict.fromkeys(_pages(options), ".html")


def _drafts(book: Book, day: Day, tasks: list[Row], chosen: str | None, outcome: Outcome) -> None:
    """Notices into the outbox, listed like any other mail; who gets none is said."""
    company = str(book.first("company_name") or Text("销售计划", "Sales plan"))
    mail, wrong = letters.settings_of(book, company)
    if mail is None:
        outcome.problems += wrong
        return
    folder, plan = outbox_of(book, chosen), records.plan_key(book)
    now = dt.datetime.now().astimezone().replace(microsecond=0)
    made = notices.composed(tasks, day.rows("People"), mail, company, plan, book.lang, day.as_of, now)
    outcome.notes += [Text(f"没有通知 {why.zh}", f"no notice: {why.en}") for why in made.unwritten]
    outcome.data["drafts"] = len(made.letters)
    if not made.letters:
        return
    entries = outbox.read(folder) | {one.message: outbox.entry_of(one) for one in made.letters}
    outcome.lasting.replaced["Outbox"] = records.outbox_rows(book, made.letters, entries, "", "")
    logged = [outbox.entry_of(one) for one in made.letters]
    outcome.lasting.add("MailLog", records.unlogged(book.optional("MailLog"), logged, who_am_i()))
    outcome.notes.append(Text(f"邮件草稿 {len(made.letters)} 封：{folder}", f"mail drafts: {len(made.letters)} in {folder}"))
    outcome.asks = ACTION.about + outcome.notes[-1]

    def write(progress: Progress) -> Outcome:
        progress(Text("写入发件箱", "Writing the outbox"))
        outbox.room_for(folder, 2 * sum(len(one.content) for one in made.letters))
        with Journal(folder, who_am_i()) as journal:
            outbox.remember(plan, folder)
            journal.put(made.letters)
        outcome.deed = None
        return outcome

    outcome.deed = write


def _day(book: Book, said: str | None) -> dt.date:
    """The day to judge by; a plan knows no day outside its year."""
    year = book.year
    if year is None:
        raise Refused(Text("参数缺少计划年度：请填写", "the plan year is missing on Settings: fill it in"))
    if said is None:
        place = book.locate(AS_OF)
        cell = book.area(*place)[0][0] if place is not None else None
        held = cell.value if isinstance(cell, CellFormula) else None  # a formula keeps its own clock
        clock = serial_to_date(held) if isinstance(held, float) else None
        return clock or _today(book.as_of, year)
    try:
        day = dt.date.fromisoformat(said.strip())
    except ValueError:
        raise Refused(Text(f"--as-of “{said}”：请写成 {year}-06-30", f"--as-of “{said}”: write it as {year}-06-30")) from None
    if day.year != year:
        raise Refused(
            Text(
                f"--as-of {day} 不在计划年度 {year} 内：请换一天",
                f"--as-of {day} is outside the plan's year {year}: take another",
            )
        )
    return day


def _today(stands: dt.date | None, year: int) -> dt.date:
    """Today; before the plan's year begins the clock is not turned back from a day inside it, and after it the year's last day."""
    today = dt.date.today()
    if today.year < year and stands is not None and stands.year == year:
        return stands
    return held_inside(today, year)


def _early(day: Day) -> list[Text]:
    """What is said where the plan looks ahead of today."""
    if day.as_of <= dt.date.today():
        return []
    return [
        Text(f"今天在计划年度之前：按截止日期 {day.as_of} 检查", f"today is before the plan's year: judged as of {day.as_of}")
    ]


def _asked(book: Book, day: Day) -> list[str]:
    """The Tables that the rules in use read, as far as they are there."""
    names = [duties.TABLE, "Roles", "Waivers", "People"]
    for rule in duties.every().values():
        if rule.chapter not in day.off:
            names += rule.reads
    return [name for name in dict.fromkeys(names) if name in schema.TABLES and book.grid(name) is not None]


def _require_tasks(book: Book) -> None:
    if book.grid(duties.TABLE) is None:
        raise Refused(
            Text(
                "这个计划没有“待办”表：先升级 salesplan upgrade",
                "this plan has no Tasks: bring it up first with salesplan upgrade",
            )
        )


def _reopened(book: Book, done: Dispatched) -> list[Problem]:
    """Tasks that somebody closed without a word: refused one by one, and nobody else's night with them."""
    tasks = book.read(duties.TABLE)
    return [
        Problem(
            tasks.grid.sheet,
            *tasks.at(index, "result"),
            Text("{id} ", "{id} ").format(id=tasks.rows[index]["id"]) + duties.REOPENED,
            WARNING,
        )
        for index in done.reopened
    ]


def _left_behind(book: Book, day: Day, done: Dispatched) -> list[Problem]:
    """Open tasks of somebody who does not work here any more: who takes them over is for people to say."""
    tasks, closed = book.read(duties.TABLE), set(done.edits)
    return [
        Problem(
            tasks.grid.sheet, *tasks.at(index, "owner"),
            Text(f"{row['id']} 的负责人 {row['owner']} 已离职：请在此改为接手人的工号", f"{row['id']}: its owner {row['owner']} has left: enter here who takes it over"),
            WARNING,
        )
        for index, row in enumerate(tasks.rows)
        if row.get("id") and row.get("status") in (duties.OPEN, duties.RUNNING) and index not in closed and _left(day, row.get("owner"))
    ]  # fmt: skip


def _left(day: Day, person: object) -> bool:
    row = next((row for row in day.rows("People") if row.get("id") == person), None)
    return row is not None and isinstance(row.get("left"), dt.date) and row["left"] < day.as_of


def _nobody(book: Book, lacking: Lacking) -> Problem:
    rule, role = duties.every()[lacking.rule].title, _role(lacking.role)
    none = Text("没有总监", "there is no director")
    if lacking.role != duties.DIRECTOR:
        none = Text(f"没有{role.zh}，也没有总监", f"there is no {role.en.lower()}, and no director")
    text = Text(
        f"“{rule.zh}”的待办没有负责人：{none.zh}。请在“岗位”填写总监",
        f"nobody to act on “{rule.en}”: {none.en}. Enter the director on Roles",
    )
    grid = book.grid("Roles")
    return Problem("" if grid is None else grid.sheet, 0, 0, text)


def _role(code: str) -> Text:
    return next((word.label for word in duties.ROLES if word.code == code), Text(code, code))


def _roll(book: Book, day: Day, outcome: Outcome, progress: Progress) -> None:
    """The month that is over: its ROI, and next month's budget (what “Roll budget” does)."""
    if (
        not day.closed
        or schema.home_of(_BUDGET).number in day.off
        or not any(row.get("actual_cost") for row in book.optional(_BUDGET))
    ):
        return
    rolled = roi.run(book, roi.ACTION.defaults(month=day.closed), progress)
    outcome.problems += [p for p in rolled.problems if p not in outcome.problems]
    for table, edits in rolled.changes.edited.items():
        for index, values in edits.items():
            outcome.changes.edit(table, index, **values)
    outcome.notes.append(rolled.summary)


def _summary(day: Day, done: Dispatched) -> Text:
    rules = duties.every()
    said = [(rules[key].title, count) for key, count in done.by_rule.items()]
    zh, en = joined(t + f" {n}" for t, n in said)
    new, closed = len(done.new), len(done.edits) - len(done.reopened)
    head = Text(f"截止日期 {day.as_of}：", f"as of {day.as_of}: ")
    if not new and not closed:
        return head + Text("没有新的待办", "no new tasks")
    tail = Text(f"；{closed} 项条件消除，已自动完成", f"; {closed} closed, no longer the case") if closed else Text("", "")
    if not new:
        return head + Text("没有新的待办", "no new tasks") + tail
    return head + Text(f"新下达待办 {new} 项（{zh}）", f"new tasks {new} ({en})") + tail


def _begun(table: str, count: int) -> Text:
    title = schema.table(table).title
    return Text(f"“{title.zh}”已填入计划自带的 {count} 行", f"{title.en}: the plan's own were filled in, {counted(count, 'row')}")


def _instead(done: Dispatched) -> list[Text]:
    """Roles nobody has."""
    roles = [_role(code) for code in sorted(done.instead)]
    if not roles:
        return []
    zh, en = joined(roles)
    return [Text(f"没有人担任{zh}：待办由总监负责", f"nobody is {en}: the director acts instead")]


def _still_open(day: Day, done: Dispatched) -> list[Row]:
    after = [row | done.edits.get(index, {}) for index, row in enumerate(day.rows(duties.TABLE))]
    return [row for row in after if duties.overdue(row, day.now)]


def _overdue(day: Day, done: Dispatched) -> list[Text]:
    late = _still_open(day, done)
    if not late:
        return []
    first = min(late, key=lambda row: row["due_at"])
    return [
        Text(
            f"逾期待办 {len(late)} 项，最早 {first['id']}（{first['owner']}，{first['due_at']:%m-%d}）",
            f"tasks overdue: {len(late)}, the oldest {first['id']} ({first['owner']}, {first['due_at']:%Y-%m-%d})",
        )
    ]


def _data(day: Day, done: Dispatched) -> dict[str, Any]:
    return {
        "as_of": day.as_of.isoformat(),
        "new": len(done.new),
        "closed": len(done.edits) - len(done.reopened),
        "reopened": len(done.reopened),
        "overdue": len(_still_open(day, done)),
        "by_rule": done.by_rule,
        "tasks": [{key: str(row[key]) for key in ("id", "object", "episode", "owner", "title", "due_at")} for row in done.new],
    }


ACTION = Action(
    label=Text("每日例行", "Daily routine"),
    tip=Text(
        "把截止日期移到今天，检查各章规则，到期的事下达为待办",
        "Moves the as-of date to today, asks every chapter's rules and turns what is due into tasks",
    ),
    about=Text(
        "截止日期设为今天（计划年度内）；月份结束后滚动预算；在“待办”追加新事项，条件消除的自动完成，没写结果就办结的退回；其余不改。",
        "Sets the as-of date to today, inside the plan's year; rolls the budget when a month is over; adds tasks, closes those whose cause "
        "is gone, opens again what was closed without a result; leaves all others as they are.",
    ),
    group="plan",
    order=7,
    icon="Refresh",
    keytip="O1",
    run=run,
    arguments=arguments,
    guards=False,
    writes={"html": ".html"},
    beside=_beside,
    examples=Text(
        "示例：\n  salesplan nightly 计划.xlsx\n  salesplan nightly 计划.xlsx --as-of 2027-06-30\n  salesplan nightly 计划.xlsx --html 驾驶舱.html --for P001,P034 --force",
        "examples:\n  salesplan nightly plan.xlsx\n  salesplan nightly plan.xlsx --as-of 2027-06-30\n  salesplan nightly plan.xlsx --html cockpit.html --for P001,P034 --force",
    ),
)
