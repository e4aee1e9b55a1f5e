"""What is handed over: a customer's quotation without cost or margin, the leaders' print, a month's archive.

Expectations: the rows of the sample's quotes; design 8 (at most 24 pages); the words of our own columns.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from addin import cli
from addin.actions import quotation as action
from addin.book import FileBook
from tests.actions.steps import do
from tests.actions.test_cycle import MARCH, plan
from tests.plans import sample_computed
from tests.real import require_office
from udfs.text import speaking
from workbook_templates.answers import Refused
from workbook_templates.mailed.writing import MailedSheet, workbook
from workbook_templates.papers import office, paper, quotation, second_look, typeset

pytest.importorskip("typst")
pytest.importorskip("pypdf")

TODAY = dt.date(2027, 6, 30)


def _rows() -> dict[str, list[dict[str, Any]]]:
    return {
        "Quotes": [
            {
                "id": "Q1", "customer": "C1", "seller": "P1", "on": dt.date(2027, 6, 6), "valid_until": dt.date(2027, 7, 6), "status": "sent",
                "amount": 50_000.0, "cost": 31_234.5, "margin_rate": 0.3753, "hours": 30.0, "broken": None,
            }
        ],
        "QuoteLines": [
            {"quote": "Q1", "module": "M01", "quantity": 1.0, "price": 20_000.0, "cost": 12_345.0, "hours": 8.0},
            {"quote": "Q1", "module": "M02", "quantity": 2.0, "price": 30_000.0, "cost": 18_889.5, "hours": 6.0},
        ],
        "FlexModules": [
            {"code": "M01", "name": "标准机架 <b>#\"$x$", "price": 20_000.0, "cost": 12_345.0, "hours": 8.0},
            {"code": "M02", "name": "=伺服驱动", "price": 15_000.0, "cost": 9_444.75, "hours": 6.0},
        ],
        "Customers": [{"id": "C1", "name": "合肥晴川"}, {"id": "C2", "name": "别家公司"}],
        "People": [{"id": "P1", "name": "沈清越", "email": "s@x.example"}, {"id": "P2", "name": "赵别人", "email": "z@x.example"}],
    }  # fmt: skip


def _made(rows: dict[str, list[dict[str, Any]]] | None = None, today: dt.date = TODAY) -> quotation.Quotation:
    with speaking("zh"):
        return quotation.quotation(rows or _rows(), "q1", "甲公司", "72小时", today)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_quotation_says_what_the_quote_says(lang: str) -> None:
    made = _made()
    sheet = openpyxl.load_workbook(io.BytesIO(quotation.as_workbook(made, lang)), data_only=True).active
    cells = [cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None]
    pdf = second_look.pdf_text(typeset.typeset("quotation.typ", quotation.as_data(made, lang), made.on))
    for said in (
        "Q1",
        "甲公司",
        "合肥晴川",
        "沈清越 s@x.example",
        "2027-06-06",
        "2027-07-06",
        "72小时",
        "=伺服驱动",
        '标准机架 <b>#"$x$',
    ):
        assert any(said in str(cell) for cell in cells) or said == "72小时", said
        assert said.replace(" ", "") in pdf.replace(" ", "").replace("\n", ""), said
    assert {20_000.0, 15_000.0, 30_000.0, 50_000.0} <= {cell for cell in cells if isinstance(cell, int | float)}
    assert "50,000.00" in pdf and ("合计" in pdf if lang == "zh" else "Total" in pdf)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"broken": "M03 缺 M02"}, "M03 缺 M02"),
        ({"customer": "C9"}, "客户不在"),
        ({"amount": None}, "还没有计价"),
        ({"amount": 49_999.0}, "明细合计与金额不等"),
        ({"valid_until": dt.date(2027, 6, 29)}, "有效期 2027-06-29 已过"),
        ({"valid_until": None}, "没有有效期至"),
        ({"status": "expired"}, "已失效"),
    ],
)
def test_a_quote_that_may_not_leave_says_why(change: dict[str, Any], said: str) -> None:
    rows = _rows()
    rows["Quotes"][0] |= change
    with pytest.raises(Refused, match=said):
        _made(rows)


@pytest.mark.parametrize(
    ("status", "line", "module", "goes"),
    [
        ("sent", {"quantity": 3.0}, {}, False),  # three for the price of two
        ("sent", {"quantity": 7.0}, {}, False),  # no whole fen each
        ("sent", {}, {"price": 18_000.0}, True),  # the library became dearer: what was offered stands
        ("draft", {}, {"price": 18_000.0}, False),
        ("draft", {}, {}, True),
    ],
)
def test_a_line_that_changed_since_it_was_priced_does_not_leave(
    status: str, line: dict[str, Any], module: dict[str, Any], goes: bool
) -> None:
    rows = _rows()
    rows["Quotes"][0]["status"] = status
    rows["QuoteLines"][1] |= line
    rows["FlexModules"][1] |= module
    if goes:
        assert _made(rows).total == 50_000.0
        return
    with pytest.raises(Refused, match="M02 的数量或单价"):
        _made(rows)


def test_own_names_and_slogans_may_hold_such_words() -> None:
    """Costco is a customer and a slogan about the customers' cost is one; a cost of ours is still found."""
    rows = _rows()
    rows["Customers"][0]["name"] = "Costco & Profit Systems"
    rows["FlexModules"][0]["name"] = "低成本控制器 discount drive"
    with speaking("en"):
        made = quotation.quotation(rows, "q1", "Margin Ltd.", "更低的成本", TODAY)
    for lang in ("zh", "en"):
        pdf = typeset.typeset("quotation.typ", quotation.as_data(made, lang), made.on)
        action._look_again(quotation.as_workbook(made, lang), pdf, made, rows, "Q1")
        assert second_look.of_pdf(pdf, {20_000.0}, made.texts) and second_look.of_pdf(pdf, set())
    rows["FlexModules"][0]["name"] = "成本"
    alone = _made(rows)
    pdf = typeset.typeset("quotation.typ", quotation.as_data(alone, "zh"), alone.on)
    with pytest.raises(Refused, match="成本"):
        action._look_again(quotation.as_workbook(alone, "zh"), pdf, alone, rows, "Q1")


