"""A company's own words: four people in one line, and three hundred who say it in English."""

from __future__ import annotations

import argparse
import datetime as dt

import pytest

from addin.actions import commission, import_, words
from addin.book import FileBook
from addin.performing import perform
from udfs.text import Text, speaking
from workbook_templates import registry
from workbook_templates.answers import Refused
from workbook_templates.cells import Value
from workbook_templates.engine.run import evaluate_formula
from workbook_templates.making import built, write_plan
from workbook_templates.page.builder import Plan
from workbook_templates.tables import own_words
from workbook_templates.tables.schema import LEVELS, LINES, PRODUCT_LINES, Company, table
from workbook_templates.tables.spec import Word
from workbook_templates.tables.words import STATEMENTS
from workbook_templates.upgrade.upgrading import company_of
from workbook_templates.xlsx.package import Package

FOUR = [
    ("levels", "老板", "老板", "director"), ("levels", "店员", "店员", "representative"), ("lines", "门店", "门店", None),
    ("product_lines", "硬件", "硬件", None), ("product_lines", "维保", "维保", None),
    ("customer_kinds", "首单", "new", None), ("customer_kinds", "复购", "existing", None),
    ("statements", "佣金单", "statement", None),
]  # fmt: skip


def rows_of(listed):
    return [{"list": of, "name": name, "in_force": name, "code": code, "like": like} for of, name, code, like in listed]


def parsed(action, *args):
    parser = argparse.ArgumentParser()
    action.ACTION.declare(parser)
    options = parser.parse_args(list(args))
    options.plan = "plan.xlsx"
    return options


def texts(package):
    """Every text of a plan and of its rules, but the change log's."""
    for name, sheet in package.sheets.items():
        if name in ("变更记录", "用词"):
            continue
        for at, cell in sheet.cells().items():
            yield name, at, f"{cell.value if isinstance(cell.value, str) else ''}{cell.formula or ''}"
        for node in sheet.root.iter():
            if isinstance(node.tag, str) and "formula" in node.tag:
                yield name, None, node.text or ""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A shop of four people, a deal signed."""
    joined = dt.date(2027, 1, 1)
    people = [
        {"id": f"E{n}", "name": name, "level": "老板" if not n else "店员", "line": "门店", "joined": joined, "manager": "E0" if n else None}
        for n, name in enumerate(("王一", "李二", "赵三", "孙四"))
    ]  # fmt: skip
    rows = {
        "Words": rows_of(FOUR),
        "People": people,
        "Quotas": [{"person": p["id"], "name": p["name"], "weight": 1.0} for p in people[1:]],
    }
    path = tmp_path_factory.mktemp("shop") / "plan.xlsx"
    write_plan(Company("四人店", 2027, dt.date(2027, 6, 30), rows=rows, chapters=registry.with_needs({5})), path)
    return path


def test_words_of_a_list_are_ours_until_a_plan_says_otherwise():
    assert [w.label.zh for w in LINES] == ["行业", "区域", "场景"] and [w.label.zh for w in PRODUCT_LINES][:3] == [
        "旗舰 Ultra", "经济 Eco", "定制 Flex",
    ]  # fmt: skip
    assert table("People")["line"].code("直销") == "direct"  # today's words are read
    with own_words.wording(own_words.in_force(rows_of(FOUR))):
        assert (
            [w.label.zh for w in LINES] == ["门店"] and len(LEVELS[:1]) == 1 and table("People")["level"].code("店员") == "店员"
        )
        assert table("People")["line"].code("行业") == "行业"  # none of this company's
        assert LEVELS.like("老板") == "director" and LEVELS.like("x") == "" and STATEMENTS.label("statement").zh == "佣金单"
        assert table("Deals")["customer_kind"].code("新客户") == "new"  # what we call it is read on
        assert STATEMENTS.label("dealer").zh == "返利对账单"
    assert len(LINES) == 3


def test_our_own_words_can_be_swapped():
    """A name that one of the company's words has means that word, whatever we called it."""
    listed = [("lines", "区域", "direct", None), ("lines", "行业", "channel", None)]
    with own_words.wording(own_words.in_force(rows_of(listed))):
        assert [table("People")["line"].code(name) for name in ("区域", "行业", "直销")] == ["direct", "channel", "direct"]


