"""From a plan to its letters: who, which workbook, which words; every problem of the whole run found before one is written.

A problem is told by the cell that mends it. A letter that was sent before is left out and said so.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from addin.book import Book
from addin.mailing import addresses, compose, outbox, safe, templates
from addin.mailing.addresses import BadAddress, Domains
from addin.mailing.compose import Attachment, Heading, Letter, Words
from addin.mailing.credentials import locked
from addin.mailing.inspect import Inspector, Leak
from addin.mailing.outbox import Entry
from udfs.text import Text, joined, speaking
from workbook_templates.answers import ERROR, WARNING, Problem, Refused
from workbook_templates.cells import At
from workbook_templates.chapters.basics.tables.mail import MAIL_KINDS
from workbook_templates.chapters.incentives.staff import Staff
from workbook_templates.mailed import Facts, MailedKind, Piece
from workbook_templates.tables.schema import TABLES, addressees

HIDDEN_TOTAL = Text("（见加密附件）", "(see the locked attachment)")
MOST = 15  # findings told of one mail
_ADVICE = Text("：请先计算提成，再检查", ": compute commissions, then check")


@dataclass(frozen=True)
class Settings:
    """What the mail sheet says: where mail may go, who sends it."""

    domains: Domains
    sender: str
    common: Mapping[str, str]
    plain_words: tuple[str, ...]
    fallback: tuple[str, ...]

    @property
    def host(self) -> str:
        """What Message-IDs end in."""
        return self.sender.rpartition("@")[2] or self.domains.first


@dataclass
class Prepared:
    """The letters that may go, and everything that is wrong or worth knowing."""

    letters: list[Letter] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    before: list[Entry] = field(default_factory=list)  # left out: they went before

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self.problems if p.level == ERROR]


@dataclass(frozen=True)
class MailWishes:
    """What was asked for."""

    kind: str
    period: str
    to: tuple[str, ...] = ()
    again: bool = False
    changed: bool = False
    password: Callable[[str], str] | None = None


# ---------------------------------------------------------------------------------------------------------------- settings


def settings(book: Book, facts: Facts) -> tuple[Settings | None, list[Problem]]:
    """The mail sheet's settings, and what is wrong with them."""
    return settings_of(book, facts.company)


def settings_of(book: Book, company: str) -> tuple[Settings | None, list[Problem]]:
    """The same for who knows what the company is called."""
    problems: list[Problem] = []
    domains = Domains(frozenset(), frozenset())
    try:
        domains = Domains.parse(_said(book, "mail_domains"))
        if not domains:
            text = Text("没有允许的域名：请填写（如 example.com）", "no domain is allowed: fill it in (such as example.com)")
            problems.append(_at(book, "mail_domains", text))
    except BadAddress as bad:
        problems.append(_at(book, "mail_domains", bad.text))
    sender = _said(book, "mail_from")
    if sender:
        try:
            sender = addresses.checked(sender)
            if domains and not domains.allow(sender):
                text = Text("发件邮箱不在允许的域名中", "the from address lies in no allowed domain")
                problems.append(_at(book, "mail_from", text))
        except BadAddress as bad:
            problems.append(_at(book, "mail_from", bad.text))
    words = (_listed(_said(book, name)) for name in ("mail_words", "mail_fallback"))
    common = {"slogan": safe.line(_said(book, "mail_slogan")), "sender": safe.line(_said(book, "mail_sender") or company)}
    made = Settings(domains, sender, common, *words)
    return (None if problems else made), problems


def _said(book: Book, name: str) -> str:
    value = book.first(name)
    return "" if value is None else str(value).strip()


def _listed(text: str) -> tuple[str, ...]:
    for separator in "，、；;\n":
        text = text.replace(separator, ",")
    return tuple(filter(None, (word.strip() for word in text.split(","))))


def _at(book: Book, name: str, text: Text, level: str = ERROR) -> Problem:
    place = book.locate(name)
    if place is None:
        return Problem("", 0, 0, text + Text(f"（名称 {name}）", f" (name {name})"), level)
    return Problem(place[0], place[1].first_row, place[1].first_col, text, level)


# --------------------------------------------------------------------------------------------------------------------- who


