"""Run the commands of a page, top to bottom in an empty folder, and put what the terminal answers into the ```text blocks below them.

    python docs/run_commands.py docs/pay.en.md

A test runs the pages the same way and compares. What a page may hold:

- ```` ```csv FILE ````: a file that the reader makes; it is written into the folder.
- ```` ```sh ````: commands, a line each: `salesplan …`, or `cat FILE` to look at one. The ```text block that follows is the answer of all
  lines together, stdout and stderr as a terminal shows them, and `(exit code 1)` behind a command that does not end with 0.
- ```` ```typed ````: `Sheet!C5: 4%` (a number, date or text), what the reader types into cells of plan.xlsx and saves, here without a
  spreadsheet program. A defined name stands for its first cell: rows of a sheet that grows move.

The commands run in this process by `addin.cli.main`, as the installed program does. Left out of an answer is what the page says is left
out, the list of cells that change (it holds today's date and checksums of it); a time, how long something took or a file's size stands
as `…`.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
from pathlib import Path
from unittest import mock

from addin import cli
from udfs.text import speaking
from udfs.values import date_to_serial, text_to_date
from workbook_templates.xlsx.package import Package, Ref

PLAN = "plan.xlsx"
USER = "zhoumin"  # who sits at the machine of these pages
_BLOCK = re.compile(
    r"^```csv (?P<file>\S+)\n(?P<rows>.*?)^```\n|^```sh\n(?P<code>.*?)^```\n(?:\n```text\n.*?^```\n)?|^```typed\n(?P<typed>.*?)^```\n",
    re.M | re.S,
)
_CELLS = re.compile(r"^  \S.*![A-Z]+\d+(:[A-Z]+\d+)?: .* → ")
_WHEN = re.compile(r"(?<=[(（])\d{4}-\d\d-\d\d \d\d:\d\d(?=[,，])")
_SIZE = re.compile(r"\b\d+ KB")  # of a file that holds times and is packed
_TOOK = re.compile(r"\d+\.\d(?= s;| 秒）)")  # to make the sample
_BACKUP = re.compile(r"\.bak-\d{8}-\d{6}(-\d+)?\.xlsx")


def ran(page: str, lang: str) -> str:
    """The page with the answers of its commands as they are now."""

    def run(block: re.Match[str]) -> str:
        if block["file"]:
            Path(block["file"]).write_text(block["rows"], encoding="utf-8")
            return block[0]
        if block["typed"]:
            _type(block["typed"].splitlines())
            return block[0]
        answer = "".join(_answer(line, lang) for line in block["code"].splitlines() if line.strip())
        return f"```sh\n{block['code']}```\n" + (f"\n```text\n{answer}```\n" if answer else "")

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), mock.patch.dict(os.environ, LOGNAME=USER):
        return _BLOCK.sub(run, page)


def _answer(line: str, lang: str) -> str:
    """What the terminal shows after one line."""
    command, *rest = shlex.split(line, comments=True)
    if command == "cat":
        return Path(*rest).read_text(encoding="utf-8-sig")
    if command != "salesplan":
        raise ValueError(f"only salesplan and cat are run: {line}")
    said = io.StringIO()
    # As printed and in the language of a machine that was told none: what the page leaves out, its reader hasn't typed either.
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), speaking("zh"):
        code = cli.main(rest)
    ending = [f"（退出码 {code}）" if lang == "zh" else f"(exit code {code})"] if code else []
    here = f"{Path.cwd()}{os.sep}"
    alike = _TOOK.sub("…", _SIZE.sub("… KB", _WHEN.sub("…", _BACKUP.sub(".bak-….xlsx", said.getvalue().replace(here, "")))))
    shown = [line.rstrip() for line in alike.splitlines() if not _CELLS.match(line)]
    return "".join(f"{line}\n" for line in [*shown, *ending])


def _type(lines: list[str]) -> None:
    """What somebody types on sheets and saves."""
    package = Package.open(PLAN)
    for line in lines:
        place, _, said = line.partition(": ")
        sheet, _, cell = place.partition("!")
        day = text_to_date(said)
        number = re.fullmatch(r"(-?[\d.]+)(%?)", said)
        value = date_to_serial(day) if day else float(number[1]) / (100 if number[2] else 1) if number else said
        named = package.locate(cell)
        ref = Ref.parse(cell) if named is None else named[1]
        if not package.sheets[sheet].set_values({(ref.first_row, ref.first_col): value}):
            raise ValueError(f"stands there already: {line}")
    package.save(PLAN, backup=False)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    os.environ.setdefault("SALESPLAN_LOG", str(Path(tempfile.gettempdir()) / "salesplan-page.log"))
    target.write_text(ran(target.read_text("utf-8"), "en" if target.name.endswith(".en.md") else "zh"), encoding="utf-8")
