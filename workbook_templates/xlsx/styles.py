"""Number formats: which of them show a date."""

from __future__ import annotations

import re

# 27-36 and 50-58 are the East Asian dates, which files use without spelling them out.
DATE_IDS = frozenset([*range(14, 23), *range(27, 37), 45, 47, *range(50, 59), *range(71, 81)])
BUILT_IN = frozenset(range(50))  # by number only: the money in them is that of the reader's country
_FORMAT_NOISE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|general|e[+-]|am/pm|a/p|上午/下午', re.IGNORECASE)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)


def is_date_format(code: str) -> bool:
    """Whether a number format shows a date or a time of day; elapsed time (``[h]:mm``) is a quantity, not a date."""
    first = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code)[0]
    return not _ELAPSED.search(first) and bool(re.search(r"[ymdhsge]", _FORMAT_NOISE.sub("", first), re.IGNORECASE))
