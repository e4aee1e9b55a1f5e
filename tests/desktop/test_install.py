"""install and uninstall on computers that are folders: the same files, the same steps, nothing faked on the disk.

Expectations: the folders are those of ``facts.md`` ("xlwings config is looked up", "XLSTART") and of xlwings' VBA
(GetConfigFilePath).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from addin.cli import main
from addin.desktop.install import install, read_addin, read_manifest, read_settings, uninstall
from addin.desktop.machine import Machine, places, running
from tests.desktop.computer import MAC_PYTHON, WINDOWS_PYTHON, XLWINGS, built_once, installed, mac, put_python, tree, windows
from udfs.text import LANGUAGES, speaking
from workbook_templates.answers import Refused

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="the computers are folders of a POSIX disk"),
    pytest.mark.usefixtures("built_once"),
]
__all__ = ["built_once"]
ROOT = Path(__file__).parents[2]
HOME = Path("C/Users/li")
ADDIN = HOME / "AppData/Roaming/Microsoft/Excel/XLSTART/SalesPlan.xlam"


def another_version(path: Path, version: str = "0.0.9") -> bytes:
    """The add-in as another version wrote it."""
    out = path.with_name("other.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, re.sub(rb"[\d.]+</dc:desc", version.encode() + b"</dc:desc", data))
    data = out.read_bytes()
    out.unlink()
    return data


def older(machine: Machine) -> bytes:
    """An installation that an older version made: its add-in, named in its manifest."""
    from addin.desktop.install import sha256

    where, _ = installed(machine)
    addin = where.startup / "SalesPlan.xlam"
    data = another_version(addin)
    now = sha256(addin.read_bytes())
    addin.write_bytes(data)
    where.manifest.write_text(where.manifest.read_text().replace(now, sha256(data)))
    return data


# --- what is written, and where


def test_windows_gets_exactly_these_files(tmp_path):
    _, report = installed(windows(tmp_path))
    below = {name for name in tree(tmp_path / HOME) if not name.startswith("salesplan/")}
    xlstart = "AppData/Roaming/Microsoft/Excel/XLSTART"
    assert below == {".SalesPlan/SalesPlan.conf", ".SalesPlan/install.json", f"{xlstart}/SalesPlan.xlam"}
    assert {step.path for step in report.steps if step.kind == "written"} == {str(tmp_path / HOME / name) for name in below}
    assert read_addin(tmp_path / ADDIN).xlwings == XLWINGS


def test_settings_are_as_xlwings_reads_them(tmp_path):
    """Quoted pairs, CRLF, in the code page: VBA's ``Input #``."""
    where, _ = installed(windows(tmp_path))
    line = f'"INTERPRETER_WIN","{WINDOWS_PYTHON}"\r\n"UDF MODULES","addin.desktop.functions"\r\n'
    assert where.settings.read_bytes() == line.encode()


def test_mac_gets_the_applescript_too(tmp_path):
    where, _ = installed(mac(tmp_path))
    library = "Users/li/Library"
    assert {n for n in tree(tmp_path) if n.startswith(library)} == {
        f"{library}/Application Scripts/com.microsoft.Excel/xlwings-{XLWINGS}.applescript",
        f"{library}/Application Support/SalesPlan/install.json",
        f"{library}/Containers/com.microsoft.Excel/Data/SalesPlan.conf",
        f"{library}/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel/SalesPlan.xlam",
    }
    assert dict(read_settings(where.settings.read_bytes(), "utf-8"))["INTERPRETER_MAC"] == MAC_PYTHON


def test_an_applescript_that_was_there_is_not_ours(tmp_path):
    from importlib import resources

    machine = mac(tmp_path)
    where = places(machine)
    script = where.scripts / f"xlwings-{XLWINGS}.applescript"
    script.parent.mkdir(parents=True)
    shutil.copy(str(resources.files("xlwings").joinpath(script.name)), script)
    installed(machine)
    uninstall(machine, where, prepared=False)
    assert script.exists()


def test_a_chinese_user_name_is_written_in_the_code_page(tmp_path):
    where, _ = installed(windows(tmp_path, "李伟"))
    assert "李伟".encode("gbk") in where.settings.read_bytes()


