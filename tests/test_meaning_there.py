"""What rows mean where a database adds up itself: the same as where they are read here, or refused by name."""

from __future__ import annotations

import datetime as dt
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from udfs import policy
from workbook_templates.answers import Refused
from workbook_templates.intake.meaning import stage
from workbook_templates.transactions import SourceWishes, Ways, read

DAY = dt.date(2026, 12, 31)


def stored(
    folder: Path, engine: str, rows: list[tuple[Any, ...]], more: dict[str, str] | None = None, amount: str = "amount"
) -> str:
    """A table with further columns and their types."""
    place = folder / f"t{len(list(folder.iterdir()))}.{engine}"  # one that was refused may still be open
    types = {"invoice": "text", "date": "text", "customer": "text", amount: "double", "product": "text", **(more or {})}
    columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    base: Any = sqlite3.connect(place) if engine == "sqlite" else duckdb.connect(str(place))
    base.execute(f"create table t ({columns})")
    base.executemany(f"insert into t values ({', '.join('?' * len(types))})", rows)
    base.commit()
    base.close()
    return f"{engine}://{place}?table=t"


def both(source: str, **wishes: Any) -> tuple[dict[str, float], Any]:
    """What customers bought: the same here and there, and as many rows left, refused and counted."""
    found, reports = [], []
    for in_place in (False, True):
        purchases, report = read(source, DAY, wishes=SourceWishes(**wishes), in_place=in_place)
        summary = purchases.summary
        found.append({name: total / 100 for name, total in zip(summary.ids.tolist(), summary.total.tolist(), strict=True)})
        reports.append(report)
    here, there = reports
    assert found[0] == found[1]
    assert [here.count(k) for k in ("left", "refused", "repeated", "later", "currency")] == [
        there.count(k) for k in ("left", "refused", "repeated", "later", "currency")
    ]
    assert (here.read, here.counted) == (there.read, there.counted)
    return found[1], there


ENGINES = pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
A, B = ("I1", "2026-03-05", "C1", 10.0, "x"), ("I2", "2026-03-06", "C2", 5.0, "y")


@ENGINES
@pytest.mark.parametrize(
    "total",
    [
        ("I3", "2026-03-31", "合计", 15.0, "z"), ("合 计", "2026-03-31", "C1", 15.0, "z"), ("I3", "2026-03-31", "C1", 15.0, "Grand Total"),
        ("I3", "2026-03-31", "C1 小计", 10.0, "z"), ("I3", "2026-03-31", "C9", 15.0, "期初余额"), ("I1 小计", "2026-03-31", "C9", 15.0, "z"),
    ],
)  # fmt: skip
def test_totals_are_no_sales_there_either(tmp_path: Path, engine: str, total: tuple[Any, ...]) -> None:
    bought, report = both(stored(tmp_path, engine, [A, B, total]))
    assert bought == {"C1": 10, "C2": 5} and report.count("left") == 1


@ENGINES
def test_a_name_that_holds_such_a_word_is_a_name(tmp_path: Path, engine: str) -> None:
    rows = [
        ("I1", "2026-03-05", "合计贸易有限公司", 10.0, "Grand Total Suite"),
        ("I2", "2026-03-06", "Total Energies", 5.0, "汇总表咨询"),
    ]
    assert both(stored(tmp_path, engine, rows))[0] == {"合计贸易有限公司": 10, "Total Energies": 5}


@ENGINES
def test_a_status_takes_its_rows_out_or_asks(tmp_path: Path, engine: str) -> None:
    words = ["已完成", "已作废", "草稿", "已关闭", "别的", "退货"]
    rows = [(f"I{k}", "2026-03-05", f"C{k}", 10.0 + k, "x", word) for k, word in enumerate(words)]
    source = stored(tmp_path, engine, rows, {"单据状态": "text"})
    bought, report = both(source)
    assert set(bought) == {"C0", "C4", "C5"} and (report.count("left"), report.refused) == (2, 1)
    assert any("别的" in note.zh for note in report.notes)
    choices = stage.Choices(status={"已关闭": "take", "别的": "skip", "退货": "minus", "已完成": "take"})
    bought, _ = both(source, choices=choices)
    assert bought == {"C0": 10, "C3": 13, "C5": -15}


