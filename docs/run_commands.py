"""Run the commands of a page, top to bottom in an empty folder, and put what the terminal answers into the ```text blocks below them.

    python docs/run_commands.py docs/pay.en.md

A test runs the pages the same way and compares. What a page may hold:

- ```` ```csv FILE ````: a file that the reader makes; it is written into the folder.
- ```` ```sh ````: commands, a line each: `salesplan …`, or `cat FILE` to look at one. `# exit code 1` behind a command is the code it
  must end with, 0 where none is said. The ```text block that follows is the answer of all lines together, stdout and stderr as a
  terminal shows them.

The commands run in this process by `addin.cli.main`, as the installed program does. Only what no two runs share is made alike: the
time in a backup's name.
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

from addin import cli

_BLOCK = re.compile(r"^```csv (?P<file>\S+)\n(?P<rows>.*?)^```\n|^```sh\n(?P<code>.*?)^```\n(?:\n```text\n(?P<said>.*?)^```\n)?", re.M | re.S)
_EXIT = re.compile(r"#.*?exit code (\d)|#.*?退出码 (\d)")
_BACKUP = re.compile(r"\.bak-\d{8}-\d{6}(-\d+)?\.xlsx")


class OtherCode(ValueError):
    """A command ended with another exit code than its page says."""


def ran(page: str, lang: str) -> str:
    """The page with the answers of its commands as they are now."""

    def run(block: re.Match[str]) -> str:
        if block["file"]:
            Path(block["file"]).write_text(block["rows"], encoding="utf-8")
            return block[0]
        answer = "".join(_answer(line, lang) for line in block["code"].splitlines() if line.strip())
        return f"```sh\n{block['code']}```\n" + (f"\n```text\n{answer}```\n" if answer else "")

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return _BLOCK.sub(run, page)


def _answer(line: str, lang: str) -> str:
    """What the terminal shows after one line."""
    command, *rest = shlex.split(line, comments=True)
    if command == "cat":
        return Path(*rest).read_text(encoding="utf-8-sig")
    if command != "salesplan":
        raise ValueError(f"only salesplan and cat are run: {line}")
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = cli.main([*rest, "--lang", lang])
    stated = _EXIT.search(line)
    wanted = int(stated[1] or stated[2]) if stated else cli.DONE
    if code != wanted:
        raise OtherCode(f"exit code {code}, the page says {wanted}: {line}\n{said.getvalue()}")
    return "".join(f"{shown.rstrip()}\n" for shown in _BACKUP.sub(".bak-….xlsx", said.getvalue()).splitlines())


if __name__ == "__main__":
    target = Path(sys.argv[1])
    os.environ.setdefault("SALESPLAN_LOG", str(Path(tempfile.gettempdir()) / "salesplan-page.log"))
    target.write_text(ran(target.read_text("utf-8"), "en" if target.name.endswith(".en.md") else "zh"), encoding="utf-8")
