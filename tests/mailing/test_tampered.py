"""An outbox that somebody laid hands on: what the plan's list does not vouch for is not delivered, and the rest still is.

The journal is the attacker's: whatever is done to a file, its digest in the journal is made to fit.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from addin.action import Outcome
from addin.actions import every
from addin.book import FileBook
from addin.mailing import deliver, outbox
from addin.mailing.outbox import REFUSED, SENT, Entry, Journal
from tests.actions.steps import do
from tests.mailing.letters import letter, outbox_with
from tests.mailing.post import PASSWORD, USER, Post
from tests.mailing.test_mail_action import named
from tests.mailing.test_smtp import sent, way
from tests.plans import sample_plan
from workbook_templates.answers import Refused

VICTIM, OTHER, THIRD = "P006", "P007", "P008"


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a plan and three letters ready in its outbox."""
    folder = tmp_path_factory.mktemp("composed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SALESPLAN_STATE", str(tmp_path_factory.mktemp("state")))
        path = sample_plan("zh", folder)
        named(path, mail_from="post@starbridge.example")
        assert do("mail", path, period="2027-10", to=[VICTIM, OTHER, THIRD]).outcome.data["composed"] == 3
    return path


@pytest.fixture
def plan(composed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SALESPLAN_SMTP_USER", USER)
    monkeypatch.setenv("SALESPLAN_SMTP_PASSWORD", PASSWORD)
    shutil.copytree(composed.parent, tmp_path / "work")
    return tmp_path / "work" / composed.name


def folder_of(plan: Path) -> Path:
    return plan.with_name(f"outbox-{plan.stem}")


def entries(plan: Path) -> dict[str, Entry]:
    return {e.recipient: e for e in outbox.read(folder_of(plan)).values()}


def say(plan: Path, entry: Entry, **changed: Any) -> None:
    """Another line of the journal."""
    with (folder_of(plan) / outbox.NAME).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"message": entry.message} | changed, ensure_ascii=False) + "\n")


