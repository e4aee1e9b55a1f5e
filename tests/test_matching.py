"""Cases like a customer's: labelled queries, photos, the deck, who may be named."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from addin.book import FileBook
from tests.actions.steps import do, tables_of
from tests.small_plan import small_plan
from tests.test_duties import day, fired
from udfs.casematch import terms_of
from udfs.policy import value
from udfs.text import speaking
from workbook_templates import documents
from workbook_templates.answers import Refused
from workbook_templates.chapters.products import deck, matching, pictures, sample_cases
from workbook_templates.tables.schema import Company, Row

JUNE = dt.date(2027, 6, 30)
QUERIES = Path(__file__).parent / "match" / "queries.tsv"
PEOPLE: list[Row] = [{"id": "P1", "name": "周敏", "level": "director", "line": "direct", "joined": dt.date(2020, 1, 1)}]
CUSTOMERS: list[Row] = [{"id": "C1", "name": "苏州华瑞机械有限公司"}]
PAIN = "我们的锂电产线节拍太慢，仓储物流也堵"


def library() -> list[Row]:
    with speaking("zh"):
        return sample_cases.cases(Company("甲", 2027, JUNE, rows={"Customers": CUSTOMERS}), ["P1"])


def _found(query: str, industry: str) -> list[matching.MatchedCase]:
    return matching.matched(query, industry, library(), value)


def _rates(kind: str, industry: bool) -> tuple[int, int, int]:
    """Queries of a kind, how many found their case first, how many among three."""
    cases, first, three, count = library(), 0, 0, 0
    with QUERIES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["kind"] != kind:
                continue
            ids = [cases[one.index]["id"] for one in _found(row["query"], row["industry"] if industry else "")]
            count, first, three = count + 1, first + (ids[:1] == [row["case"]]), three + (row["case"] in ids)
    return count, first, three


def test_labelled_queries_as_measured() -> None:
    """Written before the matcher was tried on them. Words find what shares words; a paraphrase is found by its industry or not at all,
    which the deck says."""
    assert _rates("shared", industry=False) == (20, 20, 20)
    assert _rates("shared", industry=True) == (20, 20, 20)
    assert _rates("paraphrase", industry=False) == (10, 0, 0)
    assert _rates("paraphrase", industry=True)[0] == 10 and _rates("paraphrase", industry=True)[2] == 10


def test_paraphrases_share_no_words_with_their_case() -> None:
    cases = {row["id"]: row for row in library()}
    with QUERIES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            shared = set(terms_of(row["query"])) & set(terms_of(matching.text_of(cases[row["case"]])))
            assert bool(shared) == (row["kind"] == "shared"), row


def test_a_photo_counts_from_its_border_only_and_says_so() -> None:
    words = {one.index: one.score for one in _found(PAIN, "")}
    below = matching.matched(PAIN, "", library(), value, {0: 0.79, 5: 0.79})
    assert {one.index: one.score for one in below} == words and all(one.image is None for one in below)
    above = {one.index: one for one in matching.matched(PAIN, "", library(), value, {0: 0.80, 5: 1.0})}
    assert above[0].score == pytest.approx(0.85 * words[0] + 0.15 * 0.80) and above[5].score == pytest.approx(0.15)
    assert "照片相似 100%" in above[5].why.zh and not above[5].terms


# ------------------------------------------------------------------------------------------------------------- pictures


def photo(path: Path, shift: int = 0, size: tuple[int, int] = (800, 600)) -> Path:
    """A made-up scene; shifted it is the same, taken again."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for number in range(24):
        x, y = number * 97 % (size[0] - 90) + shift, number * 61 % (size[1] - 70)
        draw.rectangle([x, y, x + 80, y + 60], fill=(number * 10 % 255, 90, 220 - number * 8))
    image.save(path)
    return path


def test_a_re_shot_scene_is_alike_and_another_is_not(tmp_path: Path) -> None:
    one, again = (pictures.dhash(pictures.photo(photo(tmp_path / f"{n}.jpg", n))) for n in (0, 4))
    noise = Image.effect_noise((800, 600), 90)
    noise.save(tmp_path / "other.png")
    other = pictures.dhash(pictures.photo(tmp_path / "other.png"))
    assert (pictures.likeness([one], [again]) or 0) >= 0.9 and (pictures.likeness([one], [other]) or 0) < 0.8


def clip(path: Path, seconds: int) -> Path:
    """A short film of a growing bar."""
    av = documents.library("av", "slides")
    with av.open(str(path), "w") as made:
        stream = made.add_stream("mpeg4", rate=4)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(4 * seconds):
            image = Image.new("RGB", (160, 120), (number % 255, 60, 120))
            for packet in stream.encode(av.VideoFrame.from_image(image)):
                made.mux(packet)
        for packet in stream.encode():
            made.mux(packet)
    return path


def test_three_stills_of_a_video_and_none_of_one_that_is_too_long(tmp_path: Path) -> None:
    assert len(pictures.stills(clip(tmp_path / "a.mp4", 30))) == 3
    with pytest.raises(Refused, match="31"):
        pictures.stills(clip(tmp_path / "b.mp4", 31))


@pytest.mark.parametrize("name", ["x.heic", "x.jpg"])
def test_what_is_no_picture_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00\x00\x00\x18ftypheic nothing")
    with pytest.raises(Refused) as told:
        pictures.photo(tmp_path / name)
    assert name in str(told.value) and "\n" not in str(told.value)
    with pytest.raises(Refused):
        pictures.stills(tmp_path / name)


# ----------------------------------------------------------------------------------------------------------------- deck


