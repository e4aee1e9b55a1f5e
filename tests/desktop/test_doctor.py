"""Every finding of doctor, provoked by what is really on the disk, and absent on a healthy installation.

The faults are those that users of such add-ins report (``facts.md``, "Known complaints", and the threads on xlwings'
libraries taken by antivirus programs); registry and list of processes are handed in, as the computer is another one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from addin.cli import main
from addin.commands.doctor import examined
from addin.desktop import build, doctor
from addin.desktop.doctor import HINT, Finding, examine
from addin.desktop.install import read_manifest
from addin.desktop.machine import Machine, Places, places
from tests.desktop.computer import (
    MAC_PYTHON,
    WINDOWS_PYTHON,
    XLWINGS,
    built_once,
    installed,
    mac,
    put_python,
    pywin32,
    registry,
    tree,
    windows,
)
from tests.desktop.test_install import another_version, older
from udfs.text import speaking

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="the computers are folders of a POSIX disk"),
    pytest.mark.usefixtures("built_once"),
]
__all__ = ["built_once"]
ADDIN = "SalesPlan.xlam"


def findings(machine: Machine) -> list[Finding]:
    return examine(machine, places(machine), prepared=False)


def codes(machine: Machine) -> set[str]:
    return {finding.code for finding in findings(machine)}


# --- healthy


@pytest.mark.parametrize("make", [windows, mac])
def test_a_fresh_installation_is_healthy_and_only_looked_at(tmp_path, make):
    machine = make(tmp_path)
    installed(machine)
    before = tree(tmp_path)
    assert findings(machine) == []
    assert tree(tmp_path) == before


def test_a_chinese_user_name_is_a_hint_and_no_fault(tmp_path):
    machine = windows(tmp_path, "李伟")
    installed(machine)
    assert {(f.code, f.level) for f in findings(machine)} == {("non-ascii", HINT)}


# --- one change on the disk, one finding


def spoil(member: str) -> Callable[[Machine, Places], Machine | None]:
    """The add-in without one of its parts, as a virus scanner leaves it."""

    def change(machine: Machine, where: Places) -> None:
        path, out = where.startup / ADDIN, where.own / "out"
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
            for name in old.namelist():
                data = old.read(name)
                new.writestr(name, data.replace(b'name="Texts"', b'name="Gone"') if name == member else data)
        shutil.move(out, path)

    return change


def edit_settings(old: str, new: str) -> Callable[[Machine, Places], None]:
    def change(machine: Machine, where: Places) -> None:
        text = where.settings.read_bytes().decode("gbk")
        assert old in text
        where.settings.write_bytes(text.replace(old, new).encode("gbk"))

    return change


def python_is(command: str) -> Callable[[Machine, Places], None]:
    return lambda machine, where: put_python(machine.path(WINDOWS_PYTHON), command=command)


def libraries(machine: Machine, where: Places) -> list[Path]:
    return sorted(machine.path(WINDOWS_PYTHON).parents[1].glob("*.dll"))


def rename_libraries(machine: Machine, where: Places) -> None:
    """Another version of xlwings was installed into the environment and the manifest knows of no library."""
    for path in libraries(machine, where):
        path.rename(path.with_name(path.name.replace(XLWINGS, "0.30.0")))
    forget_libraries(machine, where)


def forget_libraries(machine: Machine, where: Places) -> None:
    said = json.loads(where.manifest.read_text())
    where.manifest.write_text(json.dumps({**said, "libraries": []}))


def remove_libraries(machine: Machine, where: Places) -> None:
    for path in libraries(machine, where):
        path.unlink()


def never_had_libraries(machine: Machine, where: Places) -> None:
    remove_libraries(machine, where)
    forget_libraries(machine, where)


def pend(machine: Machine, where: Places) -> None:
    where.manifest.write_text(where.manifest.read_text().replace('"pending": false', '"pending": true'))


def copy_to(name: str) -> Callable[[Machine, Places], None]:
    def change(machine: Machine, where: Places) -> None:
        path = where.startup / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(where.startup / ADDIN, path)

    return change


def put_xlwings(machine: Machine, where: Places) -> None:
    """xlwings' own add-in, as its package ships it."""
    from importlib import resources

    shutil.copy(str(resources.files("xlwings").joinpath("addin", "xlwings.xlam")), where.startup / "xlwings.xlam")


