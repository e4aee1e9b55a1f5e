"""News of customers: files of registry changes and tenders that arrive in a folder become mails to the customers' owners.

A file is taken when nobody writes to it any more, read as people and crawlers make them (CSV, .xlsx, JSON), and moved aside
when all it says is entered in the outbox's journal; so a run that dies tells nothing twice and forgets nothing. What finds
no owner goes to the people named for it; what can't be read is moved to ``bad`` with the reason beside it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from addin.mailing import addresses, compose, outbox, safe, templates
from addin.mailing.compose import Heading, Letter, Words
from addin.mailing.letters import Settings
from addin.mailing.outbox import Journal
from addin.mailing.templates import Template
from udfs.text import Text, speaking
from workbook_templates.answers import Refused
from workbook_templates.intake import files
from workbook_templates.mailed import Facts
from workbook_templates.saving import atomic_write, beside, mode_of
from workbook_templates.tables.schema import Row

KIND = "feed"
FIELDS = ("customer", "customer_id", "news")
DONE, BAD, OUTBOX = "done", "bad", "outbox"
WITHIN = dt.timedelta(minutes=30)  # rules, chapter 8: so soon the owner knows
_ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".json", ".jsonl")
_UNFINISHED = re.compile(r"(?i)^(~\$|\.)|\.(tmp|part|partial|crdownload|download|filepart)$")
_HEADER_WITHIN = 20
_LONGEST = 2000  # characters of one piece of news
# What a column may be called, without case and blanks.
_NAMES = {
    "code": ("统一社会信用代码", "社会信用代码", "信用代码", "纳税人识别号", "税号", "uscc", "creditcode", "code", "unifiedsocialcreditcode"),
    "id": ("客户编号", "客户号", "customerid", "id"),
    "customer": ("客户名称",
                 "客户",
                 "企业名称",
                 "公司名称", "单位名称", "采购人", "采购单位", "招标人", "招标单位", "customer", "customername", "company", "name", "buyer", "account"),
    "what": ("变更内容",
             "变更事项",
             "变动", "事项", "内容", "标题", "公告标题", "项目名称", "摘要", "what", "change", "title", "event", "news", "subject", "description"),
    "date": ("日期", "变更日期", "公告日期", "发布日期", "时间", "date", "published", "changedon", "time"),
}  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One piece of news as a file has it."""

    what: str
    date: str
    code: str = ""
    customer: str = ""
    id: str = ""
    more: tuple[tuple[str, str], ...] = ()

    def hash(self, customer: str = "") -> str:
        """The same news is the same, whatever file it comes in and however that names the customer."""
        said = [_folded(x) for x in (customer or self.code or self.id or self.customer, self.what, self.date)]
        return hashlib.sha256("\0".join(said).encode("utf-8")).hexdigest()[:32]

    @property
    def line(self) -> str:
        """As the mail says it."""
        more = "；".join(f"{name}：{value}" for name, value in self.more)
        return "  ".join(filter(None, (self.date, self.what, more)))


