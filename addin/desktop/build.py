"""SalesPlan.xlam without Excel: sheets and ribbon of our own, and a VBA project made from the one xlwings ships.

The same input gives the same bytes: no clock, no random number, parts in a fixed order.
"""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from addin import ribbon
from addin.action import Button
from addin.desktop import FUNCTIONS_MODULE, PROJECT
from addin.desktop.functions import PREFIX, help_of, parameters
from addin.desktop.generator import functions_module
from udfs.formula import iter_formulas
from udfs.text import Text
from workbook_templates.cells import address

FUNCTIONS, RIBBON = "SalesPlanFunctions", "SalesPlanRibbon"
PYTHON = "SalesPlanPython"
_GLUE = {
    "ThisWorkbook": "ThisWorkbook.bas",
    "SalesPlanResults": "Results.bas",
    "SalesPlanTexts": "Texts.bas",
    PYTHON: "Python.bas",
    "SalesPlanPresentValues": "Present.bas",
    RIBBON: "Ribbon.bas",
}
_HELP = 255  # Excel's limit for an argument's description
_EXTENSION = "{8193D73E-4604-4355-AFF4-8A2333D13BE4}"  # argument descriptions; MS-OFFMACRO2, "Extensions by Part"
_X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

VBA_TEXTS = {
    "why.fine": Text("正常：没有错误，也没有提示", "fine: no error, nothing to note"),
    "why.note": Text(
        "没有错误；如要查看提示，请在该单元格按 F2 再按 Enter，然后再问",
        "no error; to see whether there is a note, press F2 and Enter in that cell, then ask again",
    ),
    "why.elsewhere": Text(
        "该单元格的公式没有调用 SALES 函数：请查看它引用的单元格",
        "the formula in this cell calls no SALES function: look at the cells it refers to",
    ),
    "why.known": Text(
        "SALES 函数本身没有出错：请查看公式的其他部分和它引用的单元格",
        "the SALES function itself gave no error: look at the rest of the formula and the cells it refers to",
    ),
    "why.long": Text(
        "没有记下原因，公式超过 255 个字符，Excel 无法代为重算：请在该单元格按 F2 再按 Enter，然后再问",
        "no reason is kept, and the formula is longer than the 255 characters Excel can evaluate: press F2 and Enter in that "
        "cell, then ask again",
    ),
    "why.unheard": Text(
        "没有记下原因：请在该单元格按 F2 再按 Enter，然后再问；仍无原因时，请查看它引用的单元格",
        "no reason is kept: press F2 and Enter in that cell, then ask again; if there is none then, look at the cells it "
        "refers to",
    ),
    "why.more": Text(
        "此结果的错误超过 200 处，只记下前 200 处的原因：请先改正前面的错误",
        "this result has more than 200 errors and only the first 200 reasons are kept: correct the earlier ones first",
    ),
    "why.python": Text(
        "无法连接 Python：请运行 salesplan doctor 查明原因，再点“检查工作簿”等任一按钮，会重试并重算。",
        "Python can't be reached: run salesplan doctor to find out why, then click any button, such as Check workbook: it "
        "tries again and recalculates.",
    ),
    "why.mac": Text(
        "函数只在 Windows 版 Excel 中计算，这里没有可保留的数值：请不要保存，在 Windows 电脑上打开",
        "functions are computed in Excel for Windows only and there is no value to keep here: don't save, open it on a Windows PC",
    ),
    "mac.functions": Text(
        "SALES 函数只在 Windows 版 Excel 中计算。在这台 Mac 上，用到它们的单元格保留打开时的数值，所在工作表可能不再重算；按钮可以使用。",
        "SALES functions are computed in Excel for Windows only. On this Mac cells that use them keep the values they were "
        "opened with, and their sheets may not recalculate; buttons work.",
    ),
    "ribbon.python": Text(
        "无法连接 Python，没有执行。请运行 salesplan doctor 查明原因，或联系支持人员。",
        "Python can't be reached; nothing was done. Run salesplan doctor to find out why, or ask support.",
    ),
    "ribbon.open": Text("请先打开一个工作簿，再点此按钮。", "Open a workbook first, then click this button."),
}

