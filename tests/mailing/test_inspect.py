"""The second look finds other people's data wherever a file can hide it, and nothing where there is none.

The places are the parts of ECMA-376 packages; foreign data is planted by hand in each, apart from all code that makes workbooks.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table

from addin.mailing import compose
from addin.mailing.compose import Attachment, Words
from addin.mailing.inspect import Inspector
from tests.mailing.letters import HEADING
from tests.plans import sample_company

ROWS = {
    "People": [
        {"id": "P001", "name": "周安澜", "email": "anlan.zhou@starbridge.example"},
        {"id": "P002", "name": "李明", "email": "li@starbridge.example"},
        {"id": "P003", "name": "李明华", "email": "minghua.li@starbridge.example"},
        {"id": "P004", "name": "May Li", "email": "may@starbridge.example"},
        {"id": "P005", "name": "周安澜", "email": "zhou2@starbridge.example"},  # two people of one name
        {"id": "P006", "name": "王", "email": ""},
        {"id": "1001", "name": "赵六", "email": ""},  # an ID of digits
        {"id": "B7", "name": "Ann", "email": ""},
        {"id": "P008", "name": "An", "email": ""},  # words of any sentence, or of a formula
        {"id": "P009", "name": "Max", "email": ""},
    ],
    "Dealers": [{"id": "DL01", "name": "瑞安机电", "email": "rui@dealer.example"}],
    "Deals": [{"id": "D27-0001"}, {"id": "D27-0002"}],
    "Customers": [{"id": "C0001", "name": "厦门云岫电子有限公司"}, {"id": "C0002", "name": "Suzhou Langyu Foods Ltd."}],
}
OWNS = {"People": {"P001"}, "Deals": {"D27-0001"}, "Customers": {"C0001"}}
INSPECTOR = Inspector(ROWS)


def workbook(fill: Callable[[Workbook], None] = lambda book: None) -> bytes:
    """A statement of P001's."""
    book = Workbook()
    sheet = book.active
    for row in (("单号", "客户", "金额"), ("D27-0001", "厦门云岫电子有限公司", 1001.0), ("D27-0001", "周安澜", 2.5)):
        sheet.append(row)
    sheet["D1"] = "=B7+SUM(C2:C3)"
    fill(book)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def with_part(name: str, content: str | bytes) -> bytes:
    """The statement with one part more, or another in its place."""
    source = zipfile.ZipFile(io.BytesIO(workbook()))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for part in source.namelist():
            if part != name:
                out.writestr(part, source.read(part))
        out.writestr(name, content)
    return made.getvalue()


def found(content: bytes, owns: dict[str, set[str]] = OWNS) -> str:
    return " | ".join(f"{f.where}: {f.text.en}" for f in INSPECTOR.package(content, owns))


def test_a_statement_of_ones_own_is_clean() -> None:
    assert found(workbook()) == ""


def _hidden_sheet(book: Workbook) -> None:
    book.create_sheet("x").sheet_state = "veryHidden"
    book["x"]["ZZ9000"] = "Suzhou Langyu Foods Ltd."


def _chart(book: Workbook) -> None:
    chart = BarChart()
    chart.add_data(Reference(book.active, range_string="Sheet!$C$1:$C$3"), titles_from_data=True)
    chart.title = "对比 李明华"
    book.active.add_chart(chart, "F1")


def _name(book: Workbook) -> None:
    book.defined_names["total_P002"] = DefinedName("total_P002", attr_text="Sheet!$A$1")


def _table(book: Workbook) -> None:
    book.active.add_table(Table(displayName="t_P002", ref="A1:C3"))


