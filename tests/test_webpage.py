"""The cockpit as a page: figures of the cells, nothing of other lines, one file, every width, every reader.

Expectations: design of the page (sizes, widths, what each shows), the register of the plan, WCAG 2 by axe-core.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lxml import etree

from addin import cli, page_reading
from addin.book import FileBook
from tests import questions
from tests.plans import sample_computed, story_plan
from tests.real import missing, require_chromium
from tests.test_watches import SIZES, _made
from udfs.text import speaking
from workbook_templates.answers import Refused
from workbook_templates.chapters import building, sample
from workbook_templates.chapters.cockpit.sheets import cockpit as cockpit_sheet
from workbook_templates.chapters.cockpit.sheets import problems, screens
from workbook_templates.chapters.cockpit.sheets.cockpit import TILE_WATCHES
from workbook_templates.page import register, watches
from workbook_templates.page.joining import references
from workbook_templates.tables import schema
from workbook_templates.webpage import cards, drawings, made, owning, reading, saying, scope, sections
from workbook_templates.webpage.reading import Seen
from workbook_templates.xlsx.package import Package
from workbook_templates.xlsx.refs import Ref

DOCS = Path(__file__).parent.parent / "docs"
MOST = 1_500_000  # design 4


def _seen(package: Package) -> Seen:
    return page_reading.seen(FileBook(package))


@cache
def _sample(lang: str = "zh") -> Seen:
    return _seen(sample_computed(lang).package)


def _traced() -> Seen:
    """The sample with something said of where each figure comes from: working that out is `test_explaining`'s."""
    seen = _sample()
    return dataclasses.replace(seen, traces={row.key: {"what": row.title, "said": "1", "inputs": []} for row in seen.judged})


@cache
def _page(lang: str = "zh", person: str = "") -> made.MadePage:
    return made.page(_sample(lang), person)


def _tree(page: made.MadePage) -> Any:
    return etree.HTML(page.content, etree.HTMLParser(encoding="utf-8", huge_tree=True))


def _text(node: Any) -> str:
    return "".join(node.itertext())


# ------------------------------------------------------------------------------------------------------- the same figures


@pytest.mark.parametrize("which", SIZES)
def test_page_says_what_the_register_says(which: str) -> None:
    """Every judged figure of the page is its cell's, to the last digit; tiles and message too (JSON and tile: test_watches)."""
    package = _made(which)
    seen = _seen(package)
    tree = _tree(made.page(seen))
    rows = {row.key: row for row in seen.judged}
    found = {node.get("data-key"): node for node in tree.iter("td") if node.get("data-field") == "actual"}
    assert found.keys() == {key for key, row in rows.items() if row.light != "off"}
    for key, node in found.items():
        assert node.get("data-value") == (None if rows[key].actual is None else repr(rows[key].actual))
        assert _text(node) == saying.actual(rows[key], seen.lang)
    tiles = {n.get("data-key"): n.get("data-value") for n in tree.xpath("//section[@id='first']//strong") if n.get("data-key")}
    assert tiles == {key: repr(rows[key].actual) for _, key, _ in TILE_WATCHES if key in rows}
    (message,) = (node for node in tree.iter("h2") if node.get("data-key") == "cockpit_message")
    assert _text(message) == seen.first("cockpit_message")
    first = [_text(row.find("td[2]")) for row in tree.xpath("//section[@id='first']//tbody/tr")]
    assert first[: len(register.first(seen.judged))] == [row.title for row in register.first(seen.judged)]


@pytest.mark.parametrize("which", SIZES)
def test_screens_of_the_page_begin_as_their_sheets(which: str) -> None:
    """Design §3: a sentence, six figures, the screen's five problems; cell by cell those of the sheet. All other figures come after, folded."""
    package = _made(which)
    tree = _tree(made.page(_seen(package)))
    for number, name in enumerate(problems.SCREENS, 1):
        cells = package.sheets[f"屏{number}{name.zh}"].cells()

        def cell(at: str, cells: Any = cells) -> Any:
            ref = Ref.parse(at)
            found = cells.get((ref.first_row, ref.first_col))
            return None if found is None or found.value in ("", None) else found.value

        (section,) = tree.xpath(f"//section[@id='s{number}']")
        assert _text(section.xpath(".//*[@class='message']")[0]) == cell(f"B{screens.MESSAGE}")
        tiles = section.xpath("./ul[@class='tiles']/li")
        assert len(tiles) == 6
        for place, tile in enumerate(tiles):
            left = cockpit_sheet.COLUMNS[2 * place]
            figure, shown = tile.xpath(".//strong")[0], cell(f"{left}{screens.TILES + 1}")
            assert _text(tile.xpath(".//*[@class='name']")[0]).startswith(str(cell(f"{left}{screens.TILES}")))
            assert figure.get("data-value") == (repr(float(shown)) if isinstance(shown, int | float) else repr(None))
            light = cell(f"{left}{screens.TILES + 4}")
            assert str(light) in _text(tile.xpath(".//*[contains(@class,'light')]")[0])
        told = [_text(row.find("td[2]")) for row in section.xpath("./div//table[@class='problems']/tbody/tr")]
        there = [cell(f"D{screens.PROBLEMS + 2 + n}") for n in range(cockpit_sheet.MOST)]
        assert len(told) == sum(t not in (None, "没有红灯和橙灯") for t in there)
        assert all(str(cell_).startswith(title) for title, cell_ in zip(told, there, strict=False))
        marks = [node.get("class") for node in section if node.get("class") in ("tiles", "all")]
        assert marks == ["tiles", "all"] and not section.xpath(".//table[@class='figures'][not(ancestor::div[@class='folded'])]")


