"""Files as people have them: every encoding, delimiter and accident ends in rows or in one clear refusal."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from udfs.values import ExcelError
from workbook_templates.answers import Refused, near
from workbook_templates.intake import importing
from workbook_templates.intake.files import Source, read
from workbook_templates.tables import schema

DEALS = schema.table("Deals")
TEXT = "单号,客户名称,金额\n001,繁體龍門公司,12.5\n"


def score(cells):
    return importing.headers_matched(DEALS, cells)


def put(folder: Path, data: bytes | str, name: str = "rows.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(data.encode(encoding) if isinstance(data, str) else data)
    return path


def cells(source: Source) -> list[tuple]:
    return [row.cells for row in source.rows]


def refused(path: Path, *needles: str, **options) -> str:
    """The refusal, which names the file and ``needles`` and is one line in two languages."""
    with pytest.raises(Refused) as caught:
        read(path, score, **options)
    text = caught.value.text
    assert text.zh != text.en and "\n" not in text.zh + text.en
    for needle in needles:
        assert needle in text.en or needle in text.zh, text
    return text.en


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("gb18030", "GB18030"),
        ("gbk", "GB18030"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
    ],
)
def test_encodings_are_found(tmp_path, encoding, named):
    source = read(put(tmp_path, TEXT * 3, encoding=encoding), score)
    assert cells(source)[1] == ("001", "繁體龍門公司", "12.5")
    assert source.how.en.startswith(named)


def test_an_encoding_can_be_named_and_an_unknown_one_is_refused(tmp_path):
    path = put(tmp_path, "單號,金額\n1,2\n", encoding="big5")
    assert cells(read(path, score, encoding="big5"))[0] == ("單號", "金額")
    refused(path, "klingon", encoding="klingon")
    refused(path, "ASCII", "line 1", encoding="ascii")


def test_damaged_utf8_is_refused_by_line_not_read_as_gibberish(tmp_path):
    """Read as GB18030 the broken text would come in as wrong names."""
    data = (TEXT * 20).encode()
    at = data.rindex("龍".encode())
    refused(put(tmp_path, data[:at] + data[at + 1 :]), "line 40", "--encoding")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_found_by_the_headers(tmp_path, delimiter):
    text = (
        delimiter.join(("单号", "签单日期", "客户编号", "收入"))
        + "\n"
        + delimiter.join(("1", "2027-03-05", "a", '"1,5;0"'))
        + "\n"
    )
    assert cells(read(put(tmp_path, text), score))[1] == ("1", "2027-03-05", "a", "1,5;0")


def test_excels_separator_line_is_understood(tmp_path):
    source = read(put(tmp_path, "sep=|\r\n单号|收入\r\n1|2\r\n"), score)
    assert [row.line for row in source.rows] == [2, 3]
    assert cells(source) == [("单号", "收入"), ("1", "2")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_count_as_an_editor_counts(tmp_path, end):
    """Quoted line ends and blank lines count; a row is where it begins."""
    text = end.join(("a,b", f'1,"two{end}lines"', "", " , ", "3,4"))
    source = read(put(tmp_path, text))
    assert [row.line for row in source.rows] == [1, 2, 6]
    assert cells(source)[1] == ("1", f"two{end}lines")


def test_what_is_no_text_is_refused_whatever_its_name(tmp_path):
    assert "empty" in refused(put(tmp_path, b""))
    refused(put(tmp_path, b"id,amount\n1,\x002\n"), "line 2", "NUL")
    refused(put(tmp_path, bytes(range(256)) * 20))
    refused(put(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(200)))
    refused(put(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old.xls"), ".xlsx")
    refused(put(tmp_path, b"<html><table><tr><td>1</td></tr></table>", "export.xls"), "web page")
    refused(put(tmp_path, b"PK\x03\x04" + bytes(100)), "rows.csv")
    refused(tmp_path / "missing.csv", "missing.csv")
    refused(tmp_path, "folder")


def test_a_quote_that_never_closes_is_refused_with_its_line(tmp_path):
    """It would swallow every row after it."""
    refused(put(tmp_path, 'id,name\n1,a\n2,"b\n3,c\n4,d\n'), "line 3")
    refused(put(tmp_path, 'id,name\n1,"a"b\n'), "line 2")
    refused(put(tmp_path, 'id,name\n1,"' + "x" * 200_000 + "\n"), "line 2")


def book(path: Path, fill) -> Path:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    fill(made)
    made.close()
    path.write_bytes(out.getvalue())
    return path


def test_workbooks_keep_types_and_errors(tmp_path):
    """An error cell arrives as an error: a reader that makes it blank would lose it in silence."""

    def fill(made):
        sheet = made.add_worksheet("订单")
        day, moment = made.add_format({"num_format": "yyyy/m/d"}), made.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row("B3", ["单号", "日期", "时刻", "收入", "备注"])
        sheet.write_string("B5", "007")
        sheet.write_datetime("C5", dt.datetime(2027, 3, 5), day)
        sheet.write_datetime("D5", dt.datetime(2027, 3, 5, 14, 30), moment)
        sheet.write_number("E5", 12.5)
        sheet.write_formula("F5", "=NA()", value="#N/A")
        made.add_worksheet("说明").write("A1", "x")

    path = book(tmp_path / "named.csv", fill)  # the name does not decide
    source = read(path, score)
    assert (source.sheet, source.sheets) == ("订单", ("订单", "说明"))
    assert [row.line for row in source.rows] == [3, 5]
    row = source.rows[1].cells
    assert row == (None, "007", dt.date(2027, 3, 5), dt.datetime(2027, 3, 5, 14, 30), 12.5, "#N/A")
    assert isinstance(row[5], ExcelError)
    assert cells(read(path, sheet=" 说明 ")) == [("x",)]
    refused(path, "订单", "说明", sheet="订弹")


def test_hidden_sheets_are_not_the_first(tmp_path):
    def fill(made):
        made.add_worksheet("cache").hide()
        shown = made.add_worksheet("data")
        shown.write("A1", "here")
        shown.activate()

    assert read(book(tmp_path / "b.xlsx", fill)).sheet == "data"


def test_a_sheet_of_a_text_file_is_refused(tmp_path):
    refused(put(tmp_path, "a,b\n"), "--sheet", sheet="Sheet1")


def test_near_names_the_likeliest_first():
    assert near("deal", ["Deals", "People", "Ledger"])[0] == "Deals"
    assert near("zzz", ["Deals"]) == []


HEADER = "单号,签单日期,客户编号,主办工号,收入,成本,原单号\n".encode()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", HEADER, HEADER.decode().encode("gb18030"), b"\xff\xfe", b"\xef\xbb\xbf" + HEADER]),
)
@example(b'"', HEADER)
@example(b"1,2027-01-01,c,p,1e999999999,nan,\n", HEADER)
@example(b"1,\xef\xbc\x91" + b"9" * 50 + b",c,p,Infinity,-0,\n", HEADER)
def test_no_bytes_raise_anything_but_a_refusal(tmp_path, data, head):
    path = put(tmp_path, head + data)
    try:
        rows = read(path, score).rows
        importing.bring_in(rows, DEALS, importing.Known({"People": [{"id": "p", "name": "P"}]}, 2027))
    except Refused:
        pass


TYPED = st.one_of(
    st.none(), st.booleans(), st.floats(), st.text(max_size=20), st.dates(), st.datetimes(), st.just(ExcelError("#N/A")),
    st.from_regex(r"\A[-+(]?[￥$]?[0-9０-９,]{1,12}(\.[0-9]{1,3})?[万亿%元)]{0,2}\Z"),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(TYPED, max_size=9), max_size=6))
def test_no_cells_raise_anything_but_a_refusal(rows):
    """The same for what a workbook may hold, under good headers."""
    from workbook_templates.intake.files import RawRow

    head = RawRow(1, ("单号", "签单日期", "客户编号", "主办工号", "收入", "成本", "毛利率", "产品线", "协同工号"))
    raw = [head, *(RawRow(n, tuple(cells)) for n, cells in enumerate(rows, 2) if cells)]
    try:
        outcome = importing.bring_in(raw, DEALS, importing.Known({"People": [{"id": "0", "name": "P"}]}, 2027))
    except Refused as refused:
        # 0,0 beside 0.0: no style of the column can be trusted; a line “(0万)” alone names a unit nobody knows. Most columns are
        # read, so that raising can't be expected.
        assert "decimal" in refused.text.en or "the unit" in refused.text.en  # noqa: PT017
        return
    assert outcome.read == len(outcome.rows) + outcome.already + outcome.refused
