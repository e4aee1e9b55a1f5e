"""Transactions from files and databases: what counts, what does not and why, row by row, whatever the form of the source.

Expectations: the rules in the docstring of ``workbook_templates.transactions`` worked by hand on small tables, the careful
cell parser of imports (its own tests say what it reads), and the figures pandas finds in the raw UCI data.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
import sqlite3
import subprocess
import sys
from decimal import Decimal

import duckdb
import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.real import require_data
from udfs.rfm import canonical, in_fen
from udfs.text import speaking
from workbook_templates import transactions as transactions_package
from workbook_templates.answers import Refused
from workbook_templates.intake import columns, importing, parsing
from workbook_templates.intake.files import RawRow, blank
from workbook_templates.tables.schema import table
from workbook_templates.transactions import SourceWishes, Ways, cells, databases, frames, read, rules
from workbook_templates.transactions.frames import LINES
from workbook_templates.transactions.purchases import Purchases, day_number
from workbook_templates.transactions.report import LATER, LEFT, OTHER, REPEATED

AS_OF = dt.date(2026, 12, 31)
HEADERS = ("发票号", "交易日期", "客户编号", "不含税金额")
ROWS = [
    ("F1", "2026-01-05", "C1", "100.00"),
    ("F1", "2026-01-05", "C1", "50.25"),
    ("F2", "2026-03-01", "C2", "80"),
    ("F3", "2025-06-01", "C1", "-30"),
    ("F4", "2024-02-01", "C1", "7.5"),
]
# By hand: C1 bought on 2024-02-01 and 2026-01-05, the credit note is no purchase; 12 months up to 2026-12-31 begin on 2026-01-01.
FIGURES = {
    "C1": {"frequency": 2, "total": 12775, "repeat": 12025, "first": "2024-02-01", "last": "2026-01-05", "recent": 15025},
    "C2": {"frequency": 1, "total": 8000, "repeat": 0, "first": "2026-03-01", "last": "2026-03-01", "recent": 8000},
}


def text_of(rows, headers=HEADERS, delimiter=","):
    return "\n".join(delimiter.join(map(str, row)) for row in (headers, *rows)) + "\n"


def put(folder, rows, headers=HEADERS, name="t.csv", encoding="utf-8"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text_of(rows, headers).encode(encoding))
    return path


def figures(purchases):
    found = purchases.summary
    day = [[str(np.datetime64(int(d), "D")) for d in column] for column in (found.first, found.last)]
    columns = zip(found.ids, found.frequency, found.total, found.repeat, *day, purchases.recent, strict=True)
    names = ("frequency", "total", "repeat", "first", "last", "recent")
    return {who: dict(zip(names, (int(f), int(t), int(r), a, b, int(n)), strict=True)) for who, f, t, r, a, b, n in columns}


def totals(purchases):
    return {who: f["total"] for who, f in figures(purchases).items()}


def said(report):
    return " | ".join(note.en for note in report.notes)


def listed(report):
    return [(f.kind, f.line, f.column, f.value, f.reason.en) for f in report.findings()]


# ------------------------------------------------------------------------------------------------------------------- sources


def as_xlsx(path, rows, headers=HEADERS, dates=True):
    book = xlsxwriter.Workbook(path)
    sheet, form = book.add_worksheet("数据"), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, headers)
    for r, (invoice, day, customer, amount) in enumerate(rows, 1):
        sheet.write_string(r, 0, invoice)
        if dates:
            sheet.write_datetime(r, 1, dt.datetime.fromisoformat(day), form)
        else:
            sheet.write_string(r, 1, day)
        sheet.write_string(r, 2, customer)
        sheet.write_number(r, 3, float(amount))
    book.close()
    return path


def arrow_table(rows, headers=HEADERS):
    invoices, days, customers, amounts = zip(*rows, strict=True)
    typed = [list(invoices), [dt.date.fromisoformat(d) for d in days], list(customers), [float(a) for a in amounts]]
    return pyarrow.table(dict(zip(headers, typed, strict=True)))


def as_parquet(path, rows):
    pyarrow.parquet.write_table(arrow_table(rows), path)
    return path


def as_sqlite(path, rows, headers=HEADERS):
    with sqlite3.connect(path) as base:
        base.execute(f"create table t ({', '.join(f'{chr(34)}{h}{chr(34)}' for h in headers)})")
        base.executemany(f"insert into t values ({', '.join('?' * len(headers))})", [(*r[:3], float(r[3]), *r[4:]) for r in rows])
    return f"sqlite:///{path}?table=t"


def as_duckdb(path, rows):
    with duckdb.connect(str(path)) as base:
        given_rows = arrow_table(rows)
        base.register("given_rows", given_rows)
        base.execute("create table t as select * from given_rows")
    return f"duckdb://{path}?query=select * from t where 1 + 1 = 2"


def as_folder(path, rows):
    for k, (part, make) in enumerate(zip((rows[:2], rows[2:4], rows[4:]), (None, as_xlsx, as_parquet), strict=True)):
        name = path / f"2026-{k + 1:02}"
        put(path, part, name=name.name + ".csv") if make is None else make(
            name.with_suffix(".xlsx" if make is as_xlsx else ".parquet"), part
        )
    return path


FORMS = {
    "csv": lambda folder: put(folder, ROWS),
    "utf-8 with mark": lambda folder: put(folder, ROWS, encoding="utf-8-sig"),
    "gb18030": lambda folder: put(folder, ROWS, encoding="gb18030"),
    "utf-16": lambda folder: put(folder, ROWS, encoding="utf-16"),
    "xlsx": lambda folder: as_xlsx(folder / "t.xlsx", ROWS),
    "xlsx with dates as text": lambda folder: as_xlsx(folder / "t.xlsx", ROWS, dates=False),
    "parquet": lambda folder: as_parquet(folder / "t.parquet", ROWS),
    "parquet misnamed": lambda folder: as_parquet(folder / "t.csv", ROWS),
    "folder": lambda folder: as_folder(folder, ROWS),
    "sqlite": lambda folder: as_sqlite(folder / "t.db", ROWS),
    "duckdb": lambda folder: as_duckdb(folder / "t.duckdb", ROWS),
    "english headers": lambda folder: put(folder, ROWS, ("Invoice no", "InvoiceDate", "Customer ID", "Net amount")),
    "chinese dates": lambda folder: put(
        folder,
        [(i, "{}年{}月{}日".format(*(int(p) for p in d.split("-"))), c, f"￥{a}" if "-" not in a else a) for i, d, c, a in ROWS],
    ),
    "full width": lambda folder: put(
        folder, [tuple("".join(chr(ord(c) + 0xFEE0) if c in "0123456789F" else c for c in cell) for cell in row) for row in ROWS]
    ),
    "quantity and price": lambda folder: put(
        folder,
        [(i, d, c, "-2" if a.startswith("-") else "2", float(a.strip("-")) / 2) for i, d, c, a in ROWS],
        ("Invoice", "Date", "Customer ID", "Quantity", "Price"),
    ),
    "title above the headers": lambda folder: put(folder, [HEADERS, *ROWS], ("开票明细导出", "", "", "")),
    "in 万元": lambda folder: put(folder, [(*r[:3], Decimal(r[3]) / 10000) for r in ROWS], (*HEADERS[:3], "金额（万元）")),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_figures_worked_by_hand(form, tmp_path):
    purchases, report = read(FORMS[form](tmp_path), AS_OF)
    assert figures(purchases) == FIGURES
    assert report.read == report.counted == 5 and not list(report.findings())


def test_a_large_regular_csv_is_read_as_the_careful_reader_reads_it(tmp_path):
    """The same rows twice: once so that Arrow reads them, once with a line break in a cell, which only the careful
    reader takes."""
    chance = random.Random(5)
    rows = [
        (
            f"F{k}",
            f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02} 9:05",
            f"C{chance.randint(1, 300)}",
            f"{chance.randint(-5000, 90000) / 100}",
            "x",
        )
        for k in range(4000)
    ]
    rows[77] = ("F77", "", "C1", "5", "x")
    rows[78] = ("F78", "2026-01-01", " ", "5", "x")
    headers = (*HEADERS, "备注")
    fast, quick = read(put(tmp_path, rows, headers, "fast.csv"), AS_OF)
    rows[-1] = (*rows[-1][:4], '"a\nb"')
    slow, careful = read(put(tmp_path, rows, headers, "slow.csv"), AS_OF)
    assert fast == slow and (quick.read, quick.refused) == (careful.read, careful.refused) == (4000, 2)
    assert listed(quick) == listed(careful) == [("refused", 79, "交易日期",
                                                                "",
                                                                "is blank: fill it in"), ("refused", 80, "客户编号", "", "is blank: fill it in")]  # fmt: skip


@pytest.mark.parametrize("odd", ['"a,b"', '"a\nb"', '"say ""x"""', 'in"ch', '",b"', '"a,"', '""', '","', "x"])
def test_quotes_are_read_alike_whoever_reads(odd, tmp_path):
    """A large file whose cells are all in quotes, as many exports are; one cell is hard to tell from two."""
    rows = [(f'"F{k}"', '"2026-01-05"', f'"C{k % 9}"', f'"{k}.50"', odd if k == 1500 else '"x"') for k in range(3000)]
    path = put(tmp_path, rows, (*HEADERS, "商品编码"))
    with path.open(encoding="utf-8", newline="") as file:
        wanted = list(csv.reader(file, strict=True))[1:]
    purchases, report = read(path, AS_OF)
    assert report.counted == len(wanted) == 3000
    assert sum(totals(purchases).values()) == sum(round(float(row[3]) * 100) for row in wanted)


