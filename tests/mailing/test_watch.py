"""The change feed: files in, mails to the owners out, nothing twice, nothing lost (rules, chapter 8).

Who owns which customer is the sample plan's; the files are such as crawlers and people make.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from addin.book import FileBook
from addin.cli import main
from addin.mailing import feed, outbox
from tests.actions.steps import change
from tests.mailing.post import PASSWORD, USER, Post, drops, says
from tests.mailing.test_mail_action import log, named, send
from tests.plans import sample_plan
from workbook_templates.xlsx.package import Package

CODE = "91330100MA27XYZ12A"


def _watched(path: Path) -> None:
    """Somebody for what finds no owner, a customer whose credit code is known, and nothing that can't wait for the night."""
    named(path, mail_from="post@starbridge.example", mail_fallback="P001")
    book = FileBook.open(path)
    done: dict[tuple[str, int, str], Any] = {("Customers", 0, "credit_code"): CODE}
    for place, row in enumerate(book.read("Events").rows):
        if row.get("end") and not row.get("minutes_on"):
            done["Events", place, "minutes_on"] = row["end"]
    for place, row in enumerate(book.read("Tickets").rows):
        for key in ("solution_at", "part_at"):
            if row.get(key) is None and row.get("opened"):
                done["Tickets", place, key] = row["opened"] + dt.timedelta(hours=1)
    change(path, done)


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SALESPLAN_SMTP_USER", USER)
    monkeypatch.setenv("SALESPLAN_SMTP_PASSWORD", PASSWORD)
    return sample_plan("zh", tmp_path, _watched)


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    return folder


def drop(folder: Path, name: str, content: str | bytes, age: float = 60) -> Path:
    """A file that was finished a while ago."""
    path = folder / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def watch(
    folder: Path, plan: Path, post: Post | None, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, dict[str, Any]]:
    server = [] if post is None else ["--smtp", post.address, "--ca", str(post.authority.path), "--timeout", "5"]
    capsys.readouterr()
    code = main(["watch", str(folder), "--plan", str(plan), *server, "--once", "--settle", "0.05", "--json", *more])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else {"problem": said.err}


def customers(plan: Path) -> list[dict[str, Any]]:
    return FileBook.open(plan).read("Customers").rows


def owner(plan: Path, index: int) -> str:
    people = {p["id"]: p["email"] for p in FileBook.open(plan).read("People").rows}
    return str(people[customers(plan)[index]["owner"]])


