"""Where a figure comes from: the tree's leaves make the figure again, by the engine; policy with its day, deals, who decided.

The expectation is the plan itself: what its cells hold, what was typed into it.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from functools import cache
from pathlib import Path

import pytest

from addin import cli
from tests.plans import sample_computed, sample_plan
from udfs.text import speaking
from udfs.values import serial_to_date
from workbook_templates import recalc
from workbook_templates.answers import Refused
from workbook_templates.cells import ErrorValue
from workbook_templates.engine.run import CellBook, CellIn
from workbook_templates.engine.tracing import Tracer
from workbook_templates.explaining import tree
from workbook_templates.explaining.tree import Explained, Node
from workbook_templates.page import watches
from workbook_templates.tables import policies
from workbook_templates.xlsx.package import Package


@cache
def _told() -> Explained:
    with speaking("zh"):
        return Explained(sample_computed("zh").package, "zh")


def _tree(cell: str, depth: int | None = None) -> Node:
    told = _told()
    with speaking("zh"):
        return told.explain(told.find(cell), depth)


def _leaves(node: Node) -> list[Node]:
    return [one for one in node.every() if not one.inputs and one.kind != tree.AGAIN]


@pytest.mark.parametrize("cell", ["bookings", "profit", "cockpit_message", "floor_target", "驾驶舱!H7", "指标!G26"])
def test_leaves_make_the_figure_again(cell: str) -> None:
    node = _tree(cell)
    assert node.value not in (None, "")
    with speaking("zh"):
        assert tree.same(_told().recomputed(node), node.value)
    assert {leaf.kind for leaf in _leaves(node)} <= {tree.TYPED, tree.POLICY, tree.BUTTON, tree.CONSTANT}


def test_figures_anywhere_are_made_again_from_their_leaves() -> None:
    """Cells drawn from all sheets, the register's and the statements' among them."""
    told = _told()
    found = [
        (name, *at)
        for name, sheet in told.package.sheets.items()
        for at, cell in sheet.cells_held.items()
        if cell.formula is not None and isinstance(cell.value, float) and not isinstance(cell.value, ErrorValue)
    ]
    drawn = random.Random(7).sample(sorted(found), 60)
    wrong = []
    with speaking("zh"):
        for key in drawn:
            node = told.explain(key)
            if not tree.same(told.recomputed(node), node.value):
                wrong.append((key, node.value, told.recomputed(node)))
    assert not wrong


def test_every_watch_leads_to_typed_cells() -> None:
    told = _told()
    sheet, ref = told.package.locate(watches.name_of("actual")) or ("", None)
    assert ref is not None
    with speaking("zh"):
        for row in range(ref.first_row, ref.last_row + 1):
            leaves = _leaves(told.explain((sheet, row, ref.first_col)))
            assert leaves and {leaf.kind for leaf in leaves} <= {tree.TYPED, tree.POLICY, tree.BUTTON, tree.CONSTANT}


def test_a_leaf_left_out_is_noticed() -> None:
    """The proof is one: without one of its areas the figure comes out differently."""
    told, node = _told(), _tree("profit")
    with speaking("zh"):
        areas = told.areas(node)
        whole = told.tracer.recomputed(areas, told.find("profit"), {n.where for n in node.every() if n.kind == tree.POLICY})
        less = told.tracer.recomputed([a for a in areas if "成交" not in a.where[0]], told.find("profit"))
    assert whole == node.value and less != node.value


def test_a_setting_says_since_when_and_by_whom() -> None:
    node = _tree("floor_target")
    settings = [one for one in node.every() if one.kind == tree.POLICY]
    assert settings and all("自 2027-" in one.more[0] for one in settings)
    changed = {change.key for change in _told().dated}
    assert changed  # the sample has rows of PolicyChanges
    key = next(iter(changed))
    change = next(c for c in _told().dated if c.key == key)
    name = "plan_" + key.replace(".", "_")
    today = _told().day
    day = max((c.day for c in _told().dated if c.key == key and today is not None and c.day <= today), default=None)
    told = _tree(name)
    assert told.kind == tree.POLICY and (day is None or (str(day) in told.more[0] and change.by in told.more[0]))


def test_pay_leads_to_the_ledger_its_order_and_its_facts() -> None:
    """An account's 应发 is its parts; a part the ledger's rows of that person and month; a row names its order and reason."""
    told = _told()
    accounts = told.package.tables["Accounts"]
    paid = next(n for n, header in enumerate(accounts.headers) if header == "应发")
    released = next(n for n, header in enumerate(accounts.headers) if header == "计提可发")
    sheet = told.package.sheets[accounts.sheet]
    data = accounts.data
    row = next(
        r
        for r in range(data.first_row, data.last_row + 1)
        if (c := sheet.get((r, data.first_col + released))) is not None and c.value
    )
    with speaking("zh"):
        node = told.explain((accounts.sheet, row, data.first_col + paid))
    assert node.kind == tree.BUTTON and "计算提成" in node.more[0]
    part = next(one for one in node.inputs if one.what.endswith("计提可发"))
    rows = [one for one in part.inputs if one.what.startswith("提成台账")]
    assert rows and sum(float(str(one.value)) for one in rows) == pytest.approx(float(str(part.value)), abs=0.005)
    with speaking("zh"):
        assert told.adds_up(node) is told.adds_up(part) is True and told.adds_up(rows[0]) is None
        part.inputs.append(part.inputs[0])
        assert told.adds_up(part) is False
    below = [one.what for one in rows[0].inputs]
    assert any(what.startswith("成交 D27-") for what in below) and "计算过程" in below
    # Definition: also the policy with its date, and who approved.
    assert any("批准人" in more for one in (node, rows[0]) for more in one.more)
    settings = [one for one in rows[0].inputs if one.kind == tree.POLICY]
    assert {"提成毛利率档（下限）", "提成比例"} <= {one.what for one in settings}
    assert all("自 " in one.more[0] and one.said for one in settings)
    assert any(what.startswith("提成规则") for what in below)


def test_a_cell_is_found_as_people_write_it() -> None:
    told = _told()
    with speaking("zh"):
        assert told.find("驾驶舱!$B$7") == told.find("'驾驶舱'!B7") == ("驾驶舱", 7, 2)
        assert told.find("Profit".lower())[0] == "11 费用"
        for wrong, said in (
            ("没有!A1", "没有工作表“没有”"),
            ("十二", "不是单元格"),
            ("驾驶舱!", "不是单元格"),
            ("驾驶舱!ZZZ99999999", "在工作表之外"),
            ("驾驶舱!B0", "在工作表之外"),
            ("驾驶舱!XFE1", "在工作表之外"),
        ):
            with pytest.raises(Refused, match=said):
                told.find(wrong)
        with pytest.raises(Refused, match="是空的"):
            told.explain(("驾驶舱", 400, 2))


def test_what_is_typed_or_written_is_its_own_source() -> None:
    """A name, a day, a row of the ledger: nothing computes it, so nothing can differ from it."""
    told, chosen, kinds = _told(), random.Random(4), set()
    for name in ("成交", "客户", "人员", "提成台账", "审批记录", "驾驶舱", "商机"):
        cells = [
            (at, cell) for at, cell in told.package.sheets[name].cells().items() if cell.value is not None and not cell.formula
        ]
        for at, _ in chosen.sample(cells, 4):
            with speaking("zh"):
                node = told.explain((name, *at), 0)
            if node.kind in (tree.TYPED, tree.BUTTON, tree.POLICY):
                kinds.add((node.kind, type(node.value)))
                assert told.recomputed(node) == node.value is not None
    assert {(tree.TYPED, str), (tree.TYPED, float), (tree.BUTTON, str), (tree.BUTTON, float)} <= kinds


def test_a_formula_that_reads_its_own_column_ends() -> None:
    """A running sum: each cell reads the one above; the area is walked once."""
    cells: dict[tuple[int, int], CellIn | float] = {(1, 2): 5.0}
    for row in range(1, 13):
        cells[row, 3] = CellIn(value=5.0 * row, formula=f"=N(C{row - 1})+$B$1" if row > 1 else "=$B$1")
    tracer = Tracer(CellBook({"S": cells}), {})
    area = tracer.area(("S", 1, 3, 12, 3))
    assert len(area.formulas) == 2 and area.formulas[1].count == 11
    assert tracer.recomputed([area, tracer.area(("S", 1, 2, 1, 2))], ("S", 12, 3)) == 60.0


def test_index_and_match_by_a_word_lead_to_one_cell() -> None:
    cells: dict[tuple[int, int], CellIn | float | str] = {(r, 1): f"k{r}" for r in (1, 2, 3)}
    cells |= {(r, 2): 10.0 * r for r in (1, 2, 3)}
    cells[5, 1] = CellIn(value=20.0, formula='=INDEX($B$1:$B$3,MATCH("k2",$A$1:$A$3,0))')
    tracer = Tracer(CellBook({"S": cells}), {})
    (found,) = tracer.area(("S", 5, 1, 5, 1)).formulas
    assert found.reads == (("S", 2, 2, 2, 2), ("S", 1, 1, 3, 1))


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=SUM(first:last)", 30.0),  # between two names, both on another sheet
        ("=SUM(T!B1:T!B2)", 30.0),
        ('=INDEX(T!$C$1:$C$3,2)&""', ""),  # all that is read is blank: the sheet is there nevertheless
        ("=IF(COUNTBLANK(T!C1:C3)=3,1,2)", 1.0),
        ('=IFERROR(IF(T!C2="","–",T!C2),"lost")', "–"),
    ],
)
def test_nothing_that_a_formula_reads_is_left_out(formula: str, value: float | str) -> None:
    cells: dict[tuple[int, int], CellIn | float | str] = {(1, 1): CellIn(value=value, formula=formula)}
    tracer = Tracer(CellBook({"S": cells, "T": {(1, 2): 10.0, (2, 2): 20.0}}, (), {"first": "T!$B$1", "last": "T!$B$2"}), {})
    area = tracer.area(("S", 1, 1, 1, 1))
    read = [tracer.area(where) for group in area.formulas for where in group.reads]
    assert tracer.recomputed([area, *read], ("S", 1, 1)) == value


def test_the_command_tells_and_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(sample_computed("zh").package.to_bytes())
    before = path.read_bytes()
    assert cli.main(["explain", str(path), "profit", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert "复算一致" in json.dumps(said, ensure_ascii=False) and path.read_bytes() == before
    assert cli.main(["explain", str(path), "profit", "--depth", "two"]) != 0
    stale = Package.open(path)
    sheet, ref = stale.locate("bookings") or ("", None)
    assert ref is not None
    stale.sheets[sheet].set_cached({(ref.first_row, ref.first_col): 1.0})
    path.write_bytes(stale.to_bytes())
    capsys.readouterr()
    cli.main(["explain", str(path), "bookings", "--lang", "zh"])
    assert "与单元格不同" in capsys.readouterr().out


def test_what_reads_very_much_needs_no_recalculation_while_the_seal_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half the plan stands behind the master check: the seal says that it is computed; a plan that was touched is computed anew."""
    path = sample_plan("zh", tmp_path)
    assert recalc.current(Package.open(path))
    for cell, proof in (("master_check", "sealed"), ("bookings", "recomputed")):
        assert cli.main(["explain", str(path), cell, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["proof"], told["same"]) == (proof, True)
    stale = Package.open(path)
    sheet, ref = stale.locate("master_check") or ("", None)
    assert ref is not None
    stale.sheets[sheet].set_cached({(ref.first_row, ref.first_col): "3"})
    path.write_bytes(stale.to_bytes())
    assert not recalc.current(Package.open(path))
    cli.main(["explain", str(path), "master_check", "--json", "--lang", "zh"])
    told = json.loads(capsys.readouterr().out)
    assert (told["proof"], told["same"]) == ("recomputed", False)


def test_what_reads_very_much_is_told_in_lines_that_somebody_reads() -> None:
    """The master check reads every check; all of it is in --json."""
    with speaking("zh"):
        node = _tree("master_check")
        told = list(tree.lines(node, 3))
        assert len(told) < 150 and any("--json" in line for line in told)
    assert max(len(one.inputs) for one in node.every()) > tree.MOST_TOLD


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("IF(_xlfn.ANCHORARRAY(R33)=0,1,_xlfn.ANCHORARRAY(region_progress))", "=IF(R33#=0,1,region_progress#)"),
        ("_xlfn._xlws.FILTER(A1:A3,B1:B3)", "=FILTER(A1:A3,B1:B3)"),
        ("_xlfn.LET(_xlpm.x,1,_xlpm.x)", "=LET(x,1,x)"),
        ("[1]!SALES_TIER(Deals[[#This Row],[收入]])", "=SALES_TIER(Deals[@收入])"),
        ('A1&"see [1]! there"', '=A1&"see [1]! there"'),
        ("", ""),
    ],
)
def test_a_formula_is_shown_as_it_is_typed(stored: str, shown: str) -> None:
    """As Excel's formula bar has it: no prefix of a file, no ANCHORARRAY, texts as they are."""
    assert tree.typed(stored) == shown


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Cockpit!B7", ("驾驶舱", 7, 2)),
        ("cockpit!b7", ("驾驶舱", 7, 2)),
        ("'Screen1 Results'!B8", ("屏1业绩", 8, 2)),
        ("Customer care!F20", ("客户跟踪", 20, 6)),
    ],
)
def test_a_sheet_is_found_by_its_name_in_the_other_language(asked: str, found: tuple[str, int, int]) -> None:
    with speaking("zh"):
        assert _told().find(asked) == found