# --------------------------------------------------------------------------------------------------------------- single cells

DATE, AMOUNT = table("Transactions")["date"], LINES["amount"]
TIMES = ("", " 9:05", " 09:05:59", "T23:00", " 24", "x", " 9:5", "日", " ")
FORMATS = (
    "{y}-{m:02}-{d:02}",
    "{y}/{m}/{d}",
    "{y}年{m}月{d}日",
    "{y}{m:02}{d:02}",
    "{d:02}/{m:02}/{y}",
    "{y}.{m}.{d}",
    "{y}-{m}-{d} ",
)
written_dates = st.builds(
    lambda y, m, d, form, time: form.format(y=y, m=m, d=d) + time,
    st.integers(1900, 2200), st.integers(1, 13), st.integers(1, 31), st.sampled_from(FORMATS), st.sampled_from(TIMES),
)  # fmt: skip
written_amounts = st.one_of(
    st.decimals(-(10**9), 10**9, places=3).map(str),
    st.decimals(0, 10**7, places=2).map(lambda d: f"￥{d:,}"),
    st.sampled_from(["1e3",
                     "(300)",
                     "1.2万",
                     "12元", "1_000", "nan", "inf", "１２", "1,2", "--5", "1" * 20, "0.005", "2.675", " 7 ", "+5", "35%", "१२"]),
)  # fmt: skip


def both_forms(written):
    return [
        written,
        pyarrow.array(written),
        pyarrow.array(written).dictionary_encode(),
        pyarrow.chunked_array([written[:1], written[1:]]),
    ]


@settings(deadline=None)
@given(st.lists(st.one_of(written_dates, st.text(max_size=12)), min_size=1, max_size=8), st.sampled_from([None, True, False]))
def test_whole_columns_of_dates_are_read_as_single_cells_are(written, day_first):
    parse = parsing.parser(DATE, parsing.Habit(day_first=day_first))
    for column in both_forms(written):
        found = cells.days(column, DATE, day_first)
        for at, cell in enumerate(written):
            assert_alike(found, at, cell, parse, day_number)


