"""Plans as DataFrames, and functions that take and give them.

What a frame must hold is what ``FileBook.read`` gives, row by row.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.table import Table

import udfs
from addin.book import FileBook
from tests.actions.steps import do
from tests.foreign import own_workbook
from tests.plans import sample_plan
from tests.small_plan import small_plan
from udfs.formula import UsageError
from udfs.text import speaking
from udfs.values import ExcelError, date_to_serial
from workbook_templates import open_plan
from workbook_templates.answers import Refused
from workbook_templates.cells import ErrorValue
from workbook_templates.frames import UnknownTable, UnusableCells
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Column, Company
from workbook_templates.xlsx.package import Package, serial

DTYPES = {
    **dict.fromkeys(("number", "money", "fen", "rate", "score"), np.dtype("float64")),
    "int": pd.Int64Dtype(),
    **dict.fromkeys(("date", "time"), np.dtype("datetime64[s]")),
    "flag": pd.BooleanDtype(),
}


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("plans")
    return {lang: sample_plan(lang, folder) for lang in ("zh", "en")}


@pytest.fixture
def deals(plans: dict[str, Path]) -> pd.DataFrame:
    return open_plan(plans["en"])["Deals"]


def cell_back(column: Column, value: Any) -> Any:
    """A frame's value as a row of ``FileBook.read`` has it."""
    if pd.isna(value):
        return None
    match column.kind:
        case "date":
            return value.date()
        case "time":
            return serial(value.to_pydatetime())
        case "flag":
            return "yes" if value else "no"
        case "int":
            return float(value)
    return value


def put(path: Path, table: str, cells: dict[tuple[int, str], Any]) -> Path:
    """Change cells by (row of the Table from 0, column key)."""
    package = Package.open(path)
    held = FileBook(package).read(table)
    package.sheets[held.grid.sheet].set_values({held.at(row, key): value for (row, key), value in cells.items()})
    package.save(backup=False)
    return path


# ------------------------------------------------------------------------------------------------------------------ reading


def _second(value: Any) -> int | None:
    """A moment, or a day's number, to the second."""
    if value is None:
        return None
    return round((date_to_serial(value) if isinstance(value, dt.datetime) else value) * 86400)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_table_says_what_the_book_reads(plans: dict[str, Path], lang: str) -> None:
    book, plan = FileBook.open(plans[lang]), open_plan(plans[lang])
    assert list(plan) == list(schema.TABLES) and len(plan) == len(schema.TABLES)
    for name, spec in schema.TABLES.items():
        frame, rows = plan[name], book.read(name).rows
        assert list(frame.columns) == [c.key for c in spec.columns]
        for column in spec.columns:
            back = [cell_back(column, value) for value in frame[column.key]]
            wanted = [row[column.key] for row in rows]
            if column.kind == "time":  # to the second
                back, wanted = ([_second(v) for v in side] for side in (back, wanted))
            assert back == wanted, (name, column.key)
        assert frame.attrs["problems"] == [] and frame.attrs["absent"] == []


def test_dtypes_follow_the_kinds_also_where_nothing_is_filled_in(plans: dict[str, Path], tmp_path: Path) -> None:
    empty = small_plan(tmp_path / "empty.xlsx", Company("None", 2027))
    for path in (plans["zh"], empty):
        plan = open_plan(path)
        for name, spec in schema.TABLES.items():
            frame = plan[name]
            for column in spec.columns:
                found = frame[column.key].dtype
                if column.words and column.kind != "flag":
                    assert isinstance(found, pd.CategoricalDtype), (name, column.key)
                    assert list(found.categories)[: len(column.words)] == [w.code for w in column.words]
                else:
                    assert found == DTYPES.get(column.kind, pd.StringDtype()), (name, column.key)
    assert len(open_plan(empty)["Deals"]) == 0


