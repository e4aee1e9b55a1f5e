"""What Excel's specifications ask of an .xlam, as rules over the built file: each with its source and a way to break it.

Excel is not to be had here, so its specifications are our Excel. A rule looks at the file as others read it (zip, XML, the VBA
project's streams), not at how it was made.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath

import olefile
from lxml import etree
from pyopenvba.vba import decompress

from addin.desktop import build

CUSTOM_UI = "http://schemas.microsoft.com/office/2009/07/customui"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

# Of the imageMso table of [MS-CUSTOMUI] (7.0, Appendix A) those that suit a sales plan. Names outside of it may be drawn too, or
# leave the button empty: nobody here can see it, so only these are used.
ICONS = frozenset(
    """AcceptInvitation AccountingFormat AddressBook AutoSum Calculator CalculateNow Chart3DPieChart ChartAreaChart ChartInsert
    CheckNames Consolidate Copy DataValidation DatabaseInsert DigitallySignMessage DollarSign ExchangeFolder FileFind FileNew FileOpen
    FilePrint FileSave FileSaveAs FileSendAsAttachment Filter FindDialog Folder FunctionWizard Help HyperlinkInsert Info
    InternationalCurrency Lock MailMergeMergeToDocument MergeCells MicrosoftExcel NewMailMessage Organizer Paste PivotTableFieldSettings
    PropertySheet Pushpin RecordInJournal Refresh RefreshAll ReviewAcceptChange ReviewEditComment ReviewHighlightChanges ReviewNewComment
    ReviewRejectChange ReviewShareWorkbook ReviewTrackChanges Schedule SendDefault SendStatusReport SheetInsert SheetProtect
    SortDialogClassic SortDown SortUp Spelling TableInsert TableSelect TextFromFileInsert TraceError Undo UpArrow2""".split()  # noqa: SIM905
)
_RESERVED = frozenset(
    """and as boolean byref byte byval call case const currency date decimal declare dim do double each else elseif end enum erase
    error event exit false for function get global gosub goto if imp implements in input integer is let like long loop lset me mid mod
    new next not nothing null object on open option optional or paramarray preserve print private property public put raiseevent redim
    rem resume return rset seek select set single static step stop string sub then to true type until variant wend while with
    withevents write xor""".split()  # noqa: SIM905
)
# The callbacks' signatures: "Customizing the 2007 Office Fluent Ribbon for Developers", part 3, and [MS-CUSTOMUI2] 2.4.12.
_SIGNATURES = {"onAction": 1, "getLabel": 2, "getScreentip": 2, "getSupertip": 2}


@dataclass(frozen=True)
class Addin:
    """The file as its readers find it."""

    parts: dict[str, bytes]
    modules: dict[str, str]
    records: tuple[tuple[int, bytes], ...]
    project: str
    performance_cache: bytes

    @classmethod
    def read(cls, data: bytes) -> Addin:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        with olefile.OleFileIO(io.BytesIO(parts["xl/vbaProject.bin"])) as vba:
            records = tuple(build.dir_records(decompress(vba.openstream("VBA/dir").read())))
            modules = {name: decompress(vba.openstream(f"VBA/{name}").read()[at:]) for name, at in _streams(records)}
            project = vba.openstream("PROJECT").read().decode("cp1252")
            cache = vba.openstream("VBA/_VBA_PROJECT").read()
            assert not [s for s in vba.listdir() if "__SRP_" in s[-1]]
        return cls(parts, {k: v.decode("cp1252") for k, v in modules.items()}, records, project, cache)

    def xml(self, name: str) -> etree._Element:
        return etree.fromstring(self.parts[name])

    @cached_property
    def ribbon(self) -> etree._Element:
        return self.xml("customUI/customUI14.xml")

    @cached_property
    def code(self) -> dict[str, str]:
        """Modules without comments and attributes."""
        return {name: re.sub(r"(?m)^\s*(?:'|Attribute ).*$|(?<=\s)'[^\"\r\n]*$", "", text) for name, text in self.modules.items()}

    @cached_property
    def ours(self) -> dict[str, str]:
        return {name: text for name, text in self.code.items() if name not in ("xlwings", "Dictionary")}

    def with_module(self, name: str, old: str, new: str) -> Addin:
        assert old in self.modules[name], (name, old)
        return replace(self, modules={**self.modules, name: self.modules[name].replace(old, new)})

    def with_part(self, name: str, old: bytes, new: bytes) -> Addin:
        assert old in self.parts[name], (name, old)
        return replace(self, parts={**self.parts, name: self.parts[name].replace(old, new)})


def _streams(records: tuple[tuple[int, bytes], ...]) -> Iterator[tuple[str, int]]:
    """Each module's stream and where its source begins: MODULESTREAMNAME 0x1A, MODULEOFFSET 0x31."""
    name = ""
    for record, content in records:
        if record == 0x1A:
            name = content.decode("cp1252")
        elif record == 0x31:
            yield name, int.from_bytes(content, "little")