@settings(deadline=None)
@given(st.lists(st.one_of(written_amounts, st.text(max_size=6)), min_size=1, max_size=8))
def test_whole_columns_of_amounts_are_read_as_single_cells_are(written):
    comma = parsing.comma_habit(written)
    if comma is None:  # 1.234,56 beside 1,234.56: no style can be trusted
        for column in both_forms(written):
            with pytest.raises(Refused):
                cells.numbers(column, AMOUNT)
        return
    parse = parsing.parser(AMOUNT, parsing.Habit(comma=comma))
    for column in both_forms(written):
        found = cells.numbers(column, AMOUNT)
        found.values = in_fen(np.where(found.why > 0, 0.0, found.values))
        for at, cell in enumerate(written):
            assert_alike(found, at, cell, parse, lambda yuan: round(yuan * 100))


def assert_alike(found, at, cell, parse, number):
    if blank(cell):
        assert found.why[at] == cells.BLANK
        return
    try:
        expected, reason = number(parse(cell)), None
    except parsing.Bad as bad:
        expected, reason = None, bad.text
    if reason is None:
        assert found.why[at] == 0 and found.values[at] == expected, cell
    else:
        assert found.reasons[found.why[at]] == reason, cell


# ------------------------------------------------------------------------------------------------------------------- refusals


def test_every_row_that_does_not_count_is_named_with_its_cell_and_the_remedy(tmp_path):
    rows = [
        ("F1", "2026-01-05", "C1", "100"),
        ("F2", "", "C1", "5"),
        ("F3", "2026-02-30", "C1", "5"),
        ("F4", "2026-01-05", "", "5"),
        ("F5", "2026-01-05", "1.2E+17", "5"),
        ("F6", "2026-01-05", "C1", "五"),
        ("F7", "", "", ""),
        ("合计", "", "", "215"),
        HEADERS,
        ("", "", "", ""),
        ("F8", "2027-01-01", "C1", "5"),
    ]
    purchases, report = read(put(tmp_path, rows), AS_OF)
    assert totals(purchases) == {"C1": 10000}
    empty = "is blank: fill it in"
    assert [(k, n, c, v) for k, n, c, v, _ in listed(report)] == [
        ("refused", 3, "交易日期", ""), ("refused", 4, "交易日期", "2026-02-30"), ("refused", 5, "客户编号", ""),
        ("refused", 6, "客户编号", "1.2E+17"), ("refused", 7, "不含税金额", "五"), ("refused", 8, "交易日期", ""),
        ("refused", 8, "客户编号", ""), ("refused", 8, "不含税金额", ""), ("left", 9, "", "合计 |  |  | 215"),
        ("later", 12, "交易日期", "2027-01-01"),
    ]  # fmt: skip
    reasons = [reason for *_, reason in listed(report)]
    assert reasons[0] == reasons[2] == empty and "totals" in reasons[8] and "2026-12-31" in reasons[-1]
    assert (report.read, report.counted, report.refused, report.count(LATER), report.count(LEFT)) == (9, 1, 6, 1, 1)
    assert sum(report.reasons().values()) == report.read - report.counted
    assert "skipped: 1 row of “t.csv” repeating the header" in said(report)


def test_the_report_file_is_complete_and_the_screen_is_not_flooded(tmp_path):
    rows = [
        ("F", "2026-01-05", "", "=1"),
        *[(f"F{k}", "2026-01-05", "", "5") for k in range(499)],
        ("G", "2026-01-05", "C1", "5"),
    ]
    _, report = read(put(tmp_path, rows), AS_OF)
    with speaking("en"):
        report.write(tmp_path / "r.csv")
        screen = [str(line) for line in report.lines()]
    found = list(csv.reader((tmp_path / "r.csv").read_text("utf-8-sig").splitlines()))
    assert found[0] == ["what became of it", "file", "line", "column", "value", "reason"] and len(found) == 1 + 501
    assert found[1][:5] == ["rejected", "t.csv", "2", "客户编号", ""] and "'=1" in [row[4] for row in found]
    assert len(screen) < 30 and any("500 × " in line.replace("        ", "") for line in screen)
    assert "counted 1; rejected: 500" in screen[-1]


@pytest.mark.parametrize(
    ("headers", "needles"),
    [
        (("发票号", "客户编号", "不含税金额"), ("Date",)),
        (("发票号", "交易日期", "不含税金额"), ("Customer ID",)),
        (("发票号", "交易日期", "客户编号", "数量"), ("Net amount", "quantity and unit price")),
        (("发票号", "交易日期", "客户编号", "实际净额"), ("Net amount", '--map "实际净额=Net amount"')),
    ],
)
def test_a_missing_column_is_named_with_what_was_found(headers, needles, tmp_path):
    with pytest.raises(Refused) as caught:
        read(put(tmp_path, [["1"] * len(headers)], headers), AS_OF)
    for needle in (*needles, "t.csv"):
        assert needle in caught.value.text.en


def test_columns_can_be_named(tmp_path):
    path = put(tmp_path, ROWS, (*HEADERS[:3], "实际"))
    assert figures(read(path, AS_OF, ways=Ways(renames={"实际": "不含税金额"}))[0]) == FIGURES
    path = put(tmp_path, ROWS, (*HEADERS[:3], "含税金额"))
    with pytest.raises(Refused, match="--tax"):  # a gross amount is not net by being called so
        read(path, AS_OF, ways=Ways(renames={"含税金额": "不含税金额"}))


def test_nothing_usable_is_refused_with_the_reasons(tmp_path):
    with pytest.raises(Refused) as caught:
        read(put(tmp_path, [("F1", "", "C1", "5"), ("F2", "soon", "C1", "5")]), AS_OF)
    assert (
        "2 rows read, none" in caught.value.text.en and "is blank" in caught.value.text.en and "no date" in caught.value.text.en
    )
    with pytest.raises(Refused, match="2026-12-31"):
        read(put(tmp_path, [("F1", "2027-05-05", "C1", "5")]), AS_OF)
    with pytest.raises(Refused):
        read(put(tmp_path, []), AS_OF)