def chosen(facts: Facts, everyone: Sequence[str], to: Sequence[str], period: str) -> list[str]:
    """The recipients asked for: by ID, or ``team:ID`` for all below somebody. Refused for what nobody is called."""
    if not to:
        return list(everyone)
    last = dt.date(int(period[:4]) + (period[5:] == "12"), int(period[5:]) % 12 + 1, 1) - dt.timedelta(1)
    staff = Staff(facts.of("People"), facts.of("Transfers"))
    ids = [str(row["id"]) for name in addressees() for row in facts.of(name)]
    wanted: set[str] = set()
    for word in to:
        is_team, _, id = word.rpartition(":")
        if id not in ids or is_team.strip().lower() not in ("", "team", "团队"):
            near = difflib.get_close_matches(id, ids, 1)
            hint = (f"，是否想用 {near[0]}？", f"; did you mean {near[0]}?") if near else ("", "")
            raise Refused(
                Text(
                    f"--to “{safe.line(word, 40)}”：人员和经销商中没有这个编号{hint[0]}",
                    f"--to “{safe.line(word, 40)}”: no person or dealer has this ID{hint[1]}",
                )
            )
        wanted |= {p for p in staff.people if id in staff.chain(p, last)} if is_team else {id}
    return [id for id in everyone if id in wanted]


@dataclass(frozen=True)
class _Directory:
    """Where each recipient's address stands."""

    places: Mapping[str, list[tuple[str, str, At]]]  # ID → (address, sheet, cell)

    @classmethod
    def of(cls, book: Book) -> _Directory:
        places: dict[str, list[tuple[str, str, At]]] = {}
        for name in addressees():
            if name not in TABLES or "email" not in TABLES[name].by_key or book.grid(name) is None:
                continue
            held = book.read(name)
            for index, row in enumerate(held.rows):
                place = (str(row.get("email") or ""), held.grid.sheet, held.at(index, "email"))
                places.setdefault(str(row["id"]), []).append(place)
        return cls(places)

    def checked(self, who: str, id: str, address: str, domains: Domains) -> tuple[str, Problem | None]:
        listed = self.places.get(id, [])
        found, wrong = addresses.first_problem(address or next((a for a, *_ in listed), ""), domains, [a for a, *_ in listed])
        if wrong is None:
            return found, None
        sheet, at = (listed[0][1], listed[0][2]) if listed else ("", (0, 0))
        return "", Problem(sheet, *at, Text(f"{who}：", f"{who}: ") + wrong)


# ---------------------------------------------------------------------------------------------------------------- composing


def prepare(
    book: Book,
    facts: Facts,
    plan: str,
    kind: MailedKind,
    wishes: MailWishes,
    sent: Iterable[Entry],
    progress: Callable[[Text], None],
    now: dt.datetime,
) -> Prepared:
    """All letters of a run in memory. With an error among the problems nothing may be written."""
    out = Prepared()
    mail, wrong = settings(book, facts)
    template, missing = templates.chosen(book.read("MailTemplates"), wishes.kind, facts.lang)
    out.problems += [*wrong, *missing]
    who = chosen(facts, kind.recipients(facts, wishes.period), wishes.to, wishes.period)
    unsound = kind.wrong(facts, who, wishes.period)
    out.problems += [Problem("", 0, 0, text + _ADVICE) for text in unsound[:MOST]]
    if unsound:
        return out
    pieces: list[Piece] = []
    for number, id in enumerate(who, 1):
        progress(Text(f"生成 {number}/{len(who)}", f"Making {number} of {len(who)}"))
        pieces.append(kind.make(facts, id, wishes.period))
        if number == 1 and template is not None:  # before the rest is made, and before anything is composed
            out.problems += template.problems(templates.known_fields(list(pieces[0].fields)))
            if out.errors:
                return out
    if mail is None or template is None or out.errors:
        return out
    run = _Run(facts, plan, wishes, mail, template, _Directory.of(book), Inspector(facts.rows, mail.plain_words), now)
    history = _History(sent)
    for number, piece in enumerate(pieces, 1):
        progress(Text(f"核对 {number}/{len(pieces)}", f"Checking {number} of {len(pieces)}"))
        letter, problems = run.letter(piece)
        out.problems += problems
        if letter is not None:
            history.sort(letter, wishes, out)
    unchecked = run.inspector.unchecked()
    if unchecked:
        names = joined(unchecked, MOST)
        text = Text(
            f"与表格用词同形，无法据此查出他人信息：{names[0]}", f"words of the forms, too, and so not looked for: {names[1]}"
        )
        out.problems.append(_at(book, "mail_words", text, WARNING))
    return out