@pytest.mark.parametrize("labels", ["zh", "en"])
def test_labels_are_the_headers_and_words_of_either_language(plans: dict[str, Path], labels: Any) -> None:
    keyed, labelled = open_plan(plans["en"]), open_plan(plans["en"], labels=labels)
    for name, spec in schema.TABLES.items():
        frame = labelled[name]
        assert list(frame.columns) == [getattr(c.header, labels) for c in spec.columns]
        for column in spec.columns:
            if column.words and column.kind != "flag":
                said = {w.code: getattr(w.label, labels) for w in column.words}
                wanted = [said.get(v, v) for v in keyed[name][column.key].dropna()]
                assert frame[getattr(column.header, labels)].dropna().tolist() == wanted
    frame = open_plan(plans["en"], labels="zh")["Deals"]
    assert frame.attrs["title"] == schema.table("Deals").title.zh
    assert frame.attrs["units"]["收入"] == "元"


def test_attributes_say_title_units_and_what_is_calculated(deals: pd.DataFrame) -> None:
    assert deals.attrs["table"] == "Deals" and deals.attrs["title"] == schema.table("Deals").title.en
    assert deals.attrs["units"]["revenue"] == "yuan" and deals.attrs["headers"]["revenue"] == "Revenue"
    assert sorted(deals.attrs["calculated"]) == ["margin", "margin_rate", "partner_revenue", "seller_revenue"]
    # The calculated columns hold what the workbook's own formulas came to.
    assert (deals["margin"] - (deals["revenue"] - deals["cost"])).abs().max() < 0.005


def test_a_look_alike_is_offered(plans: dict[str, Path]) -> None:
    plan = open_plan(plans["zh"])
    assert "Deals" in plan and "Deal" not in plan and plan.get("Deal") is None
    for asked in ("Deal", "deals", schema.table("Deals").title.zh):
        with pytest.raises(UnknownTable) as caught:
            plan[asked]
        assert isinstance(caught.value, KeyError) and "Did you mean Deals" in caught.value.text.en
    with speaking("zh"), pytest.raises(KeyError, match="是否想用"):
        plan["Deal"]


def test_what_is_no_workbook_is_refused(plans: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"no workbook")
    with pytest.raises(Refused, match=r"x\.xlsx"):
        open_plan(path)
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.save(tmp_path / "mac.xlsx")
    with pytest.raises(Refused, match="1904"):
        open_plan(tmp_path / "mac.xlsx")
    with pytest.raises(ValueError, match="labels"):
        open_plan(plans["en"], labels="fr")  # type: ignore[arg-type]


def test_the_file_is_never_changed(plans: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(plans["zh"].read_bytes())
    os.utime(path, (1, 1))
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        plan = open_plan(path)
        for frame in plan.values():
            frame.iloc[:, 0] = pd.NA
        assert plan["Deals"]["id"].notna().all(), "a frame is the caller's own"
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert digest == hashlib.sha256(plans["zh"].read_bytes()).hexdigest() and path.stat().st_mtime == 1
        assert list(tmp_path.iterdir()) == [path]
    finally:
        tmp_path.chmod(0o755)


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import udfs; udfs.catalogue()", "pandas scipy openpyxl xlwings lxml formualizer"),
        ("import workbook_templates", "pandas scipy openpyxl xlwings lxml formualizer numpy workbook_templates.xlsx"),
        ("import workbook_templates.frames", "pandas scipy openpyxl xlwings formualizer"),
        ("import addin.cli", "pandas scipy openpyxl xlwings formualizer"),
        # Some command still reaches the writer of new workbooks when it is loaded: openpyxl is not in this list.
        ("import addin.cli; addin.cli.commands()", "pandas scipy xlwings"),
    ],
)
def test_no_heavy_library_comes_with_an_import(statement: str, absent: str) -> None:
    code = f"import sys\n{statement}\nprint([m for m in {absent.split()} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


# ------------------------------------------------------------------------------------------------------- unusable cells


BAD = {
    (0, "revenue"): ErrorValue("#DIV/0!"),
    (1, "revenue"): "about 5k",
    (2, "date"): "soon",
    (3, "seller_share"): True,
    (4, "revenue"): None,  # blank: no problem, only missing
}