# ------------------------------------------------------------------------------------------------------------------- repeats

LINE = ("发票号", "交易日期", "客户编号", "不含税金额", "商品编码")


def lines(*rows):
    return [(invoice, "2026-01-05", "C1", amount, *more) for invoice, amount, *more in rows]


@pytest.mark.parametrize(
    ("rows", "headers", "wish", "total", "repeated"),
    [
        # Products tell lines apart: the same product twice is the same line exported twice.
        (lines(("F1", 100, "A"), ("F1", 100, "B"), ("F1", 100, "A")), LINE, "", 200, 1),
        (lines(("F1", 100, "A"), ("F1", 100, "B"), ("F1", 100, "A")), LINE, "each", 300, 0),
        # One row an invoice: the same row again is a repeat.
        (lines(("F1", 100), ("F2", 100), ("F1", 100)), HEADERS, "", 200, 1),
        # Invoices of several lines, nothing tells them apart: equal lines may be different ones.
        (lines(("F1", 100), ("F1", 100), ("F2", 30), ("F2", 40)), HEADERS, "", 270, 0),
        (lines(("F1", 100), ("F1", 100), ("F2", 30), ("F2", 40)), HEADERS, "once", 170, 1),
        # Another amount under the same number is another line.
        (lines(("F1", 100), ("F1", 90)), HEADERS, "", 190, 0),
        # Without a number nothing can be told.
        (lines(("", 100), ("", 100)), HEADERS, "", 200, 0),
    ],
)
def test_equal_lines_of_an_invoice(rows, headers, wish, total, repeated, tmp_path):
    purchases, report = read(put(tmp_path, rows, headers), AS_OF, wishes=SourceWishes(lines=wish))
    assert (totals(purchases), report.count(REPEATED)) == ({"C1": total * 100}, repeated)
    assert report.read == report.counted + repeated
    if repeated:
        assert f"{repeated} repeated rows come to" in said(report) and "--lines each" in listed(report)[0][-1]
    elif len(set(rows)) < len(rows) and not wish:
        assert "all count" in said(report) or "can't be found" in said(report)


def test_files_without_invoice_numbers_count_in_full(tmp_path):
    bare = [row[1:] for row in ROWS]
    purchases, report = read(put(tmp_path, [*bare, bare[0]], HEADERS[1:]), AS_OF)
    assert totals(purchases) == {"C1": 22775, "C2": 8000} and "can't be found" in said(report)
    folder = tmp_path / "both"
    put(folder, bare[:2], HEADERS[1:], "1.csv"), put(folder, ROWS[2:], name="2.csv")
    purchases, report = read(folder, AS_OF)
    assert figures(purchases) == FIGURES and "2 rows without an invoice number" in said(report)


def test_an_invoice_in_two_months_counts_once_and_a_changed_one_is_said(tmp_path):
    folder = tmp_path / "exports"
    put(folder, lines(("F1", 100), ("F1", 100), ("F2", 30), ("F2", 40)), name="01.csv")
    as_xlsx(
        folder / "02.xlsx", [("F1", "2026-01-05", "C1", "100"), ("F2", "2026-01-05", "C1", "45"), ("F3", "2026-02-05", "C1", "1")]
    )
    (folder / "说明.docx").write_bytes(b"x")
    purchases, report = read(folder, AS_OF)
    # F1: the two equal lines of January, not the third copy; F2: 30 + 40 + 45, said.
    assert totals(purchases) == {"C1": (200 + 115 + 1) * 100} and report.count(REPEATED) == 1
    assert "2 invoices in several files" in said(report) and "说明.docx" in said(report)
    assert {f.file for f in report.findings()} == {"02.xlsx"}


def test_a_copied_file_is_read_once_and_a_broken_one_stops_all(tmp_path):
    put(tmp_path, ROWS, name="a.csv"), put(tmp_path, ROWS, name="b.csv")
    purchases, report = read(tmp_path, AS_OF)
    assert figures(purchases) == FIGURES and "exact copy" in said(report) and len(report.parts) == 1
    put(tmp_path, ROWS, ("a", "b", "c", "d"), name="c.csv")
    (tmp_path / "d.csv").write_bytes(b"")
    with pytest.raises(Refused) as caught:
        read(tmp_path, AS_OF)
    assert "c.csv" in caught.value.text.en and "d.csv" in caught.value.text.en


# ---------------------------------------------------------------------------------------------------- currencies, credit notes

WITH_CURRENCY = (*HEADERS, "币种")
MIXED = [
    ("F1", "2026-01-05", "C1", "100", "人民币"),
    ("F2", "2026-01-05", "C1", "10", "USD"),
    ("F3", "2026-01-06", "C1", "5", ""),
]


def test_mixed_currencies_are_refused_with_counts_or_converted_or_chosen(tmp_path):
    path = put(tmp_path, MIXED, WITH_CURRENCY)
    with pytest.raises(Refused) as caught:
        read(path, AS_OF)
    for needle in ("CNY 2", "USD 1", "--rate USD=", "--currency"):
        assert needle in caught.value.text.en
    purchases, report = read(path, AS_OF, wishes=SourceWishes(rates={"usd": Decimal("7.1")}))
    assert totals(purchases) == {"C1": 17600} and "1 USD = 7.1 yuan" in said(report)
    purchases, report = read(path, AS_OF, wishes=SourceWishes(only="rmb"))
    assert totals(purchases) == {"C1": 10500} and report.count(OTHER) == 1 and listed(report)[0][1:4] == (3, "币种", "USD")