@pytest.mark.parametrize("which", SIZES)
def test_page_json_and_mail_judge_alike(which: str) -> None:
    """All keys of all chapters, at every size."""
    from addin.commands.cockpit import cockpit as as_json
    from addin.facts import facts
    from workbook_templates.mailed import cockpit as letter

    book = FileBook(_made(which))
    judged = _seen(_made(which)).judged
    assert letter.judged(facts(book)) == judged and len(judged) > 40
    assert [(w["key"], w["actual"], w["target"]) for w in as_json(book)["watches"]] == [
        (r.key, r.actual, r.target) for r in judged
    ]


def test_page_draws_what_the_screens_draw() -> None:
    """Cockpit and screens, block by block: each chart of theirs is a picture of the page."""
    plan = building.make(sample.company("zh", 200), "zh")
    blocks = {name: place for name, place in plan.names.items() if name in reading.BLOCKS}
    charts = [c for key in ("cockpit", *(f"screen{n}" for n in range(1, 6))) for c in plan.pages[key].sheet._charts]
    shown = set()
    for chart in charts:
        drawn = {tuple(r.f.replace("$", "").replace("'", "").split("!")) for r in references(chart)}
        (block,) = (
            n for n, (sheet, ref) in blocks.items() if any(s == sheet and Ref.parse(ref).meets(Ref.parse(at)) for s, at in drawn)
        )
        shown.add(block)
    assert len(charts) == 13 and shown == set(reading.BLOCKS) == set(drawings.DRAWINGS)
    assert len(_tree(_page()).xpath("//figure")) == len(charts)


def test_an_empty_plan_has_no_empty_frames() -> None:
    """Design, rule 6 of charts: what to fill in, no frame; on a phone a figure without a light has its sign."""
    tree = _tree(made.page(_seen(_made("empty"))))
    figures = tree.xpath("//figure")
    assert figures and not tree.xpath("//figure//*[local-name()='svg']") and not tree.xpath("//figure//table")
    assert all(_text(figure).startswith("尚无数据：请填“") for figure in figures)
    lights = tree.xpath("//table[@class='figures']//td[1]")
    assert lights and not [td for td in lights if "blank" in td.get("class", "")]


def test_problems_of_the_page_lead_to_the_card_of_their_item() -> None:
    """Design, proof 6, for the page: the card a problem leads to has the ID that the problem names."""
    tree, rows = _tree(_page()), {row.title: row for row in _sample().judged}
    links = tree.xpath("//section[@id='first']//table[contains(@class,'problems')]//td[3]//a")
    assert links
    for link in links:
        (card,) = tree.xpath(f"//article[@id='{link.get('href')[1:]}']")
        row = next(row for row in rows.values() if row.item == _text(link))
        assert row.id and row.id in _text(card.find("h3"))


def test_page_json_and_mail_are_one() -> None:
    """The director's letter, the JSON and the page tell the same tiles and problems."""
    from addin.commands.cockpit import cockpit as as_json
    from addin.facts import facts
    from workbook_templates.mailed import cockpit as letter

    book = FileBook(sample_computed("zh").package)
    said, seen = as_json(book), _sample()
    assert [w["actual"] for w in said["watches"]] == [row.actual for row in seen.judged]
    mailed = facts(book)
    assert letter.judged(mailed) == seen.judged
    piece = letter.make(mailed, "P001", f"{seen.as_of:%Y-%m}")
    text = _text(_tree(_page()))
    for problem in said["problems"]:
        assert problem["title"] in piece.text and problem["title"] in text
        assert problem["gap"] in piece.text and problem["gap"] in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_figures_of_tables_are_said_as_their_cells_show_them(lang: str) -> None:
    """Days are no yuan, a rank is no share, nothing of a share is 0.0%: by the number formats of the sheets, as openpyxl reads them."""
    content = sample_computed(lang).package.to_bytes()
    book, seen, tree = openpyxl.load_workbook(BytesIO(content)), _sample(lang), _tree(_page(lang))
    told = {_text(t.find("caption")): t for t in tree.iter("table")}
    money = re.compile(r"[\d.](?:元|万|亿| yuan|k|M)$")
    kinds = set()
    for name in (*reading.BLOCKS, *reading.DRILLS):
        (sheet, place), *_ = book.defined_names[name].destinations
        rows = [row for row in book[sheet][place] if row[0].value not in (None, "")]
        columns = [n for n, cell in enumerate(rows[0]) if cell.value not in (None, "")]
        table = told.get(seen.titles.get(name, ""))
        if table is None or name == reading.GROUPS:
            continue
        assert [_text(th) for th in table.iter("th") if th.get("scope") == "col"] == [rows[0][n].value for n in columns][
            : len(table.find("thead/tr"))
        ]
        for cells in table.findall("tbody/tr"):
            for n, cell in list(zip(columns, cells, strict=False))[1:]:
                if cell.get("data-value") is None:
                    continue
                code, said = rows[1][n].number_format, _text(cell)
                assert (said.endswith("%"), bool(money.search(said))) == (code.endswith("%"), code == "#,##0;-#,##0;0"), (
                    name,
                    said,
                    code,
                )
                kinds.add(code)
    assert {"0.0%", "#,##0", "#,##0;-#,##0;0", "0.0"} <= kinds


