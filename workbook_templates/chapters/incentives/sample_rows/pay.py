"""The sample's rules, credits, cash, holds and policy changes: a believable few, none of which changes the plan's own figures.

One deal is shared as its short form says, one that was sold at a loss has an overlay (of nothing); the special bonus begins next year;
the review limit lies above every deal; a leaver's pay is on hold when nothing is due any more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from udfs.text import Text
from workbook_templates.tables import policies
from workbook_templates.tables.schema import Company, Row
from workbook_templates.tables.spec import SampleRows

_LIMIT = "30,000,000"
_RETENTION = 0.05
_UNIT = 100
_MIDDLE = 6
_STEPS, _STEPS_EARLY = (30, 75, 120, 200), (20, 45, 70, 100)  # days after signing: two payments, a refund, the retention
_TIERS = Text("新品专项", "New product bonus")


def rows(company: Company) -> Mapping[str, Sequence[Row]]:
    """By Table."""
    orders = _orders(company)
    return {
        policies.TABLE: [_limit(company.year)],
        "Rules": _rules(company.year),
        "TierTables": [
            {"name": str(_TIERS), "valid_from": None, "threshold": threshold, "rate": rate}
            for threshold, rate in ((0.0, 0.01), (0.25, 0.02))
        ],
        "Credits": _credits(company, orders),
        "Collections": _collections(company, orders),
        "Holds": _holds(company),
    }


def _orders(company: Company) -> list[Row]:
    """The deals that nothing came back of."""
    back = {row["original"] for row in company.of("Deals") if row["original"]}
    return [row for row in company.of("Deals") if not row["original"] and row["id"] not in back]


def _limit(year: int) -> Row:
    """From the middle of the year on a very large deal needs a second person."""
    return {
        "key": "review.limit", "valid_from": dt.date(year, 7, 1), "value": _LIMIT,
        "by": str(Text("财务总监 陈立", "Chen Li, finance director")),
        "reason": str(Text("大额订单两人复核", "Two people look at very large deals")), "on": dt.date(year, 6, 18),
    }  # fmt: skip


def _rules(year: int) -> list[Row]:
    """The plan's own rule, and a special bonus that begins next year."""
    blank = dict.fromkeys(
        (
            "line",
            "product_line",
            "customer_kind",
            "level",
            "person",
            "from",
            "until",
            "tiers",
            "gate",
            "accelerator",
            "floor",
            "cap",
        )
    )
    own = {
        "order": 1,
        "component": "commission",
        "name": str(Text("默认：参数中的档", "The plan's own tiers")),
        "basis": "margin",
    }
    special = {
        "order": 2, "component": "special", "name": str(_TIERS), "product_line": "ultra", "from": dt.date(year + 1, 1, 1),
        "basis": "margin", "tiers": str(_TIERS),
    }  # fmt: skip
    return [blank | own, blank | special]


def _credits(company: Company, orders: Sequence[Row]) -> list[Row]:
    out: list[Row] = []
    shared = next((row for row in orders if row["partner"]), None)
    if shared is not None:
        share = shared["seller_share"]
        out += _credit(shared, (shared["seller"], "seller", share), (shared["partner"], "partner", round(1 - share, 4)))
    loss = next((row for row in orders if row["cost"] > row["revenue"] and not row["partner"]), None)
    if loss is not None:
        out += _credit(loss, (loss["seller"], "seller", 1.0), (_expert(company, loss), "overlay", 0.3))
    return out


def _credit(deal: Row, *people: tuple[str, str, float]) -> list[Row]:
    return [{"deal": deal["id"], "person": person, "role": role, "share": share} for person, role, share in people]


def _expert(company: Company, deal: Row) -> str:
    """Who of the solution line helped to sell it: somebody who sold in that month anyhow."""
    month = (deal["date"].year, deal["date"].month)
    selling = {row["seller"] for row in company.of("Deals") if (row["date"].year, row["date"].month) == month} - {deal["seller"]}
    return str(next(p["id"] for p in company.of("People") if p["line"] == "solution" and p["id"] in selling))


def _collections(company: Company, orders: Sequence[Row]) -> list[Row]:
    """The cash of four deals of the first quarter, as much as Deals says: two payments, retention, a refund."""
    steps = _STEPS if company.day().month > _MIDDLE else _STEPS_EARLY
    old = [row for row in orders if row["date"].month <= 3 and row["date"] + dt.timedelta(steps[-1]) <= company.day()]
    paid = [row for row in old if row["collected"] == row["revenue"] > 0]
    part = [row for row in old if 0 < row["collected"] < row["revenue"]]
    out: list[Row] = []
    for place, deal in enumerate([*paid[:3], *part[:1]]):
        whole, day = deal["collected"], deal["date"]
        kept = whole * _RETENTION // _UNIT * _UNIT if place == 0 else 0.0
        back = _UNIT * 10 if place == 2 else 0.0
        first = (whole - kept) * 0.4 // _UNIT * _UNIT
        told = ((first, "payment"), (whole - kept - first + back, "payment"), (-back, "refund"), (kept, "retention"))
        dated = [(days, *cash) for days, cash in zip(steps, told, strict=True)]
        out += [_cash(company.year, deal, day + dt.timedelta(days), amount, kind, len(out) + n)
                for n, (days, amount, kind) in enumerate(dated) if amount]  # fmt: skip
    return out


def _cash(year: int, deal: Row, day: dt.date, amount: float, kind: str, number: int) -> Row:
    invoice = f"INV{year % 100}-{number + 1:04}" if kind == "payment" else None
    return {"deal": deal["id"], "date": day, "amount": float(amount), "kind": kind, "invoice": invoice}


def _holds(company: Company) -> list[Row]:
    """A leaver hands over: should anything still become due, it waits."""
    leaver = next((p for p in company.of("People") if p["left"] is not None and p["left"].month < 11), None)
    if leaver is None:
        return []
    months = [f"{company.year}-{leaver['left'].month + step:02}" for step in (1, 2)]
    reason, by = Text("离职交接未完成", "Handover not finished"), Text("销售运营 周敏", "Zhou Min, sales operations")
    return [{"person": leaver["id"], "deal": None, "from": months[0], "until": months[1], "reason": str(reason), "by": str(by)}]


SAMPLE = SampleRows(60, rows)
