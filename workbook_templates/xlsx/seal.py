"""The seal of a plan: a line in its custom properties that says "every value in this file was computed by this program".

It holds a digest of all other parts of the file, by the checksums that the zip has of them. Whoever changes one of them, this program or another, makes it wrong, and a wrong
seal is as good as none: everything is computed anew. Excel and LibreOffice keep the line and rewrite the parts. It guards against
stale values, not against forgers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lxml import etree

from workbook_templates.xlsx.archive import checked
from workbook_templates.xlsx.package import Package, local_name

NAME = "SalesPlanComputed"  # the property's; a plan has it from the beginning, other workbooks get none
UNSEALED = "-"
MOST_ODD = 200  # a property is no place for long lists

Cells = list[tuple[str, int, int]]


def holds(package: Package, by: str) -> Cells | None:
    """The cells to compute anew all the same, where the file is as it was sealed ``by`` the same program, day and language."""
    part, node = _property(package)
    if part is None or node is None:
        return None
    try:
        said: Any = json.loads(node.text or "")
        odd = [(str(sheet), int(row), int(column)) for sheet, row, column in said["odd"]]
        digest, author = said["parts"], said["by"]
    except (ValueError, TypeError, KeyError):
        return None
    same = author == by and digest == _digest(
        (name, *package.archive.checked(name)) for name in package.archive.infos if name != part
    )
    return odd if same else None


def put(package: Package, by: str, odd: Cells) -> None:
    """Seal the package as it is now, when it is written; a change until then leaves it unsealed.

    ``odd``: cells whose value in the file is not all the engine knew of it.
    """
    if _property(package)[1] is not None and len(odd) <= MOST_ODD:
        package.sealer = _sealer(package, package.changes, {"by": by, "odd": odd})


def _sealer(package: Package, then: int, said: dict[str, Any]) -> Callable[[Mapping[str, bytes]], dict[str, bytes]]:
    def sealed(replaced: Mapping[str, bytes]) -> dict[str, bytes]:
        part, node = _property(package)
        if package.changes != then or part is None or node is None:
            return {}
        others = (name for name in package.parts() if name != part)
        said["parts"] = _digest(
            (name, *(checked(replaced[name]) if name in replaced else package.archive.checked(name))) for name in others
        )
        node.text = json.dumps(said, sort_keys=True)
        return {part: etree.tostring(package.root(part), xml_declaration=True, encoding="UTF-8", standalone=True)}

    return sealed


def _digest(parts: Iterable[tuple[str, int, int]]) -> str:
    """Of the parts' names, lengths and checksums: the zip has those, so nothing is unpacked for it."""
    whole = hashlib.blake2b(digest_size=16)
    for name, length, checksum in sorted(parts):
        whole.update(f"{name} {length} {checksum} ".encode())
    return whole.hexdigest()


def _property(package: Package) -> tuple[str | None, Any]:
    """The part of the custom properties and the text of ours; None where there is none."""
    part = package.related("", "custom-properties")
    if part is None or package.find_part(part) is None:
        return None, None
    ours = (node for node in package.root(part) if local_name(node) == "property" and node.get("name") == NAME)
    return part, next((child for node in ours for child in node if local_name(child) == "lpwstr"), None)
