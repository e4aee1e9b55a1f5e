"""Documents beside a plan: listed once, never over a file, nothing half-written."""

from __future__ import annotations

import datetime as dt
import io
import time
import zipfile
from pathlib import Path

import pytest

from addin import documents
from addin.action import Action, Outcome
from addin.book import FileBook
from addin.performing import perform
from tests.small_plan import small_plan
from udfs.text import Text, language, speaking
from workbook_templates.answers import Refused
from workbook_templates.documents import FOLDER, TABLE, Made, file_name, library, settled
from workbook_templates.tables.schema import Company
from workbook_templates.wordfile import Letterhead

MINUTES = Text("纪要", "Minutes")


def plan(folder: Path) -> Path:
    return small_plan(folder / "plan.xlsx", Company("甲", 2027, dt.date(2027, 3, 31)))


def made(path: Path, *contents: bytes, obj: str = "E01") -> list[Path]:
    """Have documents kept by an action that does nothing else."""
    book, kept = FileBook.open(path), list[Path]()

    def run(book: FileBook, options: object, progress: object) -> Outcome:
        outcome = Outcome(Text("好", "done"))
        kept.extend(documents.keep(book, outcome, lambda _: [Made(MINUTES, obj, ".docx", content) for content in contents]))
        return outcome

    action = Action(
        label=MINUTES, tip=MINUTES, about=MINUTES, group="plan", order=1, icon="x", keytip="Z9", run=run, guards=False
    )
    perform(action, book, action.defaults(), backup=False)
    return kept


@pytest.mark.parametrize(("ours", "told"), [("zh", "en"), ("en", "zh")])
def test_a_document_is_in_the_plans_language_whatever_the_terminal_says(tmp_path: Path, ours: str, told: str) -> None:
    """The words inside it, its name, its row and the folder: two languages would make two files and two folders of one document."""
    path = small_plan(tmp_path / "plan.xlsx", Company("甲", 2027, dt.date(2027, 3, 31)), ours)
    book, kept, spoken = FileBook.open(path), list[Path](), list[str]()

    def run(book: FileBook, options: object, progress: object) -> Outcome:
        outcome = Outcome(Text("好", "done"))

        def make(head: Letterhead) -> list[Made]:
            spoken.append(language())
            return [Made(MINUTES, "E01", ".docx", str(MINUTES).encode())]

        kept.extend(documents.keep(book, outcome, make))
        spoken.append(language())
        return outcome

    action = Action(
        label=MINUTES, tip=MINUTES, about=MINUTES, group="plan", order=1, icon="x", keytip="Z9", run=run, guards=False
    )
    with speaking(told):
        perform(action, book, action.defaults(), backup=False)
    with speaking(ours):
        expected = tmp_path / f"plan_{FOLDER}" / f"{MINUTES}-E01-20270331.docx"
        assert kept == [expected] and expected.read_bytes() == str(MINUTES).encode()
        assert FileBook.open(path).read(TABLE).rows[0]["kind"] == str(MINUTES)
    assert spoken == [ours, ours]  # all that an action writes; what the person is told of it has both languages


def listed(path: Path) -> list[tuple[object, ...]]:
    return [(row["id"], row["object"], row["file"]) for row in FileBook.open(path).read(TABLE).rows]


def test_a_document_is_written_and_listed_and_the_same_one_never_twice(tmp_path: Path) -> None:
    path = plan(tmp_path)
    (first,) = made(path, b"one")
    assert first == tmp_path / "plan_文档" / "纪要-E01-20270331.docx" and first.read_bytes() == b"one"
    before = path.read_bytes()
    assert made(path, b"one") == [first] and path.read_bytes() == before
    (second,) = made(path, b"two")
    assert second.name == "纪要-E01-20270331-2.docx" and first.read_bytes() == b"one"
    assert listed(path) == [("D00001", "E01", first.name), ("D00002", "E01", second.name)]
    first.unlink()
    assert made(path, b"one") == [first] and first.read_bytes() == b"one"  # gone from the folder: written under its old name
    assert len(listed(path)) == 2


def test_a_file_that_is_not_ours_stays(tmp_path: Path) -> None:
    path = plan(tmp_path)
    other = tmp_path / "plan_文档" / "纪要-E01-20270331.docx"
    other.parent.mkdir()
    other.write_bytes(b"somebody's")
    (mine,) = made(path, b"one")
    assert mine.name == "纪要-E01-20270331-2.docx" and other.read_bytes() == b"somebody's"


def test_what_stands_in_a_cell_is_no_path(tmp_path: Path) -> None:
    path = plan(tmp_path)
    (file,) = made(path, b"x", obj="../../etc/passwd")
    assert file.parent == tmp_path / "plan_文档" and file.name == "纪要-etc-passwd-20270331.docx"
    assert "/" not in file_name("a/b", "C:\\x", dt.date(2027, 1, 1), ".ics")


def test_a_folder_that_cannot_be_made_leaves_the_plan_as_it_was(tmp_path: Path) -> None:
    path = plan(tmp_path)
    (tmp_path / "plan_文档").write_bytes(b"")  # a file where the folder should be
    before = path.read_bytes()
    with pytest.raises(Refused, match="文档"):
        made(path, b"x")
    assert path.read_bytes() == before


def test_an_office_file_comes_out_alike_whatever_the_clock() -> None:
    def packed(second: int) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as file:
            for name in ("word/document.xml", "[Content_Types].xml"):
                file.writestr(zipfile.ZipInfo(name, time.gmtime(second)[:6]), name)
        return out.getvalue()

    one, other = settled(packed(10**9)), settled(packed(2 * 10**9))
    assert one == other and packed(10**9) != packed(2 * 10**9)
    assert zipfile.ZipFile(io.BytesIO(one)).namelist()[0] == "[Content_Types].xml"


def test_a_missing_library_is_said_with_what_to_type() -> None:
    with pytest.raises(Refused, match="pip install"):
        library("no_such_library", "slides")