@dataclass
class _Run:
    """What all letters of a run share."""

    facts: Facts
    plan: str
    wishes: MailWishes
    mail: Settings
    template: templates.Template
    directory: _Directory
    inspector: Inspector
    now: dt.datetime

    def letter(self, piece: Piece) -> tuple[Letter | None, list[Problem]]:
        """One recipient's letter, unless something is wrong with it."""
        facts, wishes = self.facts, self.wishes
        who = (
            f"{safe.line(piece.name, 30)}（{piece.recipient}）"
            if facts.lang == "zh"
            else f"{safe.line(piece.name, 30)} ({piece.recipient})"
        )
        address, wrong = self.directory.checked(who, piece.recipient, piece.email, self.mail.domains)
        problems = [] if wrong is None else [wrong]
        values = compose.fields(facts.company, facts.year, facts.version, self.mail.common, piece, _kind(piece.kind, facts.lang))
        password = wishes.password(piece.recipient) if wishes.password is not None else ""
        if wishes.password is not None:
            values["total"] = getattr(HIDDEN_TOTAL, facts.lang)
            if not password:
                problems.append(_no_password(who))
        problems += self.template.lacking(who, values)
        problems += _told(who, self.inspector.package(piece.workbook, piece.owns))
        if problems:
            return None, problems
        made = self._compose(piece, address, values, password)
        found = [Leak("eml", text) for text in compose.faults(made)]
        problems += _told(who, [*found, *self.inspector.mail(made.content, piece.owns)])
        return (None if problems else made), problems

    def _compose(self, piece: Piece, address: str, values: Mapping[str, str], password: str) -> Letter:
        subject, body = self.template.fill(values)
        shown = safe.file_name(piece.filename.removesuffix(".xlsx"), ".xlsx")
        content = locked(piece.workbook, password) if password else piece.workbook
        attached = Attachment(shown, content, compose.digest(piece.workbook))
        # Behind a password the mail itself tells nothing of what the file holds.
        text, page = ("", "") if password else (piece.text, piece.html)
        heading = Heading(self.plan, self.mail.host, self.mail.sender, self.mail.common["sender"], self.facts.lang, self.now)
        state = safe.line(piece.fields.get("state", ""))  # estimated or final: worth a look before it goes
        known = (Text(state, state),) if state else ()
        words = Words(
            piece.kind, piece.recipient, piece.name, address, piece.period, subject, body, text, page,
            None if password else _drawn(piece, self.facts.lang), piece.total, known,
        )  # fmt: skip
        return compose.letter(heading, words, attached)


def _drawn(piece: Piece, lang: str) -> tuple[bytes, str] | None:
    """The picture of a mail's body; none where there is nothing to draw with."""
    from workbook_templates.webpage import drawings

    asked = piece.picture
    if asked is None or not drawings.available():
        return None
    with speaking(lang):
        return drawings.png(asked.key, asked.heads, asked.rows), asked.said


def _kind(code: str, lang: str) -> str:
    return next((getattr(word.label, lang) for word in MAIL_KINDS if word.code == code), code)


def _told(who: str, findings: Sequence[Leak]) -> list[Problem]:
    shown = [Problem("", 0, 0, Text(f"{who} {f.where}：", f"{who} {f.where}: ") + f.text) for f in findings[:MOST]]
    if len(findings) > MOST:
        more = len(findings) - MOST
        shown.append(Problem("", 0, 0, Text(f"{who}：另有 {more} 处", f"{who}: {more} more")))
    return shown


def _no_password(who: str) -> Problem:
    text = Text(
        f"{who}：没有附件密码，--password-from 的来源里要有此编号",
        f"{who}: no password for the file: --password-from must have one",
    )
    return Problem("", 0, 0, text)


# ----------------------------------------------------------------------------------------------------------------- history


class _History:
    """What went before, by kind, recipient and period."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.gone: dict[tuple[str, str, str], list[Entry]] = {}
        for entry in entries:
            if entry.state in outbox.GONE:
                self.gone.setdefault(entry.what, []).append(entry)

    def sort(self, letter: Letter, wishes: MailWishes, out: Prepared) -> None:
        """Let a letter go, or leave it out because it, or another in its place, went before."""
        before = self.gone.get((letter.kind, letter.recipient, letter.period), [])
        same = [e for e in before if e.hash == letter.hash]
        if not before or wishes.again or (wishes.changed and not same):
            out.letters.append(letter)
            return
        last = (same or before)[-1]
        out.before.append(last)
        out.problems.append(Problem("", 0, 0, _went_before(letter, last, bool(same)), WARNING))


def _went_before(letter: Letter, last: Entry, same: bool) -> Text:
    who, when = f"{letter.name}（{letter.recipient}）", last.time[:16].replace("T", " ")
    who_en = f"{letter.name} ({letter.recipient})"
    if last.state == outbox.UNCERTAIN:
        return Text(
            f"{who} 的邮件 {when} 可能已送达，没有再发：向收件人确认后，要重发请加 --again",
            f"{who_en}: a mail of {when} perhaps arrived and is not sent again: ask, then use --again to repeat it",
        )
    if same:
        return Text(
            f"{who} 已于 {when} 发过同一封，没有再发（--again 重发）",
            f"{who_en} got this mail on {when}; not again (--again repeats it)",
        )
    return Text(
        f"{who} 已于 {when} 发过，此后内容有变，没有再发（--changed 只发有变的，--again 全部重发）",
        f"{who_en} got this on {when} and it changed since; not sent again (--changed sends what changed, --again all)",
    )
