"""Five hundred statements of the sample plan through a real server, each opened and compared with the plan it came from.

What must be in a statement is read straight from the Tables of the plan; what must not be is looked for here in the plainest way:
every ID, name and address of the plan in every text of the file.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import subprocess
import time
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from addin.book import FileBook
from addin.facts import facts
from addin.mailing import deliver, letters
from addin.mailing.letters import MailWishes
from addin.mailing.outbox import SENT, Journal
from tests.mailing.post import Got, Post
from tests.mailing.test_mail_action import named
from tests.mailing.test_smtp import way
from tests.plans import sample_plan
from tests.real import require_office
from workbook_templates import mailed

PERIODS = [f"2027-{month:02}" for month in range(1, 10)]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    path = sample_plan("zh", tmp_path_factory.mktemp("plan"))
    named(path, mail_from="post@starbridge.example")
    book = FileBook.open(path)
    return {"book": book, **{name: book.read(name).rows for name in ("People", "Deals", "Customers", "Ledger", "Accounts")}}  # type: ignore[dict-item]


def test_five_hundred_statements_reach_their_people_and_nobody_elses(plan: Any, post: Post, tmp_path: Path) -> None:
    began = time.perf_counter()
    book, now = plan["book"], dt.datetime(2027, 12, 5, 9, tzinfo=dt.UTC)
    read, outbox = facts(book), tmp_path / "outbox"
    made = []
    for period in PERIODS:
        prepared = letters.prepare(
            book, read, "x", mailed.every()["statement"], MailWishes("statement", period), [], lambda s: None, now
        )
        assert not prepared.errors
        made += prepared.letters
    composed = time.perf_counter()
    with Journal(outbox) as journal:
        journal.put(made)
        result = deliver.run(journal, list(journal.entries.values()), way(post))
    assert len(post.got) == len(made) >= 500 and [e.state for e in result.done] == [SENT] * len(made)
    arrived = time.perf_counter()
    total = Totals(plan)
    for got in post.got:
        total.check(got)
    checked = time.perf_counter()
    print(f"{len(made)}: composed {composed - began:.1f} s, sent {arrived - composed:.1f} s, checked {checked - arrived:.1f} s")
    _in_libreoffice(post.got[::170], tmp_path, total)


class Totals:
    """What the plan says of everybody."""

    def __init__(self, plan: Any) -> None:
        self.bland: dict[str, bool] = {}
        self.people = {p["email"]: p for p in plan["People"]}
        self.fen: dict[tuple[str, str], int] = defaultdict(int)
        deals: dict[str, set[str]] = defaultdict(set)
        for row in plan["Ledger"]:
            if row["deal"]:
                deals[row["person"]].add(row["deal"])
        for row in plan["Accounts"]:
            self.fen[row["person"], row["month"]] = round(row["paid"] * 100)
        order = {d["id"]: d for d in plan["Deals"]}
        self.deals = {p: own | {order[d].get("original") for d in own} for p, own in deals.items()}
        self.customers = {p: {order[d]["customer"] for d in own if d in order} for p, own in self.deals.items()}
        self.names = {c["id"]: c["name"] for c in plan["Customers"]}

    def check(self, got: Got) -> None:
        person = self.people[got.recipients[0]]
        id, message = person["id"], got.message
        period = re.search(r"2027-\d\d", str(message["Subject"]))[0]  # type: ignore[index]
        total = f"{self.fen[id, period] / 100:,.2f}"
        assert [a.addr_spec for a in message["To"].addresses] == [person["email"]] and person["name"] in str(message["Subject"])
        for kind in ("plain", "html"):
            assert total in message.get_body((kind,)).get_content()  # type: ignore[union-attr]
        book = CalamineWorkbook.from_filelike(got.workbook)  # five hundred times: the quickest of the independent readers
        values = [v for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for v in row]
        assert any(person["name"] in str(v) for v in values)
        assert any(isinstance(v, float | int) and round(v * 100) == self.fen[id, period] for v in values)
        archive = zipfile.ZipFile(got.workbook)
        parts = [archive.read(name).decode("utf-8", "ignore") for name in archive.namelist()]
        parts = [part for part in parts if not self.is_bland(part)]
        texts = [
            *parts,
            *(str(p.get_content()) for p in message.walk() if p.get_content_maintype() == "text"),
            str(message["Subject"]),
        ]
        self.nobody_elses(person, "\n".join(texts))

    def is_bland(self, part: str) -> bool:
        """Theme and styles are the same in all files: whether they mention nobody is looked at once."""
        if part not in self.bland:
            marks = re.search(r"P\d{3}|D27-|C\d{4}|@", part) is not None
            self.bland[part] = not marks and not any(
                n in part for n in [*self.names.values(), *(p["name"] for p in self.people.values())]
            )
        return self.bland[part]

    def nobody_elses(self, person: dict[str, Any], text: str) -> None:
        id = person["id"]
        assert set(re.findall(r"\bP\d{3}\b", text)) <= {id}
        assert set(re.findall(r"D27-\d{4}", text)) <= self.deals.get(id, set())
        assert set(re.findall(r"\bC\d{4}\b", text)) <= self.customers.get(id, set())
        assert set(re.findall(r"(?<![\w.])[\w.]+@starbridge\.example", text)) <= {person["email"], "post@starbridge.example"}
        others = [p["name"] for p in self.people.values() if p["name"] != person["name"] and p["name"] in text]
        own = {self.names[c] for c in self.customers.get(id, ())}
        strangers = [name for c, name in self.names.items() if name not in own and name in text]
        assert not others and not strangers


def _in_libreoffice(some: list[Got], folder: Path, total: Totals) -> None:
    """Another program opens a few of them and shows the same."""
    office = require_office()
    for number, got in enumerate(some):
        (folder / f"{number}.xlsx").write_bytes(got.workbook.getvalue())
    profile = f"-env:UserInstallation=file://{folder}/profile"
    files = [str(folder / f"{number}.xlsx") for number in range(len(some))]
    command = [
        str(office),
        profile,
        "--headless",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1",
        "--outdir",
        str(folder),
        *files,
    ]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    for number, got in enumerate(some):
        (page,) = folder.glob(f"{number}*.csv")
        text, person = page.read_text("utf-8").replace(",", ""), total.people[got.recipients[0]]
        period = re.search(r"2027-\d\d", str(got.message["Subject"]))[0]  # type: ignore[index]
        assert person["name"] in text and f"{total.fen[person['id'], period] / 100:.2f}".rstrip("0").rstrip(".") in text


def test_the_plain_look_above_sees_what_is_not_ones_own(plan: Any) -> None:
    total, person = Totals(plan), plan["People"][9]
    for text in ("P001", "D27-9999", "C9999", "x@starbridge.example", plan["People"][0]["name"]):
        with pytest.raises(AssertionError):
            total.nobody_elses(person, io.StringIO(text).read())
