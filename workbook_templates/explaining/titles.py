"""What the sheets of a plan are called in the other language: who reads two languages asks in either."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from workbook_templates.chapters import building
from workbook_templates.tables.spec import Company


@cache
def _called() -> Mapping[str, tuple[str, str]]:
    """The titles of every sheet by each of them, in lower case. Sheets say theirs when they are built: it takes seconds."""
    plan = building.make(Company("", 2027), "en")
    titles = [page.title for page in plan.pages.values()]
    return {said.lower(): (title.zh, title.en) for title in titles for said in (title.zh, title.en)}


def others(title: str) -> tuple[str, ...]:
    """All titles of the sheet that is called so in one of the languages; none where no sheet of ours is."""
    return _called().get(title.lower(), ())
