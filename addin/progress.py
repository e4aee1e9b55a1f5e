"""A progress bar on the terminal: on stderr, gone when done, silent where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from addin.action import Progress
from udfs.text import Text


@contextmanager
def steps(total: int) -> Iterator[Progress]:
    """A bar over ``total`` steps: call it with each step's name as the step begins. Silent when stderr is no terminal."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        begun = 0

        def advance(step: Text) -> None:
            nonlocal begun
            bar.update(task, description=str(step), completed=begun)
            begun += 1

        yield advance
        bar.update(task, completed=total)