class Unusable(Exception):
    """A file that says nothing that can be used; ``text`` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


# --------------------------------------------------------------------------------------------------------------- the folder


class Arrivals:
    """The files of a folder that are whole: unchanged for a while, and not open for writing elsewhere."""

    def __init__(self, folder: Path, settle: float) -> None:
        self.folder, self.settle = folder, settle
        self._looks: dict[Path, tuple[tuple[int, int], float]] = {}

    def ready(self, now: float) -> list[Path]:
        """Those that have kept size and time since ``settle`` seconds; the oldest first."""
        found = []
        try:
            listed = sorted((p for p in self.folder.iterdir() if p.is_file() and not _UNFINISHED.search(p.name)), key=_age)
        except OSError as error:
            raise Refused(
                Text(f"读不了文件夹 {self.folder}：{error.strerror}", f"the folder {self.folder} can't be read: {error.strerror}")
            ) from error
        for path in listed:
            state = _state(path)
            if state is None:
                continue
            before, since = self._looks.get(path, (None, now))
            if before != state:
                self._looks[path] = (state, now)
                since = now
            # Whole when watched long enough, or when it lay still long before the first look.
            if now - since >= self.settle or now - state[1] / 1e9 >= max(self.settle, 1.0):
                found.append(path)
        self._looks = {p: look for p, look in self._looks.items() if p in listed}
        return found


def _state(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
        return status.st_size, status.st_mtime_ns
    except OSError:
        return None


def _age(path: Path) -> tuple[int, str]:
    state = _state(path)
    return (state[1] if state else 0), path.name


def take(path: Path) -> tuple[list[Item], int]:
    """All news of a file, and how many of its rows say none.

    ``Unusable`` when it is no such file, ``OSError`` when it can't be read now.
    """
    before = _state(path)
    if path.suffix.lower() not in _ENDINGS:
        raise Unusable(Text("不是 CSV、XLSX 或 JSON", "neither CSV, XLSX nor JSON"))
    rows = _json(path) if path.suffix.lower() in (".json", ".jsonl") else _table(path)
    if _state(path) != before:
        raise OSError("changed while it was read")
    rows = [row for row in rows if any(value.strip() for value in row.values())]
    items = [item for row in rows if (item := _item(row)) is not None]
    if not items:
        text = "没有可用的行：每行应有客户（编号、名称或信用代码）和内容"
        raise Unusable(Text(text, "no row can be used: each needs a customer (ID, name or credit code) and what happened"))
    return items, len(rows) - len(items)


def _table(path: Path) -> list[dict[str, str]]:
    with open(path, "rb"):  # what is open elsewhere for writing is told apart from what is no table
        pass
    try:
        source = files.read(path, lambda cells: len(_fields([str(c or "") for c in cells])))
    except Refused as refused:
        raise Unusable(refused.text) from refused
    for number, row in enumerate(source.rows[:_HEADER_WITHIN]):
        headers = [_shown(c) for c in row.cells]
        known = _fields(headers)
        if "what" in known and {"code", "id", "customer"} & set(known):
            return [{h: _shown(c) for h, c in zip(headers, line.cells, strict=False) if h} for line in source.rows[number + 1 :]]
    raise Unusable(
        Text(
            "找不到标题行：应有客户（编号、名称或信用代码）和内容（变更事项、标题……）两列",
            "no header row: there must be a column for the customer (ID, name or credit code) and one for what happened",
        )
    )


def _json(path: Path) -> list[dict[str, str]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError as error:
            raise Unusable(Text("编码读不出来", "the encoding can't be made out")) from error
    try:
        data = (
            [json.loads(line) for line in text.splitlines() if line.strip()]
            if path.suffix.lower() == ".jsonl"
            else json.loads(text)
        )
    except (ValueError, RecursionError) as error:
        raise Unusable(Text(f"不是完整的 JSON：{error}", f"no whole JSON: {error}")) from error
    if isinstance(data, dict):
        lists = [value for value in data.values() if isinstance(value, list)]
        data = lists[0] if len(lists) == 1 else [data]
    rows = [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
    return [{str(k): _shown(v) for k, v in row.items()} for row in rows]


def _shown(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else safe.line(value, _LONGEST)


def _fields(headers: Sequence[str]) -> dict[str, str]:
    """Our field → the header that means it."""
    found: dict[str, str] = {}
    for name, known in _NAMES.items():
        header = next((h for k in known for h in headers if _folded(h) == k), None)
        if header:
            found[name] = header
    return found


def _item(row: Mapping[str, str]) -> Item | None:
    known = _fields(list(row))
    given = {name: row[header].strip() for name, header in known.items()}
    if not given.get("what") or not any(given.get(k) for k in ("code", "id", "customer")):
        return None
    more = tuple((h, v) for h, v in row.items() if v.strip() and h not in known.values())
    return Item(more=more, **({"date": ""} | given))


def _folded(text: str) -> str:
    whole = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s_\-]+", "", whole)


def aside(path: Path, folder: str, report: str = "") -> Path:
    """Move a file out of the way, never over another; the report beside it."""
    target = path.parent / folder
    target.mkdir(exist_ok=True)
    name, number = path.name, 1
    while (target / name).exists():
        number += 1
        name = beside(target / path.stem, after=f" ({number}){path.suffix}").name
    if report:
        atomic_write(beside(target / name, after=".txt"), report.encode("utf-8-sig"), mode=mode_of(path))
    os.replace(path, target / name)
    return target / name


# -------------------------------------------------------------------------------------------------------------------- owners


@dataclass(frozen=True)
class Owners:
    """Which customer a piece of news is about, and who looks after it."""

    customers: Mapping[str, Row]
    by_code: Mapping[str, list[str]]
    by_name: Mapping[str, list[str]]
    people: Mapping[str, Row]

    @classmethod
    def of(cls, facts: Facts) -> Owners:
        """From the plan's Tables."""
        codes: dict[str, list[str]] = defaultdict(list)
        names: dict[str, list[str]] = defaultdict(list)
        customers = {str(row["id"]): row for row in facts.of("Customers")}
        for id, row in customers.items():
            names[_name(str(row.get("name") or ""))].append(id)
            if row.get("credit_code"):
                codes[_folded(str(row["credit_code"]))].append(id)
        names.pop("", None)
        return cls(customers, codes, names, {str(row["id"]): row for row in facts.of("People")})

    def customer(self, item: Item) -> Row | None:
        """The one customer that is meant; None where there is none, or more than one."""
        if item.id:
            found = [item.id] if item.id in self.customers else []
        elif item.code and _folded(item.code) in self.by_code:
            found = self.by_code[_folded(item.code)]
        else:
            found = self.by_name.get(_name(item.customer), []) if item.customer else []
        return self.customers[found[0]] if len(found) == 1 else None

    def address(self, id: str, mail: Settings, today: dt.date) -> tuple[str, Text | None]:
        """A person's address, or why the person can't be written to."""
        person = self.people.get(id)
        if person is None:
            return "", Text(f"负责人 {id or '（空）'} 不在人员表", f"the owner {id or '(blank)'} is not in People")
        left = person.get("left")
        if isinstance(left, dt.date) and left < today:
            return "", Text(f"负责人 {id} 已离职", f"the owner {id} has left")
        email = str(person.get("email") or "")
        return addresses.first_problem(email, mail.domains, [email])


