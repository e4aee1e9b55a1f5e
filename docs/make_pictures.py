"""Draw the README's pictures of the sample plan, the story of June, with LibreOffice: ``python docs/make_pictures.py``."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.judge.render import render  # noqa: E402
from workbook_templates.chapters import sample_june  # noqa: E402
from workbook_templates.making import write_plan  # noqa: E402

COCKPIT = {"zh": "驾驶舱", "en": "Cockpit"}


def main() -> None:
    """Write docs/images/cockpit.*.png."""
    for lang, sheet in COCKPIT.items():
        with tempfile.TemporaryDirectory() as folder:
            plan = Path(folder) / "plan.xlsx"
            write_plan(sample_june.company(lang), plan, lang)
            (first,) = render(plan, Path(folder) / "pages", dpi=110, only=[sheet])
            shutil.copy(first, ROOT / "docs" / "images" / f"cockpit.{lang}.png")


if __name__ == "__main__":
    main()