@dataclass(frozen=True)
class Rule:
    """A rule: what it finds, where it comes from, and a change that breaks it."""

    name: str
    source: str
    check: Callable[[Addin], Iterator[str]]
    spoil: Callable[[Addin], Addin]


RULES: list[Rule] = []


def rule(source: str, spoil: Callable[[Addin], Addin]) -> Callable[[Callable[[Addin], Iterator[str]]], None]:
    def register(check: Callable[[Addin], Iterator[str]]) -> None:
        RULES.append(Rule(check.__name__, source, check, spoil))

    return register


# ------------------------------------------------------------------------------------------------------------------- package


@rule(
    "ECMA-376 part 2, 10.1.2; [MS-OFFMACRO2] 2.1",
    lambda a: a.with_part("[Content_Types].xml", b"addin.macroEnabled.main", b"sheet.main"),
)
def every_part_has_its_content_type(addin: Addin) -> Iterator[str]:
    root = addin.xml("[Content_Types].xml")
    by_end = {e.get("Extension"): e.get("ContentType") for e in root.iter(f"{_TYPES}Default")}
    by_name = {e.get("PartName"): e.get("ContentType") for e in root.iter(f"{_TYPES}Override")}
    for name in addin.parts.keys() - {"[Content_Types].xml"}:
        if not (by_name.get(f"/{name}") or by_end.get(name.rsplit(".", 1)[-1])):
            yield name
    wanted = {
        "/xl/workbook.xml": "application/vnd.ms-excel.addin.macroEnabled.main+xml",
        "/xl/vbaProject.bin": "application/vnd.ms-office.vbaProject",
    }
    yield from (name for name, kind in wanted.items() if (by_name.get(name) or by_end.get("bin")) != kind)
    yield from (f"{name} is no part" for name in by_name if name.lstrip("/") not in addin.parts)


@rule("ECMA-376 part 2, 9.3", lambda a: a.with_part("xl/_rels/workbook.xml.rels", b"vbaProject.bin", b"vba.bin"))
def every_relationship_has_its_part_and_every_part_one(addin: Addin) -> Iterator[str]:
    reached = {"[Content_Types].xml", *(n for n in addin.parts if n.endswith(".rels"))}
    for name in (n for n in addin.parts if n.endswith(".rels")):
        folder = PurePosixPath(name).parent.parent
        ids = [r.get("Id") for r in addin.xml(name).iter(f"{_RELS}Relationship")]
        if len(ids) != len(set(ids)):
            yield f"{name}: an Id twice"
        reached |= {str(folder / (r.get("Target") or "")) for r in addin.xml(name).iter(f"{_RELS}Relationship")}
    yield from (f"{name} is missing" for name in reached - addin.parts.keys())
    yield from (f"nothing leads to {name}" for name in addin.parts.keys() - reached)


@rule(
    "[MS-CUSTOMUI2] 2.1.1; [MS-OFFMACRO2] 2.1.1",
    lambda a: a.with_part("_rels/.rels", b"office/2007/relationships/ui", b"office/2006/relationships/ui"),
)
def ribbon_and_macros_hang_on_their_relationship_types(addin: Addin) -> Iterator[str]:
    wanted = {
        ("_rels/.rels", "customUI/customUI14.xml"): "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility",
        ("xl/_rels/workbook.xml.rels", "vbaProject.bin"): "http://schemas.microsoft.com/office/2006/relationships/vbaProject",
    }
    for (part, target), kind in wanted.items():
        found = {r.get("Type") for r in addin.xml(part).iter(f"{_RELS}Relationship") if r.get("Target") == target}
        if found != {kind}:
            yield f"{target}: {found}"