def test_a_quotation_without_a_company_is_none() -> None:
    with speaking("zh"), pytest.raises(Refused, match="没有公司名称"):
        quotation.quotation(_rows(), "q1", " ", "", TODAY)


def test_long_names_are_read_whole() -> None:
    """Whole counts as whole numbers, names over as many lines as they need, a word without an end parted."""
    rows = _rows()
    rows["FlexModules"][0]["name"] = "双臂协作机器人上下料工作站（含视觉定位与安全围栏）"
    rows["Customers"][0]["name"] = "A" * 90
    made = _made(rows)
    sheet = openpyxl.load_workbook(io.BytesIO(quotation.as_workbook(made, "zh"))).active
    row = next(r for r in range(1, 20) if sheet.cell(r, 2).value == "M01")
    assert sheet.cell(row, 3).alignment.wrap_text and sheet.row_dimensions[row].height >= 30
    assert sheet.cell(row, 4).number_format == "#,##0"
    said = quotation.as_data(made, "zh")["pairs"][0][1]
    assert max(map(len, said.split("\u200b"))) <= 24 and said.replace("\u200b", "") == made.customer


def test_all_that_is_wrong_is_said_at_once() -> None:
    rows = _rows()
    rows["Quotes"][0] |= {"customer": None, "valid_until": None}
    rows["QuoteLines"][0]["module"] = "M77"
    with pytest.raises(Refused) as fault:
        _made(rows)
    assert all(said in str(fault.value) for said in ("客户不在", "没有有效期至", "M77"))


def test_neither_file_holds_cost_or_margin_in_any_part() -> None:
    rows, made = _rows(), _made()
    shown = [made.total, *(n for line in made.lines for n in (line.quantity, line.price, line.amount))]
    forbidden = second_look.secrets(rows, quotation.SECRET, shown)
    assert {31_234.5, 12_345.0, 18_889.5, 9_444.75, 37.53} <= forbidden and not forbidden & {20_000.0, 50_000.0, 2.0}
    assert second_look.of_workbook(quotation.as_workbook(made, "zh"), forbidden) == []
    assert second_look.of_pdf(typeset.typeset("quotation.typ", quotation.as_data(made, "en"), made.on), forbidden) == []


