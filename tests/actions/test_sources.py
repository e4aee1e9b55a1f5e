"""What was confirmed of a source once is taken the next time, from the plan, by import and refresh alike; corrected, undone, handed on."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from addin.book import FileBook
from addin.cli import main
from tests.actions.company import company, deal
from tests.actions.steps import change, do, tables_of
from tests.actions.test_refresh import company as of_customers
from tests.actions.test_refresh import customer
from tests.real import REPOSITORY
from tests.small_plan import small_plan
from workbook_templates.answers import Refused

DEALS = "单据,日子,客户编号,业务员,价税合计,成本,单据状态,备注\n{rows}"
ROWS = "{n}1,2027-03-05,C1,P1,1130,600,已关闭,a\n{n}2,2027-03-06,C1,P1,2260,900,已完成,b\n"
SAID = {
    "renames": ["单据=单号", "日子=签单日期", "业务员=主办工号", "价税合计=收入", "备注="],
    "tax": "13%",
    "statuses": ["已关闭=skip"],
    "hidden": "skip",
    "rates": ["美元=7.1"],
}


def plan(folder: Path, name: str = "plan.xlsx", **tables: list[dict[str, Any]]) -> Path:
    return small_plan(folder / name, company([deal(1)], **tables))


def export(folder: Path, number: str = "A") -> str:
    path = folder / f"{number}.csv"
    path.write_text(DEALS.format(rows=ROWS.format(n=number)), encoding="utf-8")
    return str(path)


def kept(path: Path) -> list[tuple[Any, ...]]:
    rows = FileBook.open(path).read("Sources").rows
    return [(r["source"], r["table"], r["kind"], r["theirs"], r["ours"]) for r in rows]


def revenue(path: Path) -> dict[str, float]:
    return {r["id"]: r["revenue"] for r in FileBook.open(path).read("Deals").rows if r["id"] != "D1"}


CHOICES = [
    ("金蝶", "Deals", "column", "单据", "id"),
    ("金蝶", "Deals", "column", "日子", "date"),
    ("金蝶", "Deals", "column", "业务员", "seller"),
    ("金蝶", "Deals", "column", "价税合计", "revenue"),
    ("金蝶", "Deals", "column", "备注", "-"),
    ("金蝶", "Deals", "tax", None, "13%"),
    ("金蝶", "Deals", "rate", "USD", "7.1"),
    ("金蝶", "Deals", "status", "已关闭", "skip"),
    ("金蝶", "Deals", "hidden", None, "skip"),
]


def test_what_was_confirmed_is_kept_and_taken_the_next_time(tmp_path: Path) -> None:
    path = plan(tmp_path)
    before = tables_of(path)
    with pytest.raises(Refused):
        do("import", path, file=export(tmp_path), source="金蝶")
    assert not kept(path)
    assert do("import", path, file=export(tmp_path), source="金蝶", **SAID).written
    assert revenue(path) == {"A2": 2000.0} and kept(path) == CHOICES
    after = tables_of(path)
    done = do("import", path, file=export(tmp_path, "B"), source=" 金蝶 ")
    assert revenue(path) == {"A2": 2000.0, "B2": 2000.0} and kept(path) == CHOICES
    said = next(note for note in done.outcome.notes if "金蝶" in note.zh)
    assert all(
        part in said.zh
        for part in ("沿用", "价税合计 → 收入", "备注 → 不导入", "税率 13%", "USD=7.1", "已关闭=skip", "隐藏行 skip")
    )
    assert do("undo", path).written and tables_of(path) == after
    assert do("undo", path).written and tables_of(path) == before


def test_a_log_line_tells_what_was_confirmed(tmp_path: Path) -> None:
    path = plan(tmp_path)
    do("import", path, file=export(tmp_path), source="金蝶", **SAID)
    log = FileBook.open(path).read("ChangeLog").rows
    assert any("来源" in str(row["sheet"]) for row in log)


def test_what_is_said_now_goes_before_and_is_kept_instead(tmp_path: Path) -> None:
    path = plan(tmp_path)
    do("import", path, file=export(tmp_path), source="金蝶", **SAID)
    do("import", path, file=export(tmp_path, "B"), source="金蝶", tax="6%", statuses=["已关闭=take"])
    assert revenue(path) == {"A2": 2000.0, "B1": round(1130 / 1.06, 2), "B2": round(2260 / 1.06, 2)}
    assert ("金蝶", "Deals", "tax", None, "6%") in kept(path) and ("金蝶", "Deals", "status", "已关闭", "take") in kept(path)
    assert len(kept(path)) == len(CHOICES)


def test_a_column_named_now_is_read_from_there_only(tmp_path: Path) -> None:
    path = plan(tmp_path)
    do("import", path, file=export(tmp_path), source="金蝶", **SAID)
    other = tmp_path / "other.csv"
    other.write_text(DEALS.format(rows=ROWS.format(n="E")).replace("备注", "不含税额").replace(",b", ",7"), encoding="utf-8")
    do("import", path, file=str(other), source="金蝶", renames=["不含税额=收入"])
    assert revenue(path)["E2"] == 7.0  # net by its header: the rate remembered is for amounts with tax


def test_a_source_has_its_own_choices_and_nobody_else_takes_them(tmp_path: Path) -> None:
    path = plan(tmp_path)
    do("import", path, file=export(tmp_path), source="金蝶云星空", **SAID)
    for name in ("用友", ""):
        with pytest.raises(Refused):
            do("import", path, file=export(tmp_path, "B"), source=name)
    customers = tmp_path / "c.csv"
    customers.write_text("客户编号,客户名称\nC9,甲公司\n", encoding="utf-8")
    done = do("import", path, file=str(customers), table="Customers", source="金碟云星空")
    assert done.written and any("是否想用 金蝶云星空" in note.zh for note in done.outcome.notes)


def test_nothing_is_kept_of_what_did_not_come_in(tmp_path: Path) -> None:
    path = plan(tmp_path)
    bad = tmp_path / "bad.csv"
    bad.write_text(DEALS.format(rows="A1,不是日期,C1,P1,1130,600,已完成,a\n"), encoding="utf-8")
    do("import", path, file=str(bad), source="金蝶", **SAID)
    assert not kept(path) and not revenue(path)


@pytest.mark.parametrize(
    ("kind", "theirs", "ours", "said"),
    [("tax", None, "很多", "13%"), ("rate", "USD", "-1", "7.1"), ("status", "已关闭", "drop", "minus"), ("hidden", None, "maybe", "skip")],
)  # fmt: skip
def test_a_row_that_says_nothing_is_refused_with_its_cell(tmp_path: Path, kind: str, theirs: Any, ours: str, said: str) -> None:
    row = {"source": "金蝶", "table": "Deals", "kind": kind, "theirs": theirs, "ours": ours, "by": None, "on": None}
    path = plan(tmp_path, Sources=[row])
    with pytest.raises(Refused, match=r"!F7：") as fault:
        do("import", path, file=export(tmp_path), source="金蝶")
    assert said in fault.value.text.zh
    file = tmp_path / "sources.csv"
    file.write_text(f"来源名称,导入的表,内容,对方的写法,在计划中\n金蝶,成交,{kind},{theirs or ''},{ours}\n", encoding="utf-8")
    done = do("import", plan(tmp_path, "other.xlsx"), file=str(file), table="Sources")
    assert not done.written and said in done.outcome.details[1].outcome.refusals[0].reason.zh


def test_a_rate_typed_as_a_percentage_is_one(tmp_path: Path) -> None:
    """Excel makes the number 0.13 of 13%."""
    path = plan(tmp_path)
    do("import", path, file=export(tmp_path), source="金蝶", **SAID)
    change(path, {("Sources", 5, "ours"): 0.13})
    do("import", path, file=export(tmp_path, "B"), source="金蝶")
    assert revenue(path)["B2"] == 2000.0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_is_handed_from_plan_to_plan_by_the_ordinary_import(tmp_path: Path, lang: str) -> None:
    """The other plan's workbook is the file, or its sheet saved as CSV."""
    path = plan(tmp_path)
    do("import", path, file=export(tmp_path), source="金蝶", **SAID)
    other = small_plan(tmp_path / "other.xlsx", company([deal(1)]), lang)
    assert do("import", other, file=str(path), table="Sources").written
    assert kept(other) == CHOICES
    assert not do("import", other, file=str(path), table="Sources").written  # once more changes nothing
    do("import", other, file=export(tmp_path, "B"), source="金蝶")
    assert revenue(other) == {"B2": 2000.0}


