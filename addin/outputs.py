"""The one guard of what is written outside the plan: never the plan or what is being read, the right ending, nothing
replaced unasked."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path

from udfs.text import Text
from workbook_templates.answers import Refused


def csv_file(headers: Iterable[Text], rows: Iterable[Iterable[object]]) -> bytes:
    """A CSV with a byte order mark, so that a double click shows Chinese. Texts of people's go through ``inert`` before."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([str(header) for header in headers])
    writer.writerows([*row] for row in rows)
    return out.getvalue().encode("utf-8-sig", errors="replace")


def check(path: Path, ending: str, *, keep: Iterable[Path] = (), force: bool = False) -> None:
    """Refuse to write ``path`` where that would cost somebody a file. ``keep`` are the files that ``force`` does not give up."""
    for kept in keep:
        if same(path, kept):
            raise Refused(
                Text(
                    f"{path} 就是 {kept.name}，会被覆盖，没有写入：请换个文件名",
                    f"{path} is {kept.name} itself and would be overwritten; nothing was written: choose another name",
                )
            )
    if path.suffix.lower() != ending:
        raise Refused(
            Text(f"{path}：文件名应以 {ending} 结尾，没有写入", f"{path}: the name must end in {ending}; nothing was written")
        )
    if os.path.lexists(path) and not force:
        raise Refused(
            Text(
                f"{path} 已存在，没有写入：请换个文件名，或在命令行加 --force 覆盖",
                f"{path} exists; nothing was written: choose another name, or add --force on the command line",
            )
        )


def same(one: Path, other: Path) -> bool:
    """Whether two names are one file: by a link of either kind, by another spelling, or by what would become the same file."""
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there yet
        return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))
