"""The table of shared texts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from lxml import etree

from workbook_templates.xlsx.markup import SHEET_TYPE, Element, local_name, namespace_of, set_text
from workbook_templates.xlsx.values import escape, unescape

if TYPE_CHECKING:
    from workbook_templates.xlsx.package import Package


def string_text(node: Element) -> str:
    """The text of an ``si`` or ``is``: plain or rich runs joined, phonetic guides left out."""
    out = []
    for child in node:
        name = local_name(child)
        if name == "t":
            out.append(child.text or "")
        elif name == "r":
            out += [run.text or "" for run in child if local_name(run) == "t"]
    return unescape("".join(out))


class Strings:
    """The shared strings: read once, appended to, never reordered, so that other sheets' indices stay right."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self.part = package.related(package.workbook_part, "sharedStrings")
        root = package.root(self.part) if self.part else None
        self._so_far: tuple[str, ...] = ()
        self._begin_with: list[tuple[str, ...]] = []  # found to be so: many sheets were read with the same ones
        self.texts = [string_text(node) for node in root if local_name(node) == "si"] if root is not None else []

    def as_they_are(self) -> tuple[str, ...]:
        """All texts so far; more may follow."""
        if len(self._so_far) != len(self.texts):
            self._so_far = tuple(self.texts)
        return self._so_far

    def begin_with(self, texts: tuple[str, ...]) -> bool:
        """Whether indices among these texts mean the same here."""
        if all(texts is not known for known in self._begin_with):
            if tuple(self.texts[: len(texts)]) != texts:
                return False
            self._begin_with.append(texts)
        return True

    @cached_property
    def _plain(self) -> dict[str, int]:
        """Only plain entries are reused: sharing a rich one would bring its colours along."""
        if self.part is None:
            return {}
        entries = [node for node in self._package.root(self.part) if local_name(node) == "si"]
        plain = [i for i, node in enumerate(entries) if len(node) == 1 and local_name(node[0]) == "t"]
        return {self.texts[i]: i for i in reversed(plain)}

    def index(self, text: str) -> int:
        """The index of ``text``, appended if it is new; the use is counted."""
        found = self._plain.get(text)
        if found is None:
            found = self._plain[text] = len(self.texts)
            self.texts.append(text)
            root = self._writable()
            namespace = namespace_of(root)
            node = etree.SubElement(etree.SubElement(root, f"{namespace}si"), f"{namespace}t")
            set_text(node, escape(text))
        self.count(1)
        return found

    def count(self, change: int) -> None:
        """Keep the two counts right where the file has them."""
        root = self._writable()
        if root.get("count", "").isdigit():
            root.set("count", str(max(int(root.get("count")) + change, 0)))
        if root.get("uniqueCount", "").isdigit():
            root.set("uniqueCount", str(len(self.texts)))

    def ensured(self) -> str:
        """The part's name; it is made where there is none."""
        if self.part is None:
            namespace = self._package.namespace
            root = etree.Element(f"{namespace}sst", {"count": "0", "uniqueCount": "0"}, nsmap={None: namespace[1:-1]})
            self.part = self._package.add_part("xl/sharedStrings.xml", root, f"{SHEET_TYPE}sharedStrings+xml", "sharedStrings")
        return self.part

    def _writable(self) -> Element:
        return self._package.touch(self.ensured())