@rule(
    "[MS-OVBA] 2.2.2 document modules; ECMA-376 part 1, 18.3.1.82 codeName",
    lambda a: a.with_part("xl/worksheets/sheet1.xml", b'codeName="', b'codeName="X'),
)
def every_sheet_has_its_document_module(addin: Addin) -> Iterator[str]:
    declared = set(re.findall(r"(?m)^Document=(\w+)/", addin.project))
    codes = {addin.xml(n).find(f"{_MAIN}sheetPr").get("codeName") for n in addin.parts if n.startswith("xl/worksheets/sheet")}
    yield from sorted((codes | {"ThisWorkbook"}) ^ declared)


@rule(
    "Excel's specifications and limits",
    lambda a: a.with_part("xl/worksheets/sheet2.xml", b"<row ", b"<row ><c><f>1</f></c></row><row "),
)
def the_add_in_s_own_sheets_compute_nothing_and_fit(addin: Addin) -> Iterator[str]:
    for name in (n for n in addin.parts if n.startswith("xl/worksheets/sheet")):
        text = addin.parts[name].decode()
        if re.search(r"<f[ >]", text):
            yield f"{name} has a formula"
        yield from (f"{name}: a text of {len(t)}" for t in re.findall(r"<t[^>]*>([^<]*)<", text) if len(t) > 32_767)
    names = [s.get("name") for s in addin.xml("xl/workbook.xml").iter(f"{_MAIN}sheet")]
    yield from (n for n in names if len(n or "") > 31)


# -------------------------------------------------------------------------------------------------------------------- ribbon


@rule(
    "callbacks' signatures (Microsoft, Customizing the 2007 Office Fluent Ribbon, part 3); [MS-CUSTOMUI2] ST_Delegate",
    lambda a: a.with_module(
        "SalesPlanRibbon", "SalesPlanLabel(control As IRibbonControl, ByRef text)", "SalesPlanLabel(control)"
    ),
)
def every_callback_is_a_public_sub_of_the_right_shape(addin: Addin) -> Iterator[str]:
    subs = {}
    for name, text in addin.modules.items():
        if "Option Private Module" not in text and not text.startswith(("VERSION", 'Attribute VB_Name = "ThisWorkbook"')):
            subs.update({m[1]: m[2] for m in re.finditer(r"(?m)^(?:Public )?Sub (\w+)\(([^)]*)\)", addin.code[name])})
    for element in addin.ribbon.iter():
        for attribute, value in element.attrib.items():
            if attribute not in _SIGNATURES and not attribute.startswith(("get", "on")):
                continue
            given = [p.strip() for p in subs.get(value, "").split(",") if p.strip()]
            right = len(given) == _SIGNATURES.get(attribute, 0) and given[0].lower().endswith("as iribboncontrol")
            if not right or (len(given) == 2 and not given[1].lower().startswith("byref ")):
                yield f"{attribute}={value}: ({subs.get(value, 'no such public Sub')})"


@rule(
    "[MS-CUSTOMUI] Appendix A, imageMso table", lambda a: a.with_part("customUI/customUI14.xml", b'"DollarSign"', b'"ChartPie"')
)
def every_icon_is_in_microsofts_list(addin: Addin) -> Iterator[str]:
    yield from (i for e in addin.ribbon.iter() if (i := e.get("imageMso")) and i not in ICONS)


@rule("[MS-CUSTOMUI2] ST_UniqueID", lambda a: a.with_part("customUI/customUI14.xml", b'id="undo"', b'id="mail"'))
def every_id_is_a_name_and_unique(addin: Addin) -> Iterator[str]:
    ids = [e.get("id") for e in addin.ribbon.iter() if e.get("id")]
    yield from (i for i in ids if ids.count(i) > 1 or not re.fullmatch(r"[A-Za-z_][\w.-]*", i or ""))


# ------------------------------------------------------------------------------------------------------------ the VBA project


@rule(
    "[MS-OVBA] 2.3.4.2.2 and 2.1.1.8 LibidReference: a path found on every computer, or none",
    lambda a: replace(a, records=(*a.records, (0x0D, b"\0\0\0\0*\\G{0}#2.0#0#C:\\Users\\felix\\MSForms.exd#Forms"))),
)
def no_reference_names_a_machine(addin: Addin) -> Iterator[str]:
    for record, content in addin.records:
        if record in (0x0D, 0x0E, 0x2F, 0x30, 0x33):
            path = content.decode("latin-1").split("#")[3:4]
            if record != 0x0D or not path or not re.match(r"(?i)C:\\(Program Files|Windows)", path[0]):
                yield repr(content)