def _name(text: str) -> str:
    return re.sub(r"[()（）\[\]【】.,，。·'\"]", "", _folded(text))


# ------------------------------------------------------------------------------------------------------------------- letters


@dataclass
class Told:
    """What one look at the folder came to."""

    letters: list[Letter] = field(default_factory=list)
    unmatched: list[tuple[Item, Text]] = field(default_factory=list)
    repeated: int = 0
    marks: dict[Item, str] = field(default_factory=dict)  # by which each piece of news is known again


@dataclass(frozen=True)
class Desk:
    """What the letters are written with."""

    facts: Facts
    mail: Settings
    template: Template
    plan: str
    now: dt.datetime

    def refused(self, address: str) -> Text | None:
        """Why no mail of ours may go to an address: nobody of the plan's has it, or its domain is not allowed."""
        return addresses.first_problem(
            address, self.mail.domains, (str(row.get("email") or "") for row in self.facts.of("People"))
        )[1]

    def compose(self, items: Sequence[Item], seen: set[str]) -> Told:
        """A letter for each customer with news, and one for those who are told of what finds no owner."""
        told, owners = Told(), Owners.of(self.facts)
        by_customer: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            customer = owners.customer(item)
            mark = item.hash(str(customer["id"]) if customer is not None else "")
            if mark in seen:
                told.repeated += 1
                continue
            seen.add(mark)
            told.marks[item] = mark
            if customer is None:
                told.unmatched.append((item, Text("对不上唯一的客户", "matches no single customer")))
                continue
            _, why = owners.address(str(customer.get("owner") or ""), self.mail, self.now.date())
            if why is not None:
                told.unmatched.append((item, why))
            else:
                by_customer[str(customer["id"])].append(item)
        told.letters += [self._to_owner(owners, id, news, told.marks) for id, news in by_customer.items()]
        if told.unmatched:
            told.letters += self._to_fallback(owners, told)
        return told

    def _to_owner(self, owners: Owners, id: str, news: Sequence[Item], marks: Mapping[Item, str]) -> Letter:
        customer = owners.customers[id]
        person = owners.people[str(customer["owner"])]
        address, _ = owners.address(str(person["id"]), self.mail, self.now.date())
        values = {
            **self.mail.common,
            "name": safe.line(person["name"]),
            "id": safe.line(person["id"]),
            "period": self._day(news),
            "total": "",
            "kind": KIND,
            "company": safe.line(self.facts.company),
            "year": str(self.facts.year),
            "version": safe.line(self.facts.version),
            "attachment": "",
            "customer": safe.line(customer["name"]),
            "customer_id": safe.line(id),
            "news": "\n".join(item.line for item in news),
        }
        lacking = self.template.lacking(values["name"], values)
        if lacking:
            raise Refused(lacking[0].text)
        subject, body = self.template.fill(values)
        return self._letter(person, address, self._day(news), subject, body, [marks[item] for item in news])

    def _to_fallback(self, owners: Owners, told: Told) -> list[Letter]:
        made, unmatched = [], told.unmatched
        with speaking(self.facts.lang):
            head = Text("以下客户变动没有找到负责人，请处理：", "This news of customers found no owner; please see to it:")
            lines = [f"{i.id or i.code} {i.customer}  {i.line}  （{why}）" for i, why in unmatched]
            subject = Text(f"未匹配的客户变动 {len(unmatched)} 条", f"News of customers without an owner: {len(unmatched)}")
            body = "\n".join([str(head), "", *lines])
            for id in self.mail.fallback:
                address, why = owners.address(id, self.mail, self.now.date())
                if why is None:
                    news = [item for item, _ in unmatched]
                    marks = [told.marks[item] for item in news]
                    made.append(self._letter(owners.people[id], address, self._day(news), str(subject), body, marks))
        return made

    def order(self, tasks: Sequence[Row], seen: set[str]) -> tuple[list[Letter], list[Text]]:
        """A letter for each task that was not told yet, to who is to do it; and who can't be written to."""
        owners, made, silent = Owners.of(self.facts), list[Letter](), list[Text]()
        with speaking(self.facts.lang):
            for task in tasks:
                mark = Item(str(task["rule"]), str(task["episode"]), id=str(task["object"])).hash()
                if mark in seen:
                    continue
                seen.add(mark)
                person = str(task["owner"])
                address, why = owners.address(person, self.mail, self.now.date())
                if why is not None:
                    silent.append(Text(f"{task['title']}：", f"{task['title']}: ") + why)
                    continue
                until = Text(f"期限 {task['due_at']:%Y-%m-%d %H:%M}", f"due {task['due_at']:%Y-%m-%d %H:%M}")
                body = "\n".join([str(task["title"]), str(until), "", str(self.mail.common["sender"])])
                subject = safe.line(f"{task['rule']} {task['object']}：{until}")
                made.append(self._letter(owners.people[person], address, f"{self.now:%Y-%m-%d}", subject, body, [mark]))
        return made, silent

    def _day(self, news: Sequence[Item]) -> str:
        days = [m[0] for i in news if (m := re.search(r"\d{4}-\d\d-\d\d", i.date.replace("/", "-")))]
        return max(days, default=self.now.date().isoformat())

    def _letter(self, person: Row, address: str, day: str, subject: str, body: str, marks: Sequence[str]) -> Letter:
        heading = Heading(self.plan, self.mail.host, self.mail.sender, self.mail.common["sender"], self.facts.lang, self.now)
        words = Words(KIND, str(person["id"]), str(person["name"]), address, day, subject, body)
        return replace(compose.letter(heading, words, None), items=tuple(marks))