@ENGINES
def test_a_column_of_yes_or_nothing_is_asked_about_where_it_says_nothing(tmp_path: Path, engine: str) -> None:
    source = stored(tmp_path, engine, [(*A, "Y"), (*B, None), ("I3", "2026-03-07", "C1", 4.0, "x", "")], {"审核标志": "text"})
    bought, report = both(source)
    assert bought == {"C1": 10} and report.refused == 2


@ENGINES
def test_chances_rejections_and_lines_of_tax(tmp_path: Path, engine: str) -> None:
    rows = [(*A, "100", None), (*B, "50", None), ("I3", "2026-03-07", "C2", 7.0, "z", "100", "Too expensive"),
            ("I4", "2026-03-07", "C2", 7.0, "z", "100", "Withdrawn"), ("I1", "2026-03-05", "C1", 1.3, "增值税 13%", "100", None)]  # fmt: skip
    source = stored(tmp_path, engine, rows, {"Probability (%)": "text", "Rejection reason": "text"})
    bought, report = both(source)
    assert bought == {"C1": 10} and report.count("left") == 4
    staged = stored(tmp_path, engine, [(*A, "90", "won"), (*B, "50", "lost")], {"Probability (%)": "text", "stage": "text"})
    assert both(staged)[0] == {"C1": 10}


@ENGINES
def test_flags_of_void_and_red_letters(tmp_path: Path, engine: str) -> None:
    rows = [(*A, "否", "蓝字"), (*B, "是", "蓝字"), ("I3", "2026-03-07", "C1", 4.0, "x", None, "红字")]
    assert both(stored(tmp_path, engine, rows, {"是否作废": "text", "红字": "text"}))[0] == {"C1": 6}
    mixed = [*rows, ("I4", "2026-03-07", "C1", -1.0, "x", "否", "红字")]
    bought, report = both(stored(tmp_path, engine, mixed, {"是否作废": "text", "红字": "text"}))
    assert bought == {"C1": 9} and report.refused == 1


@ENGINES
def test_the_direction_of_amounts_is_asked_for(tmp_path: Path, engine: str) -> None:
    source = stored(tmp_path, engine, [(*A, "借"), (*B, "贷")], {"方向": "text"})
    with pytest.raises(Refused, match="方向"):
        both(source)
    with pytest.raises(Refused, match="方向"):
        read(source, DAY, in_place=True)
    assert both(source, choices=stage.Choices(status={"借": "take", "贷": "minus"}))[0] == {"C1": 10, "C2": -5}


@ENGINES
@pytest.mark.parametrize("amount", ["含税金额", "amount (incl. VAT)"])
def test_amounts_with_tax_are_worked_back_or_refused(tmp_path: Path, engine: str, amount: str) -> None:
    rows = [("I1", "2026-03-05", "C1", 113.0, "x"), ("I2", "2026-03-06", "C2", 99.99, "x")]
    source = stored(tmp_path, engine, rows, amount=amount)
    with pytest.raises(Refused, match=r"--tax 13%|含税"):
        read(source, DAY, in_place=True)
    assert both(source, choices=stage.Choices(tax=Decimal("0.13")))[0] == {"C1": 100, "C2": 88.49}
    rated = [
        (*rows[0], "13%"),
        (*rows[1], "6%"),
        ("I3", "2026-03-06", "C3", 10.0, "x", "多"),
        ("I4", "2026-03-06", "C3", 10.0, "x", None),
    ]
    bought, report = both(stored(tmp_path, engine, rated, {"税率": "text"}, amount=amount))
    assert bought == {"C1": 100, "C2": 94.33} and report.refused == 2
    taxed = [(*rows[0], 13.0), (*rows[1], None)]
    assert both(stored(tmp_path, engine, taxed, {"税额": "double"}, amount=amount))[0] == {"C1": 100, "C2": 99.99}


