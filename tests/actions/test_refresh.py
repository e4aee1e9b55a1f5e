"""Refresh tiers: what it writes, what it refuses, twice, undone, in Excel and in a company's own workbook. The figures
themselves are compared with the functions in tests/test_tiering.py."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import random
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from addin import actions, cli, live
from addin.action import Done
from addin.actions import refresh
from addin.book import FileBook
from addin.live import LiveBook
from addin.performing import perform
from tests.actions.excel import contents
from tests.actions.steps import change, do, tables_of
from tests.actions.test_live import filled, opened
from tests.foreign import own_workbook
from tests.small_plan import small_plan
from tests.test_tiering import market
from workbook_templates.answers import Refused
from workbook_templates.tables.schema import Company, Row
from workbook_templates.xlsx.package import Package

AS_OF = dt.date(2027, 12, 31)


def customer(key: str, **more: Any) -> Row:
    return {"id": key, "name": f"{key}公司", **more}


def invoice(number: int, key: str, day: dt.date, yuan: float, money: str | None = None) -> Row:
    return {"invoice": f"F{number:05}", "date": day, "customer": key, "amount": yuan, "currency": money}


def company(customers: list[Row], invoices: list[Row], as_of: dt.date = AS_OF) -> Company:
    return Company("试", 2027, as_of, rows={"Customers": customers, "Transactions": invoices})


def plan(path: Path, seed: int = 1, count: int = 30, as_of: dt.date = AS_OF, lang: str = "zh") -> Path:
    """Customers C000 … of whom the last is not in the Table and one more never bought."""
    bought = market(seed, count)
    customers = [customer(f"C{i:03}") for i in range(count - 1)] + [customer("N1")]
    return small_plan(
        path, company(customers, [invoice(i, c, d, fen / 100) for i, (c, d, fen) in enumerate(bought)], as_of), lang
    )


def rows_of(path: Path, name: str = "Customers") -> list[Row]:
    return FileBook.open(path).read(name).rows


def later(path: Path, day: dt.date) -> None:
    """Time passes."""
    package = Package.open(path)
    place = package.locate("as_of")
    assert place is not None
    package.sheets[place[0]].set_values({(place[1].first_row, place[1].first_col): float((day - dt.date(1899, 12, 30)).days)})
    package.save(backup=False)


# -------------------------------------------------------------------------------------------------------------- what it does


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_tiers_logs_and_does_nothing_the_second_time(tmp_path: Path, lang: str) -> None:
    path = plan(tmp_path / "plan.xlsx", lang=lang)
    before = tables_of(path)
    done = do("refresh", path)
    assert done.written and not done.outcome.problems
    rows = {row["id"]: row for row in rows_of(path)}
    assert rows["C029"]["name"] == "C029" and rows["N1"]["tier"] is None and rows["C000"]["name"] == "C000公司"
    assert {row["tier"] for row in rows.values()} == {"S", "A", "B", "C", None}
    assert sorted(row["rank"] for row in rows.values() if row["rank"]) == list(range(1, 31))
    assert {row["tiered_on"] for row in rows.values() if row["tier"]} == {AS_OF}
    changes = rows_of(path, "TierChanges")
    assert {c["customer"]: c["after"] for c in changes} == {k: r["tier"] for k, r in rows.items() if r["tier"] in ("S", "A", "B")}
    logged = rows_of(path, "ChangeLog")
    assert len(logged) <= 5 and {row["action"] for row in logged} == {getattr(refresh.ACTION.label, lang)}
    said = " ".join(row["new"] for row in logged)
    assert ("2027-12-31" in said or "2027-12" in said) and ("行" if lang == "zh" else "rows") in said
    model = rows_of(path, "ClvModel")
    assert [row["parameter"] for row in model[:7]] == ["r", "α", "a", "b", "p", "q", "v"]
    assert all(row["value"] > 0 for row in model[:7]) and model[9]["meaning"]
    once = path.read_bytes()
    again = do("refresh", path)
    assert not again.effect and not again.written and path.read_bytes() == once
    assert do("undo", path).written
    assert tables_of(path) == before


def test_the_tables_of_a_plan_stay_sound(tmp_path: Path) -> None:
    path = plan(tmp_path / "plan.xlsx")
    do("refresh", path)
    assert FileBook.open(path).problems("Customers", "Transactions", "TierChanges") == []


def test_month_after_month_the_history_grows_and_is_never_rewritten(tmp_path: Path) -> None:
    path = plan(tmp_path / "plan.xlsx", as_of=dt.date(2027, 3, 31))
    history: list[Row] = []
    for month in (3, 6, 9, 12):
        later(path, dt.date(2027, month, 30))
        assert do("refresh", path).written  # the dates at least
        now = rows_of(path, "TierChanges")
        assert now[: len(history)] == history
        history = now
        assert not do("refresh", path).effect
    fallen = [row for row in history if row["before"] and "SABC".index(row["before"]) < "SABC".index(row["after"]) < 3]
    assert all(row["before"] != row["after"] for row in history)
    for row in fallen:
        assert "名次" in row["reason"] and row["rank_before"] < row["rank"]
    assert fallen
    tiers = {row["id"]: row["tier"] for row in rows_of(path)}
    for key, tier in tiers.items():
        own = [row["after"] for row in history if row["customer"] == key]
        assert not own or own[-1] == tier


def test_a_day_before_the_last_refresh_is_said(tmp_path: Path) -> None:
    path = plan(tmp_path / "plan.xlsx")
    do("refresh", path)
    later(path, dt.date(2027, 10, 31))
    done = do("refresh", path)
    assert [p.level for p in done.outcome.problems] == ["warning"] and "2027-12-31" in done.outcome.problems[0].text.zh


@pytest.mark.parametrize(("customers", "said"), [(9_999, False), (10_000, True)])
def test_from_ten_thousand_customers_on_it_is_said(customers: int, said: bool) -> None:
    assert bool(refresh._many(customers)) == said


def test_settings_of_the_workbook_hold(tmp_path: Path) -> None:
    path = plan(tmp_path / "plan.xlsx")
    book = FileBook.open(path)
    place = book.locate("base_customers_caps")
    assert place is not None
    book.package.sheets[place[0]].set_values(dict(zip(place[1].cells(), (1.0, 2.0, 3.0), strict=True)))
    book.package.save(backup=False)
    do("refresh", path)
    tiers = [row["tier"] for row in rows_of(path)]
    assert [tiers.count(t) for t in "SABC"] == [1, 1, 1, 27]


# ------------------------------------------------------------------------------------------------------------- on a terminal


def test_a_dry_run_prints_customer_from_to_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = plan(tmp_path / "plan.xlsx", seed=5, as_of=dt.date(2027, 6, 30))
    do("refresh", path)
    later(path, AS_OF)
    before = path.read_bytes()
    assert cli.main(["refresh", str(path), "--dry-run"]) == cli.DONE
    shown = capsys.readouterr().out
    assert path.read_bytes() == before and "试运行" in shown
    assert cli.main(["refresh", str(path), "--dry-run", "--json"]) == cli.DONE
    said = json.loads(capsys.readouterr().out)
    assert said["tier_changes"] and not said["written"] and said["as_of"] == "2027-12-31"
    assert set(said["model"]) == {"r", "alpha", "a", "b", "p", "q", "v", "purchases_ll", "value_ll"}
    for moved in said["tier_changes"]:
        who = f"{moved['customer']} " if moved["name"] != moved["customer"] else moved["customer"]
        line = next(line for line in shown.splitlines() if who in line and "→" in line)
        assert f"{moved['before'] or '新客户'} → {moved['after']}：" in line
    up, down, came = refresh.moves(said["tier_changes"])
    assert f"升 {up}、降 {down}、新进 {came}" in shown and up and down


# ---------------------------------------------------------------------------------------------------------------- bad input

DAY = dt.date(2027, 6, 1)
ONE = [invoice(1, "C1", DAY, 100.0)]
BAD: dict[str, tuple[list[Row], list[Row], list[str]]] = {
    "no transactions": ([customer("C1")], [], ["没有交易"]),
    "no dates": ([customer("C1")], [invoice(1, "C1", None, 5.0), invoice(2, "C1", None, 5.0)], ["交易日期",
                                                                                                "为空"]),  # type: ignore[arg-type]
    "text in amounts, dates that are none": (
        [customer("C1")],
        [invoice(1, "C1", DAY, "一百"), invoice(2, "C1", "三月", 5.0), invoice(3, "C1", -5.0, 1.0)],  # type: ignore[arg-type]
        ["一百", "三月", "-5"],
    ),
    "all in the future": ([customer("C1")], [invoice(1, "C1", dt.date(2072, 1, 1), 5.0)], ["晚于截止日 2027-12-31"]),
    "duplicate customers": ([customer("C1"), customer("C1"), customer("Ｃ１")], ONE, ["重复", "只差空格、全半角或大小写"]),
    "mixed currencies": ([], [*ONE, invoice(2, "C1", DAY, 5.0, "USD"), invoice(3, "C1", DAY, 5.0, "RMB")], ["CNY 2、USD 1", "--rate"]),
    "all credit notes": ([], [invoice(1, "C1", DAY, -5.0), invoice(2, "C2", DAY, -7.0)], ["没有正的"]),
    "no customer": ([], [invoice(1, "", DAY, 5.0)], ["客户编号", "为空"]),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_said_at_once_and_nothing_is_written(tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    customers, invoices, said = BAD[what]
    path = small_plan(tmp_path / "plan.xlsx", company(customers, invoices))
    before = path.read_bytes()
    assert cli.main(["refresh", str(path)]) == cli.FAILED
    shown = "".join(capsys.readouterr())
    assert all(words in shown for words in said), shown
    assert "Traceback" not in shown and path.read_bytes() == before


FEW: dict[str, tuple[list[Row], str]] = {
    "one transaction": (ONE, "没有复购金额"),
    "one customer": ([*ONE, invoice(2, "C1", dt.date(2027, 8, 1), 50.0)], "拟合偏弱"),
    "some in the future": ([*ONE, invoice(2, "C2", dt.date(2072, 1, 1), 5.0)], "晚于截止日"),
    "one foreign currency": ([invoice(1, "C1", DAY, 5.0, "usd"), invoice(2, "C2", DAY, 5.0, "USD")], "都是 USD"),
    "IDs by spaces and width": ([*ONE, invoice(2, "Ｃ１", DAY, 5.0)], "不同写法"),
    "IDs by case, as Excel compares": ([*ONE, invoice(2, "c1", DAY, 5.0)], "不同写法"),
    "parts of a fen": ([invoice(1, "C1", DAY, 1.005)], "不是整分"),
}


@pytest.mark.parametrize("what", FEW)
def test_what_can_be_done_is_done_and_said(tmp_path: Path, what: str) -> None:
    invoices, said = FEW[what]
    path = small_plan(tmp_path / "plan.xlsx", company([], invoices))
    done = do("refresh", path)
    assert done.written and any(said in note.zh for note in done.outcome.notes)
    assert rows_of(path)[0]["id"] == "C1" and rows_of(path)[0]["tier"] == "S"
    assert not do("refresh", path).effect


def test_a_row_pasted_twice_counts_once_and_is_said(tmp_path: Path) -> None:
    rows = [invoice(1, "C1", DAY, 100.0), invoice(2, "C2", DAY, 70.0)]
    path = small_plan(tmp_path / "plan.xlsx", company([], [*rows, *rows]))
    done = do("refresh", path)
    assert [p.level for p in done.outcome.problems] == ["warning"] and "只计一次" in done.outcome.problems[0].text.zh
    assert [row["sales_12m"] for row in rows_of(path)] == [100.0, 70.0]
    lines = [invoice(1, "C1", DAY, 100.0), invoice(1, "C1", DAY, 30.0), invoice(2, "C2", DAY, 70.0), invoice(2, "C2", DAY, 70.0)]
    path = small_plan(tmp_path / "lines.xlsx", company([], lines))
    done = do("refresh", path)
    assert "按不同明细行照计" in done.outcome.problems[0].text.zh
    assert [row["sales_12m"] for row in rows_of(path)] == [130.0, 140.0]


@pytest.mark.parametrize(
    ("name", "cells", "said"),
    [
        ("base_customers_caps", (60.0, 18.0, 180.0), "应从 S 到 B 递增"),
        ("base_customers_buffer", (20.0,), "参数“升降级缓冲”"),
        ("base_customers_team_s", (1.0, 1.5, 3.0), "3 个整数"),
        ("base_clv_months", (2.5,), "整月"),
        ("base_customers_shares", ("五成", 0.8, 0.9), "不是数字"),
    ],
)
def test_settings_that_are_none(tmp_path: Path, name: str, cells: tuple[Any, ...], said: str) -> None:
    path = small_plan(tmp_path / "plan.xlsx", company([], ONE))
    package = Package.open(path)
    place = package.locate(name)
    assert place is not None
    package.sheets[place[0]].set_values(dict(zip(place[1].cells(), cells, strict=True)))
    package.save(backup=False)
    done = do("refresh", path)
    assert done.refused and said in done.outcome.errors[0].text.zh and done.outcome.errors[0].sheet == place[0]


def test_parts_of_a_plan_that_are_gone(tmp_path: Path) -> None:
    path = plan(tmp_path / "plan.xlsx")
    change(path, {("Customers", 0, "tier"): "VIP"})
    package = Package.open(path)
    table = package.tables["TierChanges"]
    package.touch(table.part).set("displayName", "History")
    package.touch(table.part).set("name", "History")
    package.save(backup=False)
    said = " ".join(p.text.zh for p in do("refresh", path).outcome.errors)
    assert "缺少表 TierChanges" in said and "VIP" in said


# ------------------------------------------------------------------------------------------------------------- from a file


def export(path: Path, rows: list[Row], headers: str = "发票号码,开票日期,客户编号,净额") -> Path:
    lines = [f"{r['invoice']},{r['date']},{r['customer']},{r['amount']}" for r in rows]
    path.write_text("\n".join([headers, *lines]) + "\n", "utf-8-sig")
    return path


def written(path: Path) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k != "name"} for row in rows_of(path)]


def test_from_a_file_as_from_the_table_and_only_customers_come_in(tmp_path: Path) -> None:
    """Shuffled, split over files of a folder, in a database: the same tiers."""
    table = plan(tmp_path / "table.xlsx")
    invoices = rows_of(table, "Transactions")
    do("refresh", table)
    expected = sorted(written(table), key=lambda r: r["id"])
    random.Random(1).shuffle(invoices)
    (tmp_path / "months").mkdir()
    for month in range(1, 13):
        export(tmp_path / "months" / f"{month:02}.csv", [r for r in invoices if r["date"].month == month])
    export(tmp_path / "all.csv", invoices)
    with contextlib.closing(sqlite3.connect(tmp_path / "sales.db")) as base:
        base.execute("create table f (invoice text, date text, customer text, amount real)")
        base.executemany(
            "insert into f values (?, ?, ?, ?)", [(r["invoice"], str(r["date"]), r["customer"], r["amount"]) for r in invoices]
        )
        base.commit()
    customers = [{"id": r["id"], "name": r["id"]} for r in expected if r["id"] != "C029"]
    for source in ("all.csv", "months", f"sqlite:///{tmp_path}/sales.db?table=f"):
        path = small_plan(tmp_path / "plan.xlsx", company(customers, []))
        place = source if "://" in source else str(tmp_path / source)
        done = do("refresh", path, transactions=place)
        assert done.written and sorted(written(path), key=lambda r: r["id"]) == expected, source
        assert rows_of(path, "Transactions") == []
        said = " ".join(row["new"] for row in rows_of(path, "ChangeLog"))
        assert source.rpartition("/")[2].partition("?")[0] in said and f"{len(invoices):,} 行" in said
        assert ("sha256" in said) == ("://" not in source)
        assert not do("refresh", path, transactions=place).effect


def test_where_they_came_from_is_logged_even_if_no_row_comes_in(tmp_path: Path) -> None:
    path = plan(tmp_path / "plan.xlsx")
    invoices = rows_of(path, "Transactions")
    do("refresh", path)
    before = len(rows_of(path, "ChangeLog"))
    source = export(tmp_path / "late.csv", [{**r, "amount": 2 * r["amount"]} for r in invoices])
    done = do("refresh", path, transactions=str(source))
    assert done.written and "TierChanges" not in done.outcome.changes.added
    logged = rows_of(path, "ChangeLog")[before:]
    assert len([row for row in logged if "late.csv" in row["new"] and "sha256" in row["new"]]) == 1


def test_rows_refused_are_told_and_written_to_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = small_plan(tmp_path / "plan.xlsx", company([], []))
    source, report = tmp_path / "s.csv", tmp_path / "out.csv"
    source.write_text(
        "发票号码,开票日期,客户编号,净额\nF1,2027年3月5日,C1,￥１200.5\nF2,2027-03-05,,5\nF3,三月,C2,5\nF4,2027-04-05,C1,7\n",
        "gb18030",
    )
    assert cli.main(["refresh", str(path), "--transactions", str(source), "--report", str(report)]) == cli.ATTENTION
    shown = capsys.readouterr().out
    assert "第 3 行" in shown and "第 4 行" in shown
    assert report.read_text("utf-8-sig").count("\n") >= 3
    assert [(row["id"], row["tier"]) for row in rows_of(path)] == [("C1", "S")]
    assert cli.main(["refresh", str(path), "--transactions", str(source), "--json"]) == cli.ATTENTION
    said = json.loads(capsys.readouterr().out)
    assert not said["written"] and said["transactions"]["refused"] >= 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--transactions", "nothing.csv"], "nothing.csv"),
        (["--transactions", "{csv}", "--rate", "USD"], "USD=7.1"),
        (["--transactions", "{csv}", "--rate", "USD=-1"], "USD=7.1"),
        (["--transactions", "{csv}"], "--rate USD"),
        (["--transactions", "{csv}", "--in-place"], "--in-place"),
        (["--transactions", "{csv}", "--report", "{csv}"], "s.csv"),
    ],
)
def test_sources_that_can_not_be_used(tmp_path: Path, more: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = small_plan(tmp_path / "plan.xlsx", company([], []))
    csv = tmp_path / "s.csv"
    csv.write_text("发票号码,开票日期,客户编号,净额,币种\nF1,2027-03-05,C1,5,USD\nF2,2027-03-05,C1,5,CNY\n", "utf-8")
    before = path.read_bytes(), csv.read_bytes()
    assert cli.main(["refresh", str(path), *(word.replace("{csv}", str(csv)) for word in more)]) == cli.FAILED
    assert said in "".join(capsys.readouterr()) and (path.read_bytes(), csv.read_bytes()) == before


def test_a_rate_converts(tmp_path: Path) -> None:
    path = small_plan(tmp_path / "plan.xlsx", company([], []))
    csv = tmp_path / "s.csv"
    csv.write_text("发票号码,开票日期,客户编号,净额,币种\nF1,2027-03-05,C1,5,USD\nF2,2027-03-05,C1,5,CNY\n", "utf-8")
    do("refresh", path, transactions=str(csv), rates=["USD=7.1"])
    assert rows_of(path)[0]["sales_12m"] == 40.5


# ------------------------------------------------------------------------------------------------------------------ in Excel


def press(workbook: Any, **options: Any) -> Done:
    action = actions.every()["refresh"]
    when = dt.datetime(2028, 1, 1, 9)
    return perform(action, LiveBook(workbook), action.defaults(**options), now=when)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_same_in_excel_as_in_the_file(tmp_path: Path, lang: str) -> None:
    path = plan(tmp_path / "plan.xlsx", lang=lang)
    workbook = opened(path)
    before = list(contents(workbook))
    assert press(workbook).written
    do("refresh", path)
    excel, file = LiveBook(workbook), FileBook.open(path)
    for name in ("Customers", "TierChanges"):
        ours, theirs = file.read(name), excel.read(name)
        keys = [column.key for column in ours.spec.inputs]  # the stand-in computes nothing: its formulas are compared below
        assert [[r[k] for k in keys] for r in theirs.rows] == [[r[k] for k in keys] for r in ours.rows]
    column = file.read("Customers").places["bookings"]
    bookings = [[book.read("Customers").grid.formulas[at] for at in ((7, column), (37, column))] for book in (excel, file)]
    assert bookings[0] == bookings[1] == [bookings[1][0]] * 2
    assert not press(workbook).effect
    undo = actions.every()["undo"]
    assert perform(undo, LiveBook(workbook), undo.defaults()).written
    log = next(s.name for s in workbook.sheets for t in s.tables if t.name == "ChangeLog")
    assert [c for c in contents(workbook) if c[0] != log] == [c for c in before if c[0] != log]


def refreshed_calls(folder: Path, count: int) -> int:
    """A refresh after another one over ``count`` invoices, with tiers that move and customers that are new."""
    path = plan(folder / f"{count}.xlsx", count=6, as_of=dt.date(2027, 6, 30))
    workbook = opened(path)
    bought = market(4, max(count // 6, 6))[:count]
    known = sorted({name for name, *_ in bought})[: len(bought) // 8]
    filled(workbook, "Transactions", [invoice(i, c, d, fen / 100) for i, (c, d, fen) in enumerate(bought)])
    filled(workbook, "Customers", [customer(name) for name in known])
    assert press(workbook).written
    place = LiveBook(workbook).locate("as_of")
    assert place is not None
    sheet = next(s for s in workbook.sheets if s.name == place[0])
    sheet.values[place[1].first_row, place[1].first_col] = float((AS_OF - dt.date(1899, 12, 30)).days)
    workbook.app.calls.clear()
    assert press(workbook).written
    return len(workbook.app.calls)


def test_calls_do_not_grow_with_the_rows(tmp_path: Path) -> None:
    few, many = refreshed_calls(tmp_path, 60), refreshed_calls(tmp_path, 10_000)
    assert many == few < 400


def test_without_transactions_the_button_asks_for_a_file(tmp_path: Path) -> None:
    workbook = opened(small_plan(tmp_path / "plan.xlsx", company([customer("C1")], [])))
    ask = refresh.ACTION.asks["transactions"]
    assert ask.how == "open" and ask.when(LiveBook(workbook))
    assert not ask.when(LiveBook(opened(plan(tmp_path / "full.xlsx"))))
    workbook.app.api = SimpleNamespace(GetOpenFilename=lambda: False)  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="已取消"):
        live.press(actions.every()["refresh"], workbook)


# ---------------------------------------------------------------------------------------------------- a company's own workbook


def own(path: Path, columns: list[str]) -> Path:
    """Such a workbook has no as-of date: today counts."""
    bought = market(2, 12, until=dt.date.today())
    rows = [[f"F{i}", day, name, fen / 100] for i, (name, day, fen) in enumerate(bought)]
    customers = [[f"C{i:03}", f"老客户{i}", *[None] * len(columns)] for i in range(12)]
    sheets = {
        "开票": (["发票号码", "开票日期", "客户编号", "净额"], rows),
        "客户档案": (["客户编号", "客户名称", *columns], customers),
    }
    return own_workbook(path, sheets)


def test_a_company_s_own_workbook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = own(tmp_path / "own.xlsx", ["客户等级", "名次", "备注"])
    do("adopt", path, confirm=True, add=["TierChanges"], use=["Transactions=开票", "Customers=客户档案"])
    done = do("refresh", path)
    assert done.written and any("没有这些列" in note.zh for note in done.outcome.notes)
    rows = rows_of(path)
    assert sorted(row["rank"] for row in rows) == list(range(1, 13)) and {row["tier"] for row in rows} <= set("SABC")
    assert rows_of(path, "TierChanges") and not do("refresh", path).effect
    assert do("undo", path).written and not any(row["tier"] for row in rows_of(path))


def test_an_own_workbook_without_a_column_for_the_tier(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = own(tmp_path / "own.xlsx", ["备注"])
    do("adopt", path, confirm=True, add=["TierChanges"], use=["Transactions=开票", "Customers=客户档案"])
    assert cli.main(["refresh", str(path)]) == cli.FAILED
    assert "没有对应“级别”的列" in "".join(capsys.readouterr())
