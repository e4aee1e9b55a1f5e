"""What cells mean, kind by kind, on inputs made here; and at random: what is accepted adds up to what was generated."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shlex
import zipfile
from decimal import Decimal

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from udfs import policy
from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.intake import files, importing, parsing
from workbook_templates.intake.importing import Known, Wishes
from workbook_templates.intake.meaning import dress, headers, stage, units, wide, words
from workbook_templates.tables import schema
from workbook_templates.tables.policies import Policies
from workbook_templates.transactions import SourceWishes, Ways, cells, read

DEALS = schema.table("Deals")
KNOWN = Known({"People": [{"id": "P01", "name": "甲"}, {"id": "P02", "name": "乙"}, {"id": "P03", "name": "丙"}]}, 2027)
HEADERS = "单号,签单日期,客户编号,主办工号,收入,成本"
LINES = "发票号,日期,客户编号,金额"
DAY = dt.date(2026, 12, 31)


def deals(tmp_path, text, encoding="utf-8", **wishes):
    """A CSV, or a function that fills a workbook, as deals."""
    sources = files.read_all(stored(tmp_path, text, encoding), lambda cells: importing.headers_matched(DEALS, cells))
    return importing.bring_in_all(sources, DEALS, KNOWN, Wishes(**wishes))


def lines(tmp_path, text, encoding="utf-8", **wishes):
    """The same as transactions: what each customer bought, and the report."""
    purchases, report = read(stored(tmp_path, text, encoding), DAY, wishes=SourceWishes(**wishes))
    found = purchases.summary
    return {name: total / 100 for name, total in zip(found.ids.tolist(), found.total.tolist(), strict=True)}, report


def stored(tmp_path, text, encoding="utf-8"):
    if callable(text):
        path = tmp_path / "x.xlsx"
        workbook = openpyxl.Workbook()
        text(workbook)
        workbook.save(path)
        return path
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode(encoding))
    return path


def sheet(*rows, **formats):
    """A workbook of one sheet, some cells in a number format."""

    def fill(workbook):
        for row in rows:
            workbook.active.append(list(row))
        for at, code in formats.items():
            workbook.active[at].number_format = code

    return fill


def refused(call, *args, **wishes):
    with pytest.raises(Refused) as caught:
        call(*args, **wishes)
    return caught.value.text


def notes(outcome):
    return " | ".join(note.en for note in outcome.notes)


# ---- IDs that look alike

ALIKE = {"hyphen": ("C-1", "C\u20111"), "dash": ("C-1", "C\u20131"), "Cyrillic": ("CA1", "C\u04101"), "Greek": ("O7", "\u039f7")}


@pytest.mark.parametrize(("typed", "other"), [*ALIKE.values(), *(ALIKE[kind][::-1] for kind in ("dash", "Cyrillic", "Greek"))])
def test_an_id_that_looks_like_one_of_the_plan_and_is_another_is_rejected_and_both_are_named(tmp_path, typed, other):
    """In the plan or in the file, of customers, people and deals; what the plan has just so is it."""
    code = max(typed + other).encode("unicode-escape").decode().upper()[2:]
    known = Known(
        {**KNOWN.rows, "Customers": [{"id": typed}], "Deals": [{"id": typed}], "People": [{"id": "P01"}, {"id": typed}]}, 2027
    )

    def of(ident, customer, person):
        rows = [HEADERS.split(","), [ident, "2027-03-05", customer, person, "100", "50"]]
        return importing.bring_in([files.RawRow(k, tuple(row)) for k, row in enumerate(rows, 1)], DEALS, known)

    for row in ((other, "C9", "P01"), ("A1", other, "P01"), ("A1", "C9", other)):
        found = of(*row)
        assert not found.rows and [r.reason.en for r in found.refusals] == [importing.clash(sorted((typed, other))).en]
    assert typed in found.refusals[0].reason.zh and other in found.refusals[0].reason.zh and code in found.refusals[0].reason.en
    assert len(of("A1", typed, typed).rows) == 1
    path = stored(tmp_path, f"{LINES}\nI1,2026-03-05,{other},1\n")
    with pytest.raises(Refused) as caught:
        read(path, DAY, [{"id": typed}])
    assert code in caught.value.text.en and other in caught.value.text.en


# ---- formulas that nothing computed


def test_a_formula_that_only_a_library_wrote_has_no_result(tmp_path):
    """XlsxWriter writes 0 where it computes nothing; what it was given as the result is one."""
    book = xlsxwriter.Workbook(path := str(tmp_path / "x.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADERS.split(","))
    for row, result in ((1, 0), (2, 300)):
        sheet.write_row(row, 0, [f"A{row}", "2027-03-05", "C1", "P01", 500])
        sheet.write_formula(row, 5, f"=E{row + 1}*0.6", None, result)
    book.close()
    found = importing.bring_in_all(files.read_all(path), DEALS, KNOWN)
    assert [(row["id"], row["cost"]) for row in found.rows] == [("A2", 300.0)]
    assert "open and save" in found.refusals[0].reason.en


# ---- totals

TOTALS = [
    "合计", "小计", "总计", "累计", "汇总", "3月小计", "本月合计", "本年累计", "一季度小计", "2026年合计", "本页小计", "合计：",
    "合计(大写)", "【合计】", "合计金额", "合计：3700", "Total", "Subtotal", "Totals", "Grand Totals (3 records)",
    "Sub total", "GRAND TOTAL", "Report Total:", "March 2026 Total", "合计 12 笔", "总 计", "总　计", "Sum total", "Totals for March", "Gesamtsumme",
    "総計", "합계", "年初至今累计", "月计", "本年计",
]  # fmt: skip
NAMES = [
    "合计贸易有限公司",
    "总计划咨询",
    "汇总表咨询",
    "小计科技",
    "余额宝服务",
    "Grand Total Suite",
    "Total Energies",
    "Summit",
    "Totality Ltd",
    "累计签单系统",
]


@pytest.mark.parametrize("word", TOTALS)
def test_a_total_is_none_whatever_else_is_filled(word, tmp_path):
    assert words.kind_of(word)[0] == words.TOTAL
    bought, report = lines(tmp_path, f'{LINES},备注\nI1,2026-03-05,C1,10,\nI2,2026-03-06,C1,5,\nI3,2026-03-31,C1,15,"{word}"\n')
    assert bought == {"C1": 15} and report.count("left") == 1 and not report.refused


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_holds_such_a_word_is_a_name(name, tmp_path):
    bought, report = lines(tmp_path, f"{LINES},产品\nI1,2026-03-05,{name},10,x\nI2,2026-03-06,C1,5,{name}\n")
    assert bought == {name: 10, "C1": 5} and not report.count("left")


@pytest.mark.parametrize(
    "word",
    [
        "期初余额",
        "承前页",
        "上年结转",
        "期末余额",
        "Opening balance",
        "balance brought forward",
        "本期发生额及余额",
        "借方累计发生额",
        "转下页",
    ],
)
def test_a_balance_is_no_sale(word, tmp_path):
    bought, report = lines(tmp_path, f"{LINES},摘要\n,2026-01-01,C1,900,{word}\nI1,2026-03-05,C1,10,销售\n")
    assert bought == {"C1": 10} and "balances" in " ".join(note.en for note in report.notes)


def test_of_whom_a_total_is_decides_where_only_a_suffix_says_so(tmp_path):
    """“C1 汇总” is a total where there is a C1; “数据汇总” is a product of a complete row."""
    bought, _ = lines(
        tmp_path, f"{LINES},产品\nI1,2026-03-05,C1,10,数据汇总\nI2,2026-03-06,C1,5,b\nI9,2026-03-31,C1,15,C1 汇总\n"
    )
    assert bought == {"C1": 15}


def test_sums_without_a_word(tmp_path):
    bought, report = lines(tmp_path, f"{LINES}\nI1,2026-03-05,C1,10\nI2,2026-03-06,C1,5\n,2026-03-31,C1,15\n,2026-04-01,C1,7\n")
    assert bought == {"C1": 22} and report.refused == 1 and [f.line for f in report.findings()] == [4]
    outcome = deals(tmp_path, f"{HEADERS}\nA1,2027-03-05,C1,P01,10,5\nA2,2027-03-05,C1,P01,20,9\n,,,,30,14\n")
    assert [(r.line, r.reason.en[:6]) for r in outcome.refusals] == [(4, "has no")]


def test_sums_where_no_row_has_a_number(tmp_path):
    """Each customer's last row is the sum of those above it: no chance of several. Of one customer it may be one."""
    head, c1, c2 = (
        "日期,客户编号,金额\n",
        "2026-03-05,C1,10\n2026-03-06,C1,5\n2026-03-31,C1,15\n",
        "2026-03-05,C2,1\n2026-03-06,C2,2\n2026-03-31,C2,3\n",
    )
    bought, report = lines(tmp_path, head + c1 + c2)
    assert bought == {"C1": 15, "C2": 3} and [f.line for f in report.findings()] == [4, 7]
    assert lines(tmp_path, head + c1)[0] == {"C1": 30}
    assert lines(tmp_path, head + c1 + "2026-04-01,C2,30\n")[0] == {"C1": 30}  # the last of all is what all come to
    assert lines(tmp_path, head + c1 + "2026-04-01,C2,7\n")[0] == {"C1": 30, "C2": 7}


