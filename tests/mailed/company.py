"""A small company whose month has everything a statement can show; expectations stand beside it."""

from __future__ import annotations

import datetime as dt
import functools
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from addin.book import FileBook
from addin.facts import facts as read
from tests.pay import cases
from tests.pay.by_core import ByCore
from tests.pay.history import play
from tests.plans import sample_plan
from udfs.policy import POLICIES
from udfs.text import Text
from workbook_templates.mailed import Facts
from workbook_templates.tables.policies import Policies, changes_of
from workbook_templates.tables.schema import Row

MARCH = dt.date(2027, 3, 10)


@functools.cache
def sample(lang: str) -> Facts:
    """The sample company as its finished workbook says it."""
    return read(FileBook.open(sample_plan(lang, Path(tempfile.mkdtemp()))))


def settings() -> dict[str, Any]:
    """The policy's own values, as a workbook without settings of its own has them."""
    values = {key: policy.value for key, policy in POLICIES.items()}
    return {
        k: v.en if isinstance(v, Text) else list(v) if isinstance(v, tuple) else float(v) if isinstance(v, int | float) else v
        for k, v in values.items()
    }


def person(id: str, name: str, manager: str | None = None, **more: Any) -> Row:
    row = {
        "id": id,
        "name": name,
        "level": "representative",
        "line": "direct",
        "region": "华东",
        "manager": manager,
        "left": None,
    }
    return {**row, "joined": dt.date(2020, 1, 1), "email": f"{id.lower()}@x.example", "quota_weight": 1.0, **more}


def deal(id: str, day: dt.date, seller: str, revenue: float, cost: float, customer: str = "C1", **more: Any) -> Row:
    row = {"id": id, "date": day, "customer": customer, "seller": seller, "partner": None, "seller_share": 1.0}
    return {**row, "revenue": revenue, "cost": cost, "collected": 0.0, "original": None, **more}


def facts(rows: Mapping[str, list[Row]], lang: str = "zh", named: dict[str, Any] | None = None, **changed: Any) -> Facts:
    """A plan of these rows; the year's quota is 12 million."""
    figures = {"quota_total": [12_000_000.0], "quota_months": [1_000_000.0] * 12, **(named or {})}
    return Facts("晨星设备", 2027, dt.date(2027, 12, 31), "V1", lang, rows, settings() | changed, figures)


def of_core(core: ByCore, lang: str = "zh", more: Mapping[str, list[Row]] | None = None) -> Facts:
    """The plan that somebody keeps in memory, as the mailed workbooks read it."""
    base = settings() | core.settings
    dated = Policies(dict(base), changes_of(core.tables["PolicyChanges"])[0])
    rows: dict[str, Any] = {name: [dict(row) for row in rows] for name, rows in core.tables.items()}
    return Facts("晨星设备", 2027, core.today, "V1", lang, rows | dict(more or {}), base, {}, dated)


def case(name: str, until: str | None = None) -> ByCore:
    """A worked case, played to its end; what is refused on the way is looked at where the actions are."""
    core = ByCore()
    play(cases.load(name) | ({"until": until} if until else {}), core)
    return core


def entered(core: ByCore, table: str, *rows: Row) -> None:
    for row in rows:
        core.put(table, row)


def settle(core: ByCore, month: str) -> None:
    """Compute, review, lock and pay a month."""
    assert not core.commission({}).refused
    core.review(month, (), "Cora")
    core.lock(month, (), "Lio")
    core.pay(month, (), "Hu")


def computed(core: ByCore, day: dt.date) -> None:
    core.day(day)
    said = core.commission({})
    assert not said.refused, said.told


def decided(person: str, kind: str, amount: float, reason: str, by: str, deal: str | None = None) -> Row:
    component = "bonus" if kind == "bonus" else "commission"
    return {"period": "2027-03", "deal": deal, "person": person, "component": component, "commission": amount, "kind": kind, "status": "computed",
            "plan_version": "V1", "computed_on": dt.date(2027, 4, 5), "date": MARCH, "by": by, "reason": reason}  # fmt: skip


def busy_core() -> ByCore:
    """March of P1 in team of M1: an order at 30 %, a third of an odd one, a loss, a return, an adjustment, a decision, a bonus."""
    core = ByCore()
    core.day(dt.date(2027, 2, 5))
    entered(
        core,
        "People",
        person("M1", "山海", level="manager", quota_weight=0.0),
        person("P1", "木兰", "M1"),
        person("P2", "石峰", "M1"),
    )
    for who in ("P1", "P2"):
        for month in range(1, 13):
            core.quota(who, f"2027-{month:02}", 500_000.0)
    entered(core, "Deals", deal("D1", dt.date(2027, 2, 3), "P1", 100_000, 70_000))  # 1,250
    core.day(dt.date(2027, 2, 28))
    settle(core, "2027-02")
    core.change("Deals", "D1", {"cost": 71_000.0})  # at 29 %: 600 + 250 + 320 = 1,170
    entered(
        core,
        "Deals",
        deal("D2", MARCH, "P1", 1_000_000, 700_000),  # 12,500: the plan's own example
        deal("D3", MARCH, "P2", 33_333.33, 25_000, "C2", partner="P1", seller_share=0.6667),
        deal("D4", MARCH, "P1", 50_000, 60_000),  # a loss: a line of zero
        deal("D5", dt.date(2027, 3, 20), "P1", -40_000, -28_400, original="D1"),  # 40 % of 1,170
        deal("D6", MARCH, "P2", 500_000, 400_000, "C3"),
        deal("D7", MARCH, "P1", 10_000, 9_000),
    )
    entered(
        core,
        "Ledger",
        decided("P1", "bonus", 300.0, "协助投标", "总经理"),
        decided("P1", "manual", 0.0, "内部订单", "总经理", "D7"),
    )
    computed(core, dt.date(2027, 3, 31))
    next(r for r in core.tables["Ledger"] if r["deal"] == "D2")["status"] = "disputed"
    return core


def busy() -> dict[str, list[Row]]:
    """Its rows."""
    core = busy_core()
    return {
        **{name: core.tables[name] for name in ("People", "Deals", "Ledger", "Accounts")},
        "Customers": [{"id": f"C{n}", "name": name} for n, name in enumerate(("青禾机械", "远山电子", "白鹭物流"), 1)],
        "Quotas": [{"person": p, "name": "", "floor": None, "cap": None} for p in ("P1", "P2")],
        "Disputes": [
            {"number": 7, "period": "2027-03", "person": "P1", "deal": "D2", "remark": "毛利率不对", "answer": "已核对", "state": "answered"},
            {"number": 8, "period": "2027-03", "person": "P2", "deal": "D6", "remark": "别人的疑问", "answer": None, "state": "open"},
        ],
    }  # fmt: skip