def body(post: Post, number: int = -1) -> str:
    return str(post.got[number].message.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_news_by_code_name_and_id_reaches_the_owners(
    plan: Path, news: Path, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = customers(plan)
    drop(
        news,
        "工商.csv",
        f"统一社会信用代码,变更事项,变更日期,变更前,变更后\n{CODE},法定代表人变更,2027-03-01,张三,李四\n".encode("gb18030"),
    )
    tender = [{"采购人": f" {rows[1]['name']} ", "标题": "智能产线招标", "发布日期": "2027-03-02", "链接": "https://t.example/1"}]
    drop(news, "tenders.json", json.dumps({"items": tender}, ensure_ascii=False))
    book = openpyxl.Workbook()
    for row in (["招投标"], [], ["客户编号", "内容", "日期"], [rows[2]["id"], "注册资本增至 5000 万", dt.date(2027, 3, 3)]):
        book.active.append(row)
    book.save(news / "x.xlsx")
    os.utime(news / "x.xlsx", (1e9, 1e9))
    code, said = watch(news, plan, post, capsys)
    assert code == 0 and said["delivery"]["sent"] == 3 and said["files"] == 3
    assert sorted(post.addresses()) == sorted(owner(plan, i) for i in range(3))
    text = "\n".join(body(post, n) for n in range(3))
    for part in (
        "法定代表人变更",
        "变更后：李四",
        "https://t.example/1",
        "注册资本增至 5000 万",
        "2027-03-03",
        rows[0]["name"],
        rows[1]["id"],
    ):
        assert part in text
    assert sorted(p.name for p in (news / "done").iterdir()) == ["tenders.json", "x.xlsx", "工商.csv"]


def test_nothing_twice_in_whatever_file_it_comes_again(
    plan: Path, news: Path, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    name = customers(plan)[0]["name"]
    drop(news, "a.csv", f"code,what,date\n{CODE},地址变更,2027-03-01\n{CODE},地址变更,2027-03-01\n")
    watch(news, plan, post, capsys)
    drop(news, "a.csv", f"code,what,date\n{CODE},地址变更,2027-03-01\n")  # the same once more
    drop(news, "b.csv", f"date;title;customer\n2027-03-01;地址变更;{name}\n2027-03-05;地址变更;{name}\n")  # one is new
    code, said = watch(news, plan, post, capsys)
    assert code == 0 and said["repeated"] == 2 and len(post.got) == 2
    assert "2027-03-05" in body(post) and "2027-03-01" not in body(post)
    assert len(list((news / "done").iterdir())) == 3  # "a (2).csv": nothing is overwritten


def test_what_finds_no_owner_goes_to_those_named_for_it(
    plan: Path, news: Path, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = next(i for i, p in enumerate(FileBook.open(plan).read("People").rows) if p["id"] == customers(plan)[3]["owner"])
    change(plan, {("Customers", 1, "owner"): None, ("People", gone, "left"): dt.date(2020, 1, 1)})
    rows = customers(plan)
    drop(news, "n.csv", f"customer,what\n某某不认识的公司,中标\n{rows[1]['name']},迁址\n{rows[3]['name']},改名\n")
    code, said = watch(news, plan, post, capsys)
    assert code == 1 and len(said["unmatched"]) == 3 and post.addresses() == [FileBook.open(plan).read("People").rows[0]["email"]]
    for part in ("某某不认识的公司", "中标", "迁址", "改名", "已离职", "对不上"):
        assert part in body(post)
    assert watch(news, plan, post, capsys)[1]["files"] == 0 and len(post.got) == 1


def test_without_anybody_named_it_is_moved_aside_with_the_reason(
    plan: Path, news: Path, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    named(plan, mail_fallback=None)
    drop(news, "n.csv", "customer,what\n某某不认识的公司,中标\n")
    code, _ = watch(news, plan, post, capsys)
    assert code == 1 and not post.got
    assert "对不上唯一的客户" in (news / "bad" / "n.csv.txt").read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("noheader.csv", b"1,2,3\n4,5,6\n"),
        ("half.json", b'[{"customer": "x", "what": '),
        ("deep.json", b"[" * 100_000),
        ("binary.csv", bytes(range(256)) * 40),
        ("broken.xlsx", b"PK\x03\x04 no workbook"),
        ("old.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
        ("letter.docx", b"PK\x03\x04"),
        ("norows.json", b'{"items": []}'),
        ("scalar.json", b"5"),
        ("none.csv", "客户名称,内容\n,\n".encode()),
    ],
)
def test_a_bad_file_is_moved_aside_with_its_reason_and_stops_nothing(
    plan: Path, news: Path, post: Post, capsys: pytest.CaptureFixture[str], name: str, content: bytes
) -> None:
    drop(news, name, content)
    drop(news, "good.csv", f"code,what\n{CODE},迁址\n")
    code, said = watch(news, plan, post, capsys)
    assert code == 1 and list(said["bad"]) == [name] and len(post.got) == 1
    assert (news / "bad" / name).read_bytes() == content and (news / "bad" / f"{name}.txt").stat().st_size > 10


def test_rows_that_say_nothing_are_counted_and_told(
    plan: Path, news: Path, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    drop(news, "n.csv", f"code,what\n{CODE},迁址\n,改名\n{CODE},\n")
    code, said = watch(news, plan, post, capsys)
    assert code == 1 and "2 行" in said["bad"]["n.csv"] and len(post.got) == 1
    assert "2 行" in (news / "done" / "n.csv.txt").read_text("utf-8-sig")


def test_a_half_written_file_is_waited_for(plan: Path, news: Path, post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    path = news / "slow.csv"
    path.write_text(f"code,what\n{CODE},迁", "utf-8")
    for name in ("x.csv.part", "~$x.xlsx", ".hidden.csv", "y.crdownload"):
        drop(news, name, "code,what\nX,Y\n")
    assert watch(news, plan, post, capsys, "--settle", "30")[1]["files"] == 0 and path.exists()
    arrivals, now = feed.Arrivals(news, 5.0), time.time()
    assert arrivals.ready(now) == []
    path.write_text(f"code,what\n{CODE},迁址\n", "utf-8")
    os.utime(path, (now + 4, now + 4))
    assert arrivals.ready(now + 4) == [] and arrivals.ready(now + 8) == []  # it grew: the wait begins anew
    assert arrivals.ready(now + 9.5) == [path]


def test_a_file_written_in_pieces_is_told_whole_by_the_running_service(plan: Path, news: Path, post: Post) -> None:
    """The command as it runs for days: a real process, a file that grows, then a stop by Ctrl-C."""
    words = [
        sys.executable,
        "-m",
        "addin.cli",
        "watch",
        str(news),
        "--plan",
        str(plan),
        "--smtp",
        post.address,
        "--ca",
        str(post.authority.path),
    ]
    process = subprocess.Popen([*words, "--every", "0.3", "--settle", "1.2"])
    try:
        with open(news / "n.csv", "w", encoding="utf-8") as file:
            file.write("code,what,date\n")
            for n in range(4):
                file.write(f"{CODE},第 {n} 条,2027-03-0{n + 1}\n")
                file.flush()
                time.sleep(0.4)
        began = time.monotonic()
        while not post.got and time.monotonic() - began < 60:
            time.sleep(0.1)
    finally:
        process.send_signal(2)
    assert process.wait(30) == 0
    assert len(post.got) == 1 and all(f"第 {n} 条" in body(post) for n in range(4))


def test_what_could_not_be_delivered_is_tried_again_and_what_is_uncertain_is_not(
    plan: Path, news: Path, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    to = [owner(plan, 0)]
    drop(news, "a.csv", f"code,what\n{CODE},一\n")
    post.faults["rcpt", to[0]] = says("451 4.7.1 try later")
    assert watch(news, plan, post, capsys)[0] == 1 and not post.got
    post.faults["rcpt", to[0]] = drops()
    assert watch(news, plan, post, capsys)[1]["delivery"]["waiting"] == 1
    post.faults.clear()
    assert watch(news, plan, post, capsys)[0] == 0 and len(post.got) == 1
    drop(news, "b.csv", f"code,what\n{CODE},二\n")
    post.faults["taken", to[0]] = drops(1)
    assert watch(news, plan, post, capsys)[1]["delivery"]["uncertain"] == 1
    post.faults.clear()
    watch(news, plan, post, capsys)
    assert Counter(post.addresses())[to[0]] == 2


def test_a_run_that_died_before_moving_the_file_tells_nothing_twice(
    plan: Path, news: Path, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    path = drop(news, "a.csv", f"code,what\n{CODE},一\n不认识,二\n")
    content = path.read_bytes()
    watch(news, plan, post, capsys)
    drop(news, "a.csv", content)  # as if the move had not come about
    code, said = watch(news, plan, post, capsys)
    assert code == 0 and said["repeated"] == 2 and len(post.got) == 2


def test_without_a_server_drafts_are_left_and_later_sent(
    plan: Path, news: Path, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    drop(news, "a.csv", f"code,what\n{CODE},=HYPERLINK(1)\n")
    code, said = watch(news, plan, None, capsys)
    assert (code, said["delivery"]) == (0, {"waiting": 1}), said
    assert len(list((news / "outbox").glob("*.eml"))) == 1
    watch(news, plan, post, capsys)
    assert len(post.got) == 1 and "=HYPERLINK(1)" in body(post)


def test_the_plan_is_not_touched_and_its_log_learns_of_the_mails_later(
    plan: Path, news: Path, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    before = plan.read_bytes()
    drop(news, "a.csv", f"code,what\n{CODE},一\n")
    watch(news, plan, post, capsys)
    assert plan.read_bytes() == before
    send(plan, post)
    assert log(plan) == ["sent"] and len(post.got) == 1
    assert FileBook.open(plan).read("MailLog").rows[0]["kind"] == "feed"


def test_mail_that_waits_too_long_is_told(plan: Path, news: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drop(news, "a.csv", f"code,what\n{CODE},一\n")
    watch(news, plan, None, capsys)
    with outbox.Journal(news / "outbox") as journal:
        now = dt.datetime.now()
        assert feed.late(journal, now) == 0 and feed.late(journal, now + dt.timedelta(minutes=31)) == 1


@pytest.mark.parametrize("words", [["--every", "0"], ["--every", "1801"]])
def test_it_must_look_often_enough(plan: Path, news: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert watch(news, plan, None, capsys, *words)[0] == 2


def test_a_folder_or_plan_that_is_not_there(plan: Path, news: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", str(news / "no"), "--plan", str(plan), "--once"]) == 2
    assert main(["watch", str(news), "--plan", str(news / "no.xlsx"), "--once", "--settle", "0"]) == 2


def test_minutes_that_are_due_are_told_once_to_who_is_to_write_them(
    plan: Path, news: Path, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    book = FileBook.open(plan)
    held = book.read("Events")
    told = {(row["rule"], row["object"]) for row in book.read("Tasks").rows}
    place = next(
        i for i, row in enumerate(held.rows)
        if row.get("end") and row["end"].date() < book.as_of and ("活动纪要", row["id"]) not in told
    )  # fmt: skip
    package = Package.open(plan)
    package.sheets[held.grid.sheet].set_values({held.at(place, "minutes_on"): None})
    package.save(backup=False)
    before = plan.read_bytes()
    code, said = watch(news, plan, post, capsys)
    people = {p["id"]: p["email"] for p in book.read("People").rows}
    assert code == 0 and said["tasks"] == 1 and post.addresses() == [people[held.rows[place]["owner"]]]
    assert "纪要未发" in body(post) and "期限" in body(post)
    assert watch(news, plan, post, capsys)[1]["tasks"] == 0 and len(post.got) == 1
    assert plan.read_bytes() == before  # the plan is read, never written