@pytest.mark.parametrize(("amount", "zh", "en"), [
    (282_200_000.0, "2.82亿", "282.2M"), (-11_800_000.0, "−1,180万", "−11.8M"), (9_999.4, "9,999元", "9,999 yuan"),
    (9_999.5, "1万", "10k"), (99_994_999.0, "9,999万", "100.0M"), (0.0, "0元", "0 yuan"), (-0.2, "0元", "0 yuan"),
])  # fmt: skip
def test_money_is_said_as_in_cells(amount: float, zh: str, en: str) -> None:
    """Design 2: 亿 from 99,995,000, 万 from 9,999.5; M from 999,950, k from 9,999.5."""
    assert (saying.money(amount, "zh"), saying.money(amount, "en")) == (zh, en)


# ------------------------------------------------------------------------------------------------------------- one's own


def test_a_directors_page_has_nothing_of_other_lines() -> None:
    seen = _sample()
    for person in ("P001", next(str(r["id"]) for r in seen.of("People") if r["level"] == "director" and r["line"] == "channel")):
        line = seen.ids["People"][person]["line"]
        text = _text(_tree(_page("zh", person)))
        others = [r for r in seen.of("People") if r["line"] != line]
        mine = {str(r["name"]) for r in seen.of("People") if r["line"] == line}
        assert not [r["id"] for r in others if re.search(rf"\b{r['id']}\b", text)]
        assert not [r["name"] for r in others if str(r["name"]) not in mine and str(r["name"]) in text]
        owners = {str(r["id"]) for r in seen.of("People") if r["line"] == line}
        sold = {r["customer"] for r in seen.of("Deals") if {r.get("seller"), r.get("partner")} & owners}
        foreign = [r for r in seen.of("Customers") if r.get("owner") not in owners and r["id"] not in sold]
        assert foreign and not [r["id"] for r in foreign if re.search(rf"\b{r['id']}\b", text)]
        assert "仅限" in text and str(seen.ids["People"][person]["name"]) in text
        assert seen.by_key["bookings.progress"].gap in text  # the company's totals stay


def _foreign(seen: Seen, line: object) -> dict[str, list[dict[str, Any]]]:
    """By Table, the rows of which no reference, by whatever way, leads to somebody of the line."""
    known: dict[tuple[str, str], bool] = {("People", id): row["line"] == line for id, row in seen.ids["People"].items()}
    for row in seen.of("Deals"):  # a customer is also whose that sells to it
        if any(known.get(("People", str(row.get(key)))) for key in ("seller", "partner")):
            known["Customers", str(row["customer"])] = True
    leads = {table: {c.key: c.refers.split(".")[0] for c in schema.TABLES[table].columns if c.refers} for table in seen.ids}

    def near(table: str, id: str) -> bool | None:
        """Whether somebody of the line is reached; none where nobody at all is."""
        if (table, id) not in known:
            known[table, id] = False
            row = seen.ids.get(table, {}).get(id, {})
            ways = [near(to, str(row[key])) for key, to in leads.get(table, {}).items() if row.get(key) and to in seen.ids]
            known[table, id] = any(ways)
        return known[table, id]

    people = {table for table, columns in leads.items() if set(columns.values()) - {"Regions", "Scenarios"}}
    return {table: [row for id, row in seen.ids[table].items() if not near(table, id)] for table in people}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_of_what_is_outside_the_line_stands_on_the_page(lang: str) -> None:
    """All Tables walked: what no reference ties to the line has neither ID nor name on it. (In charts and formulas M10 is a month or a cell.)"""
    seen = _sample(lang)
    channel = next(str(r["id"]) for r in seen.of("People") if r["level"] == "director" and r["line"] == "channel")
    for person in ("P001", channel):
        line = seen.ids["People"][person]["line"]
        tree = _tree(_page(lang, person))
        for node in tree.xpath("//figure//table | //figure//*[local-name()='svg'] | //script | //style | //code"):
            node.clear(keep_tail=True)
        text = " ".join(tree.itertext())
        mine = {
            str(r.get("name") or r.get("title") or "")
            for t, rows in seen.ids.items()
            for i, r in rows.items()
            if scope.of(seen, person).shows(t, i)
        }
        walked = 0
        for table, rows in _foreign(seen, line).items():
            ids = [str(row[owning.id_of(table)]) for row in rows]
            ids = [
                id
                for id in ids
                if not re.fullmatch(r"[\d.]+", id) and not any(id in others for t, others in seen.ids.items() if t != table)
            ]
            assert not [id for id in ids if re.search(rf"(?<![\w!-]){re.escape(id)}(?![\w-])", text, re.ASCII)], table
            names = {str(row.get("name") or row.get("title") or "") for row in rows} - mine
            edged = [rf"(?<!\w){re.escape(n)}(?!\w)" if n.isascii() else re.escape(n) for n in names if len(n) >= 4]
            assert not [name for name in edged if re.search(name, text)], table
            walked += bool(ids)
        assert walked > 12


