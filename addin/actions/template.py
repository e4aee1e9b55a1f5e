"""Template: the headers of a Table to fill in, with drop-downs and one example row, as .xlsx and .csv."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from addin import outputs
from addin.action import Action, Ask, Outcome, Progress
from addin.actions.import_ import table_named
from addin.book import Book
from udfs.text import Text
from workbook_templates.tables import examples, schema


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument(
        "table", metavar="TABLE", help=str(Text("哪个表：Deals、People、Customers……", "which Table: Deals, People, Customers …"))
    )
    parser.add_argument(
        "file",
        metavar="FILE.xlsx",
        help=str(Text("要写的 .xlsx；同名 .csv 写在旁边", "the .xlsx to write; the .csv of that name goes beside it")),
    )


def beside(options: argparse.Namespace) -> Mapping[Path, str]:
    """The CSV of the same name."""
    return {Path(options.file).with_suffix(".csv"): ".csv"}


def run(book: Book | None, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Make both files."""
    from workbook_templates.page.template import workbook

    spec = schema.table(table_named(options.table))
    path = Path(options.file)
    heads, example = examples.headers(spec), examples.row(spec)
    shown = [f"{cell:g}" if isinstance(cell, float) else "" if cell is None else cell for cell in example]
    files = {path: workbook(spec), path.with_suffix(".csv"): outputs.csv_file([Text(head, head) for head in heads], [shown])}
    summary = Text(
        f"已写 {path} 与 {path.with_suffix('.csv').name}：{spec.title.zh}，{len(heads) - 1} 列；示例行导入时略过。"
        f"填好后：salesplan import {path} 计划.xlsx --table {spec.name}",
        f"wrote {path} and {path.with_suffix('.csv').name}: {spec.title.en}, {len(heads) - 1} columns; an import leaves the example row out. "
        f"Filled in: salesplan import {path} plan.xlsx --table {spec.name}",
    )
    return Outcome(summary, files=files, opens=path)


ACTION = Action(
    label=Text("生成模板", "Make template"),
    tip=Text(
        "生成某个表的空白模板：表头、下拉选项和一行示例",
        "Makes an empty template of a Table: headers, drop-downs, one example row",
    ),
    about=Text("新建两个文件；当前工作簿不改动。", "Makes two new files; the open workbook is not changed."),
    group="plan",
    order=18,
    icon="TableInsert",
    keytip="K0",
    run=run,
    needs_book=False,
    writes={"file": ".xlsx"},
    beside=beside,
    arguments=arguments,
    asks={
        "table": Ask(Text("哪个表：Deals、People、Customers……", "Which Table: Deals, People, Customers …")),
        "file": Ask("save"),
    },
)