def put_unnamed_xlwings(machine: Machine, where: Places) -> None:
    """A colleague's tool made from xlwings' template; only its module tells."""
    from importlib import resources

    shutil.copy(str(resources.files("xlwings").joinpath("quickstart_addin.xlam")), where.startup / "tool.xlam")


def mark(machine: Machine, where: Places) -> None:
    """What Windows writes beside a download; on NTFS a stream, here a file of the stream's name."""
    Path(f"{where.startup / ADDIN}:Zone.Identifier").write_text("[ZoneTransfer]\nZoneId=3\n")


def changed_bytes(machine: Machine, where: Places) -> None:
    """Saved anew by something: the same content in another packing."""
    path = where.startup / ADDIN
    path.write_bytes(another_version(path, read_manifest(where).salesplan))


def newer(machine: Machine, where: Places) -> None:
    path = where.startup / ADDIN
    path.write_bytes(another_version(path, "99.0.0"))


def built_with_other_xlwings(machine: Machine, where: Places) -> None:
    """The environment's xlwings was upgraded: the interpreter says another version."""
    code = (
        "import sys; from importlib import metadata as m; v = m.version; "
        "m.version = lambda n: '0.99' if n == 'xlwings' else v(n); exec(sys.argv[1])"
    )
    put_python(machine.path(WINDOWS_PYTHON), command=f'PYTHONPATH={pywin32()} exec {sys.executable} -c "{code}" "$3" #')


def older_package(machine: Machine, where: Places) -> None:
    code = (
        "import sys; from importlib import metadata as m; v = m.version; "
        "m.version = lambda n: '0.0.1' if n == 'salesplan' else v(n); exec(sys.argv[1])"
    )
    put_python(machine.path(WINDOWS_PYTHON), command=f'PYTHONPATH={pywin32()} exec {sys.executable} -c "{code}" "$3" #')


def without_xlwings(machine: Machine, where: Places) -> None:
    """An interpreter that has our package and no xlwings: a path holding our metadata alone."""
    folder = machine.root / "site"
    info = folder / "salesplan-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: salesplan\nVersion: 0.1.0\n")
    put_python(machine.path(WINDOWS_PYTHON), command=f"PYTHONPATH={folder} exec {sys.executable} -S")


def read_only(machine: Machine, where: Places) -> None:
    where.startup.chmod(0o555)


def store(machine: Machine, where: Places) -> None:
    edit_settings(WINDOWS_PYTHON, r"C:\Users\li\AppData\Local\Microsoft\WindowsApps\python.exe")(machine, where)


def addins_folder(machine: Machine, where: Places) -> None:
    folder = machine.appdata / "Microsoft" / "AddIns"
    folder.mkdir(parents=True)
    shutil.copy(where.startup / ADDIN, folder)


def alternate(machine: Machine, where: Places) -> Machine:
    """A second startup folder, chosen in Excel's options."""
    folder = machine.path(r"D:\startup")
    folder.mkdir(parents=True)
    shutil.copy(where.startup / ADDIN, folder)
    return replace(machine, registry=registry(Options={"AltStartup": r"D:\startup"}))


def listed(value: str) -> Callable[[Machine, Places], Machine]:
    return lambda machine, where: replace(machine, registry=registry(Options={"OPEN": '"x.xll"', "OPEN1": value}))


def disabled(machine: Machine, where: Places) -> Machine:
    item = b"\x01\x00" + rf"c:\users\li\appdata\roaming\microsoft\excel\xlstart\{ADDIN}".lower().encode("utf-16-le")
    return replace(machine, registry=registry(DisabledItems={"1A": item}))


def no_excel(machine: Machine, where: Places) -> Machine:
    """Excel was removed and took its folder along."""
    shutil.rmtree(machine.appdata)
    return machine