PLANTS: dict[str, Callable[[Workbook], None]] = {
    "a cell": lambda b: b.active.__setitem__("A9", "见 P002 的单"),
    "a hidden sheet": _hidden_sheet,
    "a sheet's name": lambda b: b.create_sheet("李明"),
    "a comment": lambda b: setattr(b.active["A1"], "comment", Comment("问 May Li", "x")),
    "a comment's author": lambda b: setattr(b.active["A1"], "comment", Comment("x", "瑞安机电")),
    "a defined name": _name,
    "a defined name's constant": lambda b: b.defined_names.__setitem__("k", DefinedName("k", attr_text='"B7"')),
    "a Table's name": _table,
    "a chart's title": _chart,
    "the title in the properties": lambda b: setattr(b.properties, "title", "P002"),
    "the author in the properties": lambda b: setattr(b.properties, "creator", "李明华"),
    "a header": lambda b: setattr(b.active.oddHeader.left, "text", "P002"),
    "a footer with format codes": lambda b: setattr(b.active.oddFooter.right, "text", "May Li"),
    "a text in a formula": lambda b: b.active.__setitem__("E1", '=IF(A1="B7",1,0)'),
    "a formula that names a sheet": lambda b: b.active.__setitem__("E1", "='P002'!A1"),
    "a number format": lambda b: setattr(b.active["C2"], "number_format", '0"DL01"'),
    "a validation's list": lambda b: b.active.add_data_validation(_validation()),
    "a link": lambda b: setattr(b.active["A1"], "hyperlink", "mailto:li@starbridge.example"),
    "an ID typed as text, digits only": lambda b: b.active.__setitem__("A9", "1001"),
    "one letter of a name, alone": lambda b: b.active.__setitem__("A9", "王"),
    "a name that is a word, alone": lambda b: b.active.__setitem__("A9", "An"),
    "a name that is a function, alone": lambda b: b.active.__setitem__("A9", "max"),
    "full-width letters": lambda b: b.active.__setitem__("A9", "Ｐ００２"),
    "marks that can't be seen": lambda b: b.active.__setitem__("A9", "P0\u200b02"),
    "other case": lambda b: b.active.__setitem__("A9", "SUZHOU LANGYU FOODS LTD."),
    "two blanks": lambda b: b.active.__setitem__("A9", "May \u00a0 Li"),
    "the colleague of a longer name": lambda b: b.active.__setitem__("A9", "李明华与李明"),
}


def _validation():  # type: ignore[no-untyped-def]
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = DataValidation(type="list", formula1='"C0002,C0001"')
    rule.add("A5")
    return rule


@pytest.mark.parametrize("place", PLANTS)
def test_foreign_data_in_what_a_workbook_says(place: str) -> None:
    assert "somebody else's" in found(workbook(PLANTS[place]))