def test_formulas_of_totals(tmp_path):
    rows = [
        LINES.split(","),
        ["I1", "2026-03-05", "C1", 10],
        ["I2", "2026-03-06", "C1", 5],
        ["I3", "2026-03-06", "C1", "=SUM(D2:D3)"],
    ]
    assert lines(tmp_path, sheet(*rows))[0] == {"C1": 15}
    rows[3][3] = "=SUBTOTAL(9,D2:D3)"
    assert lines(tmp_path, sheet(*rows))[0] == {"C1": 15}
    rows[3][3] = "=E4*F4"  # a product of the row's own is no total; without a saved value it is named
    bought, report = lines(tmp_path, sheet(*rows))
    assert bought == {"C1": 15} and "saved result" in next(report.findings()).reason.en


# ---- units, currency, tax


@pytest.mark.parametrize(
    ("header", "scale", "currency", "tax"),
    [
        ("收入(万元)", 10_000, "CNY", ""), ("收入/千元", 1000, "CNY", ""), ("收入 万元", 10_000, "CNY", ""), ("金额（百万元）", 10**6, "CNY", ""),
        ("Revenue (CNY '000s)", 1000, "CNY", ""), ("收入(含13%税)", None, "", "gross"), ("Revenue TTC", None, "", "gross"),
        ("金额(分)", Decimal("0.01"), "", ""), ("Amount (in ten thousands)", 10_000, "", ""), ("Cost (RMB 10k)", 10_000, "CNY", ""),
        ("Revenue (k€)", 1000, "EUR", ""), ("Revenue (RMB '000)", 1000, "CNY", ""), ("收入（HKD）", None, "HKD", ""), ("Revenue USD", None, "USD", ""),
        ("金额(含税)", None, "", "gross"), ("含税金额", None, "", "gross"), ("价税合计", None, "", "gross"), ("Amount (incl. VAT)", None, "", "gross"),
        ("不含税金额", None, "", "net"), ("无税金额", None, "", "net"), ("Untaxed Amount", None, "", "net"), ("Amount excl. tax", None, "", "net"),
        ("毛利率(%)", None, "", ""), ("收入(2027)", None, "", ""), ("Gross margin", None, "", ""), ("实发(吨)", None, "", ""),
    ],
)  # fmt: skip
def test_what_a_header_says(header, scale, currency, tax):
    said = units.of_header(header)
    assert (said.scale, said.currency, said.tax) == (scale, currency, tax) and not said.unknown


def test_unknown_units_are_refused_by_name(tmp_path):
    assert "兆元" in refused(deals, tmp_path, f"单位：兆元\n{HEADERS}\nA1,2027-03-05,C1,P01,1,1\n").zh
    assert "兆元" in refused(lines, tmp_path, "发票号,日期,客户编号,金额(兆元)\nI1,2026-03-05,C1,1\n").en


@pytest.mark.parametrize(
    "title", ["编制单位：百万庄贸易", "单位：北京公司", "购货单位：千元商贸", "开票单位：甲公司 币种：人民币", "单位：吨"]
)
def test_firms_and_things_are_no_units_of_money(title, tmp_path):
    assert deals(tmp_path, f"{title}\n{HEADERS}\nA1,2027-03-05,C1,P01,100,60\n").rows[0]["revenue"] == 100


@pytest.mark.parametrize(
    ("title", "scale"),
    [("单位：万元", 10_000), ("金额单位：人民币千元", 1000), ("（单位：人民币 万元）", 10_000), ("币种:人民币 单位:千元", 1000), ("amounts in RMB thousands", 1000),
     ("Unit: 10k CNY", 10_000), ("销售明细（百万元）", 10**6)],
)  # fmt: skip
def test_titles_apply_and_a_header_of_its_own_goes_before(title, scale, tmp_path):
    outcome = deals(tmp_path, f"{title}\n单号,签单日期,客户编号,主办工号,收入,成本(元)\nA1,2027-03-05,C1,P01,1.5,1\n")
    assert (outcome.rows[0]["revenue"], outcome.rows[0]["cost"]) == (1.5 * scale, 1) and "converted" in notes(outcome)
    assert lines(tmp_path, f"{title}\n{LINES}\nI1,2026-03-05,C1,1.5\n")[0] == {"C1": 1.5 * scale}


@pytest.mark.parametrize(
    ("title", "scale"),
    [("单位 万元", 10_000), ("本表金额以万元为单位", 10_000), ("以下金额单位均为千元", 1000), ("人民币：万元", 10_000), ("数据单位：万元", 10_000), ("按月汇总", 1),
     ("千元商贸 2027 年", 1), ("百万庄 以万元为准", 1)],
)  # fmt: skip
def test_titles_without_a_colon(title, scale, tmp_path):
    assert deals(tmp_path, f"{title}\n{HEADERS}\nA1,2027-03-05,C1,P01,100,60\n").rows[0]["revenue"] == 100 * scale


def test_a_column_that_says_whether_tax_is_in(tmp_path):
    head = f"{LINES},是否含税\nI1,2026-03-05,C1,113,是\n"
    assert "含税" in refused(lines, tmp_path, head).zh
    assert lines(tmp_path, head, choices=stage.Choices(tax=Decimal("0.13")))[0] == {"C1": 100}
    assert "split" in refused(lines, tmp_path, head + "I2,2026-03-05,C1,100,否\n").en
    assert lines(tmp_path, f"{LINES},是否含税\nI1,2026-03-05,C1,113,否\n")[0] == {"C1": 113}