def test_a_path_the_code_page_lacks_is_refused(tmp_path):
    machine = windows(tmp_path, "Đặng")
    before = tree(tmp_path)
    with pytest.raises(Refused, match="gbk"):
        installed(machine)
    assert tree(tmp_path) == before


def test_other_peoples_settings_stay(tmp_path):
    machine = windows(tmp_path)
    where = places(machine)
    where.settings.parent.mkdir()
    old = '"ONEDRIVE_WIN","D:\\云"\r\n"interpreter_win","C:\\old\\python.exe"\r\n'.encode("gbk")
    where.settings.write_bytes(old)
    installed(machine)
    pairs = read_settings(where.settings.read_bytes(), "gbk")
    assert pairs[0] == ("INTERPRETER_WIN", WINDOWS_PYTHON) and pairs[2:] == [("ONEDRIVE_WIN", "D:\\云")]
    assert [f.read_bytes() for f in where.backups.iterdir()] == [old]
    uninstall(machine, where, prepared=False)
    assert where.settings.read_bytes() == '"ONEDRIVE_WIN","D:\\云"\r\n'.encode("gbk")
    assert [f.read_bytes() for f in where.backups.iterdir()] == [old], "someone else's file is kept"


# --- again, upgrade, killed


@pytest.mark.parametrize("make", [windows, mac])
def test_a_second_run_changes_nothing_and_says_so(tmp_path, make):
    machine = make(tmp_path)
    where, _ = installed(machine)
    before = tree(tmp_path)
    report = install(replace(machine, processes=lambda: ["EXCEL.EXE"]), where, prepared=False)
    assert tree(tmp_path) == before and not report.changed
    assert {step.kind for step in report.steps} == {"unchanged"}


def test_upgrade_replaces_and_keeps_a_backup_outside_the_startup_folder(tmp_path):
    machine = windows(tmp_path)
    old = older(machine)
    where, report = installed(machine)
    assert read_addin(tmp_path / ADDIN).salesplan != "0.0.9"
    assert [f.name for f in where.startup.iterdir()] == ["SalesPlan.xlam"], "Excel opens whatever lies there"
    (copy,) = where.backups.iterdir()
    assert copy.read_bytes() == old
    assert report.has("backup")
    before = tree(tmp_path)
    assert not installed(machine)[1].changed and tree(tmp_path) == before


def test_upgrade_then_uninstall_leaves_nothing(tmp_path):
    machine = windows(tmp_path)
    before = set(tree(tmp_path))
    older(machine)
    where, _ = installed(machine)
    uninstall(machine, where, prepared=False)
    assert set(tree(tmp_path)) == before and not where.own.exists()


def test_another_interpreter_is_taken_over(tmp_path):
    machine = windows(tmp_path)
    installed(machine)
    moved = WINDOWS_PYTHON.replace("salesplan", "new")
    shutil.copytree(machine.path(WINDOWS_PYTHON).parents[2], machine.path(moved).parents[2])
    where, report = installed(replace(machine, interpreter=moved))
    assert moved.encode() in where.settings.read_bytes() and report.has("backup")


KILLER = r"""
    import os, signal, sys
    from importlib import metadata
    from pathlib import Path
    sys.path.insert(0, sys.argv[2])
    from addin.desktop import build
    from addin.desktop.install import install
    from addin.desktop.machine import Answer, Machine, places
    data = build.addin_bytes()
    build.addin_bytes = lambda: data  # built once; what is killed is the installing
    said = Answer("3.11", 64, "", {"xlwings": metadata.version("xlwings")}, "")
    env = {"USERPROFILE": r"C:\Users\li", "APPDATA": r"C:\Users\li\AppData\Roaming"}
    python = r"C:\Users\li\salesplan\.venv\Scripts\python.exe"
    machine = Machine("windows", env, python, root=Path(sys.argv[1]), processes=list, ask=lambda *_: said, ansi="gbk")
    left = 0
    def hook(event, arguments):
        global left
        if arguments and str(arguments[0]).startswith(sys.argv[1]):  # each operation on the computer's disk
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            left = int(line)
            sys.addaudithook(hook)
            install(machine, places(machine), prepared=False)
            os._exit(0)
        print(os.waitpid(child, 0)[1], flush=True)
"""


