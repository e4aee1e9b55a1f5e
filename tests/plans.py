"""The sample plan in each language, made once a test process."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from workbook_templates.chapters import sample
from workbook_templates.making import write_plan
from workbook_templates.recalc import Recalculation
from workbook_templates.tables.schema import Company
from workbook_templates.xlsx.package import Package


class Computed(NamedTuple):
    """A company's plan with its values; ``done`` is what was computed for it."""

    package: Package
    done: Recalculation
    lang: str
    company: Company


class _Made(NamedTuple):
    path: Path
    done: Recalculation
    company: Company


@functools.cache
def _made(lang: str) -> _Made:
    path, company = Path(tempfile.mkdtemp(prefix="salesplan-")) / f"plan-{lang}.xlsx", sample.company(lang)
    return _Made(path, write_plan(company, path, lang), company)


def sample_plan(lang: str, folder: Path) -> Path:
    """A copy of the sample plan that a test may change."""
    return Path(shutil.copy(_made(lang).path, folder / f"plan-{lang}.xlsx"))


def sample_computed(lang: str) -> Computed:
    """The sample plan as it was written, opened anew, with what was computed for it and the rows it was made of (to be read only)."""
    path, done, company = _made(lang)
    return Computed(Package.open(path), done, lang, company)
