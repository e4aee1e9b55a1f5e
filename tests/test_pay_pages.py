"""The pages of pay are followed command by command in an empty folder: each answer and figure is the one stated."""

from __future__ import annotations

import datetime as dt
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from workbook_templates.intake.files import RawRow
from workbook_templates.intake.importing import Known, Wishes, bring_in
from workbook_templates.tables import schema

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted(DOCS.glob("pay.*.md"))


def runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_commands", DOCS / "run_commands.py")
    assert spec and spec.loader
    run = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(run)
    return run


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_of_pay_answers_what_it_says(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESPLAN_LOG", str(tmp_path / "log"))
    text = page.read_text(encoding="utf-8")
    assert runner().ran(text, page.name.split(".")[1]) == text, f"run python docs/run_commands.py docs/{page.name}"


def test_both_pages_do_the_same_jobs_with_the_same_figures() -> None:
    """The commands of one are those of the other, names and reasons aside; so are the amounts of every answer."""
    assert [page.name for page in PAGES] == ["pay.en.md", "pay.zh.md"]
    en, zh = (page.read_text(encoding="utf-8") for page in PAGES)
    blocks = [re.findall(r"^```(?:sh|text)\n(.*?)^```", text, re.M | re.S) for text in (en, zh)]
    assert len(blocks[0]) == len(blocks[1]) > 20
    for mine, theirs in zip(*blocks, strict=True):
        assert re.findall(r"salesplan \w+|--(?!lang)[\w-]+", mine) == re.findall(r"salesplan \w+|--(?!lang)[\w-]+", theirs)
        assert _amounts(mine) == _amounts(theirs)


def _amounts(answer: str) -> list[str]:
    return sorted(re.findall(r"(?<![\w.])\d[\d,]*\.\d\d(?!\d)", answer))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_job_has_a_section_and_the_list_at_the_top_leads_to_it(lang: str) -> None:
    text = (DOCS / f"pay.{lang}.md").read_text(encoding="utf-8")
    heads = [re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in re.findall(r"(?m)^## (.*)$", text)]
    links = re.findall(r"(?m)^- \[[^]]+\]\(#([^)]+)\)$", text)
    assert len(links) == 5 and set(links) <= set(heads)


@pytest.mark.parametrize("share", [None, 1.0])
def test_a_return_names_its_order_and_nothing_else(share: float | None) -> None:
    """money.md §2: it inherits its order's credits; seller and partner may both be blank. An order of its own partner is refused."""
    headers = ("单号", "签单日期", "客户编号", "主办工号", "协同工号", "主办份额", "收入", "成本", "原单号")
    order = ("A1", "2027-03-05", "C1", "P1", None, share, "100", "60", None)
    back = ("R1", "2027-03-09", None, None, None, share, "-100", "-60", "A1")
    own = ("A2", "2027-03-05", "C1", "P1", "P1", "60%", "100", "60", None)
    rows = [RawRow(n, tuple(cells)) for n, cells in enumerate((headers, order, back, own), 1)]
    known = Known(
        {"People": [{"id": "P1", "name": "林思远"}], "Customers": [{"id": "C1", "name": "澄曜"}]}, 2027, dt.date(2027, 12, 31)
    )
    outcome = bring_in(rows, schema.table("Deals"), known, Wishes())
    assert [row["id"] for row in outcome.rows] == ["A1", "R1"]
    assert [(r.line, str(r.reason.en)) for r in outcome.refusals] == [(4, "is the seller: clear it or correct it")]