@pytest.mark.parametrize(
    ("value", "found"), [(12_345.0, "12345"), ("毛利", "毛利"), ("about 31,234.50", "31,234.50"), ("our margin", "margin")]
)
def test_the_second_look_finds_what_slipped_in(value: Any, found: str) -> None:
    sheet = MailedSheet("报价单", (2, 12))
    sheet.put(3, 2, value, "cell", "fen" if isinstance(value, float) else "text")
    content = workbook([sheet], "甲", "报价单", "zh", TODAY)
    forbidden = second_look.secrets(_rows(), quotation.SECRET, [20_000.0])
    assert any(found in said for said in second_look.of_workbook(content, forbidden))
    pdf = paper.as_pdf(paper.PlainPaper("x", "甲", lines=[str(value)]), "zh", TODAY)
    assert any(found.split(".", maxsplit=1)[0] in said for said in second_look.of_pdf(pdf, forbidden))


def test_the_second_look_goes_through_every_part() -> None:
    """Hidden in the properties, in a comment of the archive's own, in the styles: found all the same."""
    forbidden = second_look.secrets(_rows(), quotation.SECRET, [])
    good = quotation.as_workbook(_made(), "zh")
    for part, old, new in (
        ("docProps/core.xml", "甲公司", "成本 1"),
        ("xl/styles.xml", "</styleSheet>", '<cellStyles><cellStyle name="毛利"/></cellStyles></styleSheet>'),
        ("xl/workbook.xml", "报价单", "成本表"),
    ):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(good)) as before, zipfile.ZipFile(out, "w") as after:
            for name in before.namelist():
                text = before.read(name).decode("utf-8")
                assert name != part or old in text
                after.writestr(name, text.replace(old, new) if name == part else text)
        assert second_look.of_workbook(out.getvalue(), forbidden), part


def test_somebody_elses_name_stops_it() -> None:
    rows, made = _rows(), _made()
    rows["FlexModules"][0]["name"] = "给别家公司做的机架"
    wrong = _made(rows)
    pdf = typeset.typeset("quotation.typ", quotation.as_data(wrong, "zh"), wrong.on)
    with pytest.raises(Refused, match="别家公司"):
        action._look_again(quotation.as_workbook(wrong, "zh"), pdf, wrong, rows, "Q1")
    action._look_again(
        quotation.as_workbook(made, "zh"),
        typeset.typeset("quotation.typ", quotation.as_data(made, "zh"), made.on),
        made,
        _rows(),
        "Q1",
    )


def test_a_pdf_has_its_chinese_font_inside_and_is_the_same_every_time() -> None:
    one, other = (paper.as_pdf(paper.PlainPaper("标题", "公司", lines=["第一行"]), "zh", TODAY) for _ in range(2))
    assert one == other and b"/FontFile" in one


def test_the_command_writes_both_or_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, to = tmp_path / "plan.xlsx", tmp_path / "Q001.xlsx"
    content = sample_computed("zh").package.to_bytes()
    path.write_bytes(content)
    quotes = FileBook.open(path).read("Quotes").rows
    good = next(
        (row["id"] for row in quotes if not row["broken"] and row["amount"] and row["valid_until"] >= dt.date(2027, 12, 31)), None
    )
    wrong = next((row["id"] for row in quotes if row["broken"] or row["valid_until"] < dt.date(2027, 12, 31)), None)
    assert good or wrong
    if good:
        assert cli.main(["quotation", str(path), str(to), "--quote", good, "--language", "en"]) == 0
        assert to.exists() and to.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
        capsys.readouterr()
        assert cli.main(["quotation", str(path), str(to), "--quote", good]) != 0  # they are there already
    if wrong:
        assert cli.main(["quotation", str(path), str(tmp_path / "w.xlsx"), "--quote", wrong]) != 0
    assert not list(tmp_path.glob("w.*")) and path.read_bytes() == content
    capsys.readouterr()
    assert cli.main(["quotation", str(path), str(tmp_path / "only.pdf"), "--quote", good or wrong or ""]) != 0
    assert ".xlsx" in capsys.readouterr().err  # and not the PDF where the workbook should be


