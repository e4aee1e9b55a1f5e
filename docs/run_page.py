"""Run the Python blocks of a page, top to bottom in one namespace, and put what they print into the ```text blocks below them.

    python docs/run_page.py docs/analysts.en.md demo/sales-plan-2027.xlsx

The second argument is the plan that the page opens. A test runs the pages the same way and compares.
"""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import sys
import tempfile
from pathlib import Path

from udfs.text import language, speaking

PLAN = "demo/sales-plan-2027.xlsx"  # what README's first command makes, and what the pages open
_BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.M | re.S)


def ran(page: str, plan: Path, lang: str) -> str:
    """The page with the output of its blocks as it is now; a block without a text block after it must print nothing."""
    names: dict[str, object] = {"__name__": "page"}

    def run(block: re.Match[str]) -> str:
        code, stated = block[1], block[2]
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(code, f"page, line {page.count(chr(10), 0, block.start()) + 2}", "exec"), names)
        if stated is None and said.getvalue():
            raise ValueError(f"a block prints and has no text block after it:\n{code}\n{said.getvalue()}")
        output = "".join(f"{line.rstrip()}\n" for line in said.getvalue().splitlines())
        return f"```python\n{code}```\n" + ("" if stated is None else f"\n```text\n{output}```\n")

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), speaking(lang or language()):
        Path(PLAN).parent.mkdir()
        shutil.copy(plan, PLAN)
        before = Path(PLAN).read_bytes()
        text = _BLOCK.sub(run, page)
        if Path(PLAN).read_bytes() != before:
            raise ValueError("the page changed the plan")
    return text


if __name__ == "__main__":
    target, source = Path(sys.argv[1]), Path(sys.argv[2]).absolute()
    chosen = "en" if target.name.endswith(".en.md") else "zh"
    target.write_text(ran(target.read_text(encoding="utf-8"), source, chosen), encoding="utf-8")