@pytest.mark.parametrize("title", ["备注：金额含13%增值税", "Prices include VAT"])
def test_a_note_that_says_tax_is_in(title, tmp_path):
    assert "--tax" in refused(lines, tmp_path, f"{title}\n{LINES}\nI1,2026-03-05,C1,113\n").en


def test_a_tax_rate_and_an_exchange_rate_are_never_silently_unused(tmp_path):
    text = f"{HEADERS},税率\nA1,2027-03-05,C1,P01,100,60,13%\n"
    assert "税率" in notes(deals(tmp_path, text))
    fx = f"{HEADERS},汇率\nA1,2027-03-05,C1,P01,100,60,{{}}\n"
    assert "7.1" in refused(deals, tmp_path, fx.format("7.1")).en
    assert (
        deals(tmp_path, fx.format("1")).rows[0]["revenue"]
        == deals(tmp_path, fx.format("7.1"), renames={"汇率": ""}).rows[0]["revenue"]
        == 100
    )


def test_a_discount_beside_quantity_and_price_is_asked(tmp_path):
    text = "发票号,日期,客户编号,数量,单价,折扣\nI1,2026-03-05,C1,10,100,{}\n"
    assert "折扣" in refused(lines, tmp_path, text.format("10%")).zh
    assert lines(tmp_path, text.format("0"))[0] == {"C1": 1000}
    bought, _ = read(stored(tmp_path, text.format("10%")), DAY, ways=Ways(renames={"折扣": ""}))
    assert bought.summary.total.tolist() == [100_000]


def test_tax_is_taken_out_by_a_rate_or_refused(tmp_path):
    head = "单号,签单日期,客户编号,主办工号"
    gross = f"{head},金额(含税),成本\nA1,2027-03-05,C1,P01,1130,600\n"
    assert "--tax" in refused(deals, tmp_path, gross).en
    assert deals(tmp_path, gross, choices=stage.Choices(tax=Decimal("0.13"))).rows[0]["revenue"] == 1000
    by_row = f"{head},含税金额,税率,成本\nA1,2027-03-05,C1,P01,1130,13%,600\nA2,2027-03-05,C1,P01,1060,6,600\nA3,2027-03-05,C1,P01,50,免税,1\n"
    assert [row["revenue"] for row in deals(tmp_path, by_row).rows] == [1000, 1000, 50]
    by_amount = f"{head},价税合计,税额,成本\nA1,2027-03-05,C1,P01,1130,130,600\n"
    assert deals(tmp_path, by_amount).rows[0]["revenue"] == 1000
    both = f"{head},价税合计,不含税金额,成本\nA1,2027-03-05,C1,P01,1130,1000,600\n"
    assert deals(tmp_path, both).rows[0]["revenue"] == 1000
    said = f"（单位：元，含税）\n{HEADERS}\nA1,2027-03-05,C1,P01,1130,600\n"
    assert "含税" in refused(deals, tmp_path, said).zh
    assert "含税" in refused(lines, tmp_path, "发票号,日期,客户编号,金额(含税)\nI1,2026-03-05,C1,1130\n").zh


@pytest.mark.parametrize("header", ["预计收入", "计划金额", "报价金额", "Forecast revenue", "Expected amount", "加权金额"])
def test_forecasts_and_quotes_are_not_revenue(header, tmp_path):
    text = refused(deals, tmp_path, f"单号,签单日期,客户编号,主办工号,{header},成本\nA1,2027-03-05,C1,P01,1,1\n")
    assert "forecast" in text.en and f'--map "{header}' not in text.en


@pytest.mark.parametrize(
    ("code", "value", "yuan"),
    [
        ('0.00"万"', 12.3456, 123_456),
        ('0!.0,"万"', 123_456, 123_456),
        ('0\\.00,,"亿"', 10**8, 10**8),
        ('#,##0,"千元"', 5000, 5000),
        ('#,##0"元"', 5, 5),
    ],
)
def test_a_number_is_what_its_cell_shows(code, value, yuan, tmp_path):
    rows = [HEADERS.split(","), ["A1", dt.date(2027, 3, 5), "C1", "P01", value, 1]]
    assert deals(tmp_path, sheet(*rows, E2=code)).rows[0]["revenue"] == yuan


@pytest.mark.parametrize("code", ["[$$-409]#,##0.00", "$#,##0", '#,##0.00\\ "USD"', "[$€-2] #,##0", "[$¥-411]#,##0"])
def test_a_format_of_another_currency_is_refused_or_converted(code, tmp_path):
    rows = [HEADERS.split(","), ["A1", dt.date(2027, 3, 5), "C1", "P01", 10, 1]]
    outcome = deals(tmp_path, sheet(*rows, E2=code))
    assert outcome.rows == [] and "foreign currency" in outcome.refusals[0].reason.en
    rate = {name: Decimal(7) for name in ("USD", "EUR", "JPY")}
    assert deals(tmp_path, sheet(*rows, E2=code), rates=rate).rows[0]["revenue"] == 70


def test_a_format_that_contradicts_itself_is_refused(tmp_path):
    rows = [HEADERS.split(","), ["A1", dt.date(2027, 3, 5), "C1", "P01", 123456, 1]]
    outcome = deals(tmp_path, sheet(*rows, E2='0,"万"'))
    assert "format" in outcome.refusals[0].reason.en


def test_currency_and_unit_columns_go_row_by_row(tmp_path):
    text = (
        "单号,签单日期,客户编号,主办工号,币种,收入,成本\nA1,2027-03-05,C1,P01,人民币,100,60\nA2,2027-03-05,C1,P01,USD-美元,10,6\n"
    )
    outcome = deals(tmp_path, text)
    assert [row["id"] for row in outcome.rows] == ["A1"] and [r.column for r in outcome.refusals] == ["币种"]
    assert [row["cost"] for row in deals(tmp_path, text, rates={"USD": Decimal(7)}).rows] == [60, 42]
    mixed = f"{LINES},单位\nI1,2026-03-05,C1,1.2,万元\nI2,2026-03-06,C1,300,元\n"
    assert lines(tmp_path, mixed)[0] == {"C1": 12_300}
    assert lines(tmp_path, mixed.replace("万元", "台").replace(",元", ",件"))[0] == {"C1": 301.2}


# ---- status, flags


@pytest.mark.parametrize(
    ("header", "gone", "kept"),
    [
        ("状态", "已作废", "已完成"), ("订单状态", "交易关闭", "交易成功"), ("审批结果", "拒绝", "同意"), ("生命状态", "已作废", "正常"), ("Stage", "Closed Lost", "Closed Won"),
        ("Status", "Cancelled", "Paid"), ("单据状态", "草稿", "已审核"), ("是否作废", "是", "否"), ("Void", "Yes", "No"), ("审批状态", "已撤销", "已完成"),
        ("是否赢单", "否", "是"), ("Status", "Draft", "Submitted"),
    ],
)  # fmt: skip
def test_what_came_to_nothing_is_left_out_and_said(header, gone, kept, tmp_path):
    text = f"{LINES},{header}\nI1,2026-03-05,C1,10,{kept}\nI2,2026-03-06,C1,5,{gone}\n"
    bought, report = lines(tmp_path, text)
    assert bought == {"C1": 10} and gone in " ".join(note.zh for note in report.notes)
    assert lines(tmp_path, text, choices=stage.Choices(status={gone: "take"}))[0] == {"C1": 15}