@ENGINES
def test_units_and_currencies(tmp_path: Path, engine: str) -> None:
    assert both(stored(tmp_path, engine, [A, B], amount="金额(万元)"))[0] == {"C1": 100_000, "C2": 50_000}
    dollars = stored(tmp_path, engine, [A, B], amount="amount (USD)")
    with pytest.raises(Refused, match="USD"):
        read(dollars, DAY, in_place=True)
    assert both(dollars, rates={"USD": Decimal("7.1")})[0] == {"C1": 71, "C2": 35.5}
    mixed = stored(tmp_path, engine, [(*A, "美元"), (*B, None)], {"币种": "text"})
    with pytest.raises(Refused, match="USD 1"):
        read(mixed, DAY, in_place=True)
    assert both(mixed, rates={"USD": Decimal("7.1")})[0] == {"C1": 71, "C2": 5}
    with pytest.raises(Refused, match="单位"):
        read(stored(tmp_path, engine, [(*A, "万元"), (*B, "元")], {"单位": "text"}), DAY, in_place=True)


@ENGINES
def test_one_currency_and_credit_notes_by_their_number(tmp_path: Path, engine: str) -> None:
    source = stored(tmp_path, engine, [(*A, "USD"), (*B, "CNY")], {"币种": "text"})
    bought, report = both(source, only="CNY")
    assert bought == {"C2": 5} and report.count("currency") == 1
    rows = [
        ("1001", "2026-03-05", "C1", 10.0, "x"),
        ("C1002", "2026-03-06", "C1", 4.0, "x"),
        ("CX", "2026-03-06", "C1", 1.0, "x"),
    ]
    assert both(stored(tmp_path, engine, rows), credit="C")[0] == {"C1": 7}


def test_moments_with_an_offset_are_refused_with_the_zone(tmp_path: Path) -> None:
    for engine in ("duckdb", "sqlite"):
        source = stored(tmp_path, engine, [("I1", "2026-03-31T16:30:00Z", "C1", 10.0, "x")])
        with pytest.raises(Refused, match="Europe/Berlin"):
            read(source, DAY, wishes=SourceWishes(zone=policy.zone("Europe/Berlin")), in_place=True)
    place = tmp_path / "z.duckdb"
    with duckdb.connect(str(place)) as base:
        base.execute(
            "create table t as select 'I1' invoice, timestamptz '2026-03-31 16:30:00+00' date, 'C1' customer, 1.0 amount"
        )
    with pytest.raises(Refused, match="Asia/Shanghai"):
        read(f"duckdb://{place}?table=t", DAY, in_place=True)


def test_a_discount_nobody_reads_is_said(tmp_path: Path) -> None:
    source = stored(tmp_path, "duckdb", [(*A, 0.0), (*B, 2.0)], {"折扣额": "double"})
    assert any("折扣额" in note.zh for note in both(source)[1].notes)


@ENGINES
@pytest.mark.parametrize("in_place", [True, False])
def test_columns_that_are_called_as_nobody_knows_are_named_with_the_remedy(tmp_path: Path, engine: str, in_place: bool) -> None:
    place = tmp_path / f"w.{engine}"
    base: Any = sqlite3.connect(place) if engine == "sqlite" else duckdb.connect(str(place))
    base.execute("create table t (doc_key text, dt_key text, cust_sk text, amt_lc double)")
    # A row whose cells are words for columns is a row: a table names its columns itself.
    base.executemany(
        "insert into t values (?, ?, ?, ?)", [("发票号", "2026-03-05", "客户编号", 5.0), ("F2", "2026-03-06", "C1", 7.0)]
    )
    base.commit()
    base.close()
    source = f"{engine}://{place}?table=t"
    with pytest.raises(Refused) as caught:
        read(source, DAY, in_place=in_place)
    said = caught.value.text
    for text, wanted in ((said.en, ("Customer ID", "doc_key | dt_key | cust_sk | amt_lc", '--map "dt_key=Date"', " AS")),
                         (said.zh, ("客户编号", "doc_key | dt_key | cust_sk | amt_lc", '--map "dt_key=交易日期"', " AS "))):  # fmt: skip
        assert all(word in text for word in wanted), text
    assert "line" not in said.en and "行找到" not in said.zh
    ways = Ways(renames={"doc_key": "发票号", "dt_key": "交易日期", "cust_sk": "客户编号", "amt_lc": "不含税金额"})
    purchases, report = read(source, DAY, ways=ways, in_place=in_place)
    assert dict(zip(purchases.summary.ids.tolist(), purchases.summary.total.tolist(), strict=True)) == {
        "C1": 700,
        "客户编号": 500,
    }
    assert report.counted == 2
