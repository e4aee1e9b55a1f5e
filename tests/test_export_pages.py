"""The pages that try the demo's exports are followed command by command: each answer is the one stated, in both languages alike."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.plans import story_plan
from tests.test_pay_pages import DOCS, runner
from udfs.text import Text
from workbook_templates import making
from workbook_templates.chapters.sample_exports import NAMES
from workbook_templates.checking import findings

PAGES = sorted(path for name in ("delivery", "pipeline") for path in DOCS.glob(f"{name}.*.md"))


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_answers_what_it_says(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan that `demo` writes is the one that other tests have made already: it is the same company, and takes 20 seconds."""

    def copied(company: Any, path: Path, lang: str, step: Any = None) -> Any:
        shutil.copy(story_plan(lang, tmp_path), path)
        return SimpleNamespace(results={})

    monkeypatch.setattr(making, "write_plan", copied)
    monkeypatch.setattr(findings, "problems", lambda package, results: [])
    monkeypatch.setenv("SALESPLAN_LOG", str(tmp_path / "log"))
    monkeypatch.setenv("SALESPLAN_STATE", str(tmp_path / "state"))
    text = page.read_text(encoding="utf-8")
    assert runner().ran(text, page.name.split(".")[1]) == text, f"run python docs/run_commands.py docs/{page.name}"


@pytest.mark.parametrize("name", ["delivery", "pipeline"])
def test_both_languages_do_the_same_with_the_same_figures(name: str) -> None:
    en, zh = (
        re.findall(r"^```(?:sh|text)\n(.*?)^```", (DOCS / f"{name}.{lang}.md").read_text(encoding="utf-8"), re.M | re.S)
        for lang in ("en", "zh")
    )
    assert len(en) == len(zh) >= 2
    for mine, theirs in zip(en, zh, strict=True):
        asked = r"salesplan \w+|--(?!lang)[\w-]+"
        assert re.findall(asked, mine) == re.findall(asked, theirs)
        rows, others = ([re.findall(r"\d+", line) for line in re.findall(r"→ (.*)", block)] for block in (mine, theirs))
        assert rows == others  # read, imported, there already, rejected


def test_every_export_of_the_demo_is_tried_on_a_page() -> None:
    pages = Text(
        *("".join(p.read_text(encoding="utf-8") for p in PAGES if p.name.endswith(f".{lang}.md")) for lang in ("zh", "en"))
    )
    for table, name in NAMES.items():
        for text, file in zip(pages, name, strict=True):
            assert re.search(rf"^salesplan import demo/{re.escape(file)} \S+ --table {table} ", text, re.M), (table, file)