@pytest.mark.parametrize(
    ("header", "normal", "returned"),
    [("单据类型", "销售出库单", "销售退货单"), ("发票类型", "蓝字专用发票", "红字专用发票"), ("Type", "Invoice", "Credit Memo"), ("Is Return", "0", "1"), ("退货标识", "否", "是")],
)  # fmt: skip
def test_kinds_of_documents_that_are_returns(header, normal, returned, tmp_path):
    text = f"{LINES},{header}\nI1,2026-03-05,C1,100,{normal}\nI2,2026-03-06,C1,{{}}30,{returned}\n"
    assert lines(tmp_path, text.format(""))[0] == lines(tmp_path, text.format("-"))[0] == {"C1": 70}


@pytest.mark.parametrize(("header", "word", "way"), [("单据类型", "收款单", "asked"), ("备注", "已作废", "asked"), ("Type", "Quotation", "left"), ("收款状态", "已退款", "left"),
                                                     ("Financial Status", "refunded", "left"), ("审核标志", "未审核", "left"), ("docstatus", "2", "left")])  # fmt: skip
def test_rows_that_are_no_sale_by_a_word_beside_them(header, word, way, tmp_path):
    text = f"{LINES},{header}\nI1,2026-03-05,C1,100,{'1' if header == 'docstatus' else ''}\nI2,2026-03-06,C1,30,{word}\n"
    bought, report = lines(tmp_path, text)
    assert bought == {"C1": 100} and (report.refused, report.count("left")) == ((1, 0) if way == "asked" else (0, 1))
    assert lines(tmp_path, text, choices=stage.Choices(status={word: "take"}))[0] == {"C1": 130}


@pytest.mark.parametrize("word", ["Customer Payment", "收款单（现金）", "收款单"])
def test_a_remedy_is_one_as_a_command_line_takes_it(tmp_path, word):
    """Run as it stands there, in quotes where it has blanks or brackets."""
    text = f"{LINES},单据类型\nI1,2026-03-05,C1,100,销售单\nI2,2026-03-06,C1,30,{word}\n"
    _, report = lines(tmp_path, text)
    said = next(found.reason.en for found in report.findings())
    way = shlex.split(said[said.index("--status") :])[1]
    assert lines(tmp_path, text, choices=stage.Choices(status=dict([way.rsplit("=", 1)])))[0] == {"C1": 130}


def test_a_status_nobody_understands_is_said_and_a_column_left_out_is_not_asked(tmp_path):
    text = f"{LINES},状态\nI1,2026-03-05,C1,100,甲\nI2,2026-03-06,C1,30,乙\n"
    bought, report = lines(tmp_path, text)
    assert bought == {"C1": 130} and "甲, 乙" in " ".join(note.en for note in report.notes)
    bought, _ = read(stored(tmp_path, text.replace("甲", "已作废")), DAY, ways=Ways(renames={"状态": ""}))
    assert bought.summary.total.tolist() == [13_000]


def test_numbers_of_credit_notes(tmp_path):
    text = f"{LINES}\nINV-1,2026-03-05,C1,100\nCN-1,2026-03-06,C1,30\n"
    bought, report = lines(tmp_path, text)
    assert bought == {"C1": 130} and "--credit CN" in " ".join(note.en for note in report.notes)
    assert lines(tmp_path, text, credit="CN")[0] == {"C1": 70}


def test_a_status_that_may_be_either_is_asked_and_an_unknown_one_is_said(tmp_path):
    bought, report = lines(
        tmp_path, f"{LINES},状态\nI1,2026-03-05,C1,10,已关闭\nI2,2026-03-06,C1,5,已完成\nI3,2026-03-06,C1,2,特批\n"
    )
    assert bought == {"C1": 7} and "--status 已关闭=take" in next(report.findings()).reason.en
    assert "特批=skip" in " ".join(note.en for note in report.notes)
    assert lines(tmp_path, f"{LINES},State\nI1,2026-03-05,C1,10,Ohio\n")[0] == {"C1": 10}


def test_red_letter_rows_are_negative_once(tmp_path):
    text = f"{LINES},红蓝字\nI1,2026-03-05,C1,10,蓝字\nI2,2026-03-06,C1,{{}},红字\n"
    assert lines(tmp_path, text.format("-4"))[0] == lines(tmp_path, text.format("4"))[0] == {"C1": 6}
    bought, report = lines(tmp_path, text.format("4") + "I3,2026-03-07,C1,-1,红字\n")
    assert bought == {"C1": 9} and report.refused == 1


@pytest.mark.parametrize(("header", "one", "other"), [("DC", "D", "C"), ("收支", "收入", "支出"), ("收付类型", "收", "付")])
def test_other_headers_of_directions_are_asked(header, one, other, tmp_path):
    assert "--status" in refused(lines, tmp_path, f"{LINES},{header}\nI1,2026-03-05,C1,10,{one}\nI2,2026-03-06,C1,4,{other}\n").en


def test_debit_and_credit_are_asked(tmp_path):
    text = f"{LINES},借贷方向\nI1,2026-03-05,C1,10,借\nI2,2026-03-06,C1,4,贷\n"
    assert "--status" in refused(lines, tmp_path, text).en
    assert lines(tmp_path, text, choices=stage.Choices(status={"借": "take", "贷": "minus"}))[0] == {"C1": 6}


def test_hidden_rows_count_and_are_said(tmp_path):
    def fill(workbook):
        for row in (
            HEADERS.split(","),
            ["A1", dt.date(2027, 3, 5), "C1", "P01", 10, 1],
            ["A2", dt.date(2027, 3, 5), "C1", "P01", 20, 1],
        ):
            workbook.active.append(row)
        workbook.active.row_dimensions[3].hidden = True

    outcome = deals(tmp_path, fill)
    assert len(outcome.rows) == 2 and "--hidden skip" in notes(outcome)
    assert [row["id"] for row in deals(tmp_path, fill, choices=stage.Choices(skip_hidden=True)).rows] == ["A1"]


# ---- IDs, dates, text


@pytest.mark.parametrize(("one", "other"), [("abc1", "ABC1"), ("001xAAa", "001xaAA"), ("Ｃ１", "C1")])
def test_ids_that_excel_takes_for_one_are_refused_and_named(one, other, tmp_path):
    bought, report = lines(tmp_path, f"{LINES}\nI1,2026-03-05,{one},10\nI2,2026-03-06,{other},5\nI3,2026-03-06,D,1\n")
    assert bought == {"D": 1} and all(one in f.reason.en and other in f.reason.en for f in report.findings())
    outcome = deals(tmp_path, f"{HEADERS}\nA1,2027-03-05,{one},P01,10,5\nA2,2027-03-05,{other},P01,20,9\n")
    assert outcome.rows == [] and outcome.refused == 2