# xlwings' module, made ours: what is replaced, by what, and why. BSD allows it; its notice stays at the module's head.
_CHANGES = (
    # Our own settings, so that another xlwings add-in's do not matter.
    ('Public Const PROJECT_NAME As String = "myaddin"', f'Public Const PROJECT_NAME As String = "{PROJECT}"'),
    # Not for cells: its functions are no worksheet functions of ours.
    ('#Const App = "Microsoft Excel"', 'Option Private Module\n#Const App = "Microsoft Excel"'),
    # One Python server for all workbooks: xlwings starts one a command line, and this put the active workbook's path into it.
    (
        'AddExcelDir & ";" & ActiveWorkbook.FullName & ";" & ThisWorkbook.FullName & ";" & GetConfig("ONEDRIVE_CONSUMER_WIN")',
        'AddExcelDir & ";;;" & GetConfig("ONEDRIVE_CONSUMER_WIN")',
    ),
    # No settings beside a workbook: a mailed workbook's folder must not choose the interpreter, and there may be no workbook.
    ('    If source = "" Or source = "directory" Then', '    If source = "directory" Then'),
    # Range without a sheet is the active sheet's: it fails where none is active, or a chart is.
    ('For Each cell In Range(sht.Range("A1"), lastCell)', 'For Each cell In sht.Range(sht.Range("A1"), lastCell)'),
    # Run by name from Python on the Mac: vba/Ribbon.bas has the public one, since this module is private.
    ("Private Sub CleanUp()", "Public Sub XlwingsCleanUp()"),
)
_SHEET_CONFIG = '        If Application.Name = "Microsoft Excel" Then\n            \'Workbook Sheet Config\n'


@dataclass(frozen=True)
class AddinSheet:
    """A sheet of the add-in; nobody sees it, VBA and other add-ins read it."""

    name: str
    code: str
    rows: Sequence[Sequence[str | float | bool]]


def build(path: Path) -> Path:
    """Write the add-in."""
    path.write_bytes(addin_bytes())
    return path


def addin_bytes() -> bytes:
    """The add-in as a file."""
    shown = ribbon.buttons()
    sheets = make_sheets(shown)
    project = vba_project(vba_modules(), [sheet.code for sheet in sheets])
    return zipped(_parts(shown, sheets, project))


# ------------------------------------------------------------------------------------------------------------------------- VBA


def vba_modules() -> dict[str, str]:
    """Every module of ours with its source; ASCII, lines ended as VBA's editor ends them."""
    sources = {name: resources.files("addin.desktop").joinpath("vba", file).read_text("ascii") for name, file in _GLUE.items()}
    sources[FUNCTIONS] = functions_module(FUNCTIONS)
    sources["xlwings"] = xlwings_module()
    for name, source in sources.items():
        if not source.isascii():
            raise ValueError(f"{name} must be ASCII")
    return {name: re.sub(r"\r?\n", "\r\n", source) for name, source in sources.items()}


def xlwings_module() -> str:
    """xlwings' own VBA with our settings; the version in its library's name is that of the xlwings installed here."""
    source = _template_modules()["xlwings"].replace("\r\n", "\n")
    for old, new in _CHANGES:
        if source.count(old) != 1:
            raise ValueError(f"xlwings {metadata.version('xlwings')} has {source.count(old)} × {old!r}; one was expected")
        source = source.replace(old, new)
    return _settings_read_anew(_without_workbook_settings(source))


def _without_workbook_settings(source: str) -> str:
    """The active workbook's own settings sheet is not asked either: whoever mails a workbook must not choose what runs."""
    start = source.index(_SHEET_CONFIG) + len(_SHEET_CONFIG.partition("\n")[0]) + 1
    end = source.index("            'Add-in Sheet Config")
    return source[:start] + source[end:]


def _settings_read_anew(source: str) -> str:
    """xlwings' reading of a setting under another name: vba/Python.bas has ``GetConfig``, and believes it for some seconds."""
    start = source.index("Function GetConfig(configKey As String, ")
    end = source.index("End Function", start)
    body, count = re.subn(r"\bGetConfig\b", "GetConfigAnew", source[start:end])
    if count < 3:
        raise ValueError(f"xlwings {metadata.version('xlwings')} reads its settings in another way")
    return source[:start] + body + source[end:]