_RICH = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><r><t>李</t></r><r><rPr/><t>明华</t></r></si></sst>'
_INNER = with_part("xl/other.xml", "<x>P002</x>")
PARTS: dict[str, tuple[str, str | bytes]] = {
    "rich text in pieces": ("xl/sharedStrings9.xml", _RICH),
    "an inline string": ("xl/worksheets/sheet9.xml",
                         "<worksheet><sheetData><c t='inlineStr'><is><t>P002</t></is></c></sheetData></worksheet>"),
    "a chart's cache": ("xl/charts/chart9.xml",
                        "<c:chart xmlns:c='c'><c:strCache><c:pt idx='0'><c:v>李明</c:v></c:pt></c:strCache></c:chart>"),
    "a pivot's cache": ("xl/pivotCache/pivotCacheDefinition1.xml",
                        "<pivotCacheDefinition><sharedItems><s v='C0002'/></sharedItems></pivotCacheDefinition>"),
    "a pivot's records": ("xl/pivotCache/pivotCacheRecords1.xml", "<r><s v='P003'/></r>"),
    "a threaded comment": ("xl/threadedComments/threadedComment1.xml",
                           "<ThreadedComments><threadedComment><text>@李明 请看</text></threadedComment></ThreadedComments>"),
    "the persons of comments": ("xl/persons/person.xml",
                                "<personList><person displayName='May Li' userId='may@starbridge.example'/></personList>"),
    "custom properties": ("docProps/custom.xml",
                          "<Properties><property name='for'><lpwstr>P002</lpwstr></property></Properties>"),
    "custom XML": ("customXml/item1.xml", "<data><who id='P002'/></data>"),
    "an external link": ("xl/externalLinks/_rels/externalLink1.xml.rels",
                         "<Relationships><Relationship Target='file:///plans/P002.xlsx'/></Relationships>"),
    "an external link's cache": ("xl/externalLinks/externalLink1.xml",
                                 "<externalLink><sheetDataSet><cell><v>瑞安机电</v></cell></sheetDataSet></externalLink>"),
    "a drawing's text in pieces": ("xl/drawings/drawing9.xml",
                                   "<d xmlns:a='a'><a:p><a:r><a:t>May </a:t></a:r><a:r><a:t>Li</a:t></a:r></a:p></d>"),
    "a picture's description": ("xl/drawings/drawing9.xml", "<d><cNvPr id='2' descr='photo of May Li'/></d>"),
    "VML that is not XML": ("xl/drawings/vmlDrawing1.vml", "<xml><v:shape><br>P002</v:shape>"),
    "an XML comment": ("xl/styles9.xml", "<styleSheet><!-- P002 --></styleSheet>"),
    "a processing instruction": ("xl/styles9.xml", "<?note P002?><styleSheet/>"),
    "an attribute": ("xl/styles9.xml", "<styleSheet x='P002'/>"),
    "XML in UTF-16": ("xl/styles9.xml", "<?xml version='1.0' encoding='UTF-16'?><s>李明华</s>".encode("utf-16")),
    "a text box header": ("xl/worksheets/sheet9.xml",
                          "<worksheet><headerFooter><oddHeader>&amp;LP002&amp;C&amp;\"Arial\"x</oddHeader></headerFooter></worksheet>"),
    "an embedded workbook": ("xl/embeddings/Microsoft_Excel_Sheet1.xlsx", _INNER),
    "an embedded workbook in disguise": ("xl/media/image1.png", _INNER),
    "an OLE object": ("xl/embeddings/oleObject1.bin", b"\xd0\xcf\x11\xe0" + "Suzhou Langyu Foods Ltd.".encode("utf-16-le")),
    "a picture's metadata": ("xl/media/image1.png", b"\x89PNG\r\n\x1a\n....tEXtAuthor\0li@starbridge.example...."),
    "a text file": ("notes.txt", "李明 3月".encode("gb18030")),
    "a part's name": ("xl/media/P002.png", b"\x89PNG"),
}  # fmt: skip


@pytest.mark.parametrize("place", PARTS)
def test_foreign_data_in_any_part(place: str) -> None:
    assert "somebody else's" in found(with_part(*PARTS[place]))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (with_part("xl/vbaProject.bin", b"\xd0\xcf"), "macros"),
        (with_part("xl/x.xml", '<!DOCTYPE a [<!ENTITY p "P0">]><a>&p;02</a>'), "DTD"),
        (workbook() + b"P002", "carries something besides"),
        (b"P002" + workbook(), "carries something besides"),
        (b"no zip", "no whole package"),
        (workbook()[:-40], "no whole package"),
        (with_part("xl/embeddings/a.xlsx", b"PK\x03\x04broken"), "no whole package"),
    ],
)
def test_what_cannot_be_looked_into_is_not_sent(content: bytes, said: str) -> None:
    assert said in found(content)


def test_bytes_between_the_parts_and_comments_on_them_are_seen() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        entry = zipfile.ZipInfo("a.xml")
        entry.comment = "李明".encode()
        out.writestr(entry, "<a/>")
        out.comment = b"P002"
    assert "李明" in found(made.getvalue()) and "carries something besides" in found(made.getvalue())
    two = io.BytesIO()
    with zipfile.ZipFile(two, "w") as out:
        out.writestr("a.xml", "<a/>")
        out.fp.write(b"P002 " * 20)  # type: ignore[union-attr]
        out.start_dir = out.fp.tell()  # type: ignore[union-attr, attr-defined]
        out.writestr("b.xml", "<b/>")
    assert "carries something besides" in found(two.getvalue())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(made, "a") as out:
        out.writestr("a.xml", "<a/>")
    assert "carries something besides" in found(made.getvalue())


