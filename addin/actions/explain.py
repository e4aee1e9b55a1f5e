"""Where from: the tree of a figure, down to typed cells; looks and changes nothing."""

from __future__ import annotations

import argparse

from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book, FileBook
from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.xlsx.package import Package

DEPTH = 3


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    where = Text("单元格，如 驾驶舱!B7，或名称，如 bookings", "a cell such as Cockpit!B7, or a name such as bookings")
    parser.add_argument("cell", metavar="CELL", help=str(where))
    deep = Text("显示几层，默认 3；--json 总是全部", "how many levels are shown, 3 by default; --json has all")
    parser.add_argument("--depth", metavar="N", default=str(DEPTH), help=str(deep))


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Walk from the cell to what was typed, and work it out again from that."""
    from workbook_templates import recalc
    from workbook_templates.explaining import tree

    book.require_ours()
    depth = _depth(options.depth)
    progress(Text("查找来源", "Finding where it comes from"))
    package = book.package if isinstance(book, FileBook) else Package.from_bytes(book.raw)
    told = tree.Explained(package, book.lang)
    key = told.find(options.cell)
    node = told.explain(key)
    sealed = told.wide(node) and recalc.current(package)
    again = node.value if sealed else told.recomputed(node)
    same = tree.same(again, node.value)
    kinds = [one.kind for one in node.every()]
    if sealed:
        said = Text(
            "读到的格很多：都由本程序按这些来源算出，此后文件未改动",
            "It reads very many cells: this program worked all of them out from these sources, and the file is as it was since",
        )
    elif node.kind == tree.CONSTANT and not node.formula:
        said = Text("没有公式，是随工作簿生成的", "There is no formula: it is part of the workbook")
    elif (adds := told.adds_up(node)) is not None:
        said = (
            Text("没有公式，由按钮写入；各组成相加一致", "There is no formula, a button wrote it; its parts add up to it")
            if adds
            else Text(
                "由按钮写入，各组成相加与它不同：请先“计算提成”",
                "A button wrote it, and its parts come to something else: compute commissions first",
            )
        )
    elif node.kind in (tree.TYPED, tree.BUTTON):
        said = Text("没有公式，是填写或由按钮写入的", "There is no formula: it was typed, or written by a button")
    elif same:
        said = Text("按来源复算一致", "Worked out anew from its sources: the same")
    else:
        said = Text(
            f"按来源复算得 {again}，与单元格不同：先重算 salesplan recalc",
            f"Worked out anew from its sources it is {again}, not what the cell holds: recalculate first, salesplan recalc",
        )
    outcome = Outcome(Text(f"{node.what}：{node.said}。{said.zh}", f"{node.what}: {node.said}. {said.en}"))
    outcome.notes = [Text(line, line) for line in tree.lines(node, depth)]
    outcome.data = {
        "same": same,
        "formulas": kinds.count(tree.FORMULA) + kinds.count(tree.SEVERAL),
        "leaves": sum(not one.inputs for one in node.every()),
        "proof": "sealed" if sealed else "recomputed",
    }
    if getattr(options, "json", False):  # a button has no such option
        outcome.data["tree"] = tree.as_dict(node)
    return outcome


def _depth(said: str) -> int:
    if not said.strip().isdecimal():
        raise Refused(Text(f"--depth “{said}”：请写成整数，如 3", f"--depth “{said}”: write a whole number, such as 3"))
    return int(said)


ACTION = Action(
    label=Text("追溯", "Where from"),
    tip=Text(
        "一个数从哪里来：公式、输入、制度（含生效日）、成交、审批人，直到填写的单元格",
        "Where a figure comes from: formulas, inputs, policy with its date, deals, approvers, down to typed cells",
    ),
    about=Text(
        "把一个数展开成树，直到填写的单元格、制度参数和按钮写入的行，并按这些来源复算一遍。只看，不改动工作簿。",
        "Unfold a figure into a tree down to typed cells, policy and rows that buttons wrote, and work it out again from these. Looks\n"
        "only, changes nothing.",
    ),
    group="tools",
    order=17,
    icon="TraceError",
    keytip="OE",
    run=run,
    arguments=arguments,
    asks={"cell": Ask(Text("哪个单元格？例如 驾驶舱!B7", "Which cell? For example Cockpit!B7"))},
    guards=False,
    examples=Text(
        "示例：\n  salesplan explain 计划.xlsx 驾驶舱!B7\n  salesplan explain 计划.xlsx profit --depth 6\n  salesplan explain 计划.xlsx profit --json",
        "examples:\n  salesplan explain plan.xlsx Cockpit!B7\n  salesplan explain plan.xlsx profit --depth 6\n  salesplan explain plan.xlsx profit --json",
    ),
)