@pytest.mark.parametrize(
    ("rows", "headers", "counts"),
    [
        ([(*ROWS[0][:3], "$100")], HEADERS, "USD 1"),
        ([(*ROWS[0][:3], "100"), (*ROWS[2][:3], "€5")], HEADERS, "CNY 1, EUR 1"),
        ([(*ROWS[0][:3], "100")], (*HEADERS[:3], "金额(美元)"), "USD 1"),
    ],
)
def test_a_foreign_currency_is_seen_in_cells_and_headers(rows, headers, counts, tmp_path):
    path = put(tmp_path, rows, headers)
    with pytest.raises(Refused) as caught:
        read(path, AS_OF)
    assert counts in caught.value.text.en
    purchases, _ = read(path, AS_OF, wishes=SourceWishes(rates={"USD": Decimal(7), "EUR": Decimal(8)}))
    assert set(totals(purchases).values()) <= {70000, 10000, 4000}


def test_a_sign_that_contradicts_the_currency_column_is_refused(tmp_path):
    rows = [*MIXED[:1], ("F9", "2026-01-05", "C1", "$3", "人民币")]
    purchases, report = read(put(tmp_path, rows, WITH_CURRENCY), AS_OF)
    assert totals(purchases) == {"C1": 10000} and "disagree" in listed(report)[0][-1]


def test_positive_amounts_under_credit_note_numbers_are_said_and_turned_only_when_asked(tmp_path):
    rows = [("489449", "2026-01-05", "C1", "100"), ("C489450", "2026-02-05", "C1", "30"), ("C489451", "2026-02-06", "C1", "-5")]
    path = put(tmp_path, rows)
    purchases, report = read(path, AS_OF)
    assert totals(purchases) == {"C1": 12500} and "--credit C" in said(report)
    purchases, report = read(path, AS_OF, wishes=SourceWishes(credit="c"))
    assert totals(purchases) == {"C1": 6500} and "1 row of credit notes" in said(report)
    assert figures(purchases)["C1"]["frequency"] == 1
    branch = [(f"C{k}", "2026-01-05", "C1", "10") for k in range(3)]  # all numbers begin so: no mark of anything
    assert "--credit" not in said(read(put(tmp_path, branch), AS_OF)[1])


# -------------------------------------------------------------------------------------------------------------- thin and odd


def test_thin_sources_give_what_there_is(tmp_path):
    one, _ = read(put(tmp_path, ROWS[:1]), AS_OF)
    assert figures(one)["C1"]["frequency"] == 1 and len(one) == 1
    credit, report = read(put(tmp_path, [ROWS[3]]), AS_OF)
    assert figures(credit)["C1"] | {"first": 0, "last": 0} == {
        "frequency": 0,
        "total": -3000,
        "repeat": 0,
        "first": 0,
        "last": 0,
        "recent": 0,
    }
    assert "1 row of credit notes" in said(report)
    same, _ = read(put(tmp_path, [row for row in ROWS if row[2] == "C1"]), AS_OF)
    assert figures(same) == {"C1": FIGURES["C1"]}


def test_ids_that_differ_by_spaces_are_one_customer_and_said_by_width_or_case_they_are_refused(tmp_path):
    rows = [(f"F{k}", "2026-01-05", who, "1") for k, who in enumerate(["C 1", " C 1", "C  1", "C\u200b 1", "C 1\t", "D"])]
    purchases, report = read(put(tmp_path, rows), AS_OF)
    assert totals(purchases) == {"C 1": 500, "D": 100} and "customers spelled in several ways, merged: 1" in said(report)
    assert figures(purchases)["C 1"]["frequency"] == 1  # all on one day
    for other in ("c 1", "Ｃ　１"):
        purchases, report = read(put(tmp_path, [*rows, ("F7", "2026-01-05", other, "1")]), AS_OF)
        assert totals(purchases) == {"D": 100} and report.refused == 6 and other.split()[0] in listed(report)[0][-1]
    # The plan's own spelling wins over how people type it, and a name stands for its ID.
    plan = [{"id": "ｃ 1", "name": "澄曜"}, {"id": "X", "name": "两家"}, {"id": "Y", "name": "两家"}]
    purchases, report = read(
        put(tmp_path, [*rows, ("F9", "2026-01-06", "澄曜", "1"), ("F10", "2026-01-06", "两家", "1")]), AS_OF, plan
    )
    assert totals(purchases) == {"c 1": 600, "D": 100}
    assert "by name" in said(report) and "several: X, Y" in listed(report)[0][-1]


def test_numbers_as_ids_are_text(tmp_path):
    path = tmp_path / "t.parquet"
    data = {
        "Invoice": ["1", "2"],
        "InvoiceDate": ["2026-01-05 07:45", "2026-01-06 08:00"],
        "Customer ID": [12346.0, None],
        "Quantity": [3, 1],
        "Price": [0.335, 1.0],
    }
    pyarrow.parquet.write_table(pyarrow.table(data), path)
    purchases, report = read(path, AS_OF)
    assert totals(purchases) == {"12346": 101} and report.refused == 1  # 3 × 0.335 = 1.005, rounded up


# ------------------------------------------------------------------------------------------------------- the order of things

transactions = st.lists(
    st.tuples(
        st.integers(1, 12), st.dates(dt.date(2024, 1, 1), dt.date(2027, 3, 1)), st.sampled_from(["C1",
                                                                                                 "C2", "Ｃ1", "c3", " C2", ""]),
        st.integers(-5000, 5000), st.sampled_from("AB"),
    ), min_size=1, max_size=25,
)  # fmt: skip
ON = dt.date(2026, 1, 5)