@rule("[MS-OVBA] 2.3.4.1: no performance cache", lambda a: replace(a, performance_cache=a.performance_cache + b"p-code"))
def nothing_compiled_is_left(addin: Addin) -> Iterator[str]:
    if addin.performance_cache != b"\xcc\x61\xff\xff\x00\x00\x00":
        yield repr(addin.performance_cache[:20])


@rule("[MS-OVBA] 2.3.1.1 and 2.3.4.2.3", lambda a: replace(a, project=a.project.replace("Module=SalesPlanPython\r\n", "")))
def project_and_dir_list_the_same_modules(addin: Addin) -> Iterator[str]:
    declared = set(re.findall(r"(?m)^(?:Module|Class|Document)=(\w+)", addin.project))
    yield from sorted(declared ^ addin.modules.keys())
    count = next(int.from_bytes(c, "little") for r, c in addin.records if r == 0x0F)
    if count != len(addin.modules):
        yield f"dir counts {count}"


@rule(
    "one ANSI code page a project ([MS-OVBA] 2.3.4.2.1.4); VBA's editor: 1,023 characters, 24 continuations a line",
    lambda a: a.with_module("SalesPlanPython", "Option Explicit", "Option Explicit '提成"),
)
def source_is_ascii_and_its_lines_fit(addin: Addin) -> Iterator[str]:
    for name, text in addin.modules.items():
        if not text.isascii():
            yield f"{name} is not ASCII"
        if "\n" in text.replace("\r\n", ""):
            yield f"{name}: lines"
        yield from (f"{name}: {len(line)} characters" for line in text.split("\r\n") if len(line) > 1023)
        if re.search(r"(?: _\r\n[^\r]*){25}", text):
            yield f"{name}: continued too often"


@rule(
    "Excel: 30 arguments in VBA, 20 with help by MacroOptions, 255 characters of names; a name that is a cell is none "
    "([MS-VBAL] 3.3.5)",
    lambda a: a.with_module("SalesPlanFunctions", "Function SALES_ROI(", "Function ROI1("),
)
def functions_and_arguments_have_names_excel_takes(addin: Addin) -> Iterator[str]:
    cell = re.compile(r"(?i)[A-Z]{1,3}\d{1,7}|R\d*C\d*|[RC]\d*")
    for title, given in re.findall(r"(?m)^Function (\w+)\(([^)]*)\)", addin.code["SalesPlanFunctions"]):
        names = [re.sub(r"^(Optional|ParamArray) |\($", "", p.strip()) for p in given.split(",") if p.strip()]
        if cell.fullmatch(title) or not title.startswith("SALES_"):
            yield f"{title} is a cell"
        if len(names) > 20 or len(", ".join(names)) > 250:
            yield f"{title}: {len(names)} arguments"
        yield from (f"{title}: {n}" for n in names if n.lower() in _RESERVED or not re.fullmatch(r"[A-Za-z]\w*", n))


@rule(
    "64-bit Office: Declare needs PtrSafe (Microsoft, Compatibility between 32-bit and 64-bit Office)",
    lambda a: a.with_module("xlwings", "Declare PtrSafe Function XLPyDLLNDims", "Declare Function XLPyDLLNDims"),
)
def every_declare_is_safe_for_pointers(addin: Addin) -> Iterator[str]:
    for name, text in addin.code.items():
        newer = re.sub(r"(?s)#If VBA7 Then(.*?)\r\n#Else.*?\r\n#End If", r"\1", text)
        yield from (f"{name}: {line.strip()}" for line in newer.split("\r\n") if re.search(r"\bDeclare (?!PtrSafe)", line))


