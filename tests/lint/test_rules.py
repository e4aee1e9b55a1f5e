"""Every rule of the linter finds what it is there for: a good package is broken in one place, and that rule speaks."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable

import pytest

from tests.lint import features
from tests.lint.rules import RULES
from workbook_templates.xlsx.lint import Opened, lint

SHEET, BOOK, TABLE = "xl/worksheets/sheet2.xml", "xl/workbook.xml", "xl/tables/table1.xml"
STYLES, CHART, LINK, TYPES = "xl/styles.xml", "xl/charts/chart1.xml", "xl/externalLinks/externalLink1.xml", "[Content_Types].xml"
STRINGS = "xl/sharedStrings.xml"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
Edit = Callable[[dict[str, bytes]], None]


def parts_of(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes], twice: str = "") -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore")  # a doubled entry is the point of one case
        for name, content in parts.items():
            archive.writestr(name, content)
        if twice:
            archive.writestr(twice, parts[twice])
    return out.getvalue()


def swap(part: str, old: str, new: str) -> Edit:
    """Replace the first match of a pattern; the case is worth nothing if there is none."""

    def edit(parts: dict[str, bytes]) -> None:
        text, count = re.subn(old, lambda match: match.expand(new), parts[part].decode(), count=1)
        assert count == 1, f"{old} is not in {part}"
        parts[part] = text.encode()

    return edit


def drop(part: str) -> Edit:
    return lambda parts: parts.pop(part) and None


def comments(parts: dict[str, bytes]) -> None:
    """A comment by an author that is not listed."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/comments1.xml"] = (
        f'<comments xmlns="{space}"><authors><author>A</author></authors><commentList><comment ref="B2" '
        'authorId="1"/></commentList></comments>'.encode()
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
    rels = "xl/worksheets/_rels/sheet2.xml.rels"
    swap(rels, "</Relationships>", f'<Relationship Type="{kind}" Target="/xl/comments1.xml" Id="rId9"/></Relationships>')(parts)
    swap(TYPES, "</Types>", f'<Override PartName="/xl/comments1.xml" ContentType="{TYPE}.comments+xml"/></Types>')(parts)


def chain(parts: dict[str, bytes]) -> None:
    """A calculation chain with a cell that holds no formula."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/calcChain.xml"] = f'<calcChain xmlns="{space}"><c r="A1" i="2"/></calcChain>'.encode()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    swap(
        "xl/_rels/workbook.xml.rels",
        "</Relationships>",
        f'<Relationship Type="{kind}" Target="calcChain.xml" Id="rId9"/></Relationships>',
    )(parts)
    swap(TYPES, "</Types>", f'<Override PartName="/xl/calcChain.xml" ContentType="{TYPE}.calcChain+xml"/></Types>')(parts)


def in_total(formula: str) -> Edit:
    """Another formula in C12."""
    return swap(SHEET, r"SUM\(Regions\[Buyers\]\)", formula.replace("\\", r"\\"))


LONG = "x" * 256
BROKEN: list[tuple[str, Edit]] = [
    ("format-grammar", swap(SHEET, "C12&gt;share", "C12&gt;SUM(Regions[Buyers])")),
    ("format-grammar", swap(SHEET, "C12&gt;share", "C12&gt;SUM(Regions)")),
    ("format-grammar", swap(SHEET, "C12&gt;share", "OR(C12={1,2})")),
    ("format-grammar", swap(SHEET, "C12&gt;share", "C12&gt;'Front page'!C5")),
    ("format-grammar", swap(SHEET, "C12&gt;share", "SUM((C12,C13))&gt;0")),
    ("format-grammar", swap(SHEET, "C12&gt;share", "SUM(C12:C13 C12:D12)&gt;0")),
    ("format-grammar", swap(SHEET, "C12&gt;share", "SUM(C12:INDEX(C:C,9))&gt;0")),
    ("format-grammar", swap(SHEET, "C12&gt;share", "[1]!SALES_ROI(C12,1)&gt;0")),
    ("validation-grammar", swap(SHEET, '"a,b"', "Regions[Region]")),
    ("validation-grammar", swap(SHEET, '"a,b"', "{1,2}")),
    ("validation-overlap", swap(SHEET, 'sqref="D16"', 'sqref="C16:D16"')),
    ("validation-length", swap(SHEET, '"a,b"', f'"{LONG}"')),
    ("validation-length", swap(SHEET, 'prompt="a share[^"]*"', f'prompt="{LONG}"')),
    (
        "merged",
        swap(
            SHEET, "<conditionalFormatting", '<mergeCells count="1"><mergeCell ref="B15:C15"/></mergeCells><conditionalFormatting'
        ),
    ),
    (
        "merged",
        swap(
            SHEET,
            "<conditionalFormatting",
            '<mergeCells count="2"><mergeCell ref="B20:C21"/><mergeCell ref="C21:D22"/></mergeCells><conditionalFormatting',
        ),
    ),
    ("table-header", swap(STRINGS, "<t>Buyers</t>", "<t>Buyer</t>")),
    ("table-header", swap(SHEET, r'(<c r="C6"[^>]*) t="s"><v>\d+</v>', r"\1><v>1</v>")),
    ("table-header", swap(TABLE, 'name="Buyers"', 'name="REGION"')),
    ("table-apart", swap(TABLE, 'displayName="Regions"', 'displayName="Total"')),
    ("table-apart", swap(TABLE, '<autoFilter ref="B6:H8"', '<autoFilter ref="B6:H9"')),
    ("name", swap(BOOK, 'name="share"', 'name="A1"')),
    ("name", swap(BOOK, 'name="share"', 'name="r1c1"')),
    ("name", swap(BOOK, 'name="share"', 'name="Total"')),
    ("name", swap(BOOK, 'name="share"', 'name="my share"')),
    ("name", swap(BOOK, r"'All of it'!\$C\$16", "$C$16")),
    ("name", swap(BOOK, r"'All of it'!\$C\$16", "'Gone'!$C$16")),
    ("formula-limit", in_total(f'LEN("{LONG}")')),
    ("formula-limit", in_total("ABS(" * 65 + "1" + ")" * 65)),
    ("formula-limit", in_total("SUM(" + ",".join(["1"] * 256) + ")")),
    ("formula-limit", in_total("1" + "+1" * 4100)),
    ("future-function", in_total("SUM(UNIQUE(B7:B8))")),
    ("reference", in_total("Gone!A1")),
    ("reference", in_total("[2]!SALES_ROI(1,2)")),
    ("value", swap(SHEET, r'<c r="C12" s="(\d+)">(.*?)<v>8</v>', r'<c r="C12" s="\1" t="e">\2<v>#SPILL!</v>')),
    ("value", swap(SHEET, "</f><v>8</v>", "</f><v>NaN</v>")),
    ("value", swap(SHEET, r'(<c r="D16"[^>]*)><v>\d+</v>', r"\1><v>999</v>")),
    ("style", swap(SHEET, 's="18"', 's="999"')),
    ("style", swap(SHEET, 'priority="5" dxfId="4"', 'priority="5" dxfId="9"')),
    ("xml", swap(LINK, "</externalLink>", "")),
    ("content-type", swap(TYPES, r'<Override PartName="/xl/tables/table1.xml"[^>]*/>', "")),
    ("content-type", swap(TYPES, "</Types>", f'<Override PartName="/xl/gone.xml" ContentType="{TYPE}.table+xml"/></Types>')),
    ("relationship", drop("xl/drawings/drawing1.xml")),
    ("relationship", swap(SHEET, 'tablePart xmlns:r="([^"]*)" r:id="rId2"', r'tablePart xmlns:r="\1" r:id="rId7"')),
    ("order", swap(SHEET, r"(<hyperlinks>.*?</hyperlinks>)(<printOptions[^>]*/>)", r"\2\1")),
    ("calc", swap(BOOK, 'calcId="191029"', 'calcId="124519"')),
    ("calc", swap(BOOK, 'calcId="191029"', 'calcId="191029" fullCalcOnLoad="1"')),
    ("links", swap(BOOK, ' updateLinks="never"', "")),
    ("links", swap("xl/externalLinks/_rels/externalLink1.xml.rels", "xlStartup", "externalLinkPath")),
    ("sheet-name", swap(BOOK, 'name="All of it"', f'name="{"x" * 32}"')),
    ("sheet-name", swap(BOOK, 'name="All of it"', 'name="FRONT PAGE"')),
    ("print-titles", swap(BOOK, r"'All of it'!\$1:\$6", "'Front page'!$1:$6")),
    ("calc-chain", chain),
    ("cell-order", swap(SHEET, '<row r="13">', '<row r="11">')),
    ("cell-order", swap(SHEET, '<c r="C16"', '<c r="A16"')),
    ("shared-strings", swap(STRINGS, r'uniqueCount="\d+"', 'uniqueCount="7"')),
    ("space", swap(STRINGS, "<t>a</t>", "<t> a</t>")),
    ("date", swap(SHEET, r'<c r="C12" s="\d+">(.*?)<v>8</v>', r'<c r="C12" s="DATE">\1<v>-8</v>')),
    ("metadata", swap(SHEET, 'cm="1"', 'cm="2"')),
    ("array", swap(SHEET, 'ref="B15:B16"', 'ref="B16:B17"')),
    ("array", swap(SHEET, ' cm="1"', "")),
    ("array", swap(SHEET, '(<c r="B16"[^>]*>)', r"\1<f>1</f>")),
    ("formula-value", swap(SHEET, "</f><v>8</v>", "</f>")),
    ("volatile", in_total("SUM(OFFSET(B7,0,1,2,1))")),
    ("volatile", in_total("SUM(C7:INDEX(C7:C8,2))")),
    ("volatile", in_total("TODAY()")),
    ("volatile", in_total("SUM(C7:_xlfn.XLOOKUP(1,C7:C8,C7:C8))")),
    ("volatile", in_total("SUMIF(B7:B8,1,C7:C9)")),
    ("volatile", swap(BOOK, r"'All of it'!\$C\$16", "OFFSET('All of it'!$C$16,0,0)")),
    ("function", in_total("NOSUCH(1)")),
    ("function", in_total("SALES_ROI(1,2)")),
    ("function", in_total("_xlfn.NOSUCH(1)")),
    ("intersection", in_total("SUM(Regions[Buyers]*2)")),
    ("intersection", in_total("B7:B8")),
    ("sheet-reference", swap(SHEET, "location=\"'Front page'!A1\"", "location=\"'Gone'!A1\"")),
    ("sheet-reference", swap(SHEET, "C12&gt;share", "C12&gt;shares")),
    ("priority", swap(SHEET, 'priority="5"', 'priority="4"')),
    ("sizes", swap(SHEET, 'width="17"', 'width="256"')),
    ("sizes", swap(SHEET, 'ht="26"', 'ht="410"')),
    ("styles", swap(STYLES, r'<cellXfs count="\d+"', '<cellXfs count="3"')),
    ("styles", swap(STYLES, r'(<cellXfs.*?fontId=)"\d+"', r'\1"999"')),
    ("header-footer", swap(SHEET, "Morning Star", LONG)),
    ("table-parts", swap(SHEET, '<tableParts count="1">', '<tableParts count="2">')),
    ("comment", comments),
    ("chart", swap(CHART, r"'All of it'!\$B\$12", "'Gone'!$B$12")),
    ("chart", swap(CHART, r"(<(?:c:)?numCache>.*?ptCount val=)\"2\"", r'\1"9"')),
    ("sqref", swap(SHEET, 'sqref="C12"', 'sqref=""')),
]


def found(raw: bytes) -> set[str]:
    return {finding.rule for finding in lint(Opened.of_bytes(raw), RULES)}


def good() -> dict[str, bytes]:
    """The small workbook with its texts shared, as a package that breaks no rule; a date style stands ready."""
    return parts_of(features.ours())


@pytest.mark.parametrize(("rule", "edit"), BROKEN, ids=[f"{number}-{rule}" for number, (rule, _) in enumerate(BROKEN)])
def test_a_broken_package_is_found(rule: str, edit: Edit) -> None:
    parts = good()
    assert rule not in found(packed(parts))
    edit(parts)
    if rule == "xml":  # nothing else can look at what is no XML
        only = [r for r in RULES if r.id == "xml"]
        assert lint(Opened.of_bytes(packed(parts)), only)
        return
    parts[SHEET] = parts[SHEET].replace(b"DATE", str(_date_style(parts)).encode())
    assert rule in found(packed(parts))


def _date_style(parts: dict[str, bytes]) -> int:
    """A style that shows dates, added at the end."""
    text = parts[STYLES].decode()
    count = int(re.search(r'<cellXfs count="(\d+)"', text)[1])  # type: ignore[index]
    text = text.replace(f'<cellXfs count="{count}"', f'<cellXfs count="{count + 1}"')
    parts[STYLES] = text.replace(
        "</cellXfs>", '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    ).encode()
    return count


def test_a_doubled_entry_is_found() -> None:
    assert "zip" in found(packed(good(), twice=TABLE))


def test_inline_strings_are_found() -> None:
    parts = good()
    swap(SHEET, r'<c r="D16"[^>]*>.*?</c>', '<c r="D16" t="inlineStr"><is><t>a</t></is></c>')(parts)
    assert "inline" in found(packed(parts))


def test_every_rule_is_tried_and_says_its_source() -> None:
    assert {rule for rule, _ in BROKEN} | {"zip", "inline"} == {rule.id for rule in RULES}
    assert all(rule.source and rule.what.en for rule in RULES)
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_what_xlsxwriter_writes_breaks_no_rule() -> None:
    """A control: files like these open in Excel. (XlsxWriter asks for a calculation on load: it has none of its own.)"""
    assert found(features.theirs()) <= {"calc"}