def test_scope_follows_what_a_row_is_about() -> None:
    """A project is its order's, an export check its order's, a price request its applicant's, a milestone its owner's."""
    seen = _sample()
    limits = scope.of(seen, "P001")
    line = {id for id, row in seen.ids["People"].items() if row["line"] == seen.ids["People"]["P001"]["line"]}
    deals = seen.ids["Deals"]
    sold = {id for id, row in deals.items() if {row["seller"], row["partner"]} & line}
    for table, key, mine in (
        ("Projects", "deal", sold),
        ("ExportChecks", "order", sold),
        ("PriceRequests", "seller", line),
        ("Milestones", "owner", line),
    ):
        rows = seen.ids[table]
        assert rows and all(limits.shows(table, id) == (row[key] in mine) for id, row in rows.items()), table
    assert limits.shows("Regions", "华南") and limits.item("华南", "华南") == "华南"
    other = next(id for id, row in seen.ids["Projects"].items() if row["deal"] not in sold)
    assert limits.item(other, f"{other} x") == scope.ELSEWHERE.zh
    assert (
        limits.said(f"见 {other}，订单{other}，成交!M10:M20")
        == f"见 {scope.ELSEWHERE.zh}，订单{scope.ELSEWHERE.zh}，成交!M10:M20"
    )


def test_what_a_problem_names_has_a_card() -> None:
    """Of whatever Table: a card of its own, that of the row its ID is an ID of; a region, a line or a month's stars are no rows to open."""
    plan = building.make(sample.company("zh", 200), "zh")
    for table, key in {tuple(w.table.split(".")) for w in plan.watches.values() if w.table}:
        home = schema.TABLES[table].by_key[key].refers.split(".")[0]
        assert {table, home} & {*cards.TOLD, "Regions", "DuplicateReview", "Stars"}, table
    for table, keys in cards.TOLD.items():
        assert set(keys) <= schema.TABLES[table].by_key.keys(), table
    seen, tree = _sample(), _tree(_page())
    carded = {article.find("h3").text.split(" ")[0] for article in tree.iter("article")}
    named = [row.id for row in seen.judged if row.id and any(row.id in seen.ids.get(table, {}) for table in cards.TOLD)]
    assert len(named) > 15 and set(named) <= carded


def test_pay_ratings_and_mail_are_not_on_the_page() -> None:
    seen = _sample()
    text = _text(_tree(_page()).find(".//main")) + _text(_tree(_page()).find(".//aside"))
    assert "@" not in text
    assert not {"performance", "potential", "value_score", "email", "quota_weight"} & set(cards.TOLD["People"])
    assert not re.search("绩效|潜力|股权|提成应发", text)
    assert len(seen.of("People")) == sum(1 for node in _tree(_page()).iter("article") if node.get("id", "").startswith("p-"))


def test_only_a_director_gets_one() -> None:
    seen = _sample()
    seller = next(str(r["id"]) for r in seen.of("People") if r["level"] == "representative")
    directors = [str(r["id"]) for r in seen.of("People") if r["level"] == "director"]
    for other, said in ((seller, "不是总监"), ("P999", "P999：人员里没有这个工号")):
        with pytest.raises(Refused, match=said) as refused, speaking("zh"):
            made.page(seen, other)
        assert all(one in refused.value.text.zh for one in directors[:5]) and directors  # who may be asked for


def test_the_second_look_stops_a_page_with_a_strange_name() -> None:
    """Not only the first: a scope that forgot a name is found out by what stands in the finished page."""
    seen = _sample()
    limits = scope.of(seen, "P001")
    other = next(r for r in seen.of("People") if r["line"] != "direct")
    assert limits.said(f"{other['id']} {other['name']}") == f"{scope.ELSEWHERE.zh} {scope.ELSEWHERE.zh}"
    assert limits.strange(f"x {other['name']} y") == {other["name"]}
    assert limits.said("P0014 P001 P001x") == "P0014 P001 P001x"


# -------------------------------------------------------------------------------------------------------------- one file


def test_it_is_one_file_that_asks_for_nothing() -> None:
    for page in (_page(), _page("en"), _page("zh", "P001")):
        source = page.content.decode("utf-8")
        assert len(page.content) <= MOST and len((Path(made.__file__).parent / "page.js").read_bytes()) <= 6 * 1024
        assert set(re.findall(r"https?://[^\s\"'<]+", source)) <= {"http://www.w3.org/2000/svg"}
        assert not re.search(
            r"<(?:link|img|iframe|object|base)\b|@import|url\(|\sstyle=|\son[a-z]+=", source.split("<script>")[0]
        )
        assert "default-src 'none'" in source


def test_links_lead_to_something() -> None:
    for page in (_page(), _page("zh", "P001")):
        tree = _tree(page)
        ids = [node.get("id") for node in tree.iter() if isinstance(node.tag, str) and node.get("id")]
        assert len(ids) == len(set(ids))
        assert not [a.get("href") for a in tree.iter("a") if a.get("href")[1:] not in ids]


def test_a_card_has_an_address_whatever_its_id_is_made_of() -> None:
    """A campaign is called by its name: blanks, marks and Chinese characters, which browsers write otherwise in an address."""
    ids = ["抖音-案例", "a b", "a_b", "C0001", "x/y?z#%"]
    for table in ("Campaigns", "Customers"):
        found = [cards.anchor(table, id) for id in ids]
        assert len(set(found)) == len(ids) and all(re.fullmatch("[A-Za-z0-9_.-]+", one) for one in found)


def test_a_red_light_is_two_taps_from_its_card() -> None:
    tree = _tree(_page())
    linked = [a.get("href") for a in tree.xpath("//section[@id='first']//tbody//a") if re.match("#[cdpoi]-", a.get("href"))]
    assert linked and all(tree.xpath(f"//article[@id='{href[1:]}']") for href in linked)


