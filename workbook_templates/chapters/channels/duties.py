"""A dealer that must leave: the channel manager talks, finance makes the list of stock to buy back."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from udfs.text import Text
from workbook_templates.tables.duties import Day, DueTask, Duties, DutyRule
from workbook_templates.tables.spec import QUARTER


def _leaving(day: Day) -> Iterator[DueTask]:
    dealers = {row["id"]: row for row in day.rows("Dealers") if row.get("id")}
    told: dict[str, dict[str, str]] = defaultdict(dict)
    for row in day.rows("DealerLedger"):
        if row.get("verdict") and row.get("dealer") in dealers and _over(str(row["quarter"]), day):
            told[row["dealer"]][str(row["quarter"])] = row["verdict"]
    for dealer, verdicts in sorted(told.items()):
        row, quarters = dealers[dealer], sorted(verdicts, reverse=True)
        if verdicts[quarters[0]] != "exit" or (row.get("left") and row["left"] <= day.as_of):
            continue
        # The exit that runs began in the first of its quarters.
        run = next((n for n, quarter in enumerate(quarters) if verdicts[quarter] != "exit"), len(quarters))
        name = f"{dealer} {row['name']}" if row.get("name") else dealer
        yield DueTask(
            object=dealer,
            episode=quarters[run - 1],
            title=Text(
                f"经销商 {name} 启动退出：约谈，按原发票价列出回购清单",
                f"dealer {name} has to leave: talk, and list the stock to buy back at invoice price",
            ),
            owner=row.get("owner"),
            others=("finance",),
            days=int(day.setting("tasks.exit_days")),
            table="Dealers",
        )


def _over(quarter: str, day: Day) -> bool:
    """Whether a quarter is one of those that are over on the day."""
    following = day.as_of + dt.timedelta(days=1)
    return bool(QUARTER.fullmatch(quarter)) and quarter < f"{following.year}-Q{(following.month + 2) // 3}"


DUTIES = Duties(40, (DutyRule("exit", Text("渠道退出", "Channel exit"), _leaving, ("Dealers", "DealerLedger")),))