def outcome(source):
    try:
        purchases, report = read(source, AS_OF)
    except Refused as refused:
        return refused.text.en.partition(":")[0]
    return figures(purchases), report.read, report.counted, {k: report.count(k) for k in ("refused", REPEATED, LATER)}


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(transactions, st.randoms(use_true_random=False))
def test_shuffled_rows_and_split_files_give_the_same(tmp_path_factory, drawn, chance):
    folder = tmp_path_factory.mktemp("t")
    rows = [(f"F{k}", day.isoformat(), who, f"{fen / 100}", product) for k, day, who, fen, product in drawn]
    whole = outcome(put(folder, rows, LINE, "whole.csv"))
    mixed = chance.sample(rows, len(rows))
    parts = folder / "parts"
    at = sorted(chance.choices(range(len(rows) + 1), k=2))
    for k, part in enumerate((mixed[: at[0]], mixed[at[0] : at[1]], mixed[at[1] :])):
        if part:
            put(parts, part, LINE, f"{k}.csv")
    assert outcome(parts) == whole or len({p.read_bytes() for p in parts.iterdir()}) < len(list(parts.iterdir()))
    assert outcome(put(folder, mixed, LINE, "mixed.csv")) == whole


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(transactions)
def test_renamed_customers_have_the_same_figures(tmp_path_factory, drawn):
    folder = tmp_path_factory.mktemp("t")
    rows = [(f"F{k}", day.isoformat(), who, f"{fen / 100}", product) for k, day, who, fen, product in drawn]
    new = {"C1": "客户-9", "C2": "Z 2", "Ｃ1": "客户－9", " C2": "Z  2", "c3": "aa", "": ""}
    renamed = [(i, d, new[who], a, p) for i, d, who, a, p in rows]
    mine, theirs = outcome(put(folder, rows, LINE, "a.csv")), outcome(put(folder, renamed, LINE, "b.csv"))
    if isinstance(mine, tuple):
        names = {canonical(old): canonical(now) for old, now in new.items()}
        assert ({names[who]: f for who, f in mine[0].items()}, *mine[1:]) == theirs


# ------------------------------------------------------------------------------------------------------ fast and careful reading

# What is looked at as bytes, and what only a careful reader knows: in one file both, or the first alone.
_NUMBERS = ["F0000005", "F0000005", "f0000005", "F9", "C0000008", "VOID-7", "Total", "Finance0001", "F" * 30, "1.5"]
_ODD_NUMBERS = ["", "NULL", "F1（作废）", "合计", "F 5", '="F3"', "Ｆ7", "F" * 40]
_AMOUNTS = [
    "1.5",
    "-.5",
    "5.",
    "1.2.3",
    "-",
    "0",
    "12345678.905",
    "0.005",
    "-0.005",
    "1.005",
    "999999999999",
    "0000000001",
    "--1",
    "5-",
    ".",
    "-0",
]
_ODD_AMOUNTS = ["1,200.50", "￥3", "1e5", "200-", "US$5", "", "NULL", "1 000", "1.5万", "(7)", "1234567890.12"]
_DAYS = ["2026-01-05", "2026-01-05 14:30", "2026/1/5", "20260105", "2027-01-05"]
_ODD_DAYS = ["5.1.2026", "", "2026-02-30", "-", "nan", "2026-01-05T23:30:00Z", "三月"]
_CUSTOMERS = ["K7", "k7", "K00001", "007", "7"]
_ODD_CUSTOMERS = ["Ｋ7", "K 7", "", "NULL", "合计", "K7 小计", "1.2E+17", "张三"]


def lines_of(*odd):
    """Lines of a file; ``odd`` says which of its columns hold what only a careful reader knows."""
    known = ((_NUMBERS, _ODD_NUMBERS), (_DAYS, _ODD_DAYS), (_CUSTOMERS, _ODD_CUSTOMERS), (_AMOUNTS, _ODD_AMOUNTS))
    cells_of = [st.sampled_from(plain + more * also) for (plain, more), also in zip(known, odd, strict=True)]
    return st.lists(st.tuples(*cells_of, st.integers(0, 12_000)), max_size=10)


odd_lines = st.tuples(*[st.booleans()] * 4).flatmap(lambda odd: lines_of(*odd))


def everything(path, careful):
    try:
        if careful:
            text = frames.files.delimited(path, lambda cells: importing.headers_matched(LINES, cells))
            kept = [frames._of_rows(path.name, text.how, text.rows(), Ways())]
            reader = rules.Reader(kept, day_number(AS_OF), (), SourceWishes(), [])
            counted, report = reader.run(), reader.report
            if not len(counted.days):
                return "nothing"
            purchases = transactions_package._added_up(counted, AS_OF)
        else:
            purchases, report = read(path, AS_OF)
    except Refused as refused:
        return "nothing" if "none of use" in refused.text.en else str(refused.text.en)
    found = [(f.line, f.kind, f.column, f.value, f.reason.en) for f in report.findings()]
    return figures(purchases), report.read, report.counted, [note.en for note in report.notes], found


@pytest.mark.parametrize("arrow", [True, False], ids=["with pyarrow", "without"])
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(odd=odd_lines, shuffled=st.booleans(), point=st.booleans())
def test_reading_at_once_finds_what_careful_reading_finds(tmp_path_factory, arrow, odd, shuffled, point):
    """A file long enough to be looked at as bytes: customers, days, fen, counts, notes and each finding are the same."""
    rows = [
        (f"F{k:07}", f"2026-0{k % 9 + 1}-1{k % 7}", f"K{k % 701:05}", f"{k % 977 - 20}.{k % 100:02}" if point else str(k % 977))
        for k in range(12_000)
    ]
    if shuffled:
        random.Random(len(odd)).shuffle(rows)
    for *row, place in sorted(odd, key=lambda line: -line[-1]):
        rows.insert(place, tuple(row))
    path = tmp_path_factory.mktemp("t") / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADERS, *rows])
    with pytest.MonkeyPatch.context() as patch:
        if not arrow:
            patch.setattr(frames, "find_spec", lambda name: None)
        assert everything(path, careful=False) == everything(path, careful=True)