def _template() -> bytes:
    return resources.files("xlwings").joinpath("quickstart_addin_ribbon.xlam").read_bytes()


def _template_modules() -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        return dict(_open_project(Path(folder)).vba_modules())


def _open_project(folder: Path):  # type: ignore[no-untyped-def]
    from pyopenvba import ExcelFile

    path = folder / "template.xlam"
    path.write_bytes(_template())
    return ExcelFile(path)


def vba_project(modules: dict[str, str], codes: Sequence[str]) -> bytes:
    """vbaProject.bin with these modules, and a document module for each sheet's code name."""
    from pyopenvba.vba import VBAModuleKind

    with tempfile.TemporaryDirectory() as folder:
        book = _open_project(Path(folder))
        project = book.vba_project()
        sheet = project.get_module("Sheet2").source
        for name in ("RibbonMyAddin", "Sheet2"):
            project.delete_module(name)
        book._document_names = {code.casefold() for code in codes}  # declares them as documents, not classes
        for code in codes:
            project.add_module(code, sheet.replace('"Sheet2"', f'"{code}"'), kind=VBAModuleKind.other)
        for name, source in modules.items():
            if name not in project.module_names():
                project.add_module(name, source)
        for name in project.module_names():  # all are written anew, so nothing that Excel once compiled is left
            book.set_module(name, modules.get(name) or project.get_module(name).source)
        out = Path(folder) / "out.xlam"
        book.save(out)
        book.close()
        with zipfile.ZipFile(out) as archive:
            return named_project(archive.read("xl/vbaProject.bin"), PROJECT, without="MSForms")


# Records of the stream dir, [MS-OVBA] 2.3.4.2: its id, the size of its content, the content.
_PROJECT_NAME, _VERSION, _REFERENCE_NAME, _CONTROL_END, _MODULES = 0x0004, 0x0009, 0x0016, 0x0030, 0x000F


def dir_records(stream: bytes) -> list[tuple[int, bytes]]:
    """Every record of an uncompressed stream dir as (id, content); the version's says 4 and holds 6."""
    records, at = [], 0
    while at < len(stream):
        record, size = (int.from_bytes(stream[at + k : at + k + n], "little") for k, n in ((0, 2), (2, 4)))
        size = 6 if record == _VERSION else size
        records.append((record, stream[at + 6 : at + 6 + size]))
        at += 6 + size
    return records


def _written(records: list[tuple[int, bytes]]) -> bytes:
    sizes = (4 if record == _VERSION else len(content) for record, content in records)
    return b"".join(r.to_bytes(2, "little") + n.to_bytes(4, "little") + c for (r, c), n in zip(records, sizes, strict=True))


def named_project(project: bytes, name: str, without: str) -> bytes:
    """vbaProject.bin under another project name, in its records and in the text that Excel shows, and without a reference."""
    from pyopenvba.cfb import CFB
    from pyopenvba.vba import compress, decompress

    file, said = CFB.from_bytes(project), name.encode("ascii")
    records = _without_reference(dir_records(decompress(file.get_stream_in_storage("VBA", "dir"))), without)
    records = [(record, said if record == _PROJECT_NAME else content) for record, content in records]
    file.write_stream_in_storage("VBA", "dir", compress(_written(records)))
    text, count = re.subn(rb'(?m)^Name="[^"]*"', b'Name="' + said + b'"', file.get_stream("PROJECT"))
    if count != 1:
        raise ValueError(f"the VBA project says its name {count} times")
    file.write_stream("PROJECT", text)
    return bytes(file.to_bytes())


def _without_reference(records: list[tuple[int, bytes]], name: str) -> list[tuple[int, bytes]]:
    """xlwings' template refers to the library of forms, by a path on its author's disk; a project without forms needs none."""
    named = [n for n, (record, content) in enumerate(records) if record == _REFERENCE_NAME and content == name.encode()]
    if not named:
        raise ValueError(f"the VBA project has no reference to {name}")
    end = next(n for n in range(named[0], len(records)) if records[n][0] == _CONTROL_END)
    if any(n > end for n in named) or _MODULES in {record for record, _ in records[named[0] : end]}:
        raise ValueError(f"the VBA project's reference to {name} is no control's")
    return records[: named[0]] + records[end + 1 :]