def _stamped(sheet: str, cell: str) -> Explained:
    """The sample after an action that the change log tells of."""
    package = Package.from_bytes(sample_computed("zh").package.to_bytes())
    log = package.tables["ChangeLog"]
    told = {"时间": 46203.5, "操作人": "li", "操作": "每日例行", "工作表": sheet, "单元格": cell, "原值": "1", "新值": "2"}
    values = {(log.data.last_row, log.data.first_col + n): told.get(head) for n, head in enumerate(log.headers)}
    package.sheets[log.sheet].set_values(values)
    return Explained(package, "zh")


@pytest.mark.parametrize(
    ("asked", "kind", "said"),
    [
        ("问题!B7", tree.CONSTANT, "随工作簿生成"),  # the key of a watch: nobody typed it
        ("指标!C11", tree.CONSTANT, "随工作簿生成"),  # the number of a month
        ("参数!C7", tree.TYPED, "填写"),
        ("客户!B20", tree.TYPED, "填写或导入"),
    ],
)
def test_what_nobody_types_is_not_said_to_be_typed(asked: str, kind: str, said: str) -> None:
    node = _tree(asked)
    assert (node.kind, node.more[0]) == (kind, said)


def test_a_cell_that_an_action_wrote_says_which_and_when() -> None:
    """The as-of date that the daily routine moved, a project that Record delivery opened: no column of a button, and yet not typed."""
    told = _stamped("参数", "C8")
    with speaking("zh"):
        assert told.explain(told.find("as_of")).more == ["由“每日例行”写入（2026-06-30，li）"]
        part = _stamped("客户", "B30:D31")
        one, column = part.explain(("客户", 30, 2)), part.explain(part.find("客户!P20"))
    assert one.more[0].startswith("由“每日例行”写入")
    assert any("填写或导入" in n.more[0] and "每日例行" in n.more[0] for n in column.every() if n.more) or column.inputs


