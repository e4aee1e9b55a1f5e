"""A sheet read and changed as text is the sheet read and changed as a tree; what is written unusually goes the tree's way."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import canonicalize

import pytest

from tests.actions.company import company, deal
from tests.small_plan import small_plan
from workbook_templates.answers import Refused
from workbook_templates.xlsx.package import CellFormula, Package, Sheet
from workbook_templates.xlsx.plain_rows import Unusual, plain_sheet


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    rows = [deal(n, note="a<b & c>d\n“e” _x0041_") for n in range(1, 8)]
    return small_plan(tmp_path_factory.mktemp("plain") / "plan.xlsx", company(rows)).read_bytes()


def _trees(raw: bytes) -> Package:
    """The package with a tree of every sheet before any is read."""
    package = Package.from_bytes(raw)
    for sheet in package.sheets.values():
        assert sheet.root is not None
    return package


def _read(sheet: Sheet) -> tuple[object, ...]:
    cells = [(at, cell, type(cell.value)) for at, cell in sheet.cells().items()]
    return cells, sheet.arrays, sheet.merged, sheet.hidden_rows(), [at for at in sheet.cells() if sheet.owner(at)]


def _parts(package: Package) -> dict[str, str | bytes]:
    """The parts as saved; an empty element may be written in two ways."""
    with zipfile.ZipFile(io.BytesIO(package.to_bytes())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return {name: canonicalize(part) if name.endswith((".xml", ".rels")) else part for name, part in parts.items()}


def test_what_is_read_is_the_same(plan: bytes) -> None:
    text, tree = Package.from_bytes(plan), _trees(plan)
    for name in text.sheets:
        assert _read(text.sheets[name]) == _read(tree.sheets[name]), name
    assert all(sheet.as_text for sheet in text.sheets.values()) and not any(s.as_text for s in tree.sheets.values())


def _edit(dice: random.Random, package: Package) -> None:
    """One change of some sheet, drawn alike for whoever draws with the same dice."""
    name = dice.choice(sorted(package.sheets))
    sheet = package.sheets[name]
    at = dice.choice([*sheet.cells(), (dice.randint(1, 60), dice.randint(1, 40))])
    value = dice.choice([1.5, "文字 <&> ", True, None, -3.0])
    try:
        match dice.randint(0, 5):
            case 0 | 1:
                sheet.set_values({at: value})
            case 2:
                sheet.set_formulas({at: CellFormula('1+A1&"<"', value=2.0)})
            case 3:
                sheet.set_styles({at: 3})
            case 4:
                sheet.respell({at: "SUM( 1,2 )"})
            case _:
                table = dice.choice(sorted(package.tables))
                package.grow_rows(package.tables[table], package.tables[table].ref.last_row + 2)
    except Refused:
        pass  # of both alike: what comes of it is compared


@pytest.mark.parametrize("seed", range(12))
def test_what_is_changed_is_the_same(plan: bytes, seed: int) -> None:
    text, tree = Package.from_bytes(plan), _trees(plan)
    for package in (text, tree):
        dice = random.Random(seed)
        for _ in range(15):
            _edit(dice, package)
    assert text.touched == tree.touched and _parts(text) == _parts(tree)
    if seed % 2:  # somebody asks for a tree in between: it has what was changed, and is changed on
        for sheet in text.sheets.values():
            assert sheet.root is not None and not sheet.as_text
        for package in (text, tree):
            dice = random.Random(seed + 100)
            for _ in range(5):
                _edit(dice, package)
        assert _parts(text) == _parts(tree)


def test_a_row_that_was_not_touched_keeps_its_very_text(plan: bytes) -> None:
    package = Package.from_bytes(plan)
    deals = package.tables["Deals"]
    sheet = package.sheets[deals.sheet]
    before = package.archive.read(sheet.part)
    sheet.set_values({(deals.data.first_row + 2, deals.data.first_col): "D3 neu"})
    with zipfile.ZipFile(io.BytesIO(package.to_bytes())) as archive:
        after = archive.read(sheet.part)
    rows = [part.split(b"</sheetData>")[0].split(b"<row ")[1:] for part in (before, after)]
    assert sum(one != other for one, other in zip(*rows, strict=True)) == 1
    assert sheet.part not in package.roots


UNUSUAL: dict[str, Callable[[bytes], bytes]] = {
    "a comment": lambda part: part.replace(b"<row ", b"<!-- x --><row ", 1),
    "an instruction": lambda part: part.replace(b"</row>", b"<?x y?></row>", 1),
    "a section": lambda part: part.replace(b"<v>1</v>", b"<v><![CDATA[1]]></v>", 1),
    "another order": lambda part: part.replace(b'<row r="2"', b'<row r="1"', 1),
    "no position": lambda part: part.replace(b'<c r="B', b'<c q="B', 1),
    "a place twice": lambda part: re.sub(rb'(<c r="[A-Z]+[0-9]+"[^>]*/>)', rb"\1\1", part, count=1),
    "an inline text": lambda part: part.replace(b"</row>", b'<c r="XFD2" t="inlineStr"><is><t>x</t></is></c></row>', 1),
    "an entity by number": lambda part: part.replace(b"<v>1", b"<v>&#49;", 1),
    "a line's end": lambda part: part.replace(b"<v>1", b"<v>\r\n1", 1),
    "space between": lambda part: part.replace(b"<row ", b"\n<row ", 1),
    "a prefix nobody said": lambda part: part.replace(b"<row ", b'<row q:z="1" ', 1),
    "an attribute twice": lambda part: part.replace(b' s="', b' s="1" s="', 1),
    "beyond the sheet": lambda part: part.replace(b'<row r="2"', b'<row r="1048577"', 1),
    "not closed": lambda part: part.replace(b"</row>", b"", 1),
    "half a character": lambda part: part.replace(b"</sheetData>", b"\xe4\xb8</sheetData>", 1),
    "a character that is none": lambda part: part.replace(b"<v>1", b"<v>\x011", 1),
}


@pytest.mark.parametrize("kind", UNUSUAL)
def test_the_tree_reads_what_is_written_unusually(plan: bytes, kind: str, tmp_path: Path) -> None:
    part = Package.from_bytes(plan).sheets["成交表"].part
    raw = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plan)) as old, zipfile.ZipFile(raw, "w") as new:
        before, after = old.read(part), UNUSUAL[kind](old.read(part))
        assert before != after
        for name in old.namelist():
            new.writestr(name, after if name == part else old.read(name))
    plain = plain_sheet(after, part)
    if plain is not None:
        with pytest.raises(Unusual):
            list(plain.cells())
    said: list[object] = []
    for package in (Package.from_bytes(raw.getvalue()), None):
        try:
            package = package or _trees(raw.getvalue())
            said.append(_read(package.sheets["成交表"]))
        except Refused as refused:
            said.append(str(refused))
    assert said[0] == said[1]
