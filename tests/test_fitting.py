"""A file imported without saying into which Table: the plan says which Table its columns are those of (deals are the default)."""

from __future__ import annotations

import pytest

from addin import cli
from tests.actions.test_cycle import plan
from udfs.text import LANGUAGES, speaking
from workbook_templates.answers import Refused, offered
from workbook_templates.chapters import sample_june
from workbook_templates.chapters.sample_exports import NAMES, exports
from workbook_templates.intake import own_workbook
from workbook_templates.intake.files import RawRow
from workbook_templates.intake.importing import NotItsColumns, fitting, layout
from workbook_templates.tables import schema

DEALS = schema.table("Deals")
OTHERS = [schema.table(name) for name in own_workbook.importable() if name != "Deals"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("spec", OTHERS, ids=lambda spec: spec.name)
def test_a_file_with_the_headers_of_a_table_is_known_for_it(spec: schema.TableSpec, lang: str) -> None:
    rows = [RawRow(1, tuple(getattr(column.header, lang) for column in spec.inputs))]
    with pytest.raises(NotItsColumns) as refused:
        layout(rows, DEALS)
    assert fitting(rows, OTHERS, refused.value.matched) == [spec]


def test_deals_that_lack_a_column_are_nobody_elses() -> None:
    rows = [RawRow(1, ("单号", "签单日期", "客户编号", "主办工号", "收入"))]
    with pytest.raises(NotItsColumns) as refused:
        layout(rows, DEALS)
    assert fitting(rows, OTHERS, refused.value.matched) == [] and "成本" in refused.value.text.zh


@pytest.mark.parametrize(
    ("headers", "table"),
    [
        ("Deal ID,Date,Amount,Kind,Invoice\nD1,2027-03-28,250000,payment,INV-081\n", "Collections"),
        ("单号,回款日期,回款金额,类型\nD1,2027-03-28,250000,回款\n", "Collections"),
        ("Person,From,Until,Reason,By\nP1,2027-02,2027-03,audit,Chen\n", "Holds"),
        ("工号,姓名,层级,条线,入职日期\nP9,李,代表,行业,2020-01-01\n", "People"),
    ],
)
def test_the_command_says_which(headers: str, table: str, tmp_path, monkeypatch, capsys) -> None:
    path = plan(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text(headers, encoding="utf-8")
    before = path.read_bytes()
    for order in (["plan.xlsx", "rows.csv"], ["rows.csv", "plan.xlsx"]):
        assert cli.main(["import", *order, "--lang", "en"]) == cli.FAILED
        said = capsys.readouterr().err
        assert f"--table {table}" in said and "--map" not in said and path.read_bytes() == before


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_exports_beside_the_demo_are_known_for_what_they_are(lang: str) -> None:
    """Under the headers of other systems, none of them ours."""
    with speaking(lang):
        made = exports(sample_june.company(lang))
    assert [one.table for one in made] == list(NAMES)
    for one in made:
        rows = [
            RawRow(1, tuple(getattr(head, lang) for head in one.header)),
            *(RawRow(at, tuple(row)) for at, row in enumerate(one.rows, 2)),
        ]
        with pytest.raises(NotItsColumns) as refused:
            layout(rows, DEALS)
        assert fitting(rows, OTHERS, refused.value.matched)[0].name == one.table


def test_a_header_that_only_the_dictionary_knows_is_no_fault() -> None:
    """An invoice list's product column has no place in Transactions: it is not used."""
    found = layout([RawRow(1, ("发票号码", "开票日期", "客户编号", "金额", "产品"))], schema.table("Transactions"))
    assert found.unused == ("产品",)
    with pytest.raises(Refused):
        layout([RawRow(1, ("产品",))], schema.table("Transactions"))


@pytest.mark.parametrize(
    ("value", "known", "zh"),
    [
        ("Q0O1", ["Q001", "Q002"], "；是否想用 Q001"),
        ("NOPE", ["Q001", "Q001", "", "Q002"], "；现有 Q001、Q002"),
        ("NOPE", [f"Q{n:03}" for n in range(9)], "；现有 Q000、Q001、Q002、Q003、Q004 等 9 项"),
        ("NOPE", [], "：还一条都没有"),
    ],
)
def test_a_name_that_is_none_is_answered_with_those_there_are(value, known, zh):
    assert offered(value, known).zh.startswith(zh)