def test_too_many_orders_give_way_the_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = _sample()
    whole = made.page(seen)
    monkeypatch.setattr(made, "MOST", len(whole.content) - 10_000)
    less = made.page(seen)
    assert less.dropped > 0 and less.cards == whole.cards - less.dropped and len(less.content) <= made.MOST
    kept = {node.get("id")[2:] for node in _tree(less).iter("article") if node.get("id").startswith("d-")}
    gone = {node.get("id")[2:] for node in _tree(whole).iter("article") if node.get("id").startswith("d-")} - kept
    day = {id: str(row["date"]) for id, row in seen.ids["Deals"].items()}
    assert max(day[id] for id in gone) <= min(day[id] for id in kept)
    assert f"{less.dropped} 张订单没有卡片" in _text(_tree(less))


def test_names_are_never_markup() -> None:
    seen = _sample()
    customers = [dict(row) for row in seen.of("Customers")]
    bad = '<script>alert(1)</script>"&'
    customers[0] |= {"name": bad, "tier": "S"}
    page = made.page(dataclasses.replace(seen, rows={**seen.rows, "Customers": customers}))
    assert bad in _text(_tree(page)) and page.content.count(b"<script>") == 1


def test_without_the_library_figures_stand_as_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawings, "available", lambda: False)
    page = made.page(_sample())
    tree = _tree(page)
    assert not page.drawn and not tree.xpath("//figure//*[local-name()='path']") and len(tree.xpath("//figure//table")) >= 3
    assert "salesplan[cockpit]" in _text(tree)


def test_every_picture_has_its_figures_beside_it() -> None:
    pytest.importorskip("vl_convert")
    tree = _tree(_page())
    figures = tree.xpath("//figure")
    assert len(figures) >= 3
    for figure in figures:
        assert figure.xpath(".//div[@role='img']")[0].get("aria-label") == _text(figure.find("figcaption"))
        assert figure.xpath(".//details//table//td")


def test_every_ink_of_a_picture_is_one_of_the_page() -> None:
    """A colour the page doesn't know stays as it is in the dark: black on black."""
    pytest.importorskip("vl_convert")
    for text in _tree(_page()).xpath("//figure//*[local-name()='text']"):
        assert text.get("data-f"), etree.tostring(text)


def test_bars_have_the_lights_of_the_register(tmp_path: Path) -> None:
    """Design §3: green from the goal, amber from 0.9 of it or the plan's own border, red below; never red for amber. Gaps have their regions' lights."""
    seen = _seen(Package.open(story_plan("zh", tmp_path)))
    sheet = sections.Parts(seen, scope.of(seen), cards.deck(seen, scope.of(seen)), {})
    judged = 0
    for key, drawing in drawings.DRAWINGS.items():
        if drawing.spec is not drawings.across:
            continue
        rows = sections.shown_rows(sheet, key)
        lights = sections.lights_of(sheet, key, rows)
        if drawing.like:
            progress = {row[0]: row[1] for row in seen.cells[drawing.like][1:]}
            rows = [(row[0], progress[row[0]], 1) for row in rows]
        watch = seen.by_key.get(drawing.watch)
        for row, light in zip(rows, lights, strict=True):
            share = (
                22.5 / row[1] if watch is not None and watch.lower else row[1] / row[2]
            )  # 25 customers a head at most, amber from 22.5
            assert light == ("green" if share >= 1 else "amber" if share >= 0.9 else "red"), (key, row)
            judged += 1
        drawn = (
            drawings.svg(key, [str(head or "") for head in seen.cells[key][0]], sections.shown_rows(sheet, key), lights)
            if drawings.available()
            else ""
        )
        assert not drawn or (drawn.count('data-f="am"'), drawn.count('data-f="bad"')) == (
            lights.count("amber"),
            lights.count("red"),
        ), key
    assert judged > 20


def test_the_months_say_where_the_year_lands(tmp_path: Path) -> None:
    """Design §3 and §4: the range is drawn and stands among the figures."""
    seen = _seen(Package.open(story_plan("zh", tmp_path)))
    tree = _tree(made.page(seen))
    figure = tree.xpath("//section[@id='first']//figure")[0]
    low, high = (seen.cells["cd_months"][12][n] for n in (4, 5))
    assert f"{low / 1e8:.2f}亿–{high / 1e8:.2f}亿" in _text(figure.find("figcaption"))
    assert _text(figure.xpath(".//tbody/tr[12]")[0]).count("亿") == 4
    drawn = [_text(node) for node in figure.xpath(".//*[local-name()='text']")]
    assert not drawings.available() or f"全年预测 {low / 1e8:.3g}–{high / 1e8:.3g}" in drawn


def test_the_curve_has_the_borders_of_the_tiers() -> None:
    """Design, screen 2: marks on the Pareto curve; the levels stand at their last customers."""
    pytest.importorskip("vl_convert")
    borders = [row[5] for row in _sample().cells["cd_pareto"][1:] if row[5]]
    drawn = [_text(node) for node in _tree(_page()).xpath("//section[@id='s2']//*[local-name()='text']")]
    assert len(borders) == 3 and set(borders) <= set(drawn)