def test_killed_at_every_step_leaves_old_or_new_and_can_be_completed_or_undone(tmp_path):
    """Killed at each single file operation of an upgrade: the add-in is the old or the new one, whole, and alone in its
    folder."""
    pc = tmp_path / "pc"
    machine = windows(pc)
    empty = set(tree(pc))
    old = older(machine)
    shutil.copytree(pc, tmp_path / "before")
    where, addin, seen = places(machine), pc / ADDIN, set()
    command = [sys.executable, "-c", textwrap.dedent(KILLER), str(pc), str(ROOT)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as killer:

        def run(point: int) -> int:
            killer.stdin.write(f"{point}\n")
            return int(killer.stdout.readline())

        for point in range(1, 1000):
            shutil.rmtree(pc)
            shutil.copytree(tmp_path / "before", pc)
            status = run(point)
            seen.add(addin.read_bytes())
            assert [f.name for f in where.startup.iterdir()] == ["SalesPlan.xlam"]
            assert read_settings(where.settings.read_bytes(), "gbk")[0] == ("INTERPRETER_WIN", WINDOWS_PYTHON)
            if point % 2:
                assert run(-1) == 0, "completed"
                assert not read_manifest(where).pending
            uninstall(machine, where, prepared=False)
            left = set(tree(pc)) - empty
            assert not {n for n in left if not re.search(r"/\.SalesPlan/(backups/|.*\.(new|saving|lock)$)", n)}
            if status == 0:
                break
            assert status == signal.SIGKILL
        killer.stdin.close()
    assert point > 15 and len(seen) == 2 and old in seen
    assert not left, "the run that was not killed leaves nothing at all"


# --- refused


def test_excel_open_is_refused_and_nothing_written(tmp_path):
    machine = windows(tmp_path, processes=lambda: ["explorer.exe", "EXCEL.EXE"])
    before = tree(tmp_path)
    for language in LANGUAGES:
        with speaking(language), pytest.raises(Refused, match="Excel"):
            installed(machine)
    assert tree(tmp_path) == before


def test_excel_open_elsewhere_is_seen_by_its_owner_file(tmp_path):
    machine = windows(tmp_path)
    older(machine)
    (tmp_path / ADDIN).with_name("~$SalesPlan.xlam").touch()
    before = tree(tmp_path)
    with pytest.raises(Refused):
        installed(machine)
    assert tree(tmp_path) == before


def test_a_running_program_is_seen(tmp_path):
    """The list of processes is the real one."""
    program = tmp_path / "EXCEL.EXE"
    shutil.copy(str(shutil.which("sleep")), program)
    with subprocess.Popen([str(program), "30"]) as process:
        time.sleep(0.1)
        names = running()
        process.kill()
    assert "EXCEL.EXE" in names


def test_no_excel_is_refused_with_the_remedy(tmp_path, capsys):
    for command in ("install", "uninstall", "doctor"):
        assert main([command, "--lang", "en"]) == 2
        assert "--target" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("exit 3; :", "不能运行"),
        (f"exec {sys.executable} -S -I", "不能运行"),
    ],
)
def test_an_interpreter_that_can_not_run_it_is_refused(tmp_path, command, says):
    machine = windows(tmp_path)
    put_python(machine.path(WINDOWS_PYTHON), command=command)
    before = tree(tmp_path)
    with pytest.raises(Refused, match=says):
        installed(machine)
    assert tree(tmp_path) == before


def test_store_python_is_refused(tmp_path):
    store = r"C:\Users\li\AppData\Local\Microsoft\WindowsApps\python.exe"
    with pytest.raises(Refused, match="Store"):
        installed(windows(tmp_path, interpreter=store))


def test_a_missing_library_is_said(tmp_path):
    machine = windows(tmp_path)
    for library in machine.path(WINDOWS_PYTHON).parents[1].glob("*.dll"):
        library.unlink()
    _, report = installed(machine)
    assert report.steps[0].kind == "warning" and "xlwings64" in report.steps[0].text.en


