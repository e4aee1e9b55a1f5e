"""Draw the pictures of a mailed statement, sheet and letter: ``python docs/make_statement_pictures.py``."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from addin.book import FileBook  # noqa: E402
from addin.facts import facts  # noqa: E402
from tests.judge.render import render  # noqa: E402
from tests.real import require_chromium  # noqa: E402
from workbook_templates.chapters import sample_june  # noqa: E402
from workbook_templates.mailed import statement  # noqa: E402
from workbook_templates.making import write_plan  # noqa: E402

WHO, PERIOD = "P014", "2027-05"
SHEETS = {"01": "statement", "02": "statement-deals"}


def main() -> None:
    """Write docs/images/statement*.png."""
    images = ROOT / "docs" / "images"
    for lang in ("zh", "en"):
        with tempfile.TemporaryDirectory() as folder:
            plan, book, page = (Path(folder) / name for name in ("plan.xlsx", "statement.xlsx", "letter.html"))
            write_plan(sample_june.company(lang), plan, lang)
            piece = statement.make(facts(FileBook.open(plan)), WHO, PERIOD)
            book.write_bytes(piece.workbook)
            page.write_text(piece.html, "utf-8")
            drawn = render(book, Path(folder) / "pages", dpi=90)
            for number, name in SHEETS.items():
                first = next(picture for picture in drawn if picture.name.startswith(number))
                shutil.copy(first, images / f"{name}.{lang}.png")
            phone = images / f"statement-mail.{lang}.png"
            command = [require_chromium(), "--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=500,1150"]
            subprocess.run([*command, f"--screenshot={phone}", page.as_uri()], check=True, timeout=120, capture_output=True)


if __name__ == "__main__":
    main()