def test_a_watch_and_a_terminal_say_a_rate_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """83.1% of 85.0% is not told as 97.8%."""
    row = _sample().by_key["cash.rate"]
    said = saying.rate(row.actual or 0.0)
    assert said != saying.rate(row.ratio or 0.0)
    (line,) = (_text(li) for li in _tree(_page()).xpath("//div[@class='wrist']//li") if row.title.partition("（")[0] in _text(li))
    assert line.endswith(said)
    plan = tmp_path / "plan.xlsx"
    plan.write_bytes(sample_computed("zh").package.to_bytes())
    assert cli.main(["cockpit", str(plan)]) == 0
    out = capsys.readouterr().out
    assert f"回款率  {said}  目标 {row.goal}" in out
    for place, one in enumerate(register.first(register.read(FileBook.open(plan).named(watches.LIST))), 1):
        told = next(line for line in out.splitlines() if line.startswith(f"{place}. "))
        assert f"差距 {one.gap}" in told and one.owner in told and (one.due is None) == ("期限" not in told)
        assert one.due is None or f"期限 {one.due}" in told
        assert (f"涉及 {saying.money(one.amount, 'zh')}" in told) == bool(one.amount)


# --------------------------------------------------------------------------------------------------------------- commands


def test_the_command_writes_it_and_costs_nobody_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan, to = tmp_path / "plan.xlsx", tmp_path / "page.html"
    plan.write_bytes(sample_computed("zh").package.to_bytes())
    assert cli.main(["cockpit", str(plan), "--html", str(to), "--for", "P001"]) == 0
    assert "已写入" in capsys.readouterr().out and b"P001" in to.read_bytes()
    before = to.read_bytes()
    assert cli.main(["cockpit", str(plan), "--html", str(to)]) != 0 and to.read_bytes() == before
    assert cli.main(["cockpit", str(plan), "--html", str(plan), "--force"]) != 0
    assert cli.main(["cockpit", str(plan), "--for", "P001"]) != 0
    assert cli.main(["cockpit", str(plan), "--html", str(tmp_path / "x.html"), "--for", "P999"]) != 0
    assert not (tmp_path / "x.html").exists()


def test_the_daily_routine_publishes_it_anew(tmp_path: Path) -> None:
    """What it shows is what the plan says after the routine, its day too."""
    plan, to = tmp_path / "plan.xlsx", tmp_path / "page.html"
    plan.write_bytes(sample_computed("zh").package.to_bytes())
    people = {row["id"]: str(row["name"]) for row in sample_computed("zh").company.of("People")}
    to.write_text("yesterday's")
    assert cli.main(["nightly", str(plan), "--as-of", "2027-12-30", "--html", str(to), "--force"]) == 0
    assert "截至 2027-12-30" in to.read_text("utf-8")
    assert cli.main(["nightly", str(plan), "--html", str(to), "--for", "P001, P999", "--force"]) != 0
    assert cli.main(["nightly", str(plan), "--as-of", "2027-12-30", "--html", str(to), "--for", "P001, P034", "--force"]) == 0
    pages = {person: (tmp_path / f"page-{person}.html").read_text("utf-8") for person in ("P001", "P034")}
    for person, text in pages.items():
        assert people[person] in text.partition("</header>")[0] and "截至 2027-12-30" in text, person
    assert pages["P001"] != pages["P034"] and sorted(tmp_path.glob("*.html")) == sorted(
        [to, *(tmp_path / f"page-{person}.html" for person in pages)]
    )


# ----------------------------------------------------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    program = require_chromium()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(program), args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    out = {}
    for lang in ("zh", "en"):
        out[lang] = folder / f"{lang}.html"
        out[lang].write_bytes(_page(lang).content)
    return out


def _open(browser: Any, path: Path, width: int, **how: Any) -> tuple[Any, list[str], list[str]]:
    context = browser.new_context(viewport={"width": width, "height": 900}, **how)
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(path.as_uri())
    return page, asked, said


def _shown(part: Any, shown: bool = True) -> None:
    """A browser tells the page of a link after the click is over: what follows from it is waited for."""
    part.wait_for(state="visible" if shown else "hidden")


def _leads(page: Any, end: str) -> None:
    page.wait_for_url(re.compile(re.escape(end) + "$"))


@pytest.mark.real
@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [200, 360, 390, 820, 1440, 1920])
def test_every_width(browser: Any, files: dict[str, Path], width: int, scripts: bool) -> None:
    """No request but for itself, no complaint, nothing wider than the screen, the first screen there."""
    for path in files.values():
        page, asked, said = _open(browser, path, width, java_script_enabled=scripts)
        assert asked == [path.as_uri()] and not said
        wrist, whole = page.locator(".wrist"), page.locator(".whole")
        assert wrist.is_visible() == (width < 260) and whole.is_visible() == (width >= 260)
        body = page.locator("body").bounding_box()
        assert body["width"] <= width
        if scripts:
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width < 260:
            assert page.locator(".wrist li").count() == 3 and not page.locator(".wrist a").count()
            assert len(page.locator(".wrist .one").inner_text()) <= 24
            assert wrist.bounding_box()["height"] <= 220  # a watch has no room to scroll
        else:
            assert page.locator("h2.message").is_visible() and page.locator("#first .tile").count() == 6
        page.context.close()


@pytest.mark.real
@pytest.mark.parametrize("scripts", [True, False])
def test_from_a_light_to_the_customer_and_back(browser: Any, files: dict[str, Path], scripts: bool) -> None:
    page, _, _ = _open(browser, files["zh"], 390, java_script_enabled=scripts, has_touch=True)
    link = page.locator("#first table a[href^='#c-']").first
    card = page.locator(f"article[id='{link.get_attribute('href')[1:]}']")
    assert not card.is_visible()
    link.click()
    _shown(card)
    assert card.locator("dd").count() >= 3
    card.locator(".crumbs a").click()
    _shown(card, False)
    page.locator(".tabs a").nth(2).click()
    _leads(page, "#s2")
    page.context.close()


