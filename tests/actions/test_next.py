"""From an empty plan to the first paid month by doing what `salesplan next` says, nothing else; the Guide says the same at every stop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from addin import cli
from addin.book import FileBook
from tests.actions.steps import do
from tests.actions.test_new_plan import made
from udfs.text import language, set_language
from workbook_templates.recalc import recalculate
from workbook_templates.tables import steps
from workbook_templates.xlsx.package import Package

PEOPLE = {
    "zh": "工号,姓名,层级,条线,上级工号,入职日期,邮箱\nB1,陈舟,总监,行业,,2020-01-01,b@x.cn\nP1,林思远,代表,行业,B1,2020-01-01,p@x.cn\n",
    "en": "ID,Name,Level,Line,Manager ID,Joined,Email\nB1,Chen,Director,Industry,,2020-01-01,b@x.cn\nP1,Lin,Rep,Industry,B1,2020-01-01,p@x.cn\n",
}
DEALS = {
    "zh": "单号,签单日期,客户,主办工号,收入,成本\nD1,2025-12-12,华丰,P1,1000000,700000\n",
    "en": "Deal ID,Signed on,Customer ID,Seller ID,Revenue,Cost\nD1,2025-12-12,Huafeng,P1,1000000,700000\n",
}
ORDER = ["company", "people", "quotas", "deals", "commission", "review", "lock", "pay", "mail_domains", "mail", "rollover"]


def typed(path: Path, name: str, value: str) -> None:
    """Somebody types into a named cell and saves."""
    package = Package.open(path)
    place = package.locate(name)
    assert place is not None
    package.sheets[place[0]].set_values({(place[1].first_row, place[1].first_col): value})
    recalculate(package)
    package.save(backup=False)


def told(path: Path) -> tuple[str, str, str]:
    """What next, by the action: its code, its month, its command; asking changes nothing."""
    before = path.read_bytes()
    data = do("next", path).outcome.data
    assert path.read_bytes() == before
    return data["next"], data["month"] or "", data["command"] or ""


def guided(path: Path) -> str:
    """The same by the cells at the top of the Guide: the code of the step whose text stands there."""
    book = FileBook.open(path)
    states, what = book.named("step_states"), book.named("step_what")
    open_ = [index for index, state in enumerate(states) if state in tuple(steps.OPEN)]
    assert not [state for state in states if str(state).startswith("#")]
    sheet = next(name for name in ("说明", "Guide") if name in book.package.sheets)
    top = book.package.sheets[sheet].get((6, 3)).value
    assert top == (what[open_[0]] if open_ else getattr(steps.all_done(book.off), book.lang))
    return steps.every()[open_[0]].code if open_ else ""


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_from_empty_to_the_first_paid_month_by_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    """Every stop is reached by really doing the step before; the commands are those it prints, with a name and a file filled in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SALESPLAN_LOG", str(tmp_path / "log"))
    path = made(Path("plan.xlsx"), lang, company={"zh": "本公司", "en": "Our company"}[lang], year=2025, chapters="5")
    Path({"zh": "人员.csv", "en": "people.csv"}[lang]).write_text(PEOPLE[lang], encoding="utf-8")
    Path({"zh": "成交.csv", "en": "deals.csv"}[lang]).write_text(DEALS[lang], encoding="utf-8")
    before, seen = language(), []
    try:
        for _ in range(len(ORDER)):
            set_language(lang)
            code, month, command = told(path)
            seen.append(code)
            assert guided(path) == code
            assert month in ("", "2025-12")
            if code == "rollover":
                break
            if code in ("company", "mail_domains"):
                typed(path, {"company": "company_name"}.get(code, code), {"company": "云杉"}.get(code, "x.cn"))
            for part in [
                part.removesuffix("；发放后 ").removesuffix("; once paid, ") for part in command.split("salesplan ")[1:]
            ]:
                assert cli.main([*part.split(), "--lang", lang]) == cli.DONE, part
    finally:
        set_language(before)
    assert seen == ORDER
    assert {row["status"] for row in FileBook.open(path).read("Ledger").rows} == {"paid"}


def test_on_a_plan_of_nothing_taken_but_a_market_it_asks_for_no_people(tmp_path: Path) -> None:
    path = made(tmp_path / "plan.xlsx", chapters="1")
    data: dict[str, Any] = do("next", path).outcome.data
    assert data["next"] is None and data["can_wait"] == ["regions"]
    assert guided(path) == ""


def test_quotes_and_campaigns_without_anybody_ask_for_the_chapter_of_the_people(tmp_path: Path) -> None:
    path = made(tmp_path / "plan.xlsx", "en", chapters="1,3,6")
    done = do("next", path)
    assert done.outcome.data["next"] is None and done.outcome.data["can_wait"] == ["owners", "regions"]
    assert "commission" not in str(done.outcome.summary.en)  # nobody is paid by this plan
    assert guided(path) == ""
    book = FileBook.open(path)
    place = [step.code for step in steps.every()].index("owners")
    assert book.named("step_states")[place] == steps.CAN_WAIT.en
    do("chapters", path, on="5")
    assert "owners" not in do("next", path).outcome.data["can_wait"]