def plan(folder: Path, lang: str = "zh", **rows: Any) -> Path:
    with speaking(lang):
        held = {"People": PEOPLE, "Customers": CUSTOMERS, "Scenarios": sample_cases.scenarios(), "Cases": library()} | rows
    return small_plan(folder / "plan.xlsx", Company("星桥", 2027, JUNE, rows=held))


def slides(path: Path) -> list[str]:
    """The text of each slide."""
    pptx = documents.library("pptx", "slides")
    out = []
    for slide in pptx.Presentation(str(path)).slides:
        said = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        said += [cell.text for shape in slide.shapes if shape.has_table for row in shape.table.rows for cell in row.cells]
        out.append("\n".join(said))
    return out


def test_a_deck_has_all_it_promises_and_the_second_run_makes_none(tmp_path: Path) -> None:
    path = plan(tmp_path)
    site, film = str(photo(tmp_path / "site.jpg")), str(clip(tmp_path / "film.mp4", 3))
    asked: dict[str, Any] = {"pain": PAIN, "industry": "锂电", "photo1": site, "video": film, "customer": "宁川新能源"}
    done = do("match", path, **asked)
    made = Path(done.outcome.data["deck"])
    said = slides(made)
    assert len(said) >= 8 and "宁川新能源" in said[0] and PAIN in said[1] and "星桥" in said[0]
    assert "照片与视频只认出同一或重拍的场景" in said[2]
    assert "以前换一个型号要停四小时" in said[3] and "7.5 秒/件" in said[3] and "92%" in said[3]
    assert "某锂电企业" in said[4]  # this one is not public
    pptx = documents.library("pptx", "slides")
    show = pptx.Presentation(str(made))
    assert show.slide_width * 9 == pytest.approx(show.slide_height * 16, rel=1e-3)
    (chart,) = [shape.chart for slide in show.slides for shape in slide.shapes if shape.has_chart]
    scenario = next(row for row in sample_cases.scenarios() if row["code"] == "S1-1")
    planned = deck.investment_case(scenario, 1.0)
    assert next(plot.values for plot in chart.plots[0].series) == tuple(value / 10_000 for value in planned.cumulated)
    assert planned.cumulated[-1] == -5_600_000 + 5 * 1_900_000 + 400_000
    pictured = [shape for slide in show.slides for shape in slide.shapes if shape.shape_type == 13]
    assert len(pictured) == 4  # a photo, three stills
    assert FileBook.open(path).read("MatchLog").rows[0]["found"].startswith("CS01")
    before = tables_of(path)
    do("match", path, **asked)
    assert tables_of(path) == before and len(list(made.parent.iterdir())) == 1


def test_a_customer_who_is_not_public_is_named_nowhere(tmp_path: Path) -> None:
    cases = library()
    cases[0] |= {"public": "no", "customer": "苏州华瑞机械有限公司", "voice": "苏州华瑞机械有限公司的老师傅说好"}
    done = do("match", plan(tmp_path, Cases=cases[:1]), pain=PAIN)
    text = "\n".join(slides(Path(done.outcome.data["deck"])))
    assert "华瑞" not in text and "某锂电企业的老师傅说好" in text


def test_a_case_s_own_photo_is_found_beside_the_plan_and_never_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "案例").mkdir()
    photo(tmp_path / "案例" / "line.jpg")
    photo(tmp_path / "secret.jpg")
    cases = library()
    cases[5]["photo1"], cases[6]["photo1"] = "line.jpg", "../secret.jpg"
    path = plan(tmp_path, Cases=cases)
    done = do("match", path, pain="别的事情", photo1=str(photo(tmp_path / "again.jpg", 3)))
    assert [case["id"] for case in done.outcome.data["cases"]] == ["CS06"]
    (problem,) = [p for p in done.outcome.problems if "secret" in str(p.text)]
    held = FileBook.open(path).read("Cases")
    assert (problem.row, problem.column) == held.at(6, "photo1")


def test_nothing_to_match_no_pain_and_no_likeness(tmp_path: Path) -> None:
    path = plan(tmp_path, Cases=[])
    assert "案例库" in str(do("match", path, pain=PAIN).outcome.summary)
    path = plan(tmp_path)
    with pytest.raises(Refused, match="痛点"):
        do("match", path, pain="  ")
    done = do("match", path, pain="zzz")
    assert not done.written and not (tmp_path / "plan_文档").exists()
    with pytest.raises(Refused, match="S9"):
        do("match", path, pain=PAIN, scenario="S9")


def test_a_case_is_reviewed_once_a_quarter() -> None:
    case = {"id": "CS1", "industry": "锂电", "owner": "P001", "reviewed_on": dt.date(2027, 3, 31)}
    (task,) = fired("case_review", day(Cases=[case]))
    assert (task.episode, task.until) == ("2027-Q2", dt.datetime(2027, 6, 30, 18))
    assert not fired("case_review", day(Cases=[case | {"reviewed_on": dt.date(2027, 4, 1)}]))
    (task,) = fired("case_review", day(as_of=dt.date(2027, 12, 31), Cases=[case]))
    assert task.until == dt.datetime(2027, 12, 31, 18)


def test_an_office_file_in_a_deck_has_no_clock() -> None:
    pptx = documents.library("pptx", "slides")
    assert pptx is not None
    order = deck.DeckOrder("t", "c", "v", "s", JUNE, PAIN, "", [], sample_cases.scenarios()[1])
    assert deck.deck(order) == deck.deck(order)
    assert io.BytesIO(deck.deck(order)).getbuffer().nbytes > 20_000