@pytest.mark.real
@pytest.mark.parametrize("width", questions.SIZES)
def test_ten_questions_are_answered_in_two_clicks(browser: Any, files: dict[str, Path], width: int) -> None:
    """Design §4: two taps at most from a red light; docs/cockpit counts the same clicks."""
    counted = re.findall(r"^\| \d+ \| .+?\| (\d) \+ \d \|.*?\| (\d) \+ \d \|", (DOCS / "cockpit.zh.md").read_text("utf-8"), re.M)
    assert len(counted) == len(questions.QUESTIONS)
    height = questions.SIZES[width]
    path = files["zh"].with_name(f"traced-{width}.html")
    path.write_bytes(made.page(_traced()).content)
    for place, question in enumerate(questions.QUESTIONS):
        page, _, _ = _open(browser, path, width)
        page.set_viewport_size({"width": width, "height": height})
        clicks, turns, _ = questions.walked(page, question, height)
        assert clicks <= 2 and turns <= 1, question.asked.en
        assert counted[place] == (str(clicks), str(clicks)), question.asked.en
        page.context.close()


@pytest.mark.real
def test_what_a_finger_taps_is_large_enough(browser: Any, files: dict[str, Path]) -> None:
    page, _, _ = _open(browser, files["zh"], 390)
    boxes = page.evaluate(
        "[...document.querySelectorAll('.tabs a,.tile a,main td a,main th a,select')].filter(e=>e.offsetParent)"
        ".map(e=>{const b=e.getBoundingClientRect();return [e.textContent,b.height,b.width]})"
    )
    assert len(boxes) > 20 and not [box for box in boxes if box[1] < 44 or box[2] < 44]
    page.context.close()


@pytest.mark.real
def test_keyboard(browser: Any, files: dict[str, Path]) -> None:
    """Skip link first, then the screens; digits go to a screen; a card takes the focus, Escape closes it."""
    page, _, _ = _open(browser, files["zh"], 1440)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    _leads(page, "#main")
    page.keyboard.press("3")
    _leads(page, "#s3")
    page.locator("#first table a[href^='#c-']").first.focus()
    page.keyboard.press("Enter")
    page.locator("h3:focus").wait_for()  # no string of script: the page's own policy lets none in
    page.keyboard.press("Escape")
    page.locator(".card:target").wait_for(state="detached")
    page.context.close()


@pytest.mark.real
def test_filter_by_owner(browser: Any, files: dict[str, Path]) -> None:
    page, _, _ = _open(browser, files["zh"], 1440)
    name = page.locator("#first .who .full").first.inner_text()
    page.select_option("select", name)
    left = page.locator("#first table.problems tbody tr:visible .who .full").all_inner_texts()
    assert left and set(left) == {name}
    page.context.close()


@pytest.mark.real
def test_the_wall_takes_turns_unless_motion_is_unwanted(browser: Any, files: dict[str, Path]) -> None:
    page, _, _ = _open(browser, files["zh"], 1920)
    shown = page.locator("main > section:visible")
    assert shown.count() == 1 and page.locator("button.turn").get_attribute("aria-pressed") == "true"
    assert page.locator("#first .who .full:visible").count() == 0  # persons by a sign only
    page.keyboard.press("p")
    shown.nth(4).wait_for()
    page.context.close()
    page, _, _ = _open(browser, files["zh"], 1920, reduced_motion="reduce")
    assert page.locator("main > section:visible").count() >= 5
    page.context.close()


@pytest.mark.real
@pytest.mark.parametrize("width", [320, 820])
def test_long_and_hostile_names_widen_nothing(browser: Any, tmp_path: Path, width: int) -> None:
    """80 characters without a gap, markup, quotes, a mark that turns the writing round: also in the list of owners."""
    seen = _sample()
    names = ("W" * 80, '<img src=x onerror=alert(1)>"&\u202e' + "长" * 50, "(王.*[")
    rows = {t: [{**r, "name": names[n % 3] + str(n)} for n, r in enumerate(seen.of(t))] for t in ("People", "Customers")}
    register_cells = [row[:] for row in seen.cells[watches.LIST]]
    owner = watches.COLUMNS.index("owner")
    for n, row in enumerate(register_cells):
        row[owner] = rows["People"][n % 3]["name"]
    path = tmp_path / "page.html"
    hostile = dataclasses.replace(seen, rows={**seen.rows, **rows}, cells={**seen.cells, watches.LIST: register_cells})
    path.write_bytes(made.page(hostile).content)
    page, asked, said = _open(browser, path, width)
    assert asked == [path.as_uri()] and not said
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


@pytest.mark.real
def test_the_first_screen_fits_the_wall(browser: Any, files: dict[str, Path]) -> None:
    """1920 × 1080: six tiles in a row, the five problems, both charts beside each other and the chapters without turning the wheel."""
    for path in files.values():
        page, _, _ = _open(browser, path, 1920)
        page.set_viewport_size({"width": 1920, "height": 1080})
        tiles = [tile.bounding_box() for tile in page.locator("#first .tile").all()]
        assert len(tiles) == 6 and len({round(box["y"]) for box in tiles}) == 1
        charts = [chart.bounding_box() for chart in page.locator("#first .drawn").all()]
        assert len(charts) == 2 and charts[0]["x"] + charts[0]["width"] <= charts[1]["x"]
        boxes = [
            *tiles,
            *charts,
            *(page.locator(f"#first {part}").bounding_box() for part in ("h2", "table.problems", ".chapters")),
        ]
        assert all(
            box["x"] >= 0 and box["x"] + box["width"] <= 1920 and box["y"] >= 0 and box["y"] + box["height"] <= 1080
            for box in boxes
        )
        assert min(box["height"] for box in charts) >= 200  # not squeezed
        page.context.close()