CASES = {
    "vanished": lambda machine, where: (where.startup / ADDIN).unlink(),
    "damaged": lambda machine, where: (where.startup / ADDIN).write_bytes(b"PK\x03\x04 half"),
    "incomplete": spoil("xl/workbook.xml"),
    "changed": changed_bytes,
    "newer": newer,
    "older": lambda machine, where: older(machine) and None,
    "interrupted": pend,
    "manifest-unreadable": lambda machine, where: where.manifest.write_bytes(b"\xff"),
    "blocked": mark,
    "duplicate": copy_to("SalesPlan (1).xlam"),
    "duplicate renamed": copy_to("tools.xlam"),
    "duplicate in AddIns": addins_folder,
    "duplicate in the second folder": alternate,
    "duplicate in the list": listed(r'/R "C:\old\SalesPlan.xlam"'),
    "second-xlwings": put_xlwings,
    "second-xlwings by module": put_unnamed_xlwings,
    "second-xlwings in the list": listed(r'"C:\x\xlwings.xlam"'),
    "leftover": lambda machine, where: (where.startup / f".{ADDIN}.0a1b.saving").write_bytes(b"half"),
    "read-only": read_only,
    "onedrive": edit_settings(r"C:\Users\li\salesplan", r"C:\Users\li\OneDrive - 公司\salesplan"),
    "network": edit_settings(r"C:\Users\li", r"\\server\li"),
    "url": edit_settings("\r\n", '\r\n"PYTHONPATH","https://d.docs.live.net/1/x"\r\n'),
    "no-settings": lambda machine, where: where.settings.unlink(),
    "no-interpreter": edit_settings(WINDOWS_PYTHON, ""),
    "debugging": edit_settings('"UDF MODULES"', '"DEBUG UDFS","True"\r\n"UDF MODULES"'),
    "interpreter-missing": lambda machine, where: shutil.rmtree(machine.path(WINDOWS_PYTHON).parent),
    "interpreter-mute": python_is("exit 9; :"),
    "store-python": store,
    "package-missing": python_is(f"exec {sys.executable} -S -I"),
    "xlwings-missing": without_xlwings,
    "functions-fail": python_is(f"exec {sys.executable}"),
    "xlwings-version": built_with_other_xlwings,
    "package-version": older_package,
    "library-taken": remove_libraries,
    "library-missing": never_had_libraries,
    "library-version": rename_libraries,
    "macros-off": lambda machine, where: replace(
        machine, registry=registry(Security={"VBAWarnings": 4}, Trusted_Locations={"AllLocationsDisabled": 1})
    ),
    "disabled": disabled,
    "no-excel": no_excel,
    "excel-runs": lambda machine, where: replace(machine, processes=lambda: ["EXCEL.EXE"]),
    "excel-runs by owner file": lambda machine, where: (where.startup / f"~${ADDIN}").touch(),
    "bits": lambda machine, where: replace(machine, registry=registry(Configuration={"Platform": "x86"})),
    "command-too-long": edit_settings("\r\n", '\r\n"PYTHONPATH","' + r"D:\modules;" * 160 + '"\r\n'),
    "command-too-long by expanding": lambda machine, where: (
        edit_settings("\r\n", '\r\n"PYTHONPATH","%TOOLS%"\r\n')(machine, where)
        or replace(machine, env={**machine.env, "TOOLS": r"D:\modules;" * 160})
    ),
    "job": lambda machine, where: replace(machine, breaks_away=lambda interpreter: False),
    "old-excel": lambda machine, where: replace(
        machine, registry=registry(Configuration={"ProductReleaseIds": "ProPlus2019Volume,ProjectPro2021Volume"})
    ),
    "old-excel of 2016": lambda machine, where: replace(
        machine, registry=registry(Configuration={"ProductReleaseIds": "HomeBusinessRetail"})
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_finding(tmp_path, case):
    machine = windows(tmp_path)
    where, _ = installed(machine)
    changed = CASES[case](machine, where)
    machine = changed if isinstance(changed, Machine) else machine
    seen = findings(machine)
    (finding,) = [f for f in seen if f.code == case.split()[0]] or [None]
    assert finding is not None, {f.code for f in seen}
    for text in (finding.what, finding.why, finding.remedy):
        assert text.zh and text.en and text.zh != text.en
        assert any("\u4e00" <= c <= "\u9fff" for c in text.zh)


def all_codes() -> set[str]:
    """Every code in doctor's source; older and newer are one finding with two codes."""
    found = re.findall(r'"([a-z-]+)",\s+(?:ERROR|WARNING|HINT|level)', Path(doctor.__file__).read_text(encoding="utf-8"))
    return {*found, "older", "newer", "package-missing", "xlwings-missing"}


def test_every_finding_is_provoked():
    """No finding without a case; those beyond the table have tests of their own below."""
    alone = {"not-installed", "too-long", "non-ascii", "quarantined", "script-missing", "script-changed"}
    assert all_codes() - {case.split()[0] for case in CASES} == alone


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_finding_is_in_the_guide(language):
    guide = (Path(__file__).parents[2] / "docs" / f"install.{language}.md").read_text(encoding="utf-8")
    assert {code for code in all_codes() if f"`{code}`" not in guide} == set()


@pytest.mark.parametrize(
    "products", ["O365ProPlusRetail", "ProPlus2021Volume,VisioStd2016Volume", "Standard2024Volume", "VisioPro2019Volume"]
)
def test_a_newer_excel_is_none_of_those_that_only_read(tmp_path, products):
    machine = windows(tmp_path)
    installed(machine)
    assert codes(replace(machine, registry=registry(Configuration={"ProductReleaseIds": products}))) == set()


def test_the_command_is_the_one_xlwings_vba_builds(tmp_path):
    """Its own VBA is run for it; only its settings are handed in."""
    from pyopenvba.interpreter import HostBridge, Interpreter

    from addin.desktop.doctor import Case, server_command

    machine = windows(tmp_path)
    where, _ = installed(machine)
    edit_settings(
        "\r\n", '\r\n"PYTHONPATH","D:\\R&D\\it\'s;%APPDATA%\\x"\r\n"ONEDRIVE_COMMERCIAL_WIN","C:\\o"\r\n"LICENSE_KEY","k"\r\n'
    )(machine, where)
    case = Case(machine, where, prepared=False)
    own = {"ADD_WORKBOOK_TO_PYTHONPATH": "false", "SHOW CONSOLE": False, "USE UDF SERVER": True}

    class Settings(HostBridge):
        def has_global_member(self, name):
            return name.lower() == "getconfig"

        def call_global(self, name, args, named):
            said = {**case.settings, **own}.get(str(args[0]), args[1] if len(args) > 1 else "")
            return said.replace("%APPDATA%", machine.env["APPDATA"]) if isinstance(said, str) else said

    source = build.vba_modules()["xlwings"]
    start = source.index("Function XLPyCommand()")
    vba = Interpreter(Settings())
    vba.add_module(
        '#Const App = "Microsoft Excel"\r\n' + source[start : source.index("End Function", start)] + "End Function", name="x"
    )
    clsid = "{00000000-0000-0000-0000-000000000000}"
    assert server_command(case) == str(vba.run("XLPyCommand")).replace("$(CLSID)", clsid)


def test_not_installed(tmp_path):
    assert codes(windows(tmp_path)) == {"not-installed"}


def test_a_mark_of_the_intranet_blocks_nothing(tmp_path):
    machine = windows(tmp_path)
    where, _ = installed(machine)
    Path(f"{where.startup / ADDIN}:Zone.Identifier").write_text("[ZoneTransfer]\nZoneId=1\n")
    assert codes(machine) == set()


def test_missing_parts_are_named(tmp_path):
    machine = windows(tmp_path)
    where, _ = installed(machine)
    spoil("xl/workbook.xml")(machine, where)
    assert "Texts" in next(f for f in findings(machine) if f.code == "incomplete").what.en


def test_a_long_path(tmp_path):
    user = "x" * 160
    machine = windows(tmp_path, user)
    assert len(machine.native(places(machine).startup / ADDIN)) > 218
    installed(machine)
    assert codes(machine) == {"too-long"}


def test_characters_the_code_page_lacks_are_a_fault(tmp_path):
    machine = windows(tmp_path, "李伟")
    installed(machine)
    levels = {f.level for f in findings(replace(machine, ansi="cp1252")) if f.code == "non-ascii"}
    assert "error" in levels


def test_quarantine_on_a_mac(tmp_path):
    machine = mac(tmp_path)
    where, _ = installed(machine)
    try:
        os.setxattr(where.startup / ADDIN, "user.com.apple.quarantine", b"0081;0;Safari;")
    except (OSError, AttributeError):
        pytest.skip("this disk has no extended attributes")
    assert codes(machine) == {"quarantined"}


def test_the_applescript_of_a_mac(tmp_path):
    machine = mac(tmp_path)
    where, _ = installed(machine)
    script = where.scripts / f"xlwings-{XLWINGS}.applescript"
    script.write_text("-- mine")
    assert codes(machine) == {"script-changed"}
    script.unlink()
    assert codes(machine) == {"script-missing"}
    assert MAC_PYTHON in where.settings.read_text()


def test_a_library_of_the_other_word_size_is_not_enough(tmp_path):
    """32-bit Excel loads xlwings32; its 64-bit sibling alone does not help."""
    machine = windows(tmp_path)
    where, _ = installed(machine)
    next(p for p in libraries(machine, where) if p.name.startswith("xlwings32")).unlink()
    assert codes(machine) == set()
    small = replace(machine, registry=registry(Configuration={"Platform": "x86"}))
    assert codes(small) == {"library-taken", "bits"}


@pytest.mark.parametrize(
    "case",
    [
        c
        for c in CASES
        if c
        in {
            "vanished",
            "damaged",
            "interrupted",
            "changed",
            "older",
            "no-settings",
            "no-interpreter",
            "manifest-unreadable",
            "incomplete",
        }
    ],
)
def test_the_remedy_helps(tmp_path, case):
    """What doctor says can be mended by installing again is."""
    machine = windows(tmp_path)
    where, _ = installed(machine)
    CASES[case](machine, where)
    assert codes(machine)
    installed(machine)
    assert codes(machine) == set()


# --- the command


def options(**changes):
    from argparse import Namespace

    return Namespace(**{"json": False, "quiet": False, "target": None, **changes})


def test_exit_codes_and_languages(tmp_path, capsys):
    machine = windows(tmp_path)
    where, _ = installed(machine)
    assert examined(options(), machine) == 0
    assert "一切正常" in capsys.readouterr().out
    (where.startup / ADDIN).unlink()
    assert examined(options(), machine) == 1
    out = capsys.readouterr().out
    assert "原因" in out and "办法" in out and "杀毒" in out
    with speaking("en"):
        assert examined(options(), machine) == 1
    out = capsys.readouterr().out
    assert "remedy" in out and "antivirus" in out and not any("\u4e00" <= c <= "\u9fff" for c in out)


def test_a_hint_is_no_fault(tmp_path, capsys):
    machine = windows(tmp_path)
    installed(machine)
    machine = replace(machine, processes=lambda: ["EXCEL.EXE"])
    assert examined(options(quiet=True), machine) == 0 and capsys.readouterr().out == ""
    assert examined(options(json=True), machine) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] and [f["code"] for f in said["findings"]] == ["excel-runs"]


def test_json_of_a_sick_machine_is_one_ascii_line(tmp_path, capsys):
    machine = windows(tmp_path)
    assert examined(options(json=True), machine) == 1
    out = capsys.readouterr().out
    assert out.isascii() and out.count("\n") == 1
    said = json.loads(out)
    assert not said["ok"] and set(said["findings"][0]) == {"code", "level", "what", "why", "remedy", "path"}


def test_cannot_check(tmp_path, capsys):
    assert main(["doctor", "--target", str(tmp_path / "nowhere")]) == 2
    assert main(["doctor", "--json"]) == 2
    assert not json.loads(capsys.readouterr().out)["ok"]
