"""Our catalogue as the judge wants it: the names a desktop formula uses, and one function that evaluates them."""

from __future__ import annotations

from typing import Any

import udfs

PREFIX = "SALES_"


def names() -> list[str]:
    """Every function of the catalogue as it is written in a cell: SALES_COMMISSION and so on."""
    return [PREFIX + name for name in udfs.catalogue()]


def call(name: str, arguments: list[Any]) -> Any:
    """Evaluate one as a cell would; for `judge.compare(path, names(), call)`."""
    return udfs.call(name.removeprefix(PREFIX), *arguments)