def test_refresh_keeps_and_takes_them_too(tmp_path: Path) -> None:
    path = small_plan(tmp_path / "plan.xlsx", of_customers([customer("C001")], []))
    file = tmp_path / "t.csv"
    file.write_text(
        "票号,日子,客户编号,价税合计,状态\nF1,2027-01-05,C001,113,已关闭\nF2,2027-01-06,C001,226,正常\n", encoding="utf-8"
    )
    said = {"renames": ["票号=发票号", "日子=日期", "价税合计=不含税金额"], "tax": "13%", "statuses": ["已关闭=skip"]}
    with pytest.raises(Refused):
        do("refresh", path, transactions=str(file), source="销售易")
    assert do("refresh", path, transactions=str(file), source="销售易", **said).written
    rows = FileBook.open(path).read("Customers").rows
    assert [r["sales_12m"] for r in rows] == [200.0]
    assert [row[2:] for row in kept(path)] == [
        ("column", "票号", "invoice"), ("column", "日子", "date"), ("column", "价税合计", "amount"), ("tax", None, "13%"), ("status", "已关闭", "skip"),
    ]  # fmt: skip
    done = do("refresh", path, transactions=str(file), source="销售易")
    assert not done.effect and any("沿用来源“销售易”" in note.zh for note in done.outcome.notes)


def test_an_older_plan_is_told_to_be_brought_up_first(tmp_path: Path) -> None:
    old = next(iter(sorted((REPOSITORY / "tests" / "landed").glob("*/*.xlsx"))))
    path = tmp_path / "old.xlsx"
    path.write_bytes(old.read_bytes())
    with pytest.raises(Refused, match="salesplan upgrade"):
        do("import", path, file=export(tmp_path), source="金蝶")


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = plan(tmp_path)
    maps = [part for pair in SAID["renames"] for part in ("--map", pair)]
    first = [
        "import",
        export(tmp_path),
        str(path),
        *maps,
        "--tax",
        "13%",
        "--status",
        "已关闭=skip",
        "--as",
        "金蝶",
        "--no-backup",
    ]
    assert main(first) == 0
    assert "记入来源“金蝶”" in capsys.readouterr().out
    assert main(["import", export(tmp_path, "B"), str(path), "--as", "金蝶", "--json", "--no-backup"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["imported"] == 1 and told["problems"] == [] and "沿用来源“金蝶”" in told["notes"][0]
    assert FileBook.open(path).read("Sources").rows[0]["on"] == dt.date.today()
