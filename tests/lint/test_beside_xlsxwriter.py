"""A package of ours beside the same features by XlsxWriter, part by part: what differs is explained, or it is a fault.

XlsxWriter's files are the nearest to Excel's own that can be had without one. Compared are the elements and attributes each part
uses (not their values): for every part, which ours has and theirs has not, and the other way round.
"""

from __future__ import annotations

import re

import pytest
from lxml import etree

from tests.lint import features
from tests.lint.test_rules import parts_of
from workbook_templates.xlsx.package import local_name

PARTS = {
    "xl/workbook.xml": "xl/workbook.xml",
    "xl/worksheets/sheet2.xml": "xl/worksheets/sheet2.xml",
    "xl/tables/table1.xml": "xl/tables/table1.xml",
    "xl/metadata.xml": "xl/metadata.xml",
    "xl/styles.xml": "xl/styles.xml",
    "xl/charts/chart1.xml": "xl/charts/chart1.xml",
    "xl/drawings/drawing1.xml": "xl/drawings/drawing1.xml",
    "[Content_Types].xml": "[Content_Types].xml",
    "xl/_rels/workbook.xml.rels": "xl/_rels/workbook.xml.rels",
    "xl/worksheets/_rels/sheet2.xml.rels": "xl/worksheets/_rels/sheet2.xml.rels",
}
OPTIONAL = "optional in the schema, with the default that is wanted"
LOOKS = "a matter of looks: fonts, colours, borders and alignment of the house, or what a chart shows"
# Only in ours (+) or only in theirs (-), as a pattern of "element" or "element@attribute", by part; why that is right.
EXPLAINED: dict[str, list[tuple[str, str]]] = {
    "xl/workbook.xml": [
        (r"\+externalReferences?(@id)?", "the add-in's link: XlsxWriter can write none"),
        (r"\+workbookPr@updateLinks", "so that Excel does not ask for the add-in (issue 9.12)"),
        (r"\+(sheet@state|workbookView@\w+|workbookProtection)", f"openpyxl writes them out: {OPTIONAL}"),
        (r"-workbookView@(x|y|window)\w+", f"where the window stands: {OPTIONAL}"),
        (r"-calcPr@fullCalcOnLoad", "ours are computed: no calculation on load (issue 9.2)"),
        (r"-fileVersion(@\w+)?", "optional; it would say that Excel saved the file, and restore tells LibreOffice's by it"),
        (r"-workbookPr@defaultThemeVersion", OPTIONAL),
    ],
    "xl/worksheets/sheet2.xml": [
        (r"\+dataValidation@\w+", "more validations, with their messages, than the other file has"),
        (r"\+(even|first)(Header|Footer)", "empty, not in use: differentOddEven and differentFirst are off"),
        (
            r"\+(outlinePr|sheetFormatPr|pageSetup|sheetView|row)(@\w+)?",
            f"openpyxl writes them out, and rows have heights: {OPTIONAL}",
        ),
        (r"\+hyperlink@tooltip", "the strip says which sheet a link leads to"),
        (r"-row@spans", f"a hint for speed: {OPTIONAL}"),
    ],
    "xl/tables/table1.xml": [
        (r"\+table@headerRowCount", f"1: {OPTIONAL}"),
        (r"-(table@totalsRowShown|tableStyleInfo@show(ColumnStripes|FirstColumn|LastColumn))", OPTIONAL),
    ],
    "xl/styles.xml": [
        (r"\+(alignment|b|u|xf|cellStyle)@\w+", f"{LOOKS}; {OPTIONAL}"),
        (r"\+protection@hidden", f"openpyxl writes it out: {OPTIONAL}"),
        (r"\+(colors|indexedColors|rgbColor)(@rgb)?", "openpyxl writes the standard palette out: the same colours"),
        (r"-(bgColor@indexed|color@(auto|theme)|family|scheme|protection)(@\w+)?", f"colours by number, fonts by name: {LOOKS}"),
        (
            r"-xf@apply\w+",
            "openpyxl leaves most of them out; Excel applies what an xf names all the same (every file of openpyxl's)",
        ),
    ],
    "xl/charts/chart1.xml": [
        (r"\+\w+(@\w+)?", LOOKS),
        (
            r"-(auto|lang|layout|lblAlgn|tickLblPos|crosses|crossBetween)(@val)?",
            f"minOccurs=0 in CT_CatAx, CT_ValAx, CT_ChartSpace: {OPTIONAL}",
        ),
        (r"-legend(Pos)?(@val)?", "one series needs no legend"),
        (r"-(printSettings|headerFooter|pageMargins|pageSetup)(@\w+)?", f"printing a chart alone: {OPTIONAL}"),
    ],
    "xl/drawings/drawing1.xml": [
        (r"\+twoCellAnchor@editAs", "oneCell: columns that are made wider move a chart and don't stretch it"),
        (r"-((off|ext)(@\w+)?|graphicFrame@macro)", f"the frame's own place, noughts where the anchor says it: {OPTIONAL}"),
    ],
}
WHOLE = {
    "+docProps/custom.xml": "the seal over computed values (workbook_templates/xlsx/seal.py)",
    "+xl/externalLinks/externalLink1.xml": "the add-in's link",
    "+xl/externalLinks/_rels/externalLink1.xml.rels": "the add-in's link",
}