@pytest.fixture
def damaged(plans: dict[str, Path], tmp_path: Path) -> Path:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(plans["en"].read_bytes())
    return put(path, "Deals", BAD)


def test_unusable_cells_are_missing_with_a_warning_and_a_reason(damaged: Path) -> None:
    with speaking("en"), pytest.warns(UnusableCells, match="Deals: 4 unusable cells.*soon") as told:
        frame = open_plan(damaged)["Deals"]
    assert told[0].filename == __file__, "the warning names the line that asked"
    assert frame["revenue"].dtype == "float64" and frame["date"].dtype == "datetime64[s]"
    for row, key in BAD:
        assert pd.isna(frame.loc[row, key])
    problems = {(p["row"], p["column"]): p for p in frame.attrs["problems"]}
    assert problems.keys() == {at for at, value in BAD.items() if value is not None}
    assert problems[1, "revenue"]["value"] == "about 5k" and "not a number" in problems[1, "revenue"]["reason"].en
    sheet, _, at = problems[0, "revenue"]["cell"].partition("!")
    assert openpyxl.load_workbook(damaged)[sheet][at].value == "#DIV/0!"


def test_a_formula_without_a_saved_result_is_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["a", "b"], [1, "=A2*2"], [2, "=A3*2"]):
        sheet.append(row)
    sheet.add_table(Table(displayName="Mine", ref="A1:B3"))
    book.save(tmp_path / "x.xlsx")
    with pytest.warns(UnusableCells, match="recalc"):
        frame = open_plan(tmp_path / "x.xlsx")["Mine"]
    assert frame["a"].tolist() == [1.0, 2.0] and frame["b"].isna().all()


def test_a_table_of_ones_own_gets_its_kinds_from_its_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    far = dt.date(9999, 12, 31)  # beyond nanoseconds
    for row in (
        ["day", "when", "n", "yes", "said"],
        [far, dt.datetime(2027, 1, 1, 9, 30), 0.07, True, "x"],
        [None, None, 2, False, 7],
    ):
        sheet.append(row)
    sheet.add_table(Table(displayName="Mine", ref="A1:E3"))
    book.save(tmp_path / "x.xlsx")
    plan = open_plan(tmp_path / "x.xlsx")
    assert list(plan) == ["Mine"]
    frame = plan["Mine"]
    assert frame["day"][0] == np.datetime64("9999-12-31", "s") and pd.isna(frame["day"][1])
    assert frame["when"][0] == pd.Timestamp("2027-01-01 09:30")
    assert frame["n"].tolist() == [0.07, 2.0] and frame["yes"].tolist() == [True, False] and frame["said"].tolist() == ["x", "7"]


def test_a_companys_own_workbook_is_read_through_its_mapping(tmp_path: Path) -> None:
    path = own_workbook(tmp_path / "订单.xlsx")
    do("adopt", path, confirm=True, add=["Ledger", "Quotas"])
    plan, rows = open_plan(path), FileBook.open(path).read("Deals").rows
    frame = plan["Deals"]
    assert len(frame) == len(rows) > 0 and "订单表" not in plan
    for key in ("id", "seller", "revenue", "cost"):
        assert [None if pd.isna(v) else v for v in frame[key]] == [row[key] for row in rows]
    assert set(frame.attrs["absent"]) >= {"seller_revenue"} and frame["seller_revenue"].isna().all()


def test_a_mapping_nobody_confirmed_is_refused(tmp_path: Path) -> None:
    path = own_workbook(tmp_path / "订单.xlsx")
    do("adopt", path)
    with pytest.raises(Refused, match="尚未确认"):
        open_plan(path)["Deals"]


