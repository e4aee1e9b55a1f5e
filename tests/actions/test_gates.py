"""All gates over all actions: which stands where, and a year's forbidden things tried one after another, refused, waived, recorded."""

from __future__ import annotations

import ast
import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from addin.book import FileBook
from tests.actions.steps import change, do
from tests.small_plan import small_plan
from tests.source import ROOT
from tests.test_duties import PEOPLE, ROLES, day
from workbook_templates.tables import gates, schema
from workbook_templates.tables.gates import Moment
from workbook_templates.tables.schema import Company, Row

JUNE = dt.date(2027, 6, 30)
# The table of chapters.md, "Gates": which gate is asked at which moment, and the Table whose key its waiver names.
EXPECTED = {
    "credit": ("Customers", {"approve", "contract", "deal", "schedule", "ship"}),
    "terms": ("Deals", {"contract", "ship"}),
    "limit": ("Contracts", {"approve", "contract"}),
    "price": ("Contracts", {"contract"}),
    "signatures": ("Contracts", {"contract", "schedule", "ship"}),
    "clause": ("Contracts", {"contract"}),
    "export": ("Deals", {"ship"}),
    "embargo": ("Deals", {"ship"}),
    "roi": ("Budget", {"spend"}),
    "stalled": ("Opportunities", {"forecast"}),
}
# Who asks at each moment: chapters.md, "asked by".
ASKED_BY = {
    "approve": {"approve"}, "contract": {"contract"}, "deal": {"import_"}, "schedule": {"deliver"}, "ship": {"deliver"},
    "spend": {"campaigns", "events", "roi"}, "forecast": {"forecast"},
}  # fmt: skip


def test_gates_stand_where_the_specification_has_them() -> None:
    assert {key: (gate.about, {str(m) for m in gate.at}) for key, gate in gates.every().items()} == EXPECTED
    assert all(gate.about in schema.TABLES and gate.chapter for gate in gates.every().values())


