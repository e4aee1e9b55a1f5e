"""The sample plan in each language, made once a test process."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path

from workbook_templates.chapters import sample
from workbook_templates.making import write_plan


@functools.cache
def _made(lang: str) -> Path:
    path = Path(tempfile.mkdtemp(prefix="salesplan-")) / f"plan-{lang}.xlsx"
    write_plan(sample.company(lang), path, lang)
    return path


def sample_plan(lang: str, folder: Path) -> Path:
    """A copy of the sample plan that a test may change."""
    return Path(shutil.copy(_made(lang), folder / f"plan-{lang}.xlsx"))