@pytest.mark.parametrize(
    "text",
    [
        "P0020",
        "XP002",
        "C00021",
        "Mayor Lin",
        "May Lin",
        "Ann's",  # the last is Ann: see below
        "1001.00 元",
        "第 1001 台",
        "王府井",
        "李明华",
        "D27-00011",
        "lay liability",
        "An order is paid when its cash is in",
        "=MAX(C2:C3)",
    ],
)
def test_a_part_of_another_word_is_no_mention(text: str) -> None:
    own = OWNS | {"People": {"P001", "P003"}}
    hits = found(workbook(lambda b: b.active.__setitem__("A9", text)), own)
    assert bool(hits) == (text == "Ann's")


def test_a_cell_reference_is_no_id_and_a_shared_name_is_ones_own() -> None:
    assert found(workbook(lambda b: b.active.__setitem__("E1", "=B7*2"))) == ""
    assert "B7" in found(workbook(lambda b: b.active.__setitem__("E1", "B7"))).upper()
    assert found(workbook(), OWNS | {"People": {"P005"}}) == ""  # the other 周安澜
    assert found(workbook(), OWNS | {"People": {"P002"}}) != ""


def test_a_word_of_the_forms_is_not_looked_for_and_said_so() -> None:
    """A person called 代表 (a level's name) can't be told from the word."""
    inspector = Inspector({"People": [{"id": "P1", "name": "代表", "email": "a@b.example"}]}, ["安全"])
    assert inspector.unchecked() == ["代表"]
    assert Inspector({"People": [{"id": "P1", "name": "安全", "email": ""}]}, ["安全"]).unchecked() == ["安全"]


def mail(**more: str) -> bytes:
    words = {"kind": "statement",
                     "recipient": "P001", "name": "周安澜", "email": "anlan.zhou@starbridge.example", "period": "2027-03",
             "subject": "对账单", "body": "您好", "text": "D27-0001 厦门云岫电子有限公司", "html": "<p>D27-0001</p>"} | more  # fmt: skip
    attached = Attachment("对账单.xlsx", workbook(), "x")
    return compose.letter(HEADING, Words(**words), attached).content  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "more",
    [
        {"subject": "对账单 P002"},
        {"body": "请转 李明华"},
        {"text": "合计见 C0002"},
        {"html": "<p>May&#32;Li</p>"},
        {"html": "<p><b>李</b>明华</p>"},
        {"html": "<!-- P002 --><p>x</p>"},
        {"html": '<p title="P002">x</p>'},
        {"html": '<a href="mailto:li@starbridge.example">x</a>'},
        {"html": "<style>/* D27-0002 */</style>"},
        {"email": "li@starbridge.example"},
    ],
)
def test_foreign_data_in_the_mail_itself(more: dict[str, str]) -> None:
    assert not INSPECTOR.mail(mail(), OWNS)
    assert INSPECTOR.mail(mail(**more), OWNS)


def test_each_of_the_samples_people_is_found_in_each_others_statement() -> None:
    rows = sample_company("zh").rows
    inspector = Inspector(rows)
    everybody = workbook(lambda b: [b.active.append([p["name"], p["id"], p["email"]]) for p in rows["People"]] and None)
    for person in rows["People"][:10]:
        owns = {"People": {person["id"]}, "Deals": {"D27-0001"}, "Customers": {"C0001"}}
        hit = {f.text.en for f in inspector.package(everybody, owns)}
        assert len(hit) >= 3 * (len(rows["People"]) - 1) - 3
        assert not any(person["id"] in text.split("“")[1].split("”")[0].upper() for text in hit)


@given(st.text(alphabet="PC0123 李明华安澜May-.", max_size=30))
def test_it_finds_what_a_plain_search_finds(text: str) -> None:
    """Against the definition: a foreign token, not within a longer one of one's own, with word boundaries where letters meet."""
    import re

    from addin.mailing.inspect import Leak, _Piece, plain

    hits = list(INSPECTOR._foreign(_Piece("x", text), {("People", "P003")}))
    assert all(isinstance(h, str) for h in hits) and Leak
    flat = plain(text)
    for token in ("p002", "c0002", "may li"):
        there = re.search(rf"(?<![0-9a-z]){token}(?![0-9a-z])", flat) is not None
        assert (token in hits) == there
    assert ("李明" in hits) == ("李明" in flat.replace("李明华", "…"))