@pytest.mark.real
@pytest.mark.parametrize("scripts", [True, False])
def test_all_figures_unfold_and_a_problem_leads_to_its_row(browser: Any, files: dict[str, Path], scripts: bool) -> None:
    page, _, _ = _open(browser, files["zh"], 390, java_script_enabled=scripts)
    table = page.locator("#s1 table.figures")
    assert not table.is_visible()
    page.locator("#s1 .unfold a").click()
    _shown(table)
    assert not page.locator("#s2 table.figures").is_visible()
    page.locator("#s1 .folded a[href='#s1']").click()
    _shown(table, False)
    link = page.locator("#first table.problems a[href^='#w-']").first
    row = page.locator(f"[id='{link.get_attribute('href')[1:]}']")
    link.click()
    _shown(row)
    page.wait_for_timeout(50)  # one frame more: the browser scrolls after it shows
    assert 0 <= row.bounding_box()["y"] <= 844
    page.context.close()


@pytest.mark.real
def test_a_link_on_the_wall_stops_the_turning_where_it_leads(browser: Any, files: dict[str, Path]) -> None:
    page, _, _ = _open(browser, files["zh"], 1920)
    page.locator("#first .tile a").first.click()
    page.locator("button.turn[aria-pressed=false]").wait_for()
    _shown(page.locator("#s1"))
    page.context.close()


@pytest.mark.real
def test_nobody_is_named_on_the_wall(browser: Any, files: dict[str, Path]) -> None:
    """Owners, worst items, rows behind, tasks: people by their first character everywhere."""
    names = [str(row["name"]) for row in _sample().of("People")]
    page, _, _ = _open(browser, files["zh"], 1920, reduced_motion="reduce")
    seen = page.locator("main").inner_text()
    assert len(seen) > 3000 and not [name for name in names if name in seen]
    page.context.close()


def test_initials_on_the_wall_are_of_every_part_of_a_name() -> None:
    """Zhiwei Chen is ZC and not Z; of a Chinese name the first character; all of the text stays in the page."""
    assert [sections.initials(name) for name in ("Zhiwei Chen", "陈知微", "Chen Li, finance director", "A")] == [
        "ZC",
        "陈",
        "CL",
        "A",
    ]
    pieces = sections._hiding("Zhiwei Chen")
    assert [p for p in pieces if isinstance(p, str)] == ["Z", "C"]
    assert "".join(p if isinstance(p, str) else _text(p) for p in pieces) == "Zhiwei Chen"


def test_a_page_without_pictures_does_not_blame_the_library() -> None:
    """An empty plan has nothing to draw; what draws is there."""
    page = made.page(_seen(_made("empty")))
    assert page.drawn and "salesplan[cockpit]" not in _text(_tree(page))


@pytest.mark.real
def test_printed_figures_have_their_names(browser: Any, files: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "traced.html"
    path.write_bytes(made.page(_traced()).content)
    page, _, _ = _open(browser, path, 1440)
    page.emulate_media(media="print")
    names = page.locator("table.figures tbody th").all_inner_texts()
    assert [name.strip() for name in names] and all(name.strip() for name in names)
    assert not page.locator("table.figures .tree").first.is_visible()
    page.context.close()


@pytest.mark.real
def test_zoomed_four_times(browser: Any, files: dict[str, Path]) -> None:
    """400 % of 1280 leaves 320 px (WCAG 1.4.10): one column, no scrolling sideways."""
    page, _, _ = _open(browser, files["zh"], 320, device_scale_factor=4)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    wide = page.evaluate(
        "[...document.querySelectorAll('main *')].filter(e=>e.offsetParent&&e.getBoundingClientRect().right>321).map(e=>e.outerHTML.slice(0,80))"
    )
    assert not wide
    page.context.close()


@pytest.mark.real
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [200, 390, 1440])
def test_axe_has_no_complaint(browser: Any, files: dict[str, Path], width: int, scheme: Any) -> None:
    """axe-core's rules of WCAG 2.1 A and AA, contrast among them, in both schemes."""
    try:
        import axe_core_python
    except ImportError:
        missing("axe-core-python")
    script = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text("utf-8")
    # What a page is made of is the same in each language; the words' own lengths and letters, at one width.
    for path in files.values() if width == 390 else [files["zh"]]:
        # The page's own policy lets no script in: axe is put in by the browser's own tools.
        page, _, _ = _open(browser, path, width, color_scheme=scheme, bypass_csp=True)
        # What is scrolled away inside a table's frame lies, to its eyes, on what stands beside the frame.
        page.add_style_tag(content=".wide{overflow:visible!important}")
        page.evaluate(script)
        found = page.evaluate("axe.run(document,{runOnly:['wcag2a','wcag2aa','wcag21a','wcag21aa']})")
        assert len(found["passes"]) > 10
        assert not [(v["id"], v["nodes"][0]["html"][:200], len(v["nodes"])) for v in found["violations"]]
        page.context.close()


def test_as_of_is_a_day() -> None:
    assert _sample().as_of == dt.date(2027, 12, 31)