def test_many_numbers_of_documents_are_told_apart_as_bytes(tmp_path):
    """Whether a million differ is seen without making texts of them; two that are alike are found wherever they stand."""
    for make in (lambda k: f"F{k:08}", lambda k: f"INV-{k * 7919 % 30_011}", lambda k: f"SO/2026/{k:05}/A-{k % 7}#{k}"):
        names = [make(k) for k in range(30_000)]
        assert columns.differing(pyarrow.array(names)) is not None and list(columns.differing(pyarrow.array(names))) == names
        assert columns.differing(pyarrow.chunked_array([names[:7], names[7:]])) is not None
        assert columns.differing(pyarrow.array(names).slice(5)) is not None
        for a, b in ((0, 29_999), (12, 13), (29_000, 3)):
            again = list(names)
            again[a] = again[b]
            assert columns.differing(pyarrow.array(again)) is None
        for odd in ("", "F 1", "合计", "NULL", "None", "F\n", None):
            assert columns.differing(pyarrow.array([*names, odd])) is None


# ----------------------------------------------------------------------------------------------------------------- databases


def stored(folder, rows, engine):
    """The rows in a database file of the engine, typed."""
    place = folder / f"t.{engine}"
    place.unlink(missing_ok=True)
    days = [None if not row[1] else row[1] for row in rows]
    if engine == "sqlite":
        base = sqlite3.connect(place)
        base.execute("create table t (invoice text, date text, customer text, amount real, product text)")
        base.executemany(
            "insert into t values (?, ?, ?, ?, ?)", [(r[0], d, r[2], r[3], r[4]) for r, d in zip(rows, days, strict=True)]
        )
        base.commit()
    else:
        base = duckdb.connect(str(place))
        base.execute("create table t (invoice text, date date, customer text, amount double, product text)")
        base.executemany(
            "insert into t values (?, ?, ?, ?, ?)", [(r[0], d, r[2], r[3], r[4]) for r, d in zip(rows, days, strict=True)]
        )
    base.close()
    return f"{engine}://{place}?table=t"


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=transactions)
# Two lines of an ID that is refused beside its other width; one line in two spellings; a last row of nothing but a 0 and a letter.
@example(drawn=[(2, ON, "C1", 10_000, "A"), (4, ON, "Ｃ1", 3000, "A"), (4, ON, "Ｃ1", 3000, "A"), (3, ON, "C2", 7000, "A")])
@example(drawn=[(2, ON, "C 3", 10_000, "A"), (2, ON, "C  3", 10_000, "A"), (3, ON, "C2", 7000, "A")])
@example(drawn=[(2, ON, "C1", 10_000, "A"), (3, ON, "C2", 7000, "A"), (1, ON, "", 0, "A")])
@example(drawn=[(2, ON, "C1", 10_000, "A"), (3, ON, "C2", 7000, "A"), (4, ON, "", 0, "A")])
@example(drawn=[(2, ON, "C1", 10_000, "A"), (1, ON, "", 0, ""), (3, ON, "C2", 7000, "A")])
# The sum of those above it: of rows in no order none is a total by its place.
@example(drawn=[(2, ON, "C1", 10_000, "A"), (3, ON, "C2", 7000, "A"), (1, ON, "C1", 17_000, "A")])
def test_the_database_adds_up_exactly_as_memory_does(tmp_path_factory, engine, drawn):
    folder = tmp_path_factory.mktemp("t")
    rows = [
        (f"F{k}" if k > 1 else "", day.isoformat() if fen % 97 else "", who, fen / 1000, product)
        for k, day, who, fen, product in drawn
    ]
    source = stored(folder, rows, engine)
    try:
        here, mine = read(source, AS_OF)
    except Refused:
        with pytest.raises(Refused):
            read(source, AS_OF, in_place=True)
        return
    there, theirs = read(source, AS_OF, in_place=True)
    assert figures(there) == figures(here) and isinstance(there, Purchases)
    assert (theirs.read, theirs.counted, theirs.refused) == (mine.read, mine.counted, mine.refused)
    assert [theirs.count(k) for k in (REPEATED, LATER, LEFT)] == [mine.count(k) for k in (REPEATED, LATER, LEFT)]


@pytest.mark.parametrize("engine", ["polars"])
def test_the_same_expression_runs_on_other_engines(engine, tmp_path):
    """Spellings that share a purchase day, credit notes, repeats: on whichever engine of ibis is installed."""
    ibis = pytest.importorskip("ibis")
    pytest.importorskip(engine)
    from workbook_templates.transactions.warehouse import summarised

    rows = [
        *ROWS,
        ("F5", "2026-01-05", " Ｃ1", "3"),
        ("F6", "2026-01-06", "Ｃ1", "0.005"),
        ("F6", "2026-01-06", "Ｃ1", "0.005"),
        ("F7", "2026-01-06", "", "1"),
    ]
    data = arrow_table(rows)
    here, _ = read(as_parquet(tmp_path / "t.parquet", rows), AS_OF)
    connection = getattr(ibis, engine).connect()
    connection.create_table("t", data)
    there, report = summarised(connection.table("t"), AS_OF, databases.Query(engine, f"{engine}://", "", table="t"))
    assert figures(there) == figures(here) and report.refused == 1
    assert figures(here)["C1"]["frequency"] == 3


def test_currencies_and_types_are_refused_in_the_database_too(tmp_path):
    source = as_sqlite(
        tmp_path / "t.db", [(*r[:3], r[3], c) for r, c in zip(ROWS, ["CNY", "USD", "元", "", "CNY"], strict=True)], WITH_CURRENCY
    )
    with pytest.raises(Refused, match="USD 1"):
        read(source, AS_OF, in_place=True)
    with duckdb.connect(str(tmp_path / "t.duckdb")) as base:
        base.execute("create table t as select 'F1' invoice, date '2026-01-01' date, 'C1' customer, '￥5' amount")
    with pytest.raises(Refused, match="CAST"):
        read(f"duckdb://{tmp_path}/t.duckdb?table=t", AS_OF, in_place=True)
    assert totals(read(f"duckdb://{tmp_path}/t.duckdb?table=t", AS_OF)[0]) == {"C1": 500}