@rule(
    "[MS-VBAL] 5.3.1.1 and 5.2.1.3: a Private procedure is its module's own, and no two public ones may have one name",
    lambda a: a.with_module("SalesPlanResults", "Public Function SalesPlanAnchor", "Private Function SalesPlanAnchor"),
)
def every_procedure_called_can_be_seen(addin: Addin) -> Iterator[str]:
    seen: dict[str, set[str]] = {}
    own: dict[str, set[str]] = {}
    for name, text in addin.code.items():
        if name == "Dictionary":
            continue
        for scope, title in re.findall(r"(?m)^ *(Private |Public )?(?:Static )?(?:Sub|Function) (\w+)", text):
            (own if scope == "Private " or name == "ThisWorkbook" else seen).setdefault(title, set()).add(name)
    yield from (f"{title} in {sorted(where)}" for title, where in seen.items() if len(where) > 1)
    for name, text in addin.ours.items():
        bare = re.sub(r'"[^"]*"', "", text)
        for called in set(re.findall(r"\b(SalesPlan\w+|Xlwings\w+|GetConfig\w*)\b", bare)) - addin.modules.keys():
            if called not in seen and name not in own.get(called, ()):
                yield f"{name} calls {called}"


@rule(
    "issue 9, 4: a bare XLPy waits a minute for every cell",
    lambda a: a.with_module("SalesPlanRibbon", "XlwingsCleanUp", "XLPy.Call 1"),
)
def one_way_to_python(addin: Addin) -> Iterator[str]:
    for name, text in addin.ours.items():
        found = re.findall(r"\b(?:XLPy|CallUDF|RunPython)\b", text)
        if found and name != "SalesPlanPython":
            yield f"{name}: {found}"


@rule(
    "xlwings _xlmac.cleanup; Option Private Module hides from other programs",
    lambda a: a.with_module("SalesPlanRibbon", "Public Sub CleanUp", "Private Sub CleanUp"),
)
def cleanup_can_be_run_by_name(addin: Addin) -> Iterator[str]:
    public = [
        n for n, t in addin.ours.items() if re.search(r"(?m)^Public Sub CleanUp\(\)", t) and "Option Private Module" not in t
    ]
    if len(public) != 1:
        yield f"CleanUp is public in {public}"


@rule("xlwings #120, #1757", lambda a: a.with_module("SalesPlanRibbon", "Application.DisplayAlerts = alerts\r\nEnd", "End"))
def alerts_come_back_on_both_exits(addin: Addin) -> Iterator[str]:
    if "DisplayAlerts = False" not in "".join(addin.ours.values()):
        yield "alerts stay on: Excel says that it waits, over our own question"
    for name, text in addin.ours.items():
        for body in re.findall(r"(?ms)^\w[^\r\n]*(?:Sub|Function) .*?^End (?:Sub|Function)", text):
            if "DisplayAlerts = False" in body:
                on_error = body.partition("On Error GoTo failed")[2]
                if [p.count("DisplayAlerts = alerts") for p in on_error.partition("\r\nfailed:")[::2]] != [1, 1]:
                    yield name


@rule(
    "Excel: Range and Cells without a sheet are the active one's, which may be none or a chart",
    lambda a: a.with_module("xlwings", "sht.Range(sht.Range", "Range(sht.Range"),
)
def no_range_without_its_sheet(addin: Addin) -> Iterator[str]:
    config = addin.code["xlwings"].partition("Function GetConfigFromSheet")[2].partition("End Function")[0]
    for name, text in {**addin.ours, "xlwings (settings)": config}.items():
        yield from (f"{name}: {m}" for m in re.findall(r"(?<![\w.])(?:Range|Cells)\([^\r\n]*", text))


@rule(
    "Excel: a volatile function recalculates with every change",
    lambda a: a.with_module("SalesPlanPython", "SalesPlanForget\r\n", "Application.Volatile\r\n"),
)
def nothing_is_volatile(addin: Addin) -> Iterator[str]:
    yield from (name for name, text in addin.ours.items() if "Volatile" in text)


@rule(
    "only the Mac needs the events: elsewhere nothing may run as a workbook is opened",
    lambda a: a.with_module("ThisWorkbook", "#If Mac Then", "#If VBA7 Then"),
)
def no_event_runs_on_windows(addin: Addin) -> Iterator[str]:
    outside = re.sub(r"(?s)#If Mac Then.*?#End If", "", addin.code["ThisWorkbook"])
    yield from re.findall(r"WithEvents \w+|Sub \w+", outside)


@rule(
    "Excel: Value2 of a date is four years less in a workbook that counts from 1904",
    lambda a: a.with_module("SalesPlanTexts", "RefersToRange.Value)", "RefersToRange.Value2)"),
)
def the_as_of_date_is_read_as_a_date(addin: Addin) -> Iterator[str]:
    if "Value2" in addin.code["SalesPlanTexts"]:
        yield "SalesPlanTexts"
