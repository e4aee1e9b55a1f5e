"""The marks by which a file tells a spilling formula from an old array."""

from __future__ import annotations

from lxml import etree

from workbook_templates.xlsx.markup import DYNAMIC_URI, XDA, Element, flag, insert_ordered, local_name, namespace_of


class Metadata:
    """The part that says which ``cm`` numbers mean "dynamic array": three lists that point at each other."""

    _NAME = "XLDAPR"
    _ORDER = ("metadataTypes", "metadataStrings", "mdxMetadata", "futureMetadata", "cellMetadata", "valueMetadata")

    def __init__(self, root: Element) -> None:
        self.root = root
        self.namespace = namespace_of(root)

    def _group(self, group: str, type_name: str | None = None) -> Element | None:
        """A child by its name; there is a ``futureMetadata`` for each type."""
        nodes = (node for node in self.root if local_name(node) == group)
        return next((node for node in nodes if type_name is None or node.get("name") == type_name), None)

    @staticmethod
    def _items(group: Element | None, name: str) -> list[Element]:
        return [node for node in group if local_name(node) == name] if group is not None else []

    def _type(self) -> int | None:
        types = self._items(self._group("metadataTypes"), "metadataType")
        return next((i for i, node in enumerate(types, 1) if node.get("name") == self._NAME), None)

    def _futures(self) -> list[int]:
        """Which entries of the future metadata say fDynamic."""
        blocks = self._items(self._group("futureMetadata", self._NAME), "bk")
        return [
            i
            for i, block in enumerate(blocks)
            if any(local_name(n) == "dynamicArrayProperties" and flag(n, "fDynamic") for n in block.iter(etree.Element))
        ]

    def _marks(self) -> list[str]:
        kind, futures = str(self._type()), {str(i) for i in self._futures()}
        blocks = self._items(self._group("cellMetadata"), "bk")
        return [
            str(i)
            for i, block in enumerate(blocks, 1)
            if any(rc.get("t") == kind and rc.get("v") in futures for rc in self._items(block, "rc"))
        ]

    def is_dynamic(self, mark: str) -> bool:
        return mark in self._marks()

    def index(self) -> str | None:
        return next(iter(self._marks()), None)

    def add(self) -> str:
        """Add what is missing of the three entries; the new cell-metadata index."""
        kind = self._type()
        if kind is None:
            kind = self._append("metadataTypes", self._new_type())
        futures = self._futures()
        value = futures[0] if futures else self._append("futureMetadata", self._new_future(), self._NAME) - 1
        block = etree.Element(f"{self.namespace}bk")
        etree.SubElement(block, f"{self.namespace}rc", t=str(kind), v=str(value))
        return str(self._append("cellMetadata", block))

    def _append(self, group_name: str, node: Element, type_name: str | None = None) -> int:
        group = self._group(group_name, type_name)
        if group is None:
            group = etree.Element(f"{self.namespace}{group_name}", {"name": type_name} if type_name else {})
            insert_ordered(self.root, group, self._ORDER[: self._ORDER.index(group_name) + 1])
        group.append(node)
        count = len(self._items(group, local_name(node)))
        group.set("count", str(count))
        return count

    def _new_type(self) -> Element:
        flags = "copy pasteAll pasteValues merge splitFirst rowColShift clearFormats clearComments assign coerce cellMeta"
        attributes = {"name": self._NAME, "minSupportedVersion": "120000"} | dict.fromkeys(flags.split(), "1")
        return etree.Element(f"{self.namespace}metadataType", attributes)

    def _new_future(self) -> Element:
        block = etree.Element(f"{self.namespace}bk")
        extensions = etree.SubElement(block, f"{self.namespace}extLst")
        extension = etree.SubElement(extensions, f"{self.namespace}ext", uri=DYNAMIC_URI)
        properties = etree.Element(f"{{{XDA}}}dynamicArrayProperties", {"fDynamic": "1", "fCollapsed": "0"}, nsmap={"xda": XDA})
        extension.append(properties)
        return block