def test_a_file_in_the_folders_place_is_refused(tmp_path):
    machine = windows(tmp_path)
    places(machine).own.touch()
    with pytest.raises(Refused):
        installed(machine)
    assert not (tmp_path / ADDIN).exists()


# --- uninstall


@pytest.mark.parametrize("make", [windows, mac])
def test_uninstall_removes_exactly_what_was_written(tmp_path, make):
    machine = make(tmp_path)
    before, folders = tree(tmp_path), {p for p, _, _ in os.walk(tmp_path)}
    where, _ = installed(machine)
    assert uninstall(machine, where, prepared=False).changed
    assert tree(tmp_path) == before and {p for p, _, _ in os.walk(tmp_path)} == folders
    assert not uninstall(machine, where, prepared=False).changed


def test_uninstall_keeps_and_names_a_file_changed_since(tmp_path):
    machine = windows(tmp_path)
    where, _ = installed(machine)
    (tmp_path / ADDIN).write_bytes(b"mine")
    for _ in range(2):
        report = uninstall(machine, where, prepared=False)
        assert [s.path for s in report.steps if s.kind == "kept"] == [str(tmp_path / ADDIN)]
        assert (tmp_path / ADDIN).read_bytes() == b"mine"
    assert not report.changed and not where.settings.exists()


def test_uninstall_leaves_a_copy_that_install_did_not_write(tmp_path):
    machine = windows(tmp_path)
    (tmp_path / ADDIN).write_bytes(b"by hand")
    report = uninstall(machine, places(machine), prepared=False)
    assert report.has("kept") and (tmp_path / ADDIN).read_bytes() == b"by hand"


def test_uninstall_with_excel_open_is_refused(tmp_path):
    machine = windows(tmp_path)
    where, _ = installed(machine)
    before = tree(tmp_path)
    with pytest.raises(Refused):
        uninstall(replace(machine, processes=lambda: ["EXCEL.EXE"]), where, prepared=False)
    assert tree(tmp_path) == before


def test_an_unreadable_manifest_stops_uninstall_and_is_written_anew_by_install(tmp_path):
    machine = windows(tmp_path)
    where, _ = installed(machine)
    where.manifest.write_bytes(b"\x00 not json")
    with pytest.raises(Refused, match="清单"):
        uninstall(machine, where, prepared=False)
    installed(machine)
    assert not uninstall(machine, where, prepared=False).has("kept")


# --- the command line


def test_target_from_the_command_line(tmp_path, capsys):
    folder = str(tmp_path / "prepared")
    assert main(["install", "--target", folder, "--json"]) == 0
    out = capsys.readouterr().out
    assert out.isascii() and out.count("\n") == 1
    said = json.loads(out)
    assert said["ok"] and said["changed"] and said["computer"] is not None and len(said["steps"]) == 3
    assert main(["install", "--target", folder, "--json"]) == 0
    assert not json.loads(capsys.readouterr().out)["changed"]
    assert main(["install", "--target", folder, "--quiet"]) == 0
    assert main(["doctor", "--target", folder, "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["uninstall", "--target", folder, "--lang", "en"]) == 0
    assert "Uninstalled" in capsys.readouterr().out
    assert not (tmp_path / "prepared").exists()


def test_a_prepared_folder_may_be_moved(tmp_path, capsys):
    assert main(["install", "--target", str(tmp_path / "a"), "--quiet"]) == 0
    shutil.move(tmp_path / "a", tmp_path / "b")
    assert main(["doctor", "--target", str(tmp_path / "b")]) == 0
    assert main(["uninstall", "--target", str(tmp_path / "b")]) == 0
    assert not (tmp_path / "b").exists()


def test_another_computers_interpreter_is_written_unchecked(tmp_path, capsys):
    assert main(["install", "--target", str(tmp_path), "--python", WINDOWS_PYTHON, "--lang", "en"]) == 0
    assert "not checked" in capsys.readouterr().out
    assert WINDOWS_PYTHON in (tmp_path / ".SalesPlan" / "SalesPlan.conf").read_text()


def test_a_refusal_is_json_too(capsys):
    assert main(["install", "--json", "--lang", "en"]) == 2
    said = json.loads(capsys.readouterr().out)
    assert not said["ok"] and "--target" in said["summary"]
