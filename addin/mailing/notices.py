"""Task notices: what the daily routine ordered, to each owner in one mail, with the days to be kept as one calendar file.

No pay and nobody else's tasks are in it; where the mail sheet says no domain, or a person has no address, that is said and no draft made.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from addin import ics
from addin.mailing import addresses, compose
from addin.mailing.compose import Attachment, Heading, Letter, Words
from addin.mailing.letters import Settings
from udfs.text import Text
from workbook_templates.tables.schema import Row

KIND = Text("待办通知", "Task notice")
_LISTED = 30  # tasks that a mail lists; the file has all of them


@dataclass
class Notices:
    """The letters, and why somebody gets none."""

    letters: list[Letter] = field(default_factory=list)
    unwritten: list[Text] = field(default_factory=list)


def composed(
    tasks: Iterable[Row],
    people: Sequence[Row],
    mail: Settings,
    company: str,
    plan: str,
    lang: str,
    as_of: dt.date,
    now: dt.datetime,
) -> Notices:
    """A letter for each owner of new tasks."""
    by_owner: Mapping[str, list[Row]] = defaultdict(list)
    for task in tasks:
        by_owner[str(task["owner"])].append(task)
    known, out = {str(row["id"]): row for row in people if row.get("id")}, Notices()
    heading = Heading(plan, mail.host, mail.sender, mail.common["sender"], lang, now)
    for owner, mine in sorted(by_owner.items()):
        person = known[owner]
        email = str(person.get("email") or "")
        email, problem = addresses.first_problem(email, mail.domains, [email])
        if problem is not None:
            out.unwritten.append(Text(f"{owner}：", f"{owner}: ") + problem)
            continue
        words = Words(
            kind=str(KIND), recipient=owner, name=str(person["name"]), email=email, period=f"{as_of:%Y-%m}",
            subject=str(Text(f"新待办 {len(mine)} 项 · {as_of:%m-%d} · {company}", f"New tasks: {len(mine)} · {as_of} · {company}")),
            body=_body(mine, str(person["name"]), mail),
        )  # fmt: skip
        out.letters.append(compose.letter(heading, words, _file(mine, plan, as_of)))
    return out


def _body(tasks: Sequence[Row], name: str, mail: Settings) -> str:
    first = sorted(tasks, key=lambda row: (row["due_at"], row["id"]))
    lines = [f"{row['id']}  {row['due_at']:%m-%d %H:%M}  {row['title']}" for row in first[:_LISTED]]
    if len(first) > _LISTED:
        lines.append(str(Text(f"等 {len(first)} 项，其余见日历附件", f"{len(first)} in all, the others in the calendar file")))
    said: list[Any] = [
        Text(f"{name}，您好：", f"Dear {name},"),
        Text("每日例行为您下达了以下事项，期限在前：", "the daily routine ordered these, the first due first:"),
        "\n".join(lines),
        Text("办完请在“待办”页填写状态与结果。", "When done, please enter status and result on the sheet Tasks."),
        " · ".join(filter(None, (mail.common["sender"], mail.common["slogan"]))),
    ]
    return "\n\n".join(map(str, said))


def _file(tasks: Sequence[Row], plan: str, as_of: dt.date) -> Attachment:
    appointments = [
        ics.Appointment(f"task-{row['rule']}-{row['object']}-{row['episode']}", str(row["title"]), row["due_at"], str(row["object"]), alarm_days=1)
        for row in tasks
    ]  # fmt: skip
    content = ics.written(plan, str(Text("待办", "Tasks")), appointments, as_of)
    shown = str(Text(f"待办-{as_of:%Y%m%d}.ics", f"tasks-{as_of:%Y%m%d}.ics"))
    return Attachment(shown, content, compose.digest(content), compose.CALENDAR)
