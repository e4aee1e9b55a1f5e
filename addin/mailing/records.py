"""Mail in the workbook: the list of what lies ready, and the log of what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from addin.book import Book
from addin.mailing import outbox, safe
from addin.mailing.compose import Letter
from addin.mailing.outbox import Entry
from workbook_templates.cells import moment_of
from workbook_templates.tables.schema import Row, table

# What a state of the journal is called in the log.
_WORDS = {
    outbox.PENDING: "drafted",
    outbox.HANDED: "drafted",
    outbox.SENT: "sent",
    outbox.REFUSED: "refused",
    outbox.UNCERTAIN: "uncertain",
    outbox.SENDING: "uncertain",
}


def plan_key(book: Book) -> str:
    """Whose plan of which year: the same after the file was moved or copied."""
    return f"{book.first('company_name') or ''}|{book.year or ''}"


def log_row(entry: Entry, who: str = "") -> Row:
    """A line of the log."""
    time = dt.datetime.fromisoformat(entry.time) if entry.time else dt.datetime.now().replace(microsecond=0)
    given = {
        key: safe.line(getattr(entry, key))
        for key in ("kind", "period", "recipient", "name", "email", "subject", "hash", "message")
    }
    reply = safe.line(entry.reply) or None
    return {"time": time, "who": safe.line(entry.who or who), "state": _WORDS[entry.state], "reply": reply, **given}


def unlogged(log: Sequence[Row], entries: Iterable[Entry], who: str) -> list[Row]:
    """The lines that the log lacks: what a killed run could not write any more, too."""
    last: dict[str, tuple[str, str]] = {}
    for row in log:
        last[str(row["message"])] = (str(row["state"]), str(row["reply"] or ""))
    rows = [log_row(entry, who) for entry in entries]
    return [row for row in rows if last.get(str(row["message"])) != (row["state"], str(row["reply"] or ""))]


def logged(book: Book) -> list[Entry]:
    """What the log says went out, as the journal would say it: it travels with the workbook."""
    states = {"sent": outbox.SENT, "uncertain": outbox.UNCERTAIN}
    found = []
    for row in book.optional("MailLog"):
        state = states.get(str(row["state"]), outbox.PENDING)
        if row["state"] == "drafted" and row["reply"]:
            state = outbox.HANDED
        keys = ("message", "hash", "kind", "recipient", "name", "email", "period", "subject")
        given = {key: str(row[key] or "") for key in keys}
        found.append(Entry(**given, total=None, attachment="", file="", sha256="", size=0, state=state, time=_iso(row["time"])))
    return found


def _iso(time: object) -> str:
    if isinstance(time, float):
        return moment_of(time).isoformat(timespec="seconds")
    return time.isoformat() if isinstance(time, dt.date) else str(time or "")


def outbox_rows(book: Book, letters: Sequence[Letter], entries: Mapping[str, Entry], kind: str, period: str) -> list[Row]:
    """The list: these letters, and what lies ready of other kinds and periods. What a person held back stays so."""
    now = book.read("Outbox").rows
    held = {str(row["message"]): row["hold"] for row in now}
    others = [
        row
        for row in now
        if (row["kind"], row["period"]) != (kind, period)
        and (known := entries.get(str(row["message"]))) is not None
        and known.state in (outbox.PENDING, outbox.REFUSED)
    ]
    rows: list[Row] = [
        {
            "recipient": one.recipient,
            "name": one.name,
            "email": one.email,
            "kind": one.kind,
            "period": one.period,
            "subject": one.subject,
            "total": one.total,
            "attachment": one.attachment,
            "size": float(max(1, round(len(one.content) / 1024))),
            "hold": held.get(one.message),
            "problems": "；".join(str(p) for p in one.problems) or None,
            "file": one.file,
            "message": one.message,
            "digest": entries[one.message].sha256,
        }
        for one in letters
    ]
    keys = table("Outbox").by_key
    return [{key: value for key, value in row.items() if key in keys} for row in [*others, *rows]]
