"""A company's own workbook, made by another writer: its own Table names, headers, units and formulas."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import xlsxwriter

ORDERS = ["合同号", "签约日", "客户号", "业务员", "金额(万元)", "成本(万元)", "备注", "原单号"]
STAFF = ["工号", "姓名", "职级", "业务线", "入职日", "上级", "指标权重"]


def own_workbook(path: Path, sheets: dict[str, tuple[list[str], list[list[Any]]]] | None = None) -> Path:
    """Write it: a sheet a Table; a chart, a text box and a sparkline that must survive."""
    book = xlsxwriter.Workbook(str(path))
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, (headers, rows) in (sheets or company()).items():
        sheet = book.add_worksheet(name + "页")
        columns = [{"header": h} for h in headers]
        sheet.add_table(2, 1, 2 + len(rows), len(headers), {"name": name, "columns": columns})
        for line, row in enumerate(rows, 3):
            for column, value in enumerate(row, 1):
                if isinstance(value, dt.date):
                    sheet.write_datetime(line, column, dt.datetime(value.year, value.month, value.day), day)
                elif isinstance(value, tuple):
                    sheet.write_formula(line, column, *value)
                else:
                    sheet.write(line, column, value)
        sheet.add_sparkline(0, 0, {"range": f"'{name}页'!F4:F6"})
        sheet.insert_textbox(12, 2, "勿动")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": f"='{next(iter(sheets or company()))}页'!$F$4:$F$6"})
    book.get_worksheet_by_name(next(iter(sheets or company())) + "页").insert_chart("K2", chart)
    book.close()
    return path


def company() -> dict[str, tuple[list[str], list[list[Any]]]]:
    """Orders in ten thousands of yuan and the people who sold them."""
    day = dt.date(2027, 3, 5)
    orders = [
        ["H1", day, "C1", "0012", 100.0, 70.0, "老客户", None],
        ["H2", day, "C2", "P2", 50.5, 45.45, "", None],
    ]
    staff = [
        ["0012", "张三", "代表", "直销", dt.date(2020, 1, 1), "P2", 1.0],
        ["P2", "李四", "经理", "直销", dt.date(2019, 1, 1), None, 1.5],
    ]
    return {"订单表": (ORDERS, orders), "人员表": (STAFF, staff)}