def shape(content: bytes) -> set[str]:
    """The elements of a part and the attributes they carry."""
    found = set()
    for node in etree.fromstring(content).iter(etree.Element):
        name = local_name(node)
        found.add(name)
        found |= {f"{name}@{key.rpartition('}')[2]}" for key in node.attrib}
    return found


def differences(part: str) -> set[str]:
    """``+x`` is in ours only, ``-x`` in theirs only."""
    ours, theirs = shape(parts_of(features.ours())[part]), shape(parts_of(features.theirs())[PARTS[part]])
    return {f"+{name}" for name in ours - theirs} | {f"-{name}" for name in theirs - ours}


@pytest.mark.parametrize("part", PARTS)
def test_every_difference_is_explained(part: str) -> None:
    rules = [re.compile(pattern) for pattern, _ in EXPLAINED.get(part, ())]
    assert [name for name in sorted(differences(part)) if not any(rule.fullmatch(name) for rule in rules)] == []


def test_no_explanation_is_left_over() -> None:
    """An allow list that only grows would hide the next fault."""
    for part, rules in EXPLAINED.items():
        found = differences(part)
        for pattern, _ in rules:
            assert any(re.fullmatch(pattern, name) for name in found), (part, pattern)


def test_the_same_parts() -> None:
    ours, theirs = set(parts_of(features.ours())), set(parts_of(features.theirs()))
    odd = {f"+{name}" for name in ours - theirs} | {f"-{name}" for name in theirs - ours}
    assert odd == set(WHOLE)


def test_what_the_file_promises_excel_is_the_same() -> None:
    """The places where a value decides: dynamic arrays, cached values, content types, relationships."""
    ours, theirs = parts_of(features.ours()), parts_of(features.theirs())
    kinds = [{n.get("ContentType") for n in etree.fromstring(p["[Content_Types].xml"])} for p in (ours, theirs)]
    assert kinds[1] - kinds[0] - {None} == set()
    metadata = [etree.tostring(etree.fromstring(p["xl/metadata.xml"]), method="c14n") for p in (ours, theirs)]
    assert metadata[0] == metadata[1]
    for name in ("B15", "C12"):
        found = [
            re.search(rf'<c r="{name}"([^>]*)><f([^>]*)>([^<]*)</f><v>([^<]*)</v>', p["xl/worksheets/sheet2.xml"].decode())
            for p in (ours, theirs)
        ]
        marks = [(m[2], m[3], m[4], re.sub(r' s="\d+"', "", m[1]).split()) for m in found if m]
        assert len(marks) == 2 and marks[0][:3] == marks[1][:3] and sorted(marks[0][3]) == sorted(marks[1][3]), name