def test_a_frame_can_be_kept_with_its_reasons(damaged: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    with pytest.warns(UnusableCells):
        frame = open_plan(damaged)["Deals"]
    frame.to_parquet(tmp_path / "deals.parquet")
    again = pd.read_parquet(tmp_path / "deals.parquet")
    assert [p["cell"] for p in again.attrs["problems"]] == [p["cell"] for p in frame.attrs["problems"]]
    assert udfs.call("COMMISSION", again["revenue"], again["margin_rate"])[0] == "#DIV/0!"


# ------------------------------------------------------------------------------------------------------------- functions


def test_a_series_gives_a_series_with_its_index(deals: pd.DataFrame) -> None:
    some = deals.set_index("id").iloc[10:40]
    out = udfs.call("COMMISSION", some["revenue"], some["margin_rate"])
    rows = udfs.call("COMMISSION", [[v] for v in some["revenue"]], [[v] for v in some["margin_rate"]])
    assert out.tolist() == [row[0] for row in rows]
    assert out.index.equals(some.index) and out.name == "COMMISSION" and out.dtype == "float64"
    alone = udfs.call("COMMISSION", some["revenue"], 0.3)
    assert alone.tolist() == [udfs.call("COMMISSION", v, 0.3)[0][0] for v in some["revenue"]]
    assert udfs.find("COMMISSION")(some["revenue"], 0.3).equals(alone)


def test_parts_and_blocks_give_frames(deals: pd.DataFrame) -> None:
    som = pd.Series([1e9, 2e9], index=["north", "south"])
    with speaking("en"):
        parts = udfs.call("TARGETS", som)
    assert list(parts.index) == ["north", "south"] and list(parts.columns) == [str(c.en) for c in udfs.find("TARGETS").columns]
    assert parts.to_numpy().tolist() == udfs.call("TARGETS", [[1e9], [2e9]])
    block = deals[["revenue", "cost"]].head(3)
    out = udfs.call("ROI", block, 5)
    assert list(out.columns) == ["revenue", "cost"] and out.to_numpy().tolist() == udfs.call("ROI", block.to_numpy().tolist(), 5)
    mixed = udfs.call("ROI", block["cost"], block)  # the wider one says the columns
    assert list(mixed.columns) == ["revenue", "cost"]


def test_a_split_keeps_the_index_of_its_weights_and_a_table_has_its_own() -> None:
    weights = pd.Series([3, 2, 1], index=["a", "b", "c"])
    name = next(n for n, f in udfs.catalogue().items() if f.gives == ("like", "weights"))
    split = udfs.call(name, 600, weights)
    assert split.to_dict() == {"a": 300.0, "b": 200.0, "c": 100.0}
    bands = udfs.call("TIEREDBANDS", 2500, pd.Series([0, 1000]), pd.Series([0.01, 0.02]))
    assert isinstance(bands, pd.DataFrame) and list(bands.index) == [0, 1]
    assert bands.iloc[:, -1].tolist() == [10.0, 30.0]
    assert udfs.call("TIERED", 2500, pd.Series([0, 1000]), pd.Series([0.01, 0.02])) == 40.0


def test_errors_stand_in_the_result_and_are_listed() -> None:
    given = pd.Series([1_000_000, 5, "x"], index=["a", "b", "c"])
    out = udfs.call("COMMISSION", given, pd.Series([0.3, 30, 0.3], index=["a", "b", "c"]))
    assert out.tolist() == [12500.0, "#NUM!", "#VALUE!"] and out.dtype == object
    assert isinstance(out["b"], ExcelError) and "30" in out["b"].reason.en
    assert [(p["row"], p["value"]) for p in out.attrs["problems"]] == [("b", "#NUM!"), ("c", "#VALUE!")]
    again = udfs.call("ROI", out, 5)  # an error travels on with its reason
    assert again["b"].reason.en.endswith(out["b"].reason.en)


def test_a_blank_is_a_blank_and_an_unusable_cell_never_counts_as_nought(
    damaged: Path, plans: dict[str, Path], tmp_path: Path
) -> None:
    with pytest.warns(UnusableCells):
        bad = open_plan(damaged)["Deals"]
    out = udfs.call("COMMISSION", bad["revenue"], 0.3)
    assert out[0] == "#DIV/0!" and out[1] == "#N/A" and "about 5k" in out[1].reason.en and isinstance(out[4], ExcelError)
    assert isinstance(out[5], float)
    moved = bad.iloc[::-1].reset_index(drop=True)  # other labels: still no missing value passes for 0
    n = len(moved)
    out = udfs.call("COMMISSION", moved["revenue"], 0.3)
    assert all(isinstance(out[n - 1 - k], ExcelError) for k in (0, 1, 4))
    assert udfs.call("COMMISSION", pd.Series([1e6, None]), 0.3).tolist() == [12500.0, udfs.call("COMMISSION", None, 0.3)[0][0]]


def test_rows_are_never_paired_by_chance(deals: pd.DataFrame) -> None:
    first, second = deals["revenue"].iloc[:5], deals["margin_rate"].iloc[5:10]
    with speaking("en"), pytest.raises(UsageError, match="same rows"):
        udfs.call("COMMISSION", first, second)
    with speaking("en"), pytest.raises(UsageError, match="another order"):
        udfs.call("TIERED", 2500, pd.Series([0, 1000], ["a", "b"]), pd.Series([0.02, 0.01], ["b", "a"]))


def test_no_rows_in_no_rows_out(deals: pd.DataFrame) -> None:
    out = udfs.call("COMMISSION", deals["revenue"].iloc[:0], deals["margin_rate"].iloc[:0])
    assert isinstance(out, pd.Series) and len(out) == 0
    parts = udfs.call("TARGETS", deals["revenue"].iloc[:0])
    assert isinstance(parts, pd.DataFrame) and parts.shape == (0, 3)


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        (pd.Series(pd.to_datetime(["2027-03-01", None])), [[dt.date(2027, 3, 1)], [None]]),
        (pd.Series(pd.to_datetime(["2027-03-01 12:00"])), [[dt.datetime(2027, 3, 1, 12)]]),
        (pd.Series(pd.PeriodIndex(["2027-03"], freq="M")), [["2027-03"]]),
        (pd.Series(pd.PeriodIndex(["2027Q3"], freq="Q")), [["2027-Q3"]]),
        (pd.Series([1, None], dtype="Int64"), [[1], [None]]),
        (pd.Series([True, None], dtype="boolean"), [[True], [None]]),
        (pd.Series(["a", None], dtype="category"), [["a"], [None]]),
        (pd.Series(["a", None], dtype="string"), [["a"], [None]]),
        (pd.DataFrame({"a": [1, 2], "b": ["x", None]}), [[1, "x"], [2, None]]),
        (pd.DataFrame({"a": []}), [[None]]),
    ],
)
def test_cells_of_every_dtype(given: Any, plain: list[list[Any]]) -> None:
    from udfs.frames import cells_of

    cells = cells_of(given)
    assert cells == plain and [[type(c) for c in row] for row in cells] == [[type(c) for c in row] for row in plain]


def test_every_example_of_the_catalogue_is_the_same_through_pandas() -> None:
    """An argument that is a column or a block goes in as a frame; what comes out holds the same cells."""
    tried = 0
    for function in udfs.catalogue().values():
        for arguments, _ in function.examples:
            framed = [pd.DataFrame(a) if isinstance(a, list) and a and isinstance(a[0], list) else a for a in arguments]
            if not any(isinstance(a, pd.DataFrame) for a in framed):
                continue
            tried += 1
            plain, out = function.cells(*arguments), udfs.call(function.name, *framed)
            cells = (
                [[out]]
                if not isinstance(out, pd.Series | pd.DataFrame)
                else [list(r) for r in pd.DataFrame(out).itertuples(index=False)]
            )
            back = [
                [None if not isinstance(c, list) and pd.isna(c) else c.date() if isinstance(c, pd.Timestamp) else c for c in r]
                for r in cells
            ]
            assert back == list(plain), function.name
    assert tried > 3