# ---------------------------------------------------------------------------------------------------------------------- sheets


def make_sheets(shown: list[Button]) -> list[AddinSheet]:
    """The add-in's sheets: settings, texts, help for the IntelliSense add-in, and what it is made of."""
    return [
        AddinSheet(f"{PROJECT}.conf", "SheetSettings", list(_settings())),
        AddinSheet(
            "Texts", "SheetTexts", [("key", "zh", "en"), *((k, *t) for k, t in {**VBA_TEXTS, **ribbon.texts(shown)}.items())]
        ),
        AddinSheet("_IntelliSense_", "SheetIntelliSense", list(_intellisense())),
        AddinSheet("About", "SheetAbout", [(line,) for line in notices()]),
    ]


def _settings() -> Iterator[tuple[str, str | bool]]:
    """What is the same for everyone. A key that stands here wins over the user's file, so the interpreter does not stand here."""
    yield "UDF MODULES", FUNCTIONS_MODULE
    yield "USE UDF SERVER", True
    yield "ADD_WORKBOOK_TO_PYTHONPATH", "false"
    yield "SHOW CONSOLE", False


def _intellisense() -> Iterator[tuple[str | float, ...]]:
    """As-you-type help in the layout that the free ExcelDna.IntelliSense add-in reads."""
    yield "FunctionInfo", 1.0
    for entry in iter_formulas():
        helped = [part for argument, name in parameters(entry) for part in (name, both(help_of(argument)))]
        yield PREFIX + entry.name, both(entry.help), "", *helped


def both(text: Text) -> str:
    """Both languages, for places that can't ask which: Chinese first."""
    return text.zh if text.zh == text.en else f"{text.zh} · {text.en}"


def argument_help(text: Text) -> str:
    """An argument's help within Excel's limit: both languages, else the Chinese alone, else its beginning."""
    return next((t for t in (both(text), text.zh) if len(t) <= _HELP), text.zh[: _HELP - 1] + "…")


def notices() -> list[str]:
    """Whose work the file holds, and under which terms."""
    lines = [f"SalesPlan {metadata.version('salesplan')} · MIT licence", f"built with xlwings {metadata.version('xlwings')}", ""]
    for name in ("xlwings", "Dictionary"):
        lines += [f"The VBA module {name} is third-party work under this notice:", "", *_notice(_template_modules()[name]), ""]
    return lines


def _notice(source: str) -> list[str]:
    """The comments at the head of a module, up to the first line of code."""
    lines = [line.strip() for line in source.replace("\r\n", "\n").split("\n")]
    said = [line.lstrip("' ") for line in lines[: next(i for i, x in enumerate(lines) if _is_code(x))] if line.startswith("'")]
    return [line for line in said if not line.startswith(("Attribute", "Version"))]


def _is_code(line: str) -> bool:
    return bool(line) and not line.startswith(("'", "Attribute ", "VERSION ", "BEGIN", "END", "MultiUse", "#Const"))


# ----------------------------------------------------------------------------------------------------------------- the package