@pytest.mark.parametrize(
    ("source", "needle"),
    [
        ("sqlite:///nowhere.db?table=t", "nowhere.db"),
        ("sqlite:///nowhere.db", "query=SELECT"),
        ("duckdb://?query=selec 1", "duckdb://"),
        ("duckdb://?query=select 1 as x", "missing"),
        ("postgres://me:secret@localhost:1/x?query=select 1", "localhost"),
    ],
)
def test_a_database_that_does_not_answer_is_one_line_without_its_password(source, needle):
    with pytest.raises(Refused) as caught:
        read(source, AS_OF)
    assert needle in caught.value.text.en and "\n" not in caught.value.text.en and "secret" not in caught.value.text.en


def test_without_the_extras_it_is_said_what_to_install(tmp_path, monkeypatch):
    """As on a computer where neither pyarrow nor ibis is installed: CSV, XLSX and SQLite work."""
    for module in (frames, databases):
        monkeypatch.setattr(module, "find_spec", lambda name: None)
    for source, package in (
        (as_parquet(tmp_path / "t.parquet", ROWS), "pyarrow"),
        (as_duckdb(tmp_path / "t.duckdb", ROWS), "ibis-framework[duckdb]"),
        ("postgres://h/d?table=t", "ibis-framework[postgres]"),
    ):
        with pytest.raises(Refused) as caught:
            read(source, AS_OF)
        assert f'pip install "{package}"' in caught.value.text.en
    big = put(tmp_path, [(f"F{k}", "2026-01-05", f"C{k % 7}", k) for k in range(5000)])
    assert big.stat().st_size > 1 << 16 and read(big, AS_OF)[1].counted == 5000
    for form in ("csv", "xlsx", "sqlite"):
        assert figures(read(FORMS[form](tmp_path), AS_OF)[0]) == FIGURES


def test_a_query_as_typed_or_encoded():
    assert (
        databases.query_of("duckdb://a.db?query=select a+b from t where c like '%x'").text
        == "select a+b from t where c like '%x'"
    )
    assert databases.query_of("duckdb://a.db?query=select%20a%2Bb%20from%20t").text == "select a+b from t"
    asked = databases.query_of("postgres://u:p@h/d?sslmode=require&table=s.t")
    assert (asked.url, asked.text, asked.shown) == (
        "postgres://u:p@h/d?sslmode=require",
        'select * from "s"."t"',
        "postgres://h/d s.t",
    )
    assert databases.query_of("C:\\data\\t.csv") is None and databases.query_of("/data/t.csv") is None


def test_a_query_is_added_up_in_place(tmp_path):
    for source in (
        as_sqlite(tmp_path / "t.db", ROWS).replace("?table=t", "?query=select * from t"),
        as_duckdb(tmp_path / "t.duckdb", ROWS),
    ):
        assert figures(read(source, AS_OF, in_place=True)[0]) == FIGURES
    with pytest.raises(Refused, match="--in-place"):
        read(put(tmp_path, ROWS), AS_OF, in_place=True)


def test_transactions_come_into_the_table_too():
    """`salesplan import --table Transactions`: lines stay lines, the same rows again change nothing."""
    spec = table("Transactions")
    found = importing.bring_in([RawRow(1, HEADERS), *(RawRow(k, row) for k, row in enumerate(ROWS, 2))], spec)
    assert [row["amount"] for row in found.rows] == [100, 50.25, 80, -30, 7.5] and found.refused == 0
    assert [row["id"] for row in found.added["Customers"]] == ["C1", "C2"]
    again = importing.bring_in(
        [RawRow(1, HEADERS), RawRow(2, ROWS[0])],
        spec,
        importing.Known({"Transactions": found.rows, "Customers": found.added["Customers"]}),
    )
    assert again.already == 1 and not again.rows


def test_a_database_is_never_written(tmp_path):
    source = as_sqlite(tmp_path / "t.db", ROWS).replace("?table=t", "?query=delete from t")
    with pytest.raises(Refused):
        read(source, AS_OF)
    assert figures(read(source.replace("delete from t", "select * from t"), AS_OF)[0]) == FIGURES


def test_heavy_libraries_are_loaded_by_what_needs_them_only():
    code = "import sys, udfs, addin.cli; addin.cli.commands(); import workbook_templates.transactions\nprint([m for m in ('ibis', 'pyarrow', 'duckdb', 'polars') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


# --------------------------------------------------------------------------------------------------------------- real invoices


@pytest.mark.real
def test_the_uci_invoices():
    """525,461 lines: counts and the total as pandas finds them under the same rules."""
    import pandas

    path = require_data("online_retail_0910.parquet")
    purchases, report = read(path, dt.date(2010, 12, 9))
    raw = pandas.read_parquet(path)
    known = raw[raw["Customer ID"].notna()]
    # The time of day tells no lines apart: one invoice was typed over the turn of a minute.
    once = known[~known.assign(InvoiceDate=known["InvoiceDate"].astype(str).str[:10]).duplicated()]
    fen = in_fen((once["Quantity"] * once["Price"]).to_numpy())
    assert (report.read, report.refused, report.count(REPEATED)) == (len(raw), len(raw) - len(known), len(known) - len(once))
    assert int(purchases.summary.total.sum()) == int(fen.sum()) and len(purchases) == known["Customer ID"].nunique()
    bought = once[fen >= 0]
    days = bought.assign(day=bought["InvoiceDate"].astype(str).str[:10]).groupby("Customer ID").day.nunique()
    assert int(purchases.summary.frequency.sum()) == int(days.sum())
    there, counted = read(f"duckdb://?query=select * from '{path}'", dt.date(2010, 12, 9), in_place=True)
    assert there == purchases and counted.counted == report.counted