def test_dress_and_what_nobody_sees_are_no_part_of_an_id(tmp_path):
    bought, _ = lines(
        tmp_path, f'{LINES}\nI1,2026-03-05,="007",10\nI2,2026-03-06,\'007,5\nI3,2026-03-06,7,1\nI4,2026-03-06,0\u200b07,2\n'
    )
    assert bought == {"007": 17, "7": 1}
    rows = [LINES.split(","), ["I1", "2026-03-05", 12, 10], ["I2", "2026-03-05", "0012", 5]]
    assert lines(tmp_path, sheet(*rows, C2="0000"))[0] == {"0012": 15}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-03-31T16:30:00Z", 1), ("2027-03-31T16:30:00.000+0000", 1), ("2027-03-31 16:30:00 UTC", 1), ("2027-04-01T00:30:00+08:00", 1),
        ("2027-03-31T23:00:00-05:00", 1), ("2027-04-01 下午 2:30", 1), ("2027年4月1日 上午10:30", 1), ("1-Apr-27", 1), ("Apr 1, 2027", 1), ("1 April 2027", 1),
    ],
)  # fmt: skip
def test_days(text, day):
    assert parsing.parser(DEALS["date"])(text) == dt.date(2027, 4, day)


def test_text_in_no_encoding_is_refused(tmp_path):
    text = "invoice,invoice date,customer,amount\nI1,2026-03-05,台積電股份有限公司,100\nI2,2026-03-05,鴻海精密,5\n"
    said = refused(lines, tmp_path, text, "big5")
    assert "UTF-8" in said.en and "GB18030" in said.en and "--encoding" in said.en
    for good in ("utf-8", "utf-16", "gb18030"):
        simple = text.replace("台積電股份有限公司", "上海浦江汽车").replace("鴻海精密", "观澜电子")
        assert lines(tmp_path, simple, good)[0] == {"上海浦江汽车": 100, "观澜电子": 5}


@pytest.mark.parametrize(
    ("names", "encoding"),
    [("鴻海精密", "big5"), ("Müller", "cp1252"), ("삼성전자 주식회사 현대자동차", "cp949"), ("ООО Ромашка", "cp1251"), ("株式会社サンプル", "cp932")],
)  # fmt: skip
def test_a_name_or_two_in_another_encoding_are_refused_too(names, encoding, tmp_path):
    text = f"invoice,invoice date,customer,amount\nI1,2026-03-05,{names},100\n"
    assert "--encoding" in refused(lines, tmp_path, text, encoding).en


def test_one_style_of_numbers_for_a_column(tmp_path):
    head = "invoice;invoice date;customer;amount\n"
    assert lines(tmp_path, head + "I1;2026-03-05;C1;1.234,56\nI2;2026-03-05;C1;1.234\nI3;2026-03-05;C1;12,5\n")[0] == {
        "C1": 2481.06
    }
    assert "decimal" in refused(lines, tmp_path, head + "I1;2026-03-05;C1;1.234,56\nI2;2026-03-05;C1;1,234.56\n").en


# ---- orders, sheets, shapes


def test_lines_of_an_order_add_up_or_none_comes_in(tmp_path):
    head = f"{HEADERS},产品\nA1,2027-03-05,C1,P01,100,60,a\n"
    assert [(r["revenue"], r["cost"]) for r in deals(tmp_path, head + "A1,2027-03-05,C1,P01,100,60,b\n").rows] == [(200, 120)]
    assert [(r["revenue"], r["cost"]) for r in deals(tmp_path, head + ",,,,50,30,b\n").rows] == [(150, 90)]
    assert [r["revenue"] for r in deals(tmp_path, head + "A1,2027-03-05,C1,P01,100,60,a\n").rows] == [100]
    for wrong in ("A1,2027-03-05,C1,P01,x,60,b\n", "A1,2027-03-06,C1,P01,5,2,b\n", "A1,2027-03-05,C1,P02,5,2,b\n"):
        outcome = deals(tmp_path, head + wrong)
        assert outcome.rows == [] and outcome.refused == 2
    assert deals(tmp_path, head + "A1,2027-03-05,C1,P01,100,60,b\nA2,2027-03-05,C1,P01,1,1,b\n").rows[0]["revenue"] == 200


def test_all_sheets_of_a_shape_are_read_each_in_its_unit(tmp_path):
    def fill(workbook):
        first = workbook.active
        first.title = "1月"
        for row in (["单位：万元"], HEADERS.split(","), ["A1", dt.date(2027, 1, 5), "C1", "P01", 1, 0.5]):
            first.append(row)
        for row in (
            HEADERS.split(",")[::-1],
            [500, 1000, "P01", "C1", dt.date(2027, 2, 5), "A2"],
            [5, "x", "P01", "C1", dt.date(2027, 2, 5), "A3"],
        ):
            second = workbook["2月"] if "2月" in workbook.sheetnames else workbook.create_sheet("2月")
            second.append(row)
        workbook.create_sheet("说明").append(["x"])

    outcome = deals(tmp_path, fill)
    assert [(r["id"], r["revenue"], r["cost"]) for r in outcome.rows] == [("A1", 10_000, 5000), ("A2", 1000, 500)]
    assert [(r.sheet, r.line) for r in outcome.refusals] == [("2月", 3)] and "说明" in notes(outcome)


def test_headers_in_two_rows(tmp_path):
    outcome = deals(tmp_path, "单号,日期,客户,业务员,金额,\n,,,,收入,成本\nA1,2027-03-05,C1,P01,100,60\n")
    assert (outcome.rows[0]["revenue"], outcome.rows[0]["cost"]) == (100, 60)
    outcome = deals(tmp_path, "单号,日期,客户,业务员,金额,,成本\n,,,,含税,不含税,\nA1,2027-03-05,C1,P01,113,100,60\n")
    assert outcome.rows[0]["revenue"] == 100


@pytest.mark.parametrize("row", [",,,,（万元）,（万元）", "文本,日期,文本,文本,万元,万元"])
def test_units_in_a_row_of_their_own_below_the_headers(row, tmp_path):
    outcome = deals(tmp_path, f"{HEADERS}\n{row}\nA1,2027-03-05,C1,P01,1,0.6\n")
    assert [(r["revenue"], r["cost"]) for r in outcome.rows] == [(10_000, 6000)] and not outcome.refusals


def test_a_number_format_that_says_tax_is_in_is_refused(tmp_path):
    _, report = lines(
        tmp_path, sheet(LINES.split(","), ["I1", "2026-03-05", "C1", 113], ["I2", "2026-03-05", "C1", 7], D2='0.00"(含税)"')
    )
    assert [f.line for f in report.findings()] == [2]


def test_what_a_group_of_headers_says_holds_for_its_columns(tmp_path):
    text = "单号,日期,客户,,业务员,金额(万元),\n,,编号,名称,,收入,成本\nA1,2027-03-05,C1,甲,P01,1,0.6\n"
    outcome = deals(tmp_path, text)
    assert [(r["customer"], r["revenue"], r["cost"]) for r in outcome.rows] == [("C1", 10_000, 6000)]


ZEROS = ["制表人：张三,,,,,0", ",,,,0,0", ",,,,,0", "以上数据由系统生成,,,,0,0"]


@pytest.mark.parametrize("footer", ZEROS)
def test_a_row_of_zeros_is_no_line_of_the_order_above(footer, tmp_path):
    outcome = deals(tmp_path, f"{HEADERS}\nA1,2027-03-05,C1,P01,100,60\n{footer}\n")
    assert [(r["revenue"], r["cost"]) for r in outcome.rows] == [(100, 60)] and not outcome.refusals and len(outcome.left) == 1