def template_of(book: Any, facts: Facts) -> Template:
    """The template of news. Refused with every fault of it."""
    template, missing = templates.chosen(book.read("MailTemplates"), KIND, facts.lang)
    problems = [*missing, *(template.problems(templates.known_fields(FIELDS)) if template else [])]
    if problems or template is None:
        zh, en = ("; ".join(f"{p.sheet}!{p.cell} {getattr(p.text, lang)}" for p in problems) for lang in ("zh", "en"))
        raise Refused(Text(zh, en))
    return template


def seen(journal: Journal) -> set[str]:
    """All news that is told already, or about to be."""
    return {item for entry in journal.entries.values() if entry.state != outbox.DROPPED for item in entry.items}


def late(journal: Journal, now: dt.datetime) -> int:
    """How many mails wait longer than they may."""
    limit = (now.replace(tzinfo=None) - WITHIN).isoformat(timespec="seconds")
    return sum(entry.state == outbox.PENDING and entry.time < limit for entry in journal.entries.values())


def waiting(journal: Journal) -> list[outbox.Entry]:
    """What is to be delivered now: what never got out, and what the server refused for the time being (4xx)."""
    return [
        e
        for e in journal.entries.values()
        if e.state == outbox.PENDING or (e.state == outbox.REFUSED and e.reply.startswith("4"))
    ]


def quietly_moved(path: Path, folder: str, report: str = "") -> None:
    """Move aside; a file that is gone or held fast stays for the next look."""
    with contextlib.suppress(OSError, Refused):
        aside(path, folder, report)
