"""Share cards: a picture and words for a chat group; who is not public is not named, what is not published does not go out."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.actions.steps import do
from tests.small_plan import small_plan
from udfs.text import Text, speaking
from workbook_templates.answers import Refused
from workbook_templates.papers import card
from workbook_templates.tables.schema import Company, Row

DAY = dt.date(2027, 6, 30)
PEOPLE: list[Row] = [{"id": "P001", "name": "周敏", "level": "director", "line": "direct", "joined": dt.date(2020, 1, 1)}]
CASE: Row = {
    "id": "K01", "scenario": "S1", "industry": "锂电", "customer": "宁远锂电", "public": "no", "pains": "产线节拍慢，换型四小时", "voice": "换型从四小时到四十分钟",
    "before": "节拍 42 秒", "after": "节拍 31 秒 <br>", "roi": 0.42, "owner": "P001", "reviewed_on": DAY,
}  # fmt: skip
SCENARIO: Row = {"code": "S1", "scenario": "new_energy", "kind": "main", "name": "新能源", "pains": "节拍"}
ARTICLE: Row = {
    "person": "P001",
    "month": "2027-05",
    "title": "换型的一夜",
    "text": "夜里两点，" * 60,
    "published_on": dt.date(2027, 6, 2),
}


def plan(folder: Path, **rows: Any) -> Path:
    held = {"People": PEOPLE, "Cases": [CASE], "Scenarios": [SCENARIO], "Articles": [ARTICLE]} | rows
    return small_plan(folder / "计划.xlsx", Company("甲公司", 2027, DAY, rows=held))


def test_a_case_becomes_a_picture_and_words_without_the_name_of_who_is_not_public(tmp_path: Path) -> None:
    done = do("card", plan(tmp_path), case_id="k01")
    picture, words = (Path(done.outcome.data[key]) for key in ("picture", "words"))
    said = words.read_text("utf-8")
    assert "宁远" not in said and "某锂电企业" in said and "节拍 31 秒 <br>" in said and "42%" in said and "甲公司" in said
    with Image.open(picture) as image:
        assert image.format == "PNG" and image.width == 1125 and image.height > 900
        assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 20  # letters are drawn, edges and all
    assert do("card", tmp_path / "计划.xlsx", case_id="K01").outcome.documents == {}  # the same card is there already


def test_who_is_public_is_named(tmp_path: Path) -> None:
    done = do("card", plan(tmp_path, Cases=[CASE | {"public": "yes"}]), case_id="K01")
    assert Path(done.outcome.data["words"]).read_text("utf-8").startswith("宁远锂电：产线节拍慢")


def test_an_article_gives_its_beginning_and_its_author(tmp_path: Path) -> None:
    done = do("card", plan(tmp_path), article="换型的一夜")
    said = Path(done.outcome.data["words"]).read_text("utf-8")
    assert "作者：周敏" in said and "…" in said and said.count("夜里两点") == 32


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "给出一个案例编号"), ({"case_id": "K01", "article": "x"}, "给出一个案例编号"), ({"case_id": "K02"}, "没有案例“K02”"),
        ({"article": "换型"}, "没有文章“换型”"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused_in_one_line(asked: dict[str, str], told: str, tmp_path: Path) -> None:
    path = plan(tmp_path)
    before = path.read_bytes()
    with pytest.raises(Refused) as refused:
        do("card", path, **asked)
    assert told in refused.value.text.zh and path.read_bytes() == before


def test_an_article_that_is_not_published_gets_none(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="发布"):
        do("card", plan(tmp_path, Articles=[ARTICLE | {"published_on": None}]), article="换型的一夜")


def _lines(said: str) -> list[str]:
    return [line.split(">")[-1] for line in card.drawing(_card(said)).split("</text>")[:-1]]


def _card(said: str) -> card.ShareCard:
    return card.ShareCard("K", "Co", "Sell less, deliver more", "V1", DAY, "Title", [("Part", said)])


@pytest.mark.parametrize("said", ["节拍" * 90, "a line of words that goes on " * 20, "x" * 400])
def test_long_words_end_in_dots_and_nothing_leaves_the_card(said: str) -> None:
    with speaking("en"):
        drawn = card.made(_card(said))
    assert len(drawn[0].content) < 300_000 and drawn[0].content == card.made(_card(said))[0].content
    assert any(line.endswith("…") for line in _lines(said))


def test_a_line_never_begins_with_a_closing_sign() -> None:
    assert not any(line.startswith(("，", "。")) for line in _lines("换型快，节拍稳。" * 12))


def test_the_words_of_a_card_are_those_of_the_picture() -> None:
    told = card.words(_card("short"))
    assert told.splitlines() == [
        "Title",
        "",
        f"Part{Text('：', ': ')}short",
        "",
        "Sell less, deliver more",
        "Co · V1 · 2027-06-30",
    ]
    assert io.StringIO(told).readline() == "Title\n"