def test_an_amount_without_order_and_product_is_refused_alone(tmp_path):
    """Lines have a product here, and this row has none: whoever it is of, the order above is whole without it."""
    outcome = deals(tmp_path, f"{HEADERS},产品,备注\nA1,2027-03-05,C1,P01,100,60,a,\n,,,,50,30,b,\n,,,,7,5,,王经理\n")
    assert [(r["revenue"], r["cost"]) for r in outcome.rows] == [(150, 90)] and [r.line for r in outcome.refusals] == [4]


def test_a_percentage_is_no_amount(tmp_path):
    outcome = deals(
        tmp_path, f"{HEADERS}\nA1,2027-03-05,C1,P01,5%,60\nA2,2027-03-05,C1,P01,1'234.50,60\nA3,2027-03-05,C1,P01,1000人民币,60\n"
    )
    assert [r["revenue"] for r in outcome.rows] == [1234.5, 1000] and "percentage" in outcome.refusals[0].reason.en


def test_wide_tables_are_named_as_such(tmp_path):
    assert "wide" in refused(lines, tmp_path, "customer,Jan,Feb,Mar,Total\nC1,1,2,3,6\n").en
    assert "宽表" in refused(deals, tmp_path, "日期,甲,乙,丙,合计\n2027-03-05,1,2,3,6\n").zh


FOOTERS = [
    "制单人：张三,,审核：李四,,,",
    "注：金额不含税,,,,,",
    "第 1 页，共 2 页,,,,,",
    "打印时间：2027-04-01 09:00,,,,,",
    "Copyright (c) 2027,,,,,",
    "Example Co,,,,,",
]


@pytest.mark.parametrize("footer", FOOTERS)
def test_footers_are_one_line(footer, tmp_path):
    outcome = deals(tmp_path, f"{HEADERS}\nA1,2027-03-05,C1,P01,100,60\n{footer}\n")
    assert len(outcome.rows) == 1 and not outcome.refusals and len(outcome.left) == 1


def test_words_of_the_systems_are_taken_where_the_values_fit(tmp_path):
    outcome = deals(tmp_path, "销售订单编号,下单日期,客户编码,业务员编码,无税金额,成本金额\nA1,2027-03-05,C1,P01,100,60\n")
    assert outcome.rows[0]["revenue"] == 100
    assert (
        "Signed on"
        in refused(deals, tmp_path, "销售订单编号,下单日期,客户编码,业务员编码,无税金额,成本金额\nA1,x,C1,P01,100,60\n").en
    )
    assert not headers.may_be("money", "", "余额") and not headers.may_be("id", "", "Order Lines/Product")


def test_reasons_are_said_in_both_languages():
    for kind, reason in (
        (stage.SUMS, stage.UNLABELLED),
        ("", wide.said(["1月", "2月", "3月"], DEALS)),
        ("", importing.clash(["a", "A"])),
    ):
        assert isinstance(reason, Text) and reason.zh and reason.en and reason.zh != reason.en, kind


# ---- at random: what comes in adds up to what was made

UNITS = {"": 1, "（元）": 1, "(万元)": 10_000, "/千元": 1000}
TITLES = {"": 1, "单位：万元": 10_000, "金额单位：千元": 1000, "amounts in RMB thousands": 1000, "编制单位：百万庄贸易": 1}
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16")
AMOUNT = st.integers(-(10**7), 10**9).filter(bool)


@st.composite
def layouts(draw, cash=AMOUNT):
    """Rows as numbers in fen, and the file they are written to: titles, totals, units, columns in any order, footers, encodings."""
    fen = draw(st.lists(cash, min_size=2, max_size=12))
    title, unit = draw(st.sampled_from(sorted(TITLES))), draw(st.sampled_from(sorted(UNITS)))
    scale = UNITS[unit] if unit else TITLES[title]
    order = draw(st.permutations(range(5)))
    groups = draw(st.sets(st.integers(1, len(fen)), max_size=3)) | ({len(fen)} if draw(st.booleans()) else set())
    total = draw(st.sampled_from(TOTALS))
    written = [f"{Decimal(n) / 100 / scale:f}" for n in fen]
    commas = draw(st.booleans())
    head = ["发票号", "日期", "客户编号", f"金额{unit}", "摘要"]
    rows, since = [], 0
    for k, amount in enumerate(written):
        shown = f"{Decimal(amount):,f}" if commas else amount
        rows.append([f"I{k:03}", f"2026-{1 + k % 12:02}-05", f"C{k % 3}", shown, "销售"])
        if k + 1 in groups:
            part = f"{sum(Decimal(w) for w in written[since : k + 1]):f}"
            rows.append(["", draw(st.sampled_from(["", "2026-12-31"])), draw(st.sampled_from(["", f"C{k % 3}"])), part, total])
            since = k + 1 if draw(st.booleans()) else since
    above = [[title, "", "", "", ""]] if title else []
    below = [["制单人：某某", "", "", "", ""]] if draw(st.booleans()) else []
    out = io.StringIO()
    writer = csv.writer(out, delimiter=draw(st.sampled_from([",", ";", "\t"])))
    writer.writerows([*above, *([row[i] for i in order] for row in (head, *rows)), *below])
    return fen, out.getvalue(), draw(st.sampled_from(ENCODINGS))


RANDOM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@RANDOM
@given(layouts())
def test_transactions_add_up_to_what_was_generated(tmp_path, made):
    fen, text, encoding = made
    bought, report = lines(tmp_path, text, encoding)
    assert round(sum(bought.values()) * 100) == sum(fen), (text, report.notes)
    assert report.counted == len(fen) and not report.refused


@RANDOM
@given(layouts(st.integers(1, 10**9)))
def test_deals_add_up_to_what_was_generated(tmp_path, made):
    fen, text, encoding = made
    head = {"发票号": "单号", "日期": "签单日期", "金额": "收入", "摘要": "主办工号"}
    for theirs, ours in head.items():
        text = (
            text.replace(theirs, ours, 1)
            if theirs != "金额"
            else text.replace("金额单位", "￥").replace("金额", "收入", 1).replace("￥", "金额单位")
        )
    text = text.replace("2026-", "2027-").replace("销售", "P01")
    path = stored(tmp_path, text, encoding)
    sources = files.read_all(path, lambda cells: importing.headers_matched(DEALS, cells))

    def cost(cells):  # titles and footers are one cell and stay so
        return "成本" if "单号" in cells else "0" if sum(not files.blank(c) for c in cells) > 1 else None

    rows = [files.RawRow(row.line, (*row.cells, cost(row.cells))) for row in sources[0].rows]
    outcome = importing.bring_in(rows, DEALS, KNOWN)
    assert round(sum(row["revenue"] for row in outcome.rows) * 100) == sum(fen), (text, outcome.refusals)
    assert len(outcome.rows) == len(fen)


HEADS = ["发票号", "日期", "客户编号", "金额", "摘要"]
STANDS = {"状态": ("已完成", "已作废"), "标注": ("正常", "无效"), "Flag": ("Approved", "Cancelled"), "是否作废": ("否", "是")}
ODD_TOTALS = [*TOTALS[:6], "ALL", "全部", "ZZZ"]  # of the last nobody knows that they mean a total


