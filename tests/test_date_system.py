"""A workbook that counts its days from 1904 (an old Mac's): refused wherever its Tables are read, not taken four years off.

Source: Microsoft support, "Date systems in Excel": the same number is 1,462 days later in the 1904 system.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from addin.book import FileBook
from addin.cli import main
from addin.live import LiveBook
from tests.actions import excel
from tests.actions.steps import do
from tests.foreign import own_workbook
from workbook_templates.answers import Refused
from workbook_templates.xlsx.package import Package


def from_1904(path: Path) -> Path:
    """The same workbook with Excel's option switched on, and no cell changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = re.sub(rb"<workbookPr\b", b'<workbookPr date1904="1"', parts["xl/workbook.xml"], count=1)
    assert b"date1904" in text
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (parts | {"xl/workbook.xml": text}).items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def adopted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A company's own workbook, taken over."""
    monkeypatch.setenv("SALESPLAN_STATE", str(tmp_path / "state"))
    path = own_workbook(tmp_path / "own.xlsx")
    do("adopt", path, confirm=True, add=["Ledger", "Quotas"])
    return path


def test_an_adopted_workbook(adopted: Path) -> None:
    assert FileBook.open(adopted).read("Deals").rows
    with pytest.raises(Refused, match="1904"):
        FileBook.open(from_1904(adopted)).read("Deals")


@pytest.mark.parametrize("command", ["adopt", "commission", "check", "recalc"])
def test_no_command_reads_its_days(adopted: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = from_1904(adopted).read_bytes()
    assert main(["--lang", "en", command, str(adopted)]) == 2
    assert "counts dates from 1904" in capsys.readouterr().err
    assert adopted.read_bytes() == before


def test_open_in_excel(adopted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = LiveBook(excel.Book(Package.open(adopted)))
    assert book.read("Deals").rows
    monkeypatch.setattr(excel.Api, "Date1904", True, raising=False)
    with pytest.raises(Refused, match="1904"):
        LiveBook(excel.Book(Package.open(adopted))).read("Deals")