def test_four_people_in_one_line(shop, tmp_path):
    file = tmp_path / "deals.csv"
    file.write_text(
        "单号,签单日期,客户编号,主办工号,收入,成本,产品线,新老客户\nA1,2027-03-05,C1,E1,1000,600,硬件,首单\n", encoding="utf-8"
    )
    book = FileBook.open(shop)
    perform(import_.ACTION, book, parsed(import_, str(file)), backup=False)
    perform(commission.ACTION, FileBook.open(shop), parsed(commission), backup=False)
    book = FileBook.open(shop)
    assert [(r["line"], r["customer_kind"]) for r in book.read("Deals").rows] == [("硬件", "new")]
    assert [r["commission"] for r in book.read("Ledger").rows if r["kind"] == "accrual"] == pytest.approx(
        [20.5]
    )  # of the margin 200 at 3%, 50 at 5%, 150 at 8%
    assert not [f for f in book.findings() if f.level == "error"]
    said = " ".join(text for _, _, text in texts(book.package))
    assert "直销" not in said and "旗舰" not in said


def test_renaming_carries_through(shop, tmp_path):
    with pytest.raises(Refused) as caught:
        perform(words.ACTION, FileBook.open(shop), parsed(words, "--rename", "行业=直营"), backup=False)
    assert "门店" in caught.value.text.zh
    told = perform(words.ACTION, FileBook.open(shop), parsed(words, "--add", "层级=店长", "--remove", "店员"), backup=False)
    assert {"like", "level"} <= {_column(p, FileBook.open(shop)) for p in told.outcome.problems}
    done = perform(
        words.ACTION,
        FileBook.open(shop),
        parsed(words, "--rename", "门店=直营店", "--rename", "佣金单=佣金结算单", "--add", "条线=电商"),
        backup=False,
    )
    assert done.written and "门店 → 直营店" in done.outcome.summary.zh
    book = FileBook.open(shop)
    assert {row["line"] for row in book.read("People").rows} == {"门店"}  # the code stays
    # The check of People takes what the word was called for the same word.
    left = [(name, at, text) for name, at, text in texts(book.package) if "门店" in text and name != "检查"]
    assert not left
    everything = [text for _, _, text in texts(book.package)]
    assert '"直营店,电商"' in everything  # drop-downs
    assert {"直营店", "电商"} <= {text for name, _, text in texts(book.package) if name == "团队基金"}
    assert not [f for f in book.findings() if f.level == "error"]
    with own_words.wording(book.words):
        assert STATEMENTS.label("statement").zh == "佣金结算单"
    again = perform(words.ACTION, book, parsed(words), backup=False)
    assert not again.written


def _column(problem, book):
    """Which column a problem is of."""
    for name in ("Words", "People"):
        held = book.read(name)
        if held.grid.sheet == problem.sheet:
            return next((key for key, place in held.places.items() if place == problem.column), "like")
    return ""


def test_three_hundred_people_in_english():
    listed = [
        ("levels", "VP Sales", "vp", "director"), ("levels", "Team lead", "lead", "manager"), ("levels", "Account exec", "ae", "representative"),
        *(("lines", name, name, None) for name in ("Enterprise", "Mid-market", "SMB", "Public sector", "Online")),
        *(("product_lines", name, name, None) for name in ("Core", "Pro", "Max", "Edge", "Care", "Labs")),
    ]  # fmt: skip
    lines = ("Enterprise", "Mid-market", "SMB", "Public sector", "Online")
    levels = {0: "vp"} | dict.fromkeys(range(1, 31), "lead")
    people = [
        {
            "id": f"P{n:03}",
            "name": f"Person {n}",
            "level": levels.get(n, "ae"),
            "line": lines[n % 5],
            "joined": dt.date(2027, 1, 1),
        }
        for n in range(300)
    ]
    package = Package(
        built(
            Company("Example Ltd", 2027, dt.date(2027, 6, 30), rows={"Words": rows_of(listed), "People": people}), "en"
        ).to_bytes()
    )
    said = [text for _, _, text in texts(package)]
    assert '"VP Sales,Team lead,Account exec"' in said and '"Enterprise,Mid-market,SMB,Public sector,Online"' in said
    whole = " ".join(said)
    assert "Industry,Region,Scenario" not in whole and "Ultra" not in whole
    read = company_of(package)
    assert [(row["level"], row["line"]) for row in read.of("People")] == [(p["level"], p["line"]) for p in people]
    assert Text("Labs", "Labs").en in said


@pytest.mark.parametrize(("like", "counted"), [((), 0), (("director",), 1), (("director", "director"), 2)])
def test_a_condition_counts_the_words_that_mean_it_in_every_program(like: tuple[str, ...], counted: int) -> None:
    """Excel takes FALSE for more than 0, LibreOffice does not: a comparison with a number is never of a truth value."""
    named = [Word(f"w{number}", Text(f"甲{number}", f"A{number}"), like=code) for number, code in enumerate(like)]
    with speaking("zh"):
        found = Plan("zh", Company("公司", 2027), strict=False).counts_as("A1:A4", named, "director")
    cells: dict[str, Value] = {"A1": "甲0", "A2": "甲1", "A3": "乙", "A4": None}
    assert evaluate_formula(f"=SUMPRODUCT({found}*1)", cells=cells) == counted