@st.composite
def workbooks(draw):
    """Rows in fen over several sheets, each with its own title and unit, void rows among them, currencies in a column, and totals whose word
    stands where the number should: what counts, and the function that fills the workbook."""
    word, (good, bad) = draw(st.sampled_from(sorted(STANDS.items())))
    coins = draw(st.sampled_from(["币种", "Cur", "X1", ""]))
    order = draw(st.permutations(range(len(HEADS) + 1 + bool(coins))))
    counts, sheets = [], []
    for n in range(draw(st.integers(1, 3))):
        title = draw(st.sampled_from(sorted(TITLES)))
        rows, summed = [], draw(st.booleans())
        for k, fen in enumerate(draw(st.lists(st.integers(1, 10**8), min_size=2, max_size=6))):
            void, dollars = not summed and draw(st.booleans()), bool(coins) and not summed and draw(st.booleans())
            amount = Decimal(fen) / 100 / TITLES[title]
            counts += [] if void else [fen * (7 if dollars else 1)]
            currency = ["USD" if dollars else "CNY"] if coins else []
            rows.append([f"I{n}{k:03}", f"2026-{1 + k:02}-05", f"C{k % 2}", float(amount), "x", bad if void else good, *currency])
        if summed:
            total = float(sum(Decimal(repr(row[3])) for row in rows))
            rows.append([draw(st.sampled_from(ODD_TOTALS)), "2026-12-31", "C0", total, "x", good, *(["CNY"] if coins else [])])
        head = [*HEADS, word, *([coins] if coins else [])]
        sheets.append([[title], *([row[i] for i in order] for row in (head, *rows))])
    # Under a header nobody knows a column of void rows only is none that decides: they stand beside good ones.
    seen = all(bad not in cells or good in cells for cells in ({cell for row in sheet[2:] for cell in row} for sheet in sheets))

    def fill(workbook):
        for n, sheet in enumerate(sheets):
            target = workbook.active if not n else workbook.create_sheet()
            target.title = f"{n + 1}月"
            for row in sheet:
                target.append(row)

    return counts, fill, seen or word in ("状态", "是否作废")


@settings(RANDOM, max_examples=30)
@given(workbooks())
def test_workbooks_add_up_to_what_was_generated(tmp_path, made):
    fen, fill, told = made
    assume(told and fen)
    bought, report = lines(tmp_path, fill, rates={"USD": Decimal(7)})
    assert round(sum(bought.values()) * 100) == sum(fen), report.notes
    assert report.counted == len(fen)


@given(
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.sampled_from(["0.00", "#,##0", "General", "0%", '0.0"元"', "_ * #,##0.00"]),
)
def test_a_plain_format_leaves_a_number_alone(value, code):
    assert float(dress.dressed(value, code)) == value and dress.dress_of(code).scale == 1


@given(st.text(max_size=60))
def test_any_text_has_a_meaning_or_none(text):
    """No word, unit or header of any letters makes the rules fail."""
    (
        words.kind_of(text),
        words.is_footer(text),
        words.flag_of(text),
        words.role_of(text),
        units.of_header(text),
        units.of_title(text),
    )
    units.bare(text), dress.dress_of(text), headers.column_of("Deals", text), words.is_month(text), stage.rate_in(text)


# ---- other programs' files

_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
NAMES_OF = " ".join(f'xmlns:{name}="{_OASIS}:{name}:1.0"' for name in ("office", "table", "text", "style"))


def zipped(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in parts.items():
            info = zipfile.ZipInfo("x")
            info.filename = name
            made.writestr(info, content)
    return out.getvalue()


def ods_cell(value):
    if isinstance(value, tuple):
        number, code = value
        return f'<table:table-cell office:value-type="currency" office:currency="{code}" office:value="{number}"/>'
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    if isinstance(value, dt.date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value}"/>'
    return (
        f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        if value
        else "<table:table-cell/>"
    )


def ods(path, *rows, extra=""):
    body = "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows) + extra
    table = f'<table:table table:name="s">{body}</table:table>'
    content = f"<office:document-content {NAMES_OF}><office:body><office:spreadsheet>{table}</office:spreadsheet></office:body></office:document-content>"
    path.write_bytes(zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content}))
    return path


def test_an_ods_is_read_with_currencies_totals_and_hidden_rows(tmp_path):
    """Rows as LibreOffice writes them: hidden ones say so, and a million blank rows are one element."""
    hidden = f'<table:table-row table:visibility="filter">{"".join(map(ods_cell, ("I4", dt.date(2026, 3, 9), "C1", 7)))}</table:table-row>'
    blank = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    rows = [
        LINES.split(","),
        ("I1", dt.date(2026, 3, 5), "C1", 100),
        ("I2", dt.date(2026, 3, 6), "C2", (5, "CNY")),
        ("合计", "", "", 105),
    ]
    source = ods(tmp_path / "x.ods", *rows, extra=hidden + blank)
    purchases, report = read(source, DAY)
    assert int(purchases.summary.total.sum()) == 11_200 and report.count("left") == 1
    assert "hidden" in " ".join(note.en for note in report.notes)
    with pytest.raises(Refused, match="USD"):
        read(ods(tmp_path / "y.ods", rows[0], ("I1", dt.date(2026, 3, 5), "C1", (5, "USD"))), DAY)


@pytest.mark.parametrize(
    ("value", "shown", "yuan"), [(12.3, "12.30万", 123_000), (123_456, "12.3万", 123_456), (5, "5元", 5), (7, "7.00", 7)]
)
def test_a_number_of_an_ods_is_what_its_cell_shows(value, shown, yuan, tmp_path):
    cell = f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{shown}</text:p></table:table-cell>'
    row = f"<table:table-row>{''.join(map(ods_cell, ('I1', dt.date(2026, 3, 9), 'C1')))}{cell}</table:table-row>"
    purchases, _ = read(ods(tmp_path / "x.ods", LINES.split(","), extra=row), DAY)
    assert int(purchases.summary.total.sum()) == yuan * 100


def test_a_comment_of_an_ods_is_no_part_of_its_cell_and_says_the_unit_and_a_sheet_nobody_sees_is_not_read(tmp_path):
    """LibreOffice keeps a comment inside its cell, and says in a style that a sheet is hidden."""
    noted = '<table:table-cell office:value-type="string"><office:annotation><text:p>单位：万元</text:p></office:annotation><text:p>金额</text:p></table:table-cell>'
    row = "".join(map(ods_cell, ("I1", dt.date(2026, 3, 9), "C1", 1.5)))
    head = "".join(map(ods_cell, LINES.split(",")[:3])) + noted
    body = f"<table:table-row>{head}</table:table-row><table:table-row>{row}</table:table-row>"
    hidden = '<style:style style:name="t2" style:family="table"><style:table-properties table:display="false"/></style:style>'
    source = ods(tmp_path / "x.ods", extra=f'{body}</table:table><table:table table:name="旧" table:style-name="t2">{body}')
    data = zipfile.ZipFile(source).read("content.xml").decode().replace("<office:body>", f"{hidden}<office:body>")
    source.write_bytes(zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": data}))
    purchases, report = read(source, DAY)
    assert int(purchases.summary.total.sum()) == 1_500_000 and any("旧" in note.en for note in report.notes)


def test_an_xlsx_with_backslashes_or_a_sheet_without_a_part_opens(tmp_path):
    plain = stored(tmp_path, sheet(LINES.split(","), ["I1", "2026-03-05", "C1", 100])).read_bytes()
    with zipfile.ZipFile(io.BytesIO(plain)) as made:
        parts = {name: made.read(name) for name in made.namelist()}
    relations = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    left = parts["xl/workbook.xml"].replace(
        b"</sheets>", f'<sheet {relations} name="Old" sheetId="9" r:id="rId99"/></sheets>'.encode()
    )
    for changed in ({name.replace("/", "\\"): data for name, data in parts.items()}, {**parts, "xl/workbook.xml": left}):
        (tmp_path / "z.xlsx").write_bytes(zipped(changed))
        assert int(read(tmp_path / "z.xlsx", DAY)[0].summary.total.sum()) == 10_000


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [("x.numbers", zipped({"Index/Document.iwa": "x"}), "Numbers"), ("x.slk", b"ID;PWXL;N;E\r\n", "SYLK"), ("x.et", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "WPS"),
     ("x.csv", b"%PDF-1.4", "PDF")],
)  # fmt: skip
def test_files_of_other_programs_are_named(name, data, said, tmp_path):
    (tmp_path / name).write_bytes(data)
    for call in (lambda: read(tmp_path / name, DAY), lambda: files.read(tmp_path / name)):
        with pytest.raises(Refused, match=said):
            call()


