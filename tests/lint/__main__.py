"""``python -m tests.lint FILE.xlsx …``: every rule with its source and, for each file, how often it is broken and where first."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from tests.lint.rules import RULES
from workbook_templates.xlsx.lint import Opened, lint


def listing(paths: list[Path]) -> list[str]:
    """The rules as lines; exactly one of each, broken or not."""
    found = {path.name: _by_rule(path) for path in paths}
    lines = []
    for rule in sorted(RULES, key=lambda rule: rule.id):
        lines.append(f"{rule.id}: {rule.what.en} [{rule.source}]")
        lines += [f"    {name}: {len(f[rule.id])} × {f[rule.id][0]}" for name, f in found.items() if rule.id in f]
    return lines


def _by_rule(path: Path) -> dict[str, list[str]]:
    out: dict[str, list[str]] = defaultdict(list)
    for breach in lint(Opened.of_bytes(path.read_bytes()), RULES):
        out[breach.rule].append(f"{breach.sheet}!{breach.where} {breach.detail}")
    return dict(out)


if __name__ == "__main__":
    print("\n".join(listing([Path(name) for name in sys.argv[1:]])))
