"""Chapter 9: grades and gates, contracts and signatures, exports, carbon; by rows, and once through each button."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
import pytest

from addin.book import FileBook
from addin.changes import Changes, lowered
from tests.actions.steps import change, do
from tests.small_plan import small_plan
from tests.test_duties import JUNE, PEOPLE, day, fired
from udfs.policy import value
from udfs.text import Text, speaking
from workbook_templates.answers import Refused
from workbook_templates.chapters.cockpit.sheets import problems
from workbook_templates.chapters.risk import carbon, contracts, credit, exports
from workbook_templates.chapters.risk.sheets import risk as risk_sheet
from workbook_templates.page import register, watches
from workbook_templates.page.builder import Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables import gates
from workbook_templates.tables.duties import Day
from workbook_templates.tables.schema import Company, Row

CUSTOMERS = [
    {"id": "C1", "name": "甲厂", "owner": "P002", "sales_12m": 12_000_000.0},
    {"id": "C2", "name": "乙厂", "owner": "P002", "country": "越南", "sales_12m": 0.0},
]
ROLES = [
    {"role": role, "line": None, "person": person, "from": dt.date(2027, 1, 1), "until": None}
    for role, person in (("director", "P001"), ("legal", "P004"), ("finance", "P005"))
]
STAFF = [
    *PEOPLE,
    *({"id": p, "name": p, "level": "representative", "line": "direct", "joined": dt.date(2020, 1, 1)} for p in ("P004", "P005")),
]
LIBRARY = [
    {
        "topic": topic,
        "option": option,
        "risk": risk,
        "text_zh": f"{topic} {option}",
        "text_en": None,
        "version": "1",
        "valid_from": dt.date(2027, 1, 1),
    }
    for topic, option, risk in (("ip", "归我方", "green"), ("cap", "30%", "green"), ("cap", "无上限", "red"))
]
TICKS = [{"contract": "H1", "topic": "ip", "option": "归我方"}, {"contract": "H1", "topic": "cap", "option": "30%"}]
CONTRACT: Row = {"id": "H1", "customer": "C1", "status": "review", "amount": 6_000_000.0, "prepaid": 0.5, "credit_days": 30}


def rated(grade: str, customer: str = "C1", on: dt.date = dt.date(2027, 3, 1), **more: Any) -> Row:
    return {"customer": customer, "as_of": on, "grade": grade, "limit": 1_000_000.0, "by": "P001"} | more


def on(**rows: Sequence[Any]) -> Day:
    return day(JUNE, **{"Customers": CUSTOMERS, "Roles": ROLES, "People": STAFF, "ClauseLibrary": LIBRARY} | rows)


def why(key: str, obj: str, **rows: Sequence[Any]) -> list[str]:
    return [text.zh for text in gates.stopped(on(**rows), key, obj)]


# ------------------------------------------------------------------------------------------------------------------ credit


def test_grade_limit_and_score_are_the_plans() -> None:
    row = dict(zip(("financial", "industry", "overdue", "judicial"), (80, 70, 75, 80), strict=True))
    found = credit.rated(row, 12_345_678.0, value)  # vectors 9a: AA, two months' sales
    assert (found.score, found.grade, found.limit) == (76.75, "AA", 2_050_000.0)
    assert credit.rated(row | {"judicial": 15}, 12e6, value).grade == "C"  # the veto
    assert credit.rated(row | {"judicial": None}, 12e6, value).grade is None


def test_c_and_frozen_stop_everything_and_a_waiver_exactly_one_thing() -> None:
    deals = [{"id": "D1", "customer": "C1", "revenue": 100.0, "collected": 100.0}, {"id": "D2", "customer": "C1", "revenue": 5.0}]
    assert why("credit", "C1", CreditScores=[rated("C")]) and why(
        "credit", "D1", Deals=deals, CreditScores=[rated("A", frozen="yes")]
    )
    assert not why("credit", "C1", CreditScores=[rated("C", on=dt.date(2027, 1, 1)), rated("A")])
    waived = [
        {"gate": "信用", "object": "D1", "reason": "董事会", "by": "P001", "second": "P002", "until_on": dt.date(2027, 7, 31)}
    ]
    assert not why("credit", "D1", Deals=deals, CreditScores=[rated("C")], Waivers=waived)
    assert why("credit", "D2", Deals=deals, CreditScores=[rated("C")], Waivers=waived)


def test_b_and_unrated_pay_first() -> None:
    assert why("terms", "H1", Contracts=[CONTRACT], CreditScores=[rated("B")]) == [
        "客户 C1 信用等级 B：合同应预付 100%，现为 50%"
    ]
    assert why("terms", "H1", Contracts=[CONTRACT]) and not why("terms", "H1", Contracts=[CONTRACT], CreditScores=[rated("A")])
    assert not why("terms", "H1", Contracts=[CONTRACT | {"prepaid": 1.0}], CreditScores=[rated("B")])
    deal = {"id": "D1", "customer": "C1", "revenue": 100.0, "collected": 99.99}
    assert why("terms", "D1", Deals=[deal], CreditScores=[rated("B")])
    assert not why("terms", "D1", Deals=[deal | {"collected": 100.0}], CreditScores=[rated("B")])


def test_what_was_paid_or_written_off_is_owed_no_more() -> None:
    request = {"id": "R1", "customer": "C1", "quoted": 300_000.0, "quantity": 2.0}
    bill = {
        "invoice": "F1",
        "customer": "C1",
        "amount": 900_000.0,
        "due": dt.date(2027, 6, 1),
        "paid": 450_000.0,
        "paid_on": None,
    }
    given: dict[str, Any] = {"PriceRequests": [request], "CreditScores": [rated("A")]}
    assert not why("limit", "R1", Receivables=[bill | {"written_off": 50_000.0}], **given)  # 400,000 open + 600,000
    assert why("limit", "R1", Receivables=[bill | {"written_off": 49_999.0}], **given)
    deal = {"id": "D1", "customer": "C1", "revenue": 900_000.0, "collected": 450_000.0, "delivered": dt.date(2027, 5, 1)}
    lost = {"deal": "D1", "date": JUNE, "amount": 50_000.0, "kind": "bad_debt"}
    assert not why("limit", "R1", Deals=[deal], Collections=[lost], **given)
    assert why("limit", "R1", Deals=[deal], Collections=[lost | {"date": JUNE + dt.timedelta(days=1)}], **given)


def test_the_limit_counts_what_is_open_and_this_order() -> None:
    request = {"id": "R1", "customer": "C1", "quoted": 300_000.0, "quantity": 2.0}
    delivered = {"id": "D1", "customer": "C1", "revenue": 500_000.0, "collected": 100_000.0, "delivered": dt.date(2027, 5, 1)}
    assert not why(
        "limit", "R1", PriceRequests=[request], Deals=[delivered], CreditScores=[rated("A")]
    )  # 400,000 + 600,000: exactly the limit
    assert why("limit", "R1", PriceRequests=[request | {"quoted": 300_000.01}], Deals=[delivered], CreditScores=[rated("A")])
    invoices = [{"invoice": "F1", "customer": "C1", "amount": 900_000.0, "due": dt.date(2027, 6, 1), "paid_on": None}]
    assert why("limit", "R1", PriceRequests=[request], Receivables=invoices, CreditScores=[rated("A")]), (
        "open invoices where there are any"
    )


def test_a_fallen_grade_is_told_and_a_good_one_not() -> None:
    scores = [rated("A", on=dt.date(2027, 1, 1)), rated("B"), rated("AA", "C2")]
    (task,) = fired("credit_down", on(CreditScores=scores))
    assert (task.object, task.episode, task.owner, task.others) == (
        "C1",
        "2027-03-01",
        "P002",
        ("finance",),
    ) and "A→B" in task.title.zh
    assert [t.object for t in fired("credit_down", on(CreditScores=[rated("AAA", on=dt.date(2027, 1, 1)), rated("AA")]))] == [
        "C1"
    ]


def _beside(plan: Plan) -> None:
    for name in (
        "People",
        "Customers",
        "Regions",
        "Deals",
        "Collections",
        "CreditScores",
        "Contracts",
        "ExportChecks",
        "Travel",
        "Shipments",
        "Booths",
        "Tasks",
    ):
        plan.page(f"of_{name}", Text(f"{name}页", f"{name} sheet"), Text("", "")).records(name, "B6")


_ON_CREDIT: dict[str, tuple[dict[str, Any], float | None]] = {
    "due after it was signed": ({}, 1000.0),
    "cash at signing": ({"due": dt.date(2027, 3, 1)}, None),
    "nobody says when": ({"due": None}, None),
    "later than the day": ({"date": dt.date(2027, 7, 1), "due": dt.date(2027, 9, 1)}, None),
}


@pytest.mark.parametrize("case", _ON_CREDIT)
def test_bad_debts_are_judged_by_what_was_sold_on_credit(case: str, tmp_path: Path) -> None:
    """Chapters, 9: of credit sales, not of all bookings; what a contract has paid in advance and what came back are none."""
    changed, on_credit = _ON_CREDIT[case]
    signed = {
        "date": dt.date(2027, 3, 1),
        "due": dt.date(2027, 6, 1),
        "seller": "P002",
        "customer": "C1",
        "revenue": 1000.0,
        "cost": 1.0,
    }
    deals: list[Row] = [{"id": "D1", **signed, **changed}]
    lost = [{"deal": "D1", "date": JUNE, "amount": 5.0, "kind": "bad_debt"}]

    def rate(**more: Any) -> float | None:
        rows: dict[str, Any] = {"People": STAFF, "Customers": CUSTOMERS, "Deals": deals, "Collections": lost} | more
        path = small_plan(
            tmp_path / "plan.xlsx",
            Company("甲", 2027, JUNE, rows=rows),
            sheets=[PlanSheet(1, _beside), risk_sheet.SHEET, problems.SHEET],
        )
        found = next(row for row in register.read(FileBook.open(path).named(watches.LIST)) if row.key == "credit.bad_debts")
        return found.actual if isinstance(found.actual, float | int) else None

    assert rate() == (None if on_credit is None else pytest.approx(5 / on_credit))
    if case == "due after it was signed":
        paid = [{"id": "H1", "customer": "C1", "deal": "D1", "status": "active", "amount": 1000.0, "prepaid": 0.3}]
        assert rate(Contracts=paid) == pytest.approx(5 / 700)
        back = {"id": "D2", **signed, "original": "D1", "revenue": -200.0, "due": None}
        assert rate(Deals=[*deals, back, {"id": "D3", **signed, "due": signed["date"]}]) == pytest.approx(5 / 800)
        assert rate(Collections=[*lost, {**lost[0], "amount": -2.0}]) == pytest.approx(3 / 1000)  # recovered


# --------------------------------------------------------------------------------------------------------------- contracts


def test_major_is_any_of_four_and_a_tick_missing_is_red() -> None:
    found = on(ContractClauses=TICKS)
    state = contracts.state_of(found, CONTRACT)
    assert state.major and [c.risk for c in state.clauses] == ["green", "green"]
    small = CONTRACT | {"amount": 4_999_999.99}
    assert not contracts.state_of(found, small).major
    assert (
        contracts.state_of(found, small | {"overseas": "yes"}).major
        and contracts.state_of(found, small | {"three_year": "yes"}).major
    )
    uncapped = on(ContractClauses=[TICKS[0], TICKS[1] | {"option": "无上限"}])
    assert contracts.state_of(uncapped, small).major
    assert [str(p) for p in contracts.clause_problems(on(ContractClauses=TICKS[:1]), small)] == ["“违约上限”未选择"]


def signed(*people: str, digest: str | None = None) -> list[Row]:
    return [
        {"contract": "H1", "role": role, "person": person, "on": dt.datetime(2027, 6, 1), "verdict": "agreed", "digest": digest}
        for role, person in zip(("sales", "legal", "finance"), people, strict=False)
    ]


def test_three_people_of_their_departments_and_a_changed_text_voids_them() -> None:
    text = contracts.digest(CONTRACT, contracts.clauses(on(ContractClauses=TICKS), CONTRACT))
    major = CONTRACT | {"major": "yes", "digest": text}
    given: dict[str, Any] = {"Contracts": [major], "ContractClauses": TICKS}
    assert not why("signatures", "H1", Signatures=signed("P002", "P004", "P005", digest=text), **given)
    assert len(why("signatures", "H1", Signatures=signed("P002", digest=text), **given)) == 2
    assert why("signatures", "H1", Signatures=signed("P004", "P004", "P005", digest=text), **given)  # one person twice
    assert why("signatures", "H1", Signatures=signed("P002", "P005", "P005", digest=text), **given)  # not legal's
    whole = major | {"amount": 6_000_000, "credit_days": 30.0}  # cells know no whole numbers: the same contract
    assert contracts.digest(whole, contracts.clauses(on(ContractClauses=TICKS), whole)) == text
    changed = major | {"amount": 6_000_001.0}
    assert contracts.digest(changed, contracts.clauses(on(ContractClauses=TICKS), changed)) != text
    assert (
        len([w for w in why("signatures", "H1", Signatures=signed("P002", "P004", "P005", digest="old"), **given) if "作废" in w])
        == 3
    )


# ----------------------------------------------------------------------------------------------------------------- exports

CONTROLS: dict[str, Any] = {
    "ExportControls": [{"eccn": "3A001", "column": "NS2", "source": "s", "as_of": dt.date(2027, 6, 1)}],
    "CountryControls": [
        {"country": "越南", "column": "NS2", "licence": "no", "status": "sensitive", "as_of": dt.date(2027, 6, 1)}
    ],
    "HsControls": [{"hs": "8471", "licence": "no", "list": "s", "as_of": dt.date(2027, 6, 1)}],
}


def test_nothing_unknown_is_ever_free() -> None:
    line: Row = {"eccn": "3A001", "hs": "84713000", "country": "越南"}
    assert exports.judged(on(**CONTROLS), line).result == "not_found" and exports.judged(on(**CONTROLS), line).dual == "yes"
    for key, odd in (("eccn", "5A002"), ("hs", "9999"), ("country", "某国"), ("eccn", None)):
        assert exports.judged(on(**CONTROLS), line | {key: odd}).result == "open", key
    stale = {name: [row | {"as_of": dt.date(2027, 3, 31)} for row in rows] for name, rows in CONTROLS.items()}
    assert exports.judged(on(**stale), line).result == "open" and "90" in exports.judged(on(**stale), line).reasons
    assert exports.judged(on(), line).result == "open"


def test_a_blank_answer_sets_nothing_free_and_neither_does_a_row_grown_old() -> None:
    line: Row = {"eccn": "3A001", "hs": "84713000", "country": "越南"}
    for name, key in (("CountryControls", "licence"), ("CountryControls", "status"), ("HsControls", "licence")):
        blank = CONTROLS | {name: [row | {key: None} for row in CONTROLS[name]]}
        assert exports.judged(on(**blank), line).result == "open", (name, key)
    for name, rows in CONTROLS.items():  # another row of the table is new, the one that answers is not
        key = {"ExportControls": "eccn", "CountryControls": "country", "HsControls": "hs"}[name]
        old = CONTROLS | {name: [rows[0] | {"as_of": dt.date(2027, 3, 31)}, rows[0] | {key: "0A001"}]}
        assert exports.judged(on(**old), line).result == "open", name
    embargo = [row | {"status": "embargo", "as_of": dt.date(2026, 1, 1)} for row in CONTROLS["CountryControls"]]
    assert exports.judged(on(**CONTROLS | {"CountryControls": embargo}), line).result == "forbidden"


def test_what_ships_is_asked_again_line_by_line() -> None:
    deal = {"id": "D1", "customer": "C2", "revenue": 1.0}
    row: Row = {
        "id": "X1",
        "order": "D1",
        "product": "E1",
        "country": "越南",
        "eccn": "3A001",
        "hs": "8471",
        "result": "not_found",
    }
    row |= {"dual": "yes", "reviewer1": "P001", "reviewer2": "P004", "video_on": JUNE}
    given: dict[str, Any] = {"Deals": [deal], "DealLines": [{"deal": "D1", "product": "E1"}], **CONTROLS}
    assert not why("export", "D1", ExportChecks=[row], **given)
    assert why("export", "D1", ExportChecks=[row | {"hs": "9999"}], **given)  # the code was changed after the check
    both = given | {"DealLines": [{"deal": "D1", "product": code} for code in ("E1", "E2")]}
    assert "E2" in why("export", "D1", ExportChecks=[row], **both)[0]  # a line nobody checked
    stale = {name: [r | {"as_of": dt.date(2027, 3, 31)} for r in rows] for name, rows in CONTROLS.items()}
    assert why("export", "D1", ExportChecks=[row], **given | stale)  # the tables have grown old since
    banned = given | {"CountryControls": [r | {"status": "embargo"} for r in CONTROLS["CountryControls"]]}
    assert why("embargo", "D1", ExportChecks=[row], **banned)


def test_a_sensitive_region_needs_two_and_a_video_and_an_embargo_no_waiver() -> None:
    deal = {"id": "D1", "customer": "C2", "revenue": 1.0}
    row: Row = {"id": "X1", "order": "D1", "country": "越南", "result": "not_found", "dual": "yes", "reviewer1": "P001"}
    assert why("export", "D1", Deals=[deal]) and why("export", "D1", Deals=[deal], ExportChecks=[row])
    assert why("export", "D1", Deals=[deal], ExportChecks=[row | {"reviewer2": "p001 ", "video_on": JUNE}]), (
        "the same person twice"
    )
    assert not why("export", "D1", Deals=[deal], ExportChecks=[row | {"reviewer2": "P004", "video_on": JUNE}])
    waived = [
        {"gate": "出口禁止", "object": "D1", "reason": "x", "by": "P001", "second": "P002", "until_on": dt.date(2027, 7, 31)}
    ]
    assert why("embargo", "D1", Deals=[deal], ExportChecks=[row | {"result": "forbidden"}], Waivers=waived)
    (task,) = fired("licence", on(Deals=[deal], ExportChecks=[row]))
    assert task.object == "X1" and task.role == "compliance"


# ------------------------------------------------------------------------------------------------------------------ carbon


def test_a_mode_without_a_factor_is_not_zero() -> None:
    table = carbon.factors(
        [{"mode": "高铁", "unit": "人公里", "factor": 0.0305, "year": 2019, "valid_from": dt.date(2026, 1, 1)}], JUNE
    )
    assert carbon.emitted("高铁", 1000.0, table).kg == 30.5  # vectors 9d
    assert carbon.emitted("马车", 1000.0, table).kg is None and carbon.emitted("马车", 1000.0, table).why is not None


# ----------------------------------------------------------------------------------------------------------------- buttons


def plan(folder: Path, **rows: Any) -> Path:
    held = {"People": STAFF, "Roles": ROLES, "Customers": CUSTOMERS, "ClauseLibrary": LIBRARY} | rows
    return small_plan(folder / "plan.xlsx", Company("甲", 2027, JUNE, rows=held))


def test_each_button_says_what_is_missing_on_an_empty_plan(tmp_path: Path) -> None:
    path = small_plan(tmp_path / "plan.xlsx", Company("甲", 2027, JUNE))
    before = path.read_bytes()
    for name in ("credit", "contract", "exportcheck", "carbon", "talent"):
        done = do(name, path)
        assert not done.outcome.errors and not done.written, name
        assert any(word in done.outcome.summary.zh for word in ("请在", "在“")), (name, done.outcome.summary.zh)
    assert path.read_bytes() == before


def test_buttons_write_and_twice_is_once(tmp_path: Path) -> None:
    scores = [
        {
            "customer": "C1",
            "as_of": dt.date(2027, 3, 1),
            "financial": 90.0,
            "industry": 80.0,
            "overdue": 85.0,
            "judicial": 90.0,
            "sources": "年报",
            "by": "P001",
        }
    ]
    signatures = [{k: v for k, v in row.items() if k != "digest"} for row in signed("P002", "P004", "P005")]
    path = plan(
        tmp_path, CreditScores=scores, Contracts=[CONTRACT], ContractClauses=TICKS, Signatures=signatures,
        Deals=[{"id": "D1", "date": dt.date(2027, 5, 1), "customer": "C2", "seller": "P002", "seller_share": 1.0, "revenue": 10.0, "cost": 5.0}], **CONTROLS,
    )  # fmt: skip
    for name in ("credit", "contract", "exportcheck"):
        assert do(name, path).written and not do(name, path).written, name
    book = FileBook.open(path)
    assert (book.read("CreditScores").rows[0]["grade"], book.read("CreditScores").rows[0]["limit"]) == ("AAA", 3_000_000.0)
    (row,) = book.read("ExportChecks").rows
    assert (row["order"], row["country"], row["result"]) == ("D1", "越南", "open")
    assert {r["digest"] for r in book.read("Signatures").rows} == {book.read("Contracts").rows[0]["digest"]}
    change(path, {("Contracts", 0, "prepaid"): 0.4})  # beyond the limit, and no longer what was signed
    assert "额度" in do("contract", path, contract="H1", activate=True).outcome.errors[0].text.zh
    do("contract", path)
    assert "作废" in do("contract", path, contract="H1", activate=True).outcome.errors[0].text.zh
    change(
        path, {("Contracts", 0, "prepaid"): 0.5}
    )  # half of six million on credit is exactly the limit, and the text is the one signed
    do("contract", path)
    do("contract", path, contract="H1", activate=True)
    assert FileBook.open(path).read("Contracts").rows[0]["status"] == "active"
    change(path, {("ContractClauses", 0, "deviation"): "另议", ("Contracts", 0, "sent_on"): dt.date(2027, 1, 4)})
    do("contract", path)
    (row,) = FileBook.open(path).read("Contracts").rows
    assert (row["status"], row["sent_on"]) == ("review", JUNE)  # its age begins anew
    change(path, {("Contracts", 0, "sent_on"): dt.date(2027, 6, 1)})
    do("contract", path)
    assert FileBook.open(path).read("Contracts").rows[0]["sent_on"] == dt.date(2027, 6, 1)  # what somebody entered stays


def test_a_deal_without_lines_is_one_line_whoever_names_it(tmp_path: Path) -> None:
    """Chapters, 0: it counts as one line. A check that compliance entered with its product is that line, and no blank one stands beside it."""
    deals = [
        {
            "id": name,
            "date": dt.date(2027, 5, 1),
            "customer": "C2",
            "seller": "P002",
            "seller_share": 1.0,
            "revenue": 10.0,
            "cost": 5.0,
        }
        for name in ("D1", "D2")
    ]
    entered = [{"id": None, "order": "D1", "product": "A1", "country": "越南"}]
    path = plan(tmp_path, Deals=deals, ExportChecks=entered, **CONTROLS)
    do("exportcheck", path)
    assert [(row["order"], row["product"]) for row in FileBook.open(path).read("ExportChecks").rows] == [
        ("D1", "A1"),
        ("D2", None),
    ]


def test_a_signature_stands_for_the_text_that_was_there_to_sign(tmp_path: Path) -> None:
    """Chapters, 9: signatures bind to the digest. One that the button has not seen yet was given on the text of its last run."""
    path = plan(tmp_path, Contracts=[CONTRACT], ContractClauses=TICKS)
    do("contract", path)
    book, added = FileBook.open(path), Changes()
    added.add("Signatures", [{k: v for k, v in row.items() if k != "digest"} for row in signed("P002", "P004", "P005")])
    book.apply(lowered(book, added))
    book.package.save(backup=False)
    change(path, {("Contracts", 0, "prepaid"): 0.6})
    assert "作废" in do("contract", path, contract="H1", activate=True).outcome.errors[0].text.zh
    do("contract", path)
    (row,) = FileBook.open(path).read("Contracts").rows
    assert str(row["problems"]).count("作废") == 3 and not do("contract", path).written
    assert row["digest"] not in {r["digest"] for r in FileBook.open(path).read("Signatures").rows}


def test_a_rating_shows_the_overdue_score_it_was_made_of(tmp_path: Path) -> None:
    """Invoices count, and not what somebody typed: half of the year late is half the score."""
    scored = {
        "customer": "C1",
        "financial": 90.0,
        "industry": 80.0,
        "overdue": 95.0,
        "judicial": 90.0,
        "sources": "年报",
        "by": "P001",
    }
    bill = {"invoice": "F1", "customer": "C1", "amount": 100.0, "due": dt.date(2027, 1, 1), "paid_on": dt.date(2027, 4, 1)}
    for grade in (None, "AAA"):
        path = plan(tmp_path, CreditScores=[scored | {"as_of": JUNE, "grade": grade}], Receivables=[bill])
        do("credit", path)
        (row,) = FileBook.open(path).read("CreditScores").rows
        assert (row["overdue"], row["score"], row["grade"]) == (0.0, 65.5, "A")
        assert not do("credit", path).written


def test_a_contract_is_a_word_file_and_made_once(tmp_path: Path) -> None:
    path = plan(
        tmp_path, Contracts=[CONTRACT | {"amount": 100.0}], ContractClauses=[*TICKS[:1], TICKS[1] | {"deviation": "改为 40%"}]
    )
    do("contract", path, contract="H1")
    (file,) = (tmp_path / "plan_文档").iterdir()
    said = "\n".join(p.text for p in docx.Document(str(file)).paragraphs)
    assert "1. 知识产权（归我方）" in said and "偏离：改为 40%" in said
    assert not do("contract", path, contract="H1").written and len(list((tmp_path / "plan_文档").iterdir())) == 1
    assert [row["file"] for row in FileBook.open(path).read("Documents").rows] == [file.name]


def test_a_carbon_report_names_its_sources(tmp_path: Path) -> None:
    travel = [
        {"id": f"T{at}", "date": dt.date(at, 5, 3), "from": "上海", "to": "北京", "mode": "高铁", "km": 1000.0}
        for at in (2026, 2027)
    ]
    factors = [
        {
            "mode": "高铁",
            "unit": "人公里",
            "factor": 0.0305,
            "scope_note": "中国",
            "source": "论文",
            "year": 2019,
            "valid_from": dt.date(2026, 1, 1),
        }
    ]
    path = plan(tmp_path, Travel=travel, CarbonFactors=factors)
    done = do("carbon", path, quarter="2027-Q2")
    assert done.outcome.data["travel"] == done.outcome.data["travel_before"] == 30.5
    (file,) = (tmp_path / "plan_文档").glob("*.docx")
    cells = [c.text for t in docx.Document(str(file)).tables for r in t.rows for c in r.cells]
    assert "论文" in cells and "2019" in cells and "+0.0%" in cells
    with pytest.raises(Refused, match="2027-Q1"):
        do("carbon", path, quarter="Q9")


def factor(mode: str, kg: float, scope: str = "国内", since: dt.date = dt.date(2025, 1, 1), unit: str = "人公里") -> Row:
    return {"mode": mode, "unit": unit, "factor": kg, "scope_note": scope, "source": "甲表", "year": 2025, "valid_from": since}


def journey(number: int, on: dt.date, mode: str, km: float | None) -> Row:
    return {"id": f"T{number}", "date": on, "from": "上海", "to": "北京", "mode": mode, "km": km}


# The quarter is at its 20th of May: 800 km by air in each year before that day, 3,000 km more last year after it.
MAY = dt.date(2027, 5, 20)
JOURNEYS = [
    journey(1, dt.date(2026, 5, 3), "air", 1000.0), journey(2, dt.date(2026, 5, 25), "air", 3000.0),
    journey(3, dt.date(2027, 5, 3), "air", 800.0), journey(4, dt.date(2027, 5, 4), "rail", 500.0),
    journey(5, dt.date(2027, 5, 5), "air", None), journey(6, dt.date(2027, 2, 1), "air", 1500.0), journey(7, dt.date(2026, 2, 1), "air", 2000.0),
]  # fmt: skip
RATES = [factor("air", 0.2, "国内，含辐射强迫"), factor("rail", 0.04), factor("road", 0.1, unit="吨公里")]
S_FIRMS = [
    {"id": f"C{n}", "name": name, "tier": "S", "region": "华东", "industry": "锂电"} for n, name in ((8, "远光"), (9, "秘光"))
]


def paper_of(folder: Path, lang: str = "zh", told: str = "zh", **rows: Any) -> tuple[str, list[list[str]], Any]:
    """The carbon report of 2027-Q2 on 20 May: its paragraphs, the cells of its first table, what came of it."""
    held = {
        "People": STAFF,
        "Roles": ROLES,
        "Customers": [*CUSTOMERS, *S_FIRMS],
        "Travel": JOURNEYS,
        "CarbonFactors": RATES,
    } | rows
    path = small_plan(folder / "plan.xlsx", Company("甲", 2027, MAY, rows=held), lang)
    with speaking(told):
        done = do("carbon", path, quarter="2027-Q2")
    assert not done.outcome.errors, done.outcome.errors
    (file,) = folder.glob("plan_*/*.docx")
    made = docx.Document(str(file))
    return "\n".join(p.text for p in made.paragraphs), [[c.text for c in r.cells] for r in made.tables[0].rows], done


def test_half_a_quarter_stands_beside_the_same_half_of_the_year_before(tmp_path: Path) -> None:
    """By hand: now 800 × 0.2 + 500 × 0.04 = 180 kg, one journey without a distance; before 1,000 × 0.2 = 200, not the 800 of the whole quarter.
    The year: 1,500 × 0.2 + 180 = 480 against 600, −20 %. By rail 800 × 0.16 = 128 kg less; 1,500 km is too far. Three of four have a distance."""
    shipped = [{"date": dt.date(2027, 4, 9), "mode": "road", "kg": 500.0, "km": 1000.0}]  # half a tonne, 50 kg
    said, cells, _ = paper_of(tmp_path, Shipments=shipped)
    assert cells[1:] == [
        ["差旅", "0.20", "0.18", "-10.0%", "1"], ["样品运输", "0.00", "0.05", "–", "0"], ["展台", "0.00", "0.00", "–", "0"],
        ["合计", "0.20", "0.23", "+15.0%", "1"],
    ]  # fmt: skip
    assert "算到 2027-05-20，上年也只算到同一天" in said and "未折算" in said
    assert "0.48 吨，上年同期 0.60 吨，变化 -20.0%；目标 -12%，已达到" in said
    assert "占 75%" in said and "1,200 公里以内的航线改乘高铁可省 0.13 吨" in said


def test_a_report_that_goes_out_names_only_who_agreed(tmp_path: Path) -> None:
    """It goes to customers: a competitor's name or our ID of it is nobody's business; the seller is told to whom it goes."""
    case = {"id": "K1", "industry": "锂电", "pains": "慢", "customer": "远光", "public": "yes"}
    said, _, done = paper_of(tmp_path, Cases=[case, case | {"id": "K2", "customer": "秘光", "public": "no"}])
    assert "远光" in said and "秘光" not in said and not {"C8", "C9"} & set(said.split())
    assert any("C8" in str(note) and "C9" in str(note) for note in done.outcome.notes)


def test_forcing_is_never_mixed_between_the_years_and_a_new_factor_restates_both(tmp_path: Path) -> None:
    """A new factor of half the old one halves both years; a mode with and one without forcing in the compared years are refused."""
    newer = factor("air", 0.1, "国内，不含辐射强迫", dt.date(2027, 1, 1))
    said, cells, _ = paper_of(tmp_path, CarbonFactors=[*RATES, newer])
    assert cells[1][1:3] == ["0.10", "0.10"]  # 1,000 × 0.1; 800 × 0.1 + 500 × 0.04
    assert "不含辐射强迫；两年用同一套因子" in said and "air 0.2 → 0.1" in said
    mixed = [row | ({"mode": "net"} if row["date"].year == 2027 and row["mode"] == "air" else {}) for row in JOURNEYS]
    (tmp_path / "b").mkdir()
    with pytest.raises(Refused, match=r"口径不一.*air.*net"):
        paper_of(tmp_path / "b", Travel=mixed, CarbonFactors=[*RATES, factor("net", 0.1, "without radiative forcing")])


@pytest.mark.parametrize(("ours", "told"), [("zh", "en"), ("en", "zh")])
def test_the_report_is_in_the_plans_language(tmp_path: Path, ours: str, told: str) -> None:
    english = [
        {**row, "scope_note": "with radiative forcing" if row["mode"] == "air" else "domestic", "source": "table A", "unit": "km"}
        for row in RATES
    ]
    said, cells, done = paper_of(tmp_path, ours, told, CarbonFactors=english if ours == "en" else RATES)
    assert ("Carbon report 2027-Q2" in said) == (ours == "en") and cells[0][0] == {"zh": "模块", "en": "Module"}[ours]
    if ours == "en":
        words = "".join([said, *(cell for row in cells for cell in row)]).replace("甲", "")  # the company's own name
        assert not re.search(r"[\u4e00-\u9fff]", words)
    with speaking(told):
        assert str(done.outcome.summary).startswith({"zh": "已折算", "en": "rows worked out"}[told])


@pytest.mark.parametrize("seed", range(20))
def test_a_quarters_days_are_those_of_the_year_before(seed: int) -> None:
    """Whatever the day: two years alike row by row come to the same sum, and what lies outside the quarter counts for nothing."""
    rng = random.Random(seed)
    number, as_of = rng.randint(1, 4), dt.date(2027, 1, 1) + dt.timedelta(days=rng.randint(0, 364))
    within = carbon.span(2027, number, as_of)
    days = [dt.date(2027, 1, 1) + dt.timedelta(days=rng.randint(0, 364)) for _ in range(200)]
    rows = [(on, rng.choice((None, float(rng.randint(1, 9))))) for on in days]
    twice = [*rows, *((carbon.year_before(on), kg) for on, kg in rows)]
    module = within.module(twice)
    inside = [kg for on, kg in rows if (on.month + 2) // 3 == number and on <= as_of]
    assert module.now == module.before == sum(kg or 0 for kg in inside) and module.left_out == 2 * inside.count(None)