# ---- whose day a moment is


MOMENTS = [("2026-03-31T16:30:00Z", "Asia/Shanghai", 91), ("2026-03-31T22:30:00Z", "Europe/Berlin", 91), ("2026-03-28T23:30:00Z", "Europe/Berlin", 88),
           ("2026-03-31T21:30:00Z", "Europe/Berlin", 90), ("2026-03-31T16:30:00Z", "America/New_York", 90)]  # fmt: skip


@pytest.mark.parametrize(("moment", "zone", "day"), MOMENTS)
def test_a_moment_is_a_day_of_the_companys_zone(tmp_path, moment, zone, day):
    """Summer time begins on 2026-03-29 in Berlin: an hour's difference a day later is another day."""
    place, expected = policy.zone(zone), dt.date(2026, 1, 1) + dt.timedelta(days=day - 1)
    assert parsing.parser(DEALS["date"], parsing.Habit(zone=place))(moment) == expected
    pa = pytest.importorskip("pyarrow")
    whole = dt.datetime.fromisoformat(moment)
    for unit in ("s", "ms", "us", "ns"):
        column = pa.array([whole, None], pa.timestamp(unit, tz="America/Los_Angeles"))
        typed = cells.days(column, schema.table("Transactions")["date"], None, zone=place)
        assert typed.zoned and typed.values[0] == (expected - dt.date(1970, 1, 1)).days and typed.why.tolist() == [0, cells.BLANK]
    text = f"{HEADERS}\nD1,{moment},C1,P01,100,50\n"
    sources = files.read_all(stored(tmp_path, text), lambda found: importing.headers_matched(DEALS, found))
    known = Known(KNOWN.rows, 2026, policies=Policies({"company.zone": zone}))
    outcome = importing.bring_in_all(sources, DEALS, known, Wishes())
    assert [row["date"] for row in outcome.rows] == [expected] and zone in notes(outcome)


def test_every_note_can_be_said():
    """A note's template names what its counts hand in, whichever Table's rules it is of."""
    every = dict(importing.NOTES)
    for name in schema.TABLES:
        every |= importing.rules_of(schema.table(name)).notes
    for template in every.values():
        for number in (1, 2):
            said = template.format(lines="3", year=2027, as_of=DAY, stage=Text("立项", "Set up"), **importing._counts(number))
            assert all("{" not in text for text in said)


# ---- months across


@pytest.mark.parametrize(
    ("header", "month"),
    [
        ("2026-03", (2026, 3, "")), ("2026年3月", (2026, 3, "")), ("202603", (2026, 3, "")), ("3月", (None, 3, "")), ("十二月", (None, 12, "")),
        ("Mar-26", (2026, 3, "")), ("March 2026", (2026, 3, "")), ("3月含税金额", (None, 3, "含税金额")), ("Q2 2026", (2026, 4, "")), ("2026年二季度", (2026, 4, "")),
        (dt.datetime(2026, 3, 1), (2026, 3, "")), ("2026-03-01 00:00:00", (2026, 3, "")), ("3月合计", None), ("客户", None), ("2026-13", None), ("13月", None),
    ],
)  # fmt: skip
def test_what_month_a_header_is(header, month):
    found = wide.month_of(header)
    assert (None if found is None else found[:3]) == month


def test_months_across_are_read_when_a_person_says_so(tmp_path):
    text = "2026年销售\n单位：万元\n客户编号,区域,1月,2月,3月,合计\nC1,华东,1,2,,3\nC2,华东,0,0,4,4\n合计,,1,2,4,7\n"
    said = refused(lines, tmp_path, text)
    assert "--wide month" in said.zh and "--wide month" in said.en
    purchases, report = read(stored(tmp_path, text), DAY, ways=Ways(wide="month"))
    found = purchases.summary
    assert dict(zip(found.ids.tolist(), found.total.tolist(), strict=True)) == {"C1": 3_000_000, "C2": 4_000_000}
    assert "6 rows" in " ".join(note.en for note in report.notes)
    untitled = text.replace("2026年销售\n", "")
    with pytest.raises(Refused, match="2026"):
        read(stored(tmp_path, untitled), DAY, ways=Ways(wide="month"))
    assert read(stored(tmp_path, untitled), DAY, ways=Ways(wide="2026"))[0].summary.total.sum() == 7_000_000
    taxed = "客户编号,2026-01含税金额,2026-02含税金额,2026-03含税金额\nC1,113,0,0\n"
    with pytest.raises(Refused, match="含税"):
        read(stored(tmp_path, taxed), DAY, ways=Ways(wide="month"))


def test_months_across_are_no_deals(tmp_path):
    text = "客户编号,主办工号,1月,2月,3月\nC1,P01,1,2,3\n"
    assert "refresh" in refused(deals, tmp_path, text).en and "refresh" in refused(deals, tmp_path, text, wide="month").en


# ---- what is no gibberish

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕闫晏栾缪戚荀奚郗郜窦宓"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国文斌宇浩凯健俊峰佳欣怡雪梅慧志鹏飞雨泽思远子涵晨曦婷淼鑫晟玥珂瑶琪晗昕煜烨瑾璇婕婧婉璐瑜睿旸懿"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_names_of_real_people_and_things_are_no_gibberish(tmp_path, encoding):
    """Of names of three characters one in a hundred would be UTF-8 by chance: Ԭΰƽ is 袁伟平; M帽cap is no Müller."""
    names = [
        f"{SURNAMES[k % len(SURNAMES)]}{GIVEN[(7 * k) % len(GIVEN)]}{GIVEN[(31 * k + k // 97) % len(GIVEN)]}" for k in range(3000)
    ]
    things = ["U盘usb", "T恤polo", "M帽cap", "A款red", "袁伟平", "郑瑜旸", "郜睿旸"]
    rows = [f"I{k},2026-03-05,C{k},1,{name}" for k, name in enumerate(names + things)]
    bought, _ = lines(tmp_path, f"{LINES},备注\n" + "\n".join(rows), encoding)
    assert sum(bought.values()) == len(rows)
