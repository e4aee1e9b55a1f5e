"""`mail` and `send` on the sample plan: what the workbook, the outbox and the server hold after each.

Totals are the accounts' own; who gets one comes from the People Table.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from addin.action import Done
from addin.actions import every
from addin.book import FileBook
from addin.changes import plain
from addin.cli import main
from addin.mailing import outbox
from addin.mailing.outbox import Journal
from tests.actions.steps import change, do
from tests.mailing.plans import mail_plan
from tests.mailing.post import PASSWORD, USER, Post, drops, says
from tests.plans import sample_plan
from workbook_templates import mailed
from workbook_templates.answers import Refused
from workbook_templates.xlsx.package import Package

PERIOD = "2027-10"
OPEN = "2027-12"  # a month that nobody has reviewed


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = mail_plan("zh", tmp_path)
    named(path, mail_from="post@starbridge.example")
    return path


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """The whole sample plan."""
    path = sample_plan("zh", tmp_path)
    named(path, mail_from="post@starbridge.example")
    return path


@pytest.fixture(autouse=True)
def _login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESPLAN_SMTP_USER", USER)
    monkeypatch.setenv("SALESPLAN_SMTP_PASSWORD", PASSWORD)


def named(path: Path, **values: object) -> None:
    """Fill in named cells, as a person would."""
    package = Package.open(path)
    for name, value in values.items():
        sheet, ref = package.locate(name) or ("", None)
        assert ref is not None
        package.sheets[sheet].set_values({(ref.first_row, ref.first_col): plain(value)})
    package.save(backup=False)


def send(path: Path, post: Post, **more: Any) -> Done:
    return do("send", path, smtp=post.address, ca=str(post.authority.path), timeout=5.0, **more)


def compose(path: Path, **more: Any) -> Done:
    return do("mail", path, **({"period": PERIOD} | more))


def rows(path: Path, table: str) -> list[dict[str, Any]]:
    return FileBook.open(path).read(table).rows


def log(path: Path) -> list[str]:
    return [row["state"] for row in rows(path, "MailLog")]


def totals(path: Path, period: str = PERIOD) -> dict[str, int]:
    """What everybody is paid for a month in fen, straight from the accounts."""
    paid = {row["person"]: round(row["paid"] * 100) for row in rows(path, "Accounts") if row["month"] == period}
    return defaultdict(int, paid)


def more_by_a_yuan(path: Path, person: str, period: str = OPEN) -> None:
    """A yuan more for somebody, in ledger and account."""
    cells: dict[tuple[str, int, str], Any] = {}
    at, row = next((i, r) for i, r in enumerate(rows(path, "Ledger")) if r["person"] == person and r["period"] == period)
    cells["Ledger", at, "commission"] = row["commission"] + 1
    at, row = next((i, r) for i, r in enumerate(rows(path, "Accounts")) if r["person"] == person and r["month"] == period)
    cells |= {("Accounts", at, key): row[key] + 1 for key in ("released", "paid", "year_to_date")}
    change(path, cells)


def test_a_ledger_that_makes_another_account_is_not_mailed(plan: Path) -> None:
    """The statement would not add up: refused with both figures, and nothing is written."""
    before = plan.read_bytes()
    at, row = next((i, r) for i, r in enumerate(rows(plan, "Ledger")) if r["person"] == "P008" and r["period"] == OPEN)
    change(plan, {("Ledger", at, "commission"): row["commission"] + 1})
    changed = plan.read_bytes()
    for kind in ("statement", "team"):
        done = compose(plan, what=kind, period=OPEN)
        assert not done.written and any("P008" in str(p.text) and "按台账应为" in p.text.zh for p in done.outcome.errors), kind
    assert plan.read_bytes() == changed != before


def test_composing_lists_everybody_and_sends_nothing(whole: Path) -> None:
    done = compose(whole)
    listed, people = rows(whole, "Outbox"), {row["id"]: row for row in rows(whole, "People")}
    wanted = totals(whole)
    assert done.written and len(listed) == done.outcome.data["composed"] > 50
    for row in listed:
        assert row["email"] == people[row["recipient"]]["email"] and row["name"] == people[row["recipient"]]["name"]
        assert round(row["total"] * 100) == wanted.get(row["recipient"], 0)
        assert (whole.parent / f"outbox-{whole.stem}" / row["file"]).is_file()
    assert {p for p, fen in wanted.items() if fen} <= {row["recipient"] for row in listed}
    assert log(whole) == ["drafted"] * len(listed)


def test_an_english_plan_composes_every_kind(tmp_path: Path) -> None:
    path = sample_plan("en", tmp_path)
    for kind in mailed.every():
        done = compose(path, what=kind)
        assert done.written and done.outcome.data["composed"] > 0 and not done.outcome.problems, kind


@pytest.mark.parametrize("kind", [kind for kind in mailed.every() if kind != "statement"])
def test_the_other_kinds_pass_the_second_look_and_go_to_their_people(whole: Path, kind: str) -> None:
    done = compose(whole, what=kind)
    emails = {r["id"]: r["email"] for table in ("People", "Dealers") for r in rows(whole, table)}
    listed = rows(whole, "Outbox")
    assert done.written and listed and all(row["email"] == emails[row["recipient"]] for row in listed)


def test_the_list_says_what_is_an_estimate(plan: Path) -> None:
    """December is only computed in the sample, October is locked or paid."""
    compose(plan, to=["P007"], period="2027-12")
    compose(plan, to=["P007"], period=PERIOD)
    states = {row["period"]: row["problems"] for row in rows(plan, "Outbox")}
    assert "预估" in states["2027-12"] and states[PERIOD] != states["2027-12"]


def test_composing_twice_changes_nothing_the_second_time(plan: Path) -> None:
    compose(plan)
    before, folder = plan.read_bytes(), plan.parent / f"outbox-{plan.stem}"
    files = {p: p.read_bytes() for p in folder.iterdir()}
    done = compose(plan)
    assert not done.written and plan.read_bytes() == before and {p: p.read_bytes() for p in folder.iterdir()} == files


def test_what_is_sent_is_logged_and_undo_takes_back_the_step_before_only(plan: Path, post: Post) -> None:
    before = FileBook.open(plan).named("signoff")
    assert do("signoff", plan, who="王总").effect
    compose(plan, to=["P006,P007"])
    done = send(plan, post)
    assert sorted(post.addresses()) == sorted(r["email"] for r in rows(plan, "People") if r["id"] in ("P006", "P007"))
    assert log(plan) == ["drafted", "drafted", "sent", "sent"] and done.outcome.data["sent"] == 2
    assert not rows(plan, "Outbox")
    sent = rows(plan, "MailLog")[2]
    assert sent["reply"] == "250 2.0.0 taken" and sent["message"] == post.messages()[0] and sent["hash"]
    assert FileBook.open(plan).named("signoff") != before
    do("undo", plan)  # of the sign-off, the last step that can be undone
    assert FileBook.open(plan).named("signoff") == before
    assert log(plan) == ["drafted", "drafted", "sent", "sent"]  # what was sent stays told


def test_the_same_mail_twice_only_when_asked(plan: Path, post: Post) -> None:
    compose(plan, to=["P007"])
    send(plan, post)
    again = compose(plan, to=["P007"])
    assert again.outcome.data["composed"] == 0 and "--again" in str(again.outcome.problems)
    assert send(plan, post).outcome.summary.zh.startswith("没有要发送的邮件")
    compose(plan, to=["P007"], again=True)
    send(plan, post)
    assert len(post.got) == 2 and len(set(post.messages())) == 1  # the same mail keeps its Message-ID


def test_another_outbox_and_a_copied_plan_know_what_was_sent(plan: Path, post: Post, tmp_path: Path) -> None:
    compose(plan, to=["P007"])
    time.sleep(1.1)  # a draft says its second: two of the same second are one draft
    compose(plan, to=["P007"], outbox=str(tmp_path / "other"))
    stale = send(plan, post)  # the list vouches for the newer draft, which lies in the other outbox
    assert not post.got and "草稿与清单不符" in str(stale.outcome.problems)
    send(plan, post, outbox=str(tmp_path / "other"))
    compose(plan, to=["P007"])
    late = send(plan, post)
    assert len(post.got) == 1 and not late.outcome.data.get("sent")
    copy = tmp_path / "copy.xlsx"
    copy.write_bytes(plan.read_bytes())
    assert compose(copy, to=["P007"]).outcome.data["before"] == 1
    old = mail_plan("zh", tmp_path / "state")  # without the log: the outbox's own journal says so
    assert compose(old, to=["P007"]).outcome.data["before"] == 1


def test_what_changed_since_is_told_and_sent_when_asked(plan: Path, post: Post) -> None:
    compose(plan, to=["P008", "P009", "P010"], period=OPEN)
    send(plan, post)
    more_by_a_yuan(plan, "P009")
    done = compose(plan, to=["P008,P009,P010"], period=OPEN)
    assert done.outcome.data["composed"] == 0 and done.outcome.data["before"] == 3
    assert sum("--changed" in str(p.text) for p in done.outcome.problems) == 1
    assert compose(plan, to=["P008,P009,P010"], changed=True, period=OPEN).outcome.data["composed"] == 1
    send(plan, post)
    assert len(post.got) == 4


def test_a_newer_draft_takes_the_older_ones_place(plan: Path) -> None:
    compose(plan, to=["P008"], period=OPEN)
    more_by_a_yuan(plan, "P008")
    compose(plan, to=["P008"], period=OPEN)
    folder = plan.parent / f"outbox-{plan.stem}"
    (left,) = folder.glob("*.eml")
    (row,) = rows(plan, "Outbox")
    assert row["file"] == left.name and round(row["total"] * 100) == totals(plan, OPEN)["P008"]


def test_other_kinds_and_months_stay_listed_and_a_held_mail_is_not_sent(plan: Path, post: Post) -> None:
    compose(plan, to=["P007"])
    compose(plan, to=["P006,P007,P008"], period="2027-09")
    listed = rows(plan, "Outbox")
    assert [(r["period"], r["recipient"]) for r in listed] == [
        (PERIOD, "P007"), ("2027-09", "P006"), ("2027-09", "P007"), ("2027-09", "P008")
    ]  # fmt: skip
    change(plan, {("Outbox", 2, "hold"): "yes", ("Outbox", 3, "email"): "boss@starbridge.example"})
    done = send(plan, post)
    assert sorted((g.message["Subject"][:7], g.recipients[0]) for g in post.got) == sorted(
        (r["period"], r["email"]) for r in listed[:2]
    )
    assert [r["recipient"] for r in rows(plan, "Outbox")] == ["P007", "P008"]
    assert any("地址在人员表里改" in p.text.zh for p in done.outcome.problems)
    assert compose(plan, to=["P006,P007,P008"], period="2027-09", again=True).outcome.data["composed"] == 3
    assert next(r for r in rows(plan, "Outbox") if r["recipient"] == "P007")["hold"] == "yes"


def test_refused_and_uncertain_are_logged_and_only_the_refused_goes_again(plan: Path, post: Post) -> None:
    to = {r["id"]: r["email"] for r in rows(plan, "People")}
    post.faults["rcpt", to["P006"]] = says("550 5.1.1 =HYPERLINK(1) unknown")
    post.faults["taken", to["P007"]] = drops(1)
    compose(plan, to=["P006,P007,P008"])
    done = send(plan, post)
    assert log(plan)[3:] == ["refused", "uncertain", "sent"] and len(done.outcome.notes) == 2
    assert rows(plan, "MailLog")[3]["reply"].startswith("550 5.1.1 =HYPERLINK(1)")
    post.faults.clear()
    send(plan, post)
    assert post.addresses().count(to["P007"]) == 1 and log(plan)[6:] == ["sent"]
    left = compose(plan, to=["P006,P007,P008"])
    assert left.outcome.data["before"] == 3 and sum("可能已送达" in p.text.zh for p in left.outcome.problems) == 1


def test_a_killed_runs_results_are_logged_by_the_next(plan: Path, post: Post) -> None:
    compose(plan, to=["P006,P007"])
    with Journal(plan.parent / f"outbox-{plan.stem}") as journal:
        first, second = journal.entries
        journal.record(first, outbox.SENDING)
        journal.record(first, outbox.SENT, "250 ok")
        journal.record(second, outbox.SENDING)
    send(plan, post)
    assert not post.got and sorted(log(plan)[2:]) == ["sent", "uncertain"]


# ---------------------------------------------------------------------------------------------------------------- problems


def refused(path: Path, **more: Any) -> list[str]:
    before = path.read_bytes()
    done = compose(path, **more)
    assert done.refused and path.read_bytes() == before and not (path.parent / f"outbox-{path.stem}").exists()
    return [f"{p.sheet}!{p.cell} {p.text.zh}" for p in done.outcome.problems if p.level == "error"]


def test_all_problems_are_told_at_once_by_cell_and_nothing_is_composed(whole: Path) -> None:
    people = rows(whole, "People")
    at = {p["id"]: i for i, p in enumerate(people)}
    change(
        whole,
        {
            ("People", at["P006"], "email"): "x@evil.example",
            ("People", at["P007"], "email"): "a@starbridge.example, b@evil.example",
            ("People", at["P008"], "email"): None,
        },
    )
    said = refused(whole)
    assert len(said) == 3 and all(s.startswith("人员!M") for s in said)
    assert "evil.example 不在" in said[0] and "不是一个邮箱" in said[1] and "没有邮箱" in said[2]


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("{nmae} 的提成", "没有字段 {nmae}，是否想用 {name}"),
        ("{name} 的 {", "花括号不成对"),
        ("}{name}", "花括号不成对"),
        ("{name.__class__}", "没有字段 {name.__class__}"),
        ("{}", "没有字段 {}"),
        ("{0}", "没有字段 {0}"),
        ("   ", "模板为空"),
    ],
)
def test_a_template_at_fault_is_named_by_its_cell(plan: Path, subject: str, said: str) -> None:
    change(plan, {("MailTemplates", 0, "subject"): subject})
    assert [s for s in refused(plan) if s.startswith("邮件模板!D16") and said in s]


def test_a_value_that_is_missing_is_named_with_whom_it_lacks(plan: Path) -> None:
    named(plan, mail_slogan=None)
    said = refused(plan, to=["P007"])
    assert len(said) == 1 and "{slogan}" in said[0] and "P007" in said[0] and said[0].startswith("邮件模板!E16")


def test_settings_at_fault(plan: Path) -> None:
    named(plan, mail_from="post@evil.example")
    assert [s.split()[0] for s in refused(plan)] == ["邮件模板!C7"]
    named(plan, mail_domains="starbridge.example, stаrbridge.example")  # the second with a Cyrillic а
    assert refused(plan)[0].startswith("邮件模板!C6") and "混用多种文字" in refused(plan)[0]
    named(plan, mail_domains=None)
    assert any("没有允许的域名" in s for s in refused(plan))


def test_a_name_from_a_cell_stays_text_wherever_it_goes(plan: Path, post: Post) -> None:
    evil = '=HYPERLINK("http://e.example","{total}")\r\nBcc: x@evil.example/../../x\u202e<script>'
    at = next(i for i, p in enumerate(rows(plan, "People")) if p["id"] == "P007")
    change(plan, {("People", at, "name"): evil})
    compose(plan, to=["P007"])
    send(plan, post)
    (got,) = post.got
    assert got.recipients == [rows(plan, "People")[at]["email"]] and got.message["Bcc"] is None
    assert "{total}" in str(got.message["Subject"]) and "\u202e" not in str(got.message["Subject"])
    page = got.message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<script>" not in page
    package = Package.open(plan)
    for name in ("MailLog", "Outbox"):
        sheet = package.sheets[package.tables[name].sheet]
        assert not [c for c in sheet.cells().values() if c.formula and "HYPERLINK" in c.formula]
    assert rows(plan, "MailLog")[0]["name"].startswith("=HYPERLINK")


def test_unknown_people_kinds_and_months_are_refused(plan: Path) -> None:
    for more, said in (
        ({"to": ["P0007"]}, "是否想用 P007"),
        ({"to": ["team:X"]}, "没有这个编号"),
        ({"what": "letters"}, "statement"),
        ({"period": "2027-13"}, "2027-03"),
        ({"period": None}, "--period"),
        ({"password_from": "secret"}, "--password-from"),
    ):
        with pytest.raises(Refused) as stopped:
            compose(plan, **more)
        assert said in stopped.value.text.zh


def test_a_team_is_its_chief_and_all_below(whole: Path) -> None:
    compose(whole, to=["team:P002"])
    manager = {p["id"]: p["manager"] for p in rows(whole, "People")}
    for move in rows(whole, "Transfers"):  # a team is that of the month
        if move["manager"] and move["valid_from"].strftime("%Y-%m") <= PERIOD:
            manager[move["person"]] = move["manager"]

    def below(id: str | None) -> bool:
        return id == "P002" or (id is not None and below(manager[id]))

    listed = {r["recipient"] for r in rows(whole, "Outbox")}
    assert listed and all(below(id) for id in listed) and {i for i, f in totals(whole).items() if f and below(i)} <= listed


# --------------------------------------------------------------------------------------------------------------- passwords


def test_a_locked_attachment_opens_with_its_own_password_only(plan: Path, post: Post, tmp_path: Path) -> None:
    import io

    import msoffcrypto

    listed = tmp_path / "passwords.csv"
    listed.write_text("P006,eins,zwei\nP007,甲-乙 7\n", "utf-8-sig")
    done = compose(plan, to=["P006,P007"], password_from=f"file:{listed}")
    send(plan, post)
    assert done.written and len(post.got) == 2
    for got, password, other in zip(post.got, ("eins", "甲-乙 7"), ("甲-乙 7", "eins"), strict=True):
        raw = got.workbook
        with pytest.raises(Exception):  # noqa: B017 (openpyxl's own for what is no zip)
            openpyxl.load_workbook(io.BytesIO(raw.getvalue()))
        locked, opened = msoffcrypto.OfficeFile(raw), io.BytesIO()
        with pytest.raises(msoffcrypto.exceptions.InvalidKeyError):
            locked.load_key(password=other, verify_password=True)
        locked.load_key(password=password, verify_password=True)
        locked.decrypt(opened)
        person = next(r for r in rows(plan, "People") if r["email"] == got.recipients[0])
        assert person["name"] in str([c.value for row in openpyxl.load_workbook(opened).worksheets[0] for c in row])
        assert "见加密附件" in got.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert (
            f"{totals(plan)[person['id']] / 100:,.2f}" not in got.content.decode("utf-8", "ignore")
            or not totals(plan)[person["id"]]
        )
    everything = b"".join(p.read_bytes() for p in plan.parent.rglob("*") if p.is_file() and p != listed)
    assert "甲-乙".encode() not in everything


def test_without_a_password_for_somebody_nothing_is_composed(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW_P006", "x")
    said = refused(plan, to=["P006,P007"], password_from="env:PW_")
    assert len(said) == 1 and "P007" in said[0] and "没有附件密码" in said[0]


# ------------------------------------------------------------------------------------------------------------ command line


def command(*words: object) -> int:
    return main([str(w) for w in words])


def test_the_command_composes_asks_sends_and_reports(plan: Path, post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    server = ("--smtp", post.address, "--ca", post.authority.path, "--timeout", "5")
    assert command("mail", plan, "--period", PERIOD, "--to", "P006,P007", "--dry-run") == 0
    assert not (plan.parent / f"outbox-{plan.stem}").exists() and "P006" in capsys.readouterr().out
    assert command("mail", plan, "--period", PERIOD, "--to", "P006,P007", *server) == 1  # nobody to ask
    assert not post.got and "--yes" in capsys.readouterr().err
    assert command("mail", plan, "--period", PERIOD, "--to", "P006,P007", *server, "--yes", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["delivery"]["sent"] == 2 and len(post.got) == 2 and report["composed"] == 2
    assert command("mail", plan, "--period", PERIOD, "--to", "P006,P007", *server, "--yes") == 1  # said: sent before
    assert command("send", plan, *server, "--yes") == 0 and len(post.got) == 2
    assert command("mail", plan, "--period", PERIOD, "--outlook", "--yes") == 2 or sys.platform == "win32"


def test_without_a_password_the_command_stops_before_the_work(
    plan: Path, post: Post, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SALESPLAN_SMTP_PASSWORD")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    assert command("mail", plan, "--period", PERIOD, "--smtp", post.address) == 2
    assert "keyring set salesplan-smtp:localhost" in capsys.readouterr().err
    assert not (plan.parent / f"outbox-{plan.stem}").exists()


def test_every_kind_of_workbook_has_its_word_and_template_in_both_languages() -> None:
    from workbook_templates.chapters.basics.sheets.mail_templates import default_templates
    from workbook_templates.chapters.basics.tables.mail import MAIL_KINDS

    words = {w.code for w in MAIL_KINDS}
    assert set(mailed.every()) <= words
    assert {(r["kind"], r["language"]) for r in default_templates()} == {(w, lang) for w in words for lang in ("zh", "en")}


def test_the_options_of_a_button_are_those_of_the_command() -> None:
    given = every()["mail"].defaults(period=PERIOD)
    assert given.what == "statement" and given.to == [] and not given.again