def test_every_moment_is_asked_and_no_action_names_a_gate() -> None:
    asked: dict[str, set[str]] = {str(moment): set() for moment in Moment}
    for path in sorted((ROOT / "addin").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "refusals":
                moment = node.args[1]
                assert isinstance(moment, ast.Attribute)
                asked[str(Moment[moment.attr])].add(path.stem)
            assert not (isinstance(node, ast.Attribute) and ast.unparse(node) == "gates.stopped"), (
                f"{path.name} asks a gate by name"
            )
    assert asked == ASKED_BY


@pytest.mark.parametrize("moment", list(Moment))
@pytest.mark.parametrize("obj", ["", "没有的编号", "C1", "D1", "R1", "H1", "O1", "市场", "market"])
def test_any_moment_may_be_asked_about_anything(moment: Moment, obj: str) -> None:
    """No gate breaks on a blank plan, on an object it does not know, or on one of another Table."""
    row: Row = {"customer": "C1", "deal": "D1", "order": "D1"}
    held = {
        name: [row | {"id": key}]
        for name, key in (("Deals", "D1"), ("PriceRequests", "R1"), ("Contracts", "H1"), ("Opportunities", "O1"))
    }
    for on in (day(JUNE), day(JUNE, **held, Customers=[{"id": "C1"}])):
        said = [*gates.refusals(on, moment, obj), *gates.unseen(on, moment, obj)]
        assert all(text.zh and text.en for text in said)


def waived(gate: str, obj: str, **more: Any) -> Row:
    row: Row = {
        "gate": gate,
        "object": obj,
        "reason": "总经理会议",
        "by": "P001",
        "second": "P002",
        "until_on": dt.date(2027, 7, 31),
    }
    return row | more


@pytest.mark.parametrize("called", ["D1", "P27HD0001X", "C1", "H1"])
def test_a_waiver_may_name_the_order_as_any_person_calls_it(called: str) -> None:
    held: dict[str, Any] = {
        "Customers": [{"id": "C1"}], "Deals": [{"id": "D1", "customer": "C1", "revenue": 5.0}, {"id": "D2", "customer": "C1", "revenue": 5.0}],
        "Projects": [{"id": "P27HD0001X", "deal": "D1"}], "Contracts": [{"id": "H1", "deal": "D1", "customer": "C1"}],
        "CreditScores": [{"customer": "C1", "as_of": JUNE, "grade": "C"}],
    }  # fmt: skip
    on = day(JUNE, **held, Waivers=[waived("信用", called)])
    assert not gates.stopped(on, "credit", "D1")
    assert bool(gates.stopped(on, "credit", "D2")) == (called != "C1")  # only the customer's opens another order of theirs


# --------------------------------------------------------------------------------------------------------- a year's faults

STAFF = [
    *PEOPLE,
    *({"id": p, "name": p, "level": "representative", "line": "direct", "joined": dt.date(2020, 1, 1)} for p in ("P004", "P005")),
]
OFFICES = [
    *ROLES,
    *({"role": role, "line": None, "person": person, "from": dt.date(2027, 1, 1), "until": None} for role, person in (("legal", "P004"), ("finance", "P005"))),
]  # fmt: skip


def sold(name: str, customer: str, **more: Any) -> Row:
    return {
        "id": name, "date": dt.date(2027, 6, 1), "customer": customer, "region": "华东", "line": "flex", "seller": "P002", "seller_share": 1.0,
        "revenue": 100_000.0, "cost": 60_000.0, "due": dt.date(2027, 12, 1),
    } | more  # fmt: skip


def rated(customer: str, grade: str) -> Row:
    return {"customer": customer, "as_of": dt.date(2027, 3, 1), "grade": grade, "limit": 9e7, "by": "P001", "sources": "年报"}


def project(number: int, deal: str) -> Row:
    return {
        "id": f"P27HD{number:04d}X", "deal": deal, "promised": dt.date(2027, 9, 1), "pm": "P001", "template": "定制 Flex", "start": dt.date(2027, 6, 1),
    }  # fmt: skip


def contract(name: str, **more: Any) -> Row:
    return {"id": name, "customer": "CA", "status": "review", "amount": 100_000.0, "prepaid": 1.0, "credit_days": 0} | more


@pytest.fixture
def path(tmp_path: Path) -> Path:
    rows: dict[str, Any] = {
        "People": STAFF, "Roles": OFFICES,
        "Regions": [{"region": "华东", "buyers": 1.0, "spend": 1.0, "serviceable": 1.0, "coverage": 1.0, "win_rate": 1.0, "code": "HD"}],
        "Customers": [{"id": c, "name": c, "region": "华东", "country": "越南" if c == "CX" else None} for c in ("CA", "CB", "CC", "CX")],
        "CreditScores": [rated("CA", "A"), rated("CB", "B"), rated("CC", "C"), rated("CX", "A")],
        "Deals": [sold("DA", "CA"), sold("DB", "CB"), sold("DC", "CC"), sold("DX", "CX"), sold("DL", "CA")],
        "DealLines": [{"deal": "DL", "product": "FX", "quantity": 1.0, "price": 90_000.0}, {"deal": "DL", "product": "FX", "quantity": 1.0, "price": 10_000.0}],
        "Products": [{"code": "FX", "line": "flex", "name": "主机", "base_price": 95_000.0, "unit_cost": 60_000.0, "valid_from": dt.date(2027, 1, 1)}],
        "Projects": [project(1, "DA"), project(2, "DB"), project(3, "DX"), project(4, "DC")],
        "ProjectTasks": [{"project": "P27HD0001X", "task": "设计", "days": 3.0}],
        "TaskTemplates": [{"template": "定制 Flex", "task": "设计", "days": 3.0}],
        "PriceRequests": [{"id": "R1", "on": dt.date(2027, 6, 1), "customer": "CC", "product": "FX", "quantity": 1.0, "quoted": 94_500.0, "seller": "P002"}],
        "ClauseLibrary": [
            {"topic": "ip", "option": "归我方", "risk": "green", "text_zh": "归我方", "text_en": None, "version": "1", "valid_from": dt.date(2027, 1, 1)}
        ],
        "ContractClauses": [{"contract": h, "topic": "ip", "option": "归我方"} for h in ("HP", "HM", "HQ")],
        "Contracts": [
            contract("HP", deal="DL"), contract("HM", deal="DA", amount=6e6), contract("HQ", quote="Q1", amount=90.0),
        ],
        "Quotes": [{"id": "Q1", "customer": "CA", "seller": "P002", "on": dt.date(2027, 6, 1), "status": "sent", "amount": 100.0}],
        "ExportChecks": [
            {"id": "X1", "order": "DX", "country": "越南", "result": "licence", "dual": "no", "eccn": "5A002", "hs": "8471"},
        ],
        "Waivers": [waived("信用", "无", until_on=dt.date(2027, 1, 1))],
    }  # fmt: skip
    return small_plan(tmp_path / "plan.xlsx", Company("甲", 2027, JUNE, rows=rows))


def refused(path: Path, action: str, match: str, **options: Any) -> None:
    """In one sentence, at the cell of what may not pass (chapters.md, acceptance 3)."""
    before = path.read_bytes()
    done = do(action, path, **options)
    (said,) = done.outcome.errors
    assert done.refused and re.search(match, said.text.zh) and "\n" not in said.text.zh and path.read_bytes() == before
    table, column = _WHERE[action]
    held, asked = FileBook.open(path).read(table), next(iter(options.values()))
    assert (said.sheet, said.row, said.column) == (
        held.grid.sheet,
        *held.at([row["id"] for row in held.rows].index(asked), column),
    )


_WHERE = {
    "approve": ("PriceRequests", "decision"),
    "contract": ("Contracts", "status"),
    "deliver": ("Projects", "shipped_on"),
}


def let(path: Path, gate: str, obj: str) -> None:
    change(path, {("Waivers", 0, key): cell for key, cell in waived(gate, obj).items()})


def test_what_is_forbidden_is_refused_waived_by_two_and_recorded(path: Path) -> None:
    shipped = {"ship": True}
    # B pays first: goods may not leave before the cash
    refused(path, "deliver", "CB 信用等级 B：款到发货，DB 已收 0 元，应收 100,000 元", project="P27HD0002X", **shipped)
    let(path, "款到发货", "DA")
    refused(path, "deliver", "款到发货", project="P27HD0002X", **shipped)  # another order's waiver opens nothing
    let(path, "款到发货", "P27HD0002X")
    do("deliver", path, project="P27HD0002X", **shipped)
    book = FileBook.open(path)
    assert book.read("Projects").rows[1]["shipped_on"] == JUNE
    assert book.read("Waivers").rows[0]["object"] == "P27HD0002X"  # who let it through stays in the book
    # C: no approval, no shipment
    change(path, {("PriceRequests", 0, "seller"): "P002"})
    refused(path, "approve", "CC 信用等级 C", request="R1", decision="批准", by="P001")
    refused(path, "deliver", "CC 信用等级 C", project="P27HD0004X", **shipped)
    # an export that needs a licence, and one nobody may let through
    refused(path, "deliver", "需许可证，还没有许可证号", project="P27HD0003X", **shipped)
    change(path, {("ExportChecks", 0, "result"): "forbidden"})
    let(path, "出口核查", "DX")
    refused(path, "deliver", "禁止，不能放行", project="P27HD0003X", **shipped)


def test_a_contract_below_the_approved_price_and_one_without_three_signatures(path: Path) -> None:
    refused(path, "contract", "低于基准价 95,000.00：没有价格申请", contract="HP", activate=True)
    let(path, "价格审批", "HP")
    do("contract", path, contract="HP", activate=True)
    refused(path, "contract", "HQ 合同额 90.00 低于报价 Q1 的 100.00", contract="HQ", activate=True)
    refused(path, "contract", "缺销售会签；缺法务会签；缺财务会签", contract="HM", activate=True)
    done = do("deliver", path)  # and its project is not counted back before they signed
    assert any("P27HD0001X 没有排程：重大合同 HM 缺销售会签" in str(p.text) for p in done.outcome.problems)
    refused(path, "deliver", "重大合同 HM 缺销售会签", project="P27HD0001X", ship=True)
    let(path, "合同会审", "HM")
    do("deliver", path, project="P27HD0001X", ship=True)


def test_a_price_nobody_can_judge_is_said(path: Path) -> None:
    change(path, {("Contracts", 1, "deal"): None, ("Contracts", 1, "amount"): 100.0})
    done = do("contract", path, contract="HM")
    assert any("HM 的价格没有核对" in text.zh for text in done.outcome.notes)
