"""SalesPlan.xlam as others read it: olefile, olevba, LibreOffice, and a validator of the Office formats."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import olefile
import openpyxl
import pytest
from lxml import etree
from openxml_audit import OpenXmlValidator
from pyopenvba.vba import decompress

from addin import ribbon
from addin.cli import main
from addin.desktop import build
from addin.desktop.functions import PREFIX, help_of, parameters
from tests.desktop.vba_office import opened
from tests.real import missing, require_office
from udfs.formula import catalogue

HERE = Path(__file__).parents[2]


@cache
def data() -> bytes:
    return build.addin_bytes()


def part(name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data())) as archive:
        return archive.read(name)


def test_the_same_input_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    """Also in another language and with another hash seed: neither may leave a trace."""
    command = [sys.executable, "-m", "addin.cli", "build-addin", str(tmp_path), "--lang", "en"]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "7"}, capture_output=True)
    assert (tmp_path / "SalesPlan.xlam").read_bytes() == data()


def test_no_machine_and_no_person_is_named_in_it() -> None:
    with zipfile.ZipFile(io.BytesIO(data())) as archive:
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            content = archive.read(entry)
            assert not re.search(rb"C:\\Users\\|/home/|Felix Zumstein</|" + re.escape(str(HERE).encode()), content), (
                entry.filename
            )


def test_olefile_finds_every_module_and_nothing_compiled() -> None:
    with olefile.OleFileIO(io.BytesIO(part("xl/vbaProject.bin"))) as project:
        streams = {"/".join(path) for path in project.listdir()}
        assert {f"VBA/{name}" for name in build.vba_modules()} <= streams
        assert not [s for s in streams if "__SRP_" in s]
        declared = project.openstream("PROJECT").read().decode("ascii")
    for sheet in build.make_sheets([]):
        assert f"Document={sheet.code}/&H00000000" in declared
    assert "Module=SalesPlanFunctions" in declared and "RibbonMyAddin" not in declared


def test_the_project_is_named_after_the_add_in_in_both_places_and_like_no_module() -> None:
    """VBA refuses a project that has a module of its own name."""
    with olefile.OleFileIO(io.BytesIO(part("xl/vbaProject.bin"))) as project:
        declared, records = (project.openstream(stream).read() for stream in ("PROJECT", "VBA/dir"))
    assert re.findall(rb'(?m)^Name="([^"]*)"', declared) == [b"SalesPlan"]
    assert b"\x04\x00\x09\x00\x00\x00SalesPlan\x05\x00" in decompress(records)  # record 4, nine bytes, then record 5
    assert "salesplan" not in {name.casefold() for name in build.vba_modules()}


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_olevba_reads_back_the_source_that_was_put_in() -> None:
    try:
        from oletools.olevba import VBA_Parser
    except ImportError:
        missing("oletools (olevba)")
    parser = VBA_Parser("SalesPlan.xlam", data=data())
    found = {Path(name).stem: code for _, _, name, code in parser.extract_macros()}
    parser.close()
    for name, source in build.vba_modules().items():
        assert found[name].replace("\r\n", "\n").strip() == source.replace("\r\n", "\n").strip(), name


@pytest.mark.real
def test_libreoffice_opens_it_and_lists_every_module(tmp_path: Path) -> None:
    require_office()
    out, modules = opened(_as_workbook(), ".xlsm", tmp_path)
    assert set(modules) >= {*build.vba_modules(), "ThisWorkbook", *(s.code for s in build.make_sheets([]))}
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == [s.name for s in build.make_sheets([])]


def _as_workbook() -> bytes:
    """LibreOffice knows no type for add-ins; but for its name the file is the same."""
    with zipfile.ZipFile(io.BytesIO(data())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"addin.macroEnabled", b"sheet.macroEnabled")
    return build.zipped(parts)


def test_the_package_is_valid(tmp_path: Path) -> None:
    """openxml-audit: the Open XML SDK's schemas and rules. Its one warning, texts within cells, is how the sheets are meant."""
    (tmp_path / "SalesPlan.xlam").write_bytes(data())
    result = OpenXmlValidator().validate(tmp_path / "SalesPlan.xlam")
    assert result.is_valid and {fault.id for fault in result.errors} <= {"Excel_InlineStrCells"}, result.errors


def test_the_validator_sees_a_fault_in_our_own_extension(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(data())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"argumentDescription index", b"argumentDescription place")
    (tmp_path / "bad.xlam").write_bytes(build.zipped(parts))
    assert not OpenXmlValidator().validate(tmp_path / "bad.xlam").is_valid


def test_wizard_help_for_every_argument_within_excels_limits() -> None:
    x14 = "{" + build._X14 + "}"
    root = etree.fromstring(part("xl/workbook.xml"))
    told = {n.get("name"): n for n in root.iter(x14 + "definedName")}
    for name, entry in catalogue().items():
        arguments = [argument for argument, _ in parameters(entry)]
        if not arguments:
            continue
        said = [d.text for d in told[PREFIX + name].iter(x14 + "argumentDescription")]
        assert len(said) == len(arguments) and all(0 < len(t) <= 255 for t in said), name
        assert all(t.startswith(help_of(a).zh[:20]) for t, a in zip(said, arguments, strict=True)), name


def test_intellisense_sheet_names_every_function_and_argument() -> None:
    rows = list(openpyxl.load_workbook(io.BytesIO(_as_workbook()))["_IntelliSense_"].iter_rows(values_only=True))
    assert rows[0][:2] == ("FunctionInfo", 1)
    listed = {row[0]: row for row in rows[1:]}
    for name, entry in catalogue().items():
        row = listed[PREFIX + name]
        assert entry.help.zh in row[1] and entry.help.en in row[1]
        assert [c for c in row[3::2] if c] == [vba for _, vba in parameters(entry)]


def test_every_text_the_ribbon_and_vba_ask_for_is_there_in_both_languages() -> None:
    rows = list(openpyxl.load_workbook(io.BytesIO(_as_workbook()))["Texts"].iter_rows(values_only=True))
    texts = {key: (zh, en) for key, zh, en in rows[1:]}
    assert all(zh and en for zh, en in texts.values())
    asked = re.findall(r'SalesPlanText\("([\w.]+)"\)', "".join(build.vba_modules().values()))
    assert set(asked) | set(ribbon.texts(ribbon.buttons())) <= set(texts)


def test_the_notices_of_third_parties_are_kept() -> None:
    said = "\n".join(build.notices())
    assert "Zoomer Analytics" in said and "Redistributions in binary form" in said
    assert "Tim Hall" in said


def test_only_an_xlam_is_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["build-addin", str(tmp_path / "plan.xlsx")]) == 2
    assert ".xlam" in capsys.readouterr().err and not list(tmp_path.iterdir())