def test_only_what_is_wanted_is_printed() -> None:
    content = office.shown_only(sample_computed("zh").package.to_bytes(), ["驾驶舱"], "截至 <&> 2027-06-30")
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"] == [
        "驾驶舱"
    ] and book.active.title == "驾驶舱"
    assert "XFC" in str(book["成交"].print_area) and "XFC" not in str(book["驾驶舱"].print_area)
    assert {sheet.oddFooter.right.text for sheet in book.worksheets} == {"截至 <&&> 2027-06-30"}, (
        "the day of the figures, not of the paper"
    )


@pytest.mark.real
def test_the_leaders_print_has_24_pages_at_most(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    require_office()
    path, to = tmp_path / "plan.xlsx", tmp_path / "board.pdf"
    path.write_bytes(sample_computed("zh").package.to_bytes())
    capsys.readouterr()
    assert cli.main(["print", str(path), str(to)]) == 0
    assert "LibreOffice" in capsys.readouterr().out
    text = second_look.pdf_text(to.read_bytes())
    assert 12 <= second_look.pages(to.read_bytes()) <= 24
    for title in ("驾驶舱", "屏1业绩", "屏5竞争", "2 客户经营", "11 费用", "问题"):
        assert f"2027 {title} ·" in text, title
    assert "2027 成交 ·" not in text and "###" not in text
    assert text.count("截至 2027-") >= second_look.pages(to.read_bytes())
    assert not re.findall(r"#[A-Z/0]+[?!]|#N/A", text), (
        "what the cells hold is printed, not what LibreOffice makes of our functions"
    )


# ------------------------------------------------------------------------------------------------------- a month's archive


def test_a_month_is_archived_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Every statement as its mail says it and as its workbook; states and sums of the accounts; each file by its fingerprint."""
    monkeypatch.setattr(office, "program", lambda: None)  # the print has a test of its own
    made = plan(tmp_path)
    do("commission", made)
    assert cli.main(["archive", str(made), str(tmp_path / "early"), "--period", "2027-03"]) == 0
    assert "份对账单还没有锁定" in capsys.readouterr().out
    do("review", made, period=MARCH, by="Zhou")
    do("lock", made, period=MARCH, by="Chen")
    before = made.read_bytes()
    to = tmp_path / "kept"
    capsys.readouterr()
    assert cli.main(["archive", str(made), str(to), "--period", "2027-03"]) == 0
    assert made.read_bytes() == before and "没有锁定" not in capsys.readouterr().out
    with (to / "目录.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    assert len(head) == 5 and rows
    for name, _, _, size, digest in rows:
        content = (to / name).read_bytes()
        assert (str(len(content)), hashlib.sha256(content).hexdigest()) == (size, digest)
    by = {name: program for name, _, program, *_ in rows}
    ours, letters = "本程序", "Typst（内嵌中文字体）"
    assert all(by[name] == {".xlsx": ours, ".html": ours, ".pdf": letters, ".json": "原样"}[Path(name).suffix] for name in by)
    named = set(by)
    found = {str(path.relative_to(to)) for path in to.rglob("*") if path.is_file()}
    assert (
        found - named == {"目录.csv", "目录.pdf"}
        and any(name.endswith(".seal.json") for name in named)
        and "驾驶舱.html" in named
    )
    book = FileBook.open(made)
    paid = [row for row in book.read("Accounts").rows if row["month"] == "2027-03"]
    text = second_look.pdf_text((to / "审批记录.pdf").read_bytes())
    assert all(f"{row['paid']:,.2f}" in text for row in paid) and "Chen" in text and "Zhou" in text
    for row in paid:
        (letter,) = (path for path in to.glob(f"*/*{row['person']}*.pdf"))
        assert f"{row['paid']:,.2f}" in second_look.pdf_text(letter.read_bytes())
        assert letter.with_suffix(".xlsx").exists()
    assert cli.main(["archive", str(made), str(to), "--period", "2027-03"]) != 0  # the folder is there
    assert cli.main(["archive", str(made), str(tmp_path / "x"), "--period", "2027-3"]) != 0
    assert cli.main(["archive", str(made), str(tmp_path / "y"), "--period", "2027-11"]) != 0
    capsys.readouterr()
    assert cli.main(["archive", str(made), str(tmp_path / "z"), "--period", "2028-01"]) != 0  # a month to come
    assert "2028-01 在截止日期" in capsys.readouterr().err and not (tmp_path / "z").exists()
    assert not (tmp_path / "x").exists() and not (tmp_path / "y").exists()