def fitting(path: Path) -> dict[str, Any]:
    raw = path.read_bytes()
    return {"sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw)}


def swap_files(plan: Path) -> None:
    mine, other = (entries(plan)[who] for who in (VICTIM, OTHER))
    one, two = (folder_of(plan) / e.file for e in (mine, other))
    a, b = one.read_bytes(), two.read_bytes()
    one.write_bytes(b)
    two.write_bytes(a)
    say(plan, mine, **fitting(one))
    say(plan, other, **fitting(two))


def swap_paths(plan: Path) -> None:
    mine, other = (entries(plan)[who] for who in (VICTIM, OTHER))
    say(plan, mine, file=other.file, sha256=other.sha256)
    say(plan, other, file=mine.file, sha256=mine.sha256)


def swap_addresses(plan: Path) -> None:
    mine, other = (entries(plan)[who] for who in (VICTIM, OTHER))
    say(plan, mine, email=other.email)
    say(plan, other, email=mine.email)


def swap_all_but_the_number(plan: Path) -> None:
    mine, other = (entries(plan)[who] for who in (VICTIM, OTHER))
    for one, two in ((mine, other), (other, mine)):
        say(plan, one, **{k: v for k, v in dataclasses.asdict(two).items() if k not in ("message", "email", "recipient")})


def edited(old: Callable[[Entry], bytes], new: bytes) -> Callable[[Path], None]:
    def edit(plan: Path) -> None:
        for who in (VICTIM, OTHER):
            entry = entries(plan)[who]
            path = folder_of(plan) / entry.file
            raw = path.read_bytes()
            assert old(entry) in raw
            path.write_bytes(raw.replace(old(entry), new, 1))
            say(plan, entry, **fitting(path))

    return edit


def lead_away(name: Callable[[Path], str]) -> Callable[[Path], None]:
    """The very letters, but elsewhere: what a path leads to may be anything the next moment."""

    def move(plan: Path) -> None:
        for who in (VICTIM, OTHER):
            entry = entries(plan)[who]
            away = shutil.move(folder_of(plan) / entry.file, plan.parent / f"{who}.eml")
            say(plan, entry, file=name(Path(away)))

    return move


def link_away(plan: Path) -> None:
    for who in (VICTIM, OTHER):
        path = folder_of(plan) / entries(plan)[who].file
        shutil.move(path, plan.parent / f"{who}.eml")
        path.symlink_to(plan.parent / f"{who}.eml")


HANDS = {
    "two files swapped": swap_files,
    "two paths swapped": swap_paths,
    "two addresses swapped": swap_addresses,
    "all swapped": swap_all_but_the_number,
    "a letter edited": edited(lambda e: b"\r\n\r\n", b"\r\n\r\nforged\r\n"),
    "To edited": edited(lambda e: f"<{e.email}>".encode(), b"<thief@starbridge.example>"),
    "Bcc added": edited(lambda e: b"X-Unsent: 1\r\n", b"X-Unsent: 1\r\nBcc: thief@starbridge.example\r\n"),
    "a path upwards": lead_away(lambda p: f"../{p.name}"),
    "a path from the root": lead_away(str),
    "a path of Windows": lead_away(lambda p: f"..\\{p.name}"),
    "a link": link_away,
}


def deliver_all(plan: Path, post: Post) -> Outcome:
    """As the action does it, up to writing its log into the plan."""
    action, book = every()["send"], FileBook.open(plan)
    options = action.defaults(smtp=post.address, ca=str(post.authority.path), timeout=5.0)
    outcome = action.run(book, options, lambda step: None)
    return outcome.deed(lambda step: None) if outcome.deed is not None else outcome


@pytest.mark.skipif(os.name == "nt", reason="symbolic links")
@pytest.mark.parametrize("hands", HANDS.values(), ids=HANDS.keys())
def test_nobody_gets_what_the_plan_does_not_vouch_for(plan: Path, post: Post, hands: Callable[[Path], None]) -> None:
    good = {e.email: (folder_of(plan) / e.file).read_bytes() for e in entries(plan).values()}
    third = entries(plan)[THIRD].email
    hands(plan)
    outcome = deliver_all(plan, post)
    for got in post.got:
        (to,) = got.recipients
        assert got.content == good[to].replace(b"X-Unsent: 1\r\n", b"")
    assert post.addresses() == [third]
    assert len(outcome.problems) + outcome.data["refused"] == 2 and outcome.data["sent"] == 1


def test_untouched_all_three_arrive(plan: Path, post: Post) -> None:
    assert deliver_all(plan, post).data["sent"] == 3 and len(post.got) == 3


def test_composing_again_mends_it(plan: Path, post: Post) -> None:
    """What the plan does not know is written anew, not taken over."""
    edited(lambda e: b"\r\n\r\n", b"\r\n\r\nforged\r\n")(plan)
    do("mail", plan, period="2027-10", to=[VICTIM, OTHER, THIRD])
    assert deliver_all(plan, post).data["sent"] == 3
    assert not [got for got in post.got if b"forged" in got.content]


def test_the_list_keeps_each_drafts_digest(plan: Path) -> None:
    listed = {row["message"]: row["digest"] for row in FileBook.open(plan).read("Outbox").rows}
    assert listed == {e.message: fitting(folder_of(plan) / e.file)["sha256"] for e in entries(plan).values()}


@pytest.mark.parametrize("name", ["../plan.xlsx", "..", ".", "", "/etc/hostname", "a/b.eml", "a\\b.eml", "C:x.eml", "x\0.eml"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "outbox"
    (entry,) = outbox_with(folder, [letter(1)])
    precious = tmp_path / "plan.xlsx"
    precious.write_bytes(letter(1).content)
    moved = dataclasses.replace(entry, file=name)
    assert outbox.content(folder, entry) is not None and outbox.content(folder, moved) is None
    with Journal(folder) as journal:
        journal.drop([moved])  # what a newer draft replaces is deleted, but only a draft
    assert precious.exists() and (folder / entry.file).exists()


@pytest.mark.skipif(os.name == "nt", reason="pipes and links of POSIX")
def test_what_is_no_plain_file_is_no_draft_and_holds_nothing_up(tmp_path: Path, post: Post) -> None:
    entries = outbox_with(tmp_path, [letter(n) for n in range(3)])
    (tmp_path / entries[0].file).unlink()
    os.mkfifo(tmp_path / entries[0].file)
    (tmp_path / entries[1].file).unlink()
    (tmp_path / entries[1].file).mkdir()
    assert [e.state for e in sent(tmp_path, way(post)).done] == [REFUSED, REFUSED, SENT]


@pytest.mark.skipif(os.name == "nt", reason="POSIX mode bits")
def test_nobody_else_may_read_what_lies_in_the_outbox(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        outbox_with(tmp_path / "outbox", [letter(1)])
        with Journal(tmp_path / "outbox") as journal:
            journal.reserve(1)
            assert {p.stat().st_mode & 0o777 for p in journal.folder.iterdir()} == {0o600}
    finally:
        os.umask(before)
    assert (tmp_path / "outbox").stat().st_mode & 0o777 == 0o700


def test_garbage_in_the_headers_is_nobodys_letter(tmp_path: Path) -> None:
    (entry,) = outbox_with(tmp_path, [letter(1)])
    raw = letter(1).content
    for head in (
        b"",
        b"To: \xff\xfe<\r\n",
        b"To: =?utf-8?q?=?=\r\n",
        b"To: a@b.c, " * 5 + b"\r\n",
        b"Message-ID: <\r\nTo: [\r\n",
    ):
        content = head + raw
        (tmp_path / entry.file).write_bytes(content)
        fits = dataclasses.replace(entry, sha256=hashlib.sha256(content).hexdigest())
        assert (outbox.content(tmp_path, fits) is None) == bool(head)


def test_delivering_what_is_refused_so_says_what_to_do(tmp_path: Path, post: Post) -> None:
    (entry,) = outbox_with(tmp_path, [letter(1)])
    with Journal(tmp_path) as journal:
        result = deliver.run(journal, [dataclasses.replace(entry, email="x@starbridge.example")], way(post))
    assert not post.got and "compose it again" in result.done[0].reply
    with pytest.raises(Refused), Journal(tmp_path), Journal(tmp_path):
        pass