def test_figures_of_a_tree_look_as_in_their_cells() -> None:
    """A year has no comma, a share is a percentage; an input's own text heads no column."""
    year, rate = _tree("plan_year"), _tree("问题!F54")
    assert isinstance(rate.value, float) and (year.said, rate.said) == ("2027", f"{rate.value:.2%}")
    assert (year.what, _tree("as_of").what) == ("计划年度", "截止日期")


def test_bookings_to_date_of_a_customer_are_the_plan_years() -> None:
    """As everywhere: an order of the year before is none of them, and where-from says so."""
    assert "DATE(plan_year,1,1)" in _tree("客户!P20").formula


def test_pay_goes_by_the_setting_of_the_deals_day() -> None:
    """A rate that changed in May: what was earned in April shows the old one, with since when it held and who decided."""
    told = _told()
    ledger = told.package.tables["Ledger"]
    day = told.naming.cell("Ledger", 0, "date")
    assert isinstance(day, float)
    began = serial_to_date(day - 3)
    assert isinstance(began, dt.date)
    later = Explained(told.package, "zh")
    later.dated = [
        policies.Change("commission.rates", began, "4% / 6% / 9%", "陈立", "提高"),
        policies.Change("commission.rates", began + dt.timedelta(days=300), "1% / 1% / 1%", "陈立", "降低"),
    ]
    amount = next(n for n, header in enumerate(ledger.headers) if header == "金额")
    with speaking("zh"):
        node = later.explain((ledger.sheet, ledger.data.first_row, ledger.data.first_col + amount))
    (rates,) = (one for one in node.inputs if one.what == "提成比例")
    assert rates.said == "4% / 6% / 9%" and rates.more == [f"自 {began} 起，决定人 陈立：提高"]