def _parts(shown: list[Button], sheets: list[AddinSheet], project: bytes) -> dict[str, bytes]:
    """Every part by its name in the package."""
    with zipfile.ZipFile(io.BytesIO(_template())) as template:
        theme = template.read("xl/theme/theme1.xml")
    texts = {
        "[Content_Types].xml": _content_types(sheets),
        "_rels/.rels": _relationships(
            (f"{_OFFICE}/officeDocument", "xl/workbook.xml"),
            (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
            (f"{_OFFICE}/extended-properties", "docProps/app.xml"),
            ("http://schemas.microsoft.com/office/2007/relationships/ui/extensibility", "customUI/customUI14.xml"),
        ),
        "docProps/app.xml": _app(),
        "docProps/core.xml": _core(),
        "xl/workbook.xml": _workbook(sheets),
        "xl/_rels/workbook.xml.rels": _relationships(
            *((f"{_OFFICE}/worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)),
            (f"{_OFFICE}/theme", "theme/theme1.xml"),
            (f"{_OFFICE}/styles", "styles.xml"),
            ("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin"),
        ),
        "xl/styles.xml": _styles(),
        **{f"xl/worksheets/sheet{n}.xml": _worksheet(sheet, n == 1) for n, sheet in enumerate(sheets, 1)},
    }
    return {
        **{name: (_XML + text).encode() for name, text in texts.items()},
        "customUI/customUI14.xml": ribbon.custom_ui(shown),
        "xl/theme/theme1.xml": theme,
        "xl/vbaProject.bin": project,
    }


def zipped(parts: dict[str, bytes]) -> bytes:
    """The parts as a package: fixed dates, fixed order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 0, 0
            archive.writestr(entry, data)
    return out.getvalue()


def _content_types(sheets: list[AddinSheet]) -> str:
    word = "application/vnd.openxmlformats-officedocument"
    kinds = {
        "/xl/workbook.xml": "application/vnd.ms-excel.addin.macroEnabled.main+xml",
        "/xl/styles.xml": f"{word}.spreadsheetml.styles+xml",
        "/xl/theme/theme1.xml": f"{word}.theme+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "/docProps/app.xml": f"{word}.extended-properties+xml",
        **{f"/xl/worksheets/sheet{n}.xml": f"{word}.spreadsheetml.worksheet+xml" for n in range(1, len(sheets) + 1)},
    }
    overrides = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in kinds.items())
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relationships(*targets: tuple[str, str]) -> str:
    items = "".join(f'<Relationship Id="rId{n}" Type="{kind}" Target="{t}"/>' for n, (kind, t) in enumerate(targets, 1))
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{items}</Relationships>'


def _app() -> str:
    return (
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        "<Application>Microsoft Excel</Application><AppVersion>16.0300</AppVersion></Properties>"
    )


def _core() -> str:
    """The title and description that Excel's list of add-ins shows."""
    about = f"年度销售计划：指标、提成、费用 · annual sales plan: quotas, commissions, budget · {metadata.version('salesplan')}"
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>SalesPlan 销售计划</dc:title><dc:creator>SalesPlan</dc:creator>"
        f"<dc:description>{escape(about)}</dc:description></cp:coreProperties>"
    )


def _workbook(sheets: list[AddinSheet]) -> str:
    listed = "".join(f'<sheet name={quoteattr(s.name)} sheetId="{n}" r:id="rId{n}"/>' for n, s in enumerate(sheets, 1))
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        '<fileVersion appName="xl" lastEdited="7" lowestEdited="7" rupBuild="23530"/><workbookPr codeName="ThisWorkbook"/>'
        '<bookViews><workbookView visibility="hidden" xWindow="0" yWindow="0" windowWidth="18000" '
        'windowHeight="12000"/></bookViews>'
        f'<sheets>{listed}</sheets><calcPr calcId="191029"/>'
        f'<extLst><ext uri="{_EXTENSION}" xmlns:x14="{_X14}"><x14:definedNames>{"".join(_argument_descriptions())}'
        "</x14:definedNames></ext></extLst></workbook>"
    )


def _argument_descriptions() -> Iterator[str]:
    """What the function wizard says of each argument, where MacroOptions would have put it."""
    for entry in iter_formulas():
        said = [escape(argument_help(help_of(argument))) for argument, _ in parameters(entry)]
        if said:
            items = "".join(
                f'<x14:argumentDescription index="{n}">{text}</x14:argumentDescription>' for n, text in enumerate(said)
            )
            yield (
                f'<x14:definedName name="{PREFIX}{entry.name}"><x14:argumentDescriptions count="{len(said)}">{items}'
                "</x14:argumentDescriptions></x14:definedName>"
            )


def _styles() -> str:
    return (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _worksheet(sheet: AddinSheet, selected: bool) -> str:
    rows = "".join(
        f'<row r="{r}">{"".join(_cell(address(r, c + 1), value) for c, value in enumerate(row) if value != "")}</row>'
        for r, row in enumerate(sheet.rows, 1)
    )
    view = ' tabSelected="1"' if selected else ""
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetPr codeName="{sheet.code}"/>'
        f'<sheetViews><sheetView{view} workbookViewId="0"/></sheetViews><sheetData>{rows}</sheetData></worksheet>'
    )


def _cell(place: str, value: str | float | bool) -> str:
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, float):
        return f'<c r="{place}"><v>{value:g}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
