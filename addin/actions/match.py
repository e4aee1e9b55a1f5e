"""Match cases: a customer's pain point in words, photos and a short video if there are any, to three similar cases and a deck."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from addin import documents
from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from addin.dispatching import dated
from udfs.casematch import terms_of
from udfs.text import Text, joined, speaking
from workbook_templates.answers import ERROR, WARNING, Problem, Refused, offered
from workbook_templates.chapters.products import matching, pictures
from workbook_templates.chapters.products.deck import DeckCase, DeckOrder, deck
from workbook_templates.chapters.products.matching import PHOTOS, MatchedCase
from workbook_templates.chapters.products.tables import MATCH
from workbook_templates.documents import Made
from workbook_templates.intake.parsing import fold
from workbook_templates.tables.grids import Held
from workbook_templates.tables.schema import Row
from workbook_templates.wordfile import Letterhead

_FOLDER = Text("案例", "cases")
_KIND = Text("案例方案", "Case deck")
_HONEST = Text(
    "照片与视频只认出同一或重拍的场景，不理解画面内容。",
    "Photos and video find the same or a re-shot scene only; pictures are not understood.",
)
_MINE = ("photo1", "photo2", "photo3")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""

    def add(name: str, zh: str, en: str, **settings: Any) -> None:
        parser.add_argument(name, help=str(Text(zh, en)), **settings)

    add("--pain", "客户的痛点，用客户的话", "the customer's pain point in his words", metavar="TEXT")
    add("--industry", "客户行业", "the customer's industry", metavar="TEXT", default="")
    add("--customer", "客户名称，写在封面", "the customer's name, for the cover", metavar="TEXT", default="")
    add(
        "--scenario", "按哪个场景方案算投资回报；默认最相似案例的", "whose return is shown; default the best case's", metavar="ID"
    )
    for number, name in enumerate(_MINE, 1):
        add(f"--{name}", f"现场照片 {number}", f"photo {number} of the site", metavar="FILE")
    add("--video", "现场视频，30 秒以内", "a video of the site, 30 seconds at most", metavar="FILE")


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Find the cases, say why, make the deck."""
    found = book.problems("Cases", "Scenarios", "MatchLog")
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    pain = (options.pain or "").strip()
    held = book.read("Cases")
    if not any(row.get("id") for row in held.rows):
        return Outcome(Text("没有可匹配的：先在“案例库”填写案例", "nothing to match: enter cases on Cases first"), problems=found)
    if not terms_of(pain):
        raise Refused(Text("没有痛点：请用客户的话写一两句（--pain）", "no pain point: say it in the customer's words (--pain)"))
    outcome = Outcome(Text("", ""), problems=found)
    progress(Text("读取照片与视频", "Reading photos and video"))
    mine, stills = _media(options)
    images = _likenesses(book, held, outcome, [*mine, *stills])
    rows = held.rows
    chosen = matching.matched(pain, options.industry or "", rows, book.setting, images)
    if not chosen:
        outcome.summary = Text("没有相似案例：换几个客户常用的词再试", "no similar case: try other words the customer uses")
        return outcome
    progress(Text("生成方案", "Making the deck"))
    (path,) = documents.keep(book, outcome, lambda head: [
        Made(_KIND, str(rows[chosen[0].index]["id"]), ".pptx", deck(_order(book, head, options, pain, rows, chosen, mine, stills)))
    ])  # fmt: skip
    _log(book, outcome, pain, options.industry or "", rows, chosen, path)
    zh, en = joined(f"{rows[one.index]['id']} {one.score:.2f}" for one in chosen)
    outcome.summary = Text(f"相似案例：{zh}；方案 {path.name}", f"similar cases: {en}; deck {path.name}")
    outcome.notes += [Text(f"{rows[one.index]['id']}：", f"{rows[one.index]['id']}: ") + one.why for one in chosen]
    if mine or stills:
        outcome.notes.append(_HONEST)
    outcome.data = {
        "deck": str(path), "cases": [{"id": rows[one.index]["id"], "score": round(one.score, 4), "why": str(one.why)} for one in chosen],
    }  # fmt: skip
    return outcome


def _media(options: argparse.Namespace) -> tuple[list[bytes], list[bytes]]:
    """What the person brought: photos, and stills of the video."""
    given = [Path(said) for name in _MINE if (said := vars(options).get(name))]
    for path in [*given, *([Path(options.video)] if options.video else [])]:
        if not path.is_file():
            raise Refused(Text(f"没有文件 {path}", f"there is no file {path}"))
    return [pictures.photo(path) for path in given], pictures.stills(Path(options.video)) if options.video else []


def _likenesses(book: Book, held: Held, outcome: Outcome, mine: Sequence[bytes]) -> dict[int, float]:
    """How alike each case's pictures are to those given; a case's picture that can't be read is said, and left out."""
    if not mine:
        return {}
    hashes, out = [pictures.dhash(one) for one in mine], {}
    for index in range(len(held.rows)):
        theirs = [pictures.dhash(one) for one in _of_case(book, held, index, outcome, video=True)]
        found = pictures.likeness(hashes, theirs)
        if found is not None:
            out[index] = found
    return out


def _of_case(book: Book, held: Held, index: int, outcome: Outcome | None = None, video: bool = False) -> list[bytes]:
    """A case's pictures from the folder beside the plan. A cell names a file there, never a path."""
    row, out = held.rows[index], list[bytes]()
    for key in (*PHOTOS, *(("video",) if video else ())):
        said = str(row.get(key) or "").strip()
        if not said:
            continue
        try:
            out += _read(book, said, key)
        except Refused as fault:
            if outcome is not None:
                outcome.problems.append(Problem(held.grid.sheet, *held.at(index, key), fault.text, WARNING))
    return out


def _read(book: Book, said: str, key: str) -> list[bytes]:
    with speaking(book.lang):
        folder = documents.folder_of(book).parent / str(_FOLDER)
    path = folder / said
    if Path(said).name != said or "\\" in said or not path.is_file() or path.is_symlink():
        raise Refused(
            Text(
                f"“{said}”不在“{_FOLDER.zh}”文件夹：只写文件名",
                f"“{said}” is not in the folder “{_FOLDER.en}”: the file's name only",
            )
        )
    return pictures.stills(path) if key == "video" else [pictures.photo(path)]


def _order(
    book: Book,
    head: Letterhead,
    options: argparse.Namespace,
    pain: str,
    rows: Sequence[Row],
    chosen: Sequence[MatchedCase],
    mine: Sequence[bytes],
    stills: Sequence[bytes],
) -> DeckOrder:
    suffixes = [str(word) for word in book.setting("duplicates.suffixes")]
    customer = (options.customer or "").strip()
    title = Text(f"{customer or '客户'}解决方案", f"Solution for {customer or 'our customer'}")
    held = book.read("Cases")
    shown = []
    for one in chosen:
        row = rows[one.index]
        photo = next(iter(_of_case(book, held, one.index)), None) if any(row.get(key) for key in PHOTOS) else None
        shown.append(DeckCase(
            str(row["id"]), str(matching.shown_customer(row)), str(row.get("industry") or ""), matching.discreet(row, "voice", suffixes),
            matching.discreet(row, "before", suffixes), matching.discreet(row, "after", suffixes), row.get("roi"), str(one.why), one.score, photo,
        ))  # fmt: skip
    said = (
        _HONEST
        if mine or stills
        else Text("相似度按文字算：换个说法可能找不到。", "Likeness is by words: other words for the same may not be found.")
    )
    return DeckOrder(
        str(title), head.company, head.version, head.slogan, head.day, pain,
        options.industry or "", shown, _scenario(book, options.scenario, rows[chosen[0].index]), mine, stills, said,
    )  # fmt: skip


def _scenario(book: Book, asked: str | None, best: Row) -> Row | None:
    rows = {fold(row["code"]): row for row in book.read("Scenarios").rows if row.get("code")}
    if asked:
        if fold(asked.strip()) not in rows:
            codes = [str(row["code"]) for row in rows.values()]
            raise Refused(Text(f"没有场景方案“{asked}”", f"there is no scenario “{asked}”") + offered(asked, codes))
        return rows[fold(asked.strip())]
    return rows.get(fold(best.get("scenario") or ""))


def _log(
    book: Book, outcome: Outcome, pain: str, industry: str, rows: Sequence[Row], chosen: Sequence[MatchedCase], path: Path
) -> None:
    """What was asked and found; the same question with the same answer is one row."""
    day, _ = dated(book)
    with speaking(book.lang):  # cells
        found, why = str(joined(rows[one.index]["id"] for one in chosen)), str(chosen[0].why)
    row: Row = {"on": day, "query": pain, "industry": industry or None, "found": found, "why": why or None, "file": path.name}
    if not any(all(old.get(key) == cell for key, cell in row.items()) for old in book.read("MatchLog").rows):
        outcome.changes.add("MatchLog", [row])


ACTION = Action(
    label=MATCH,
    tip=Text(
        "客户的痛点配三个相似案例，给出理由，生成 PPT 方案",
        "Three cases like the customer's pain point, the reason for each, and a deck",
    ),
    about=Text(
        "在计划旁的“文档”文件夹里生成方案，登记“文档”与“匹配记录”；案例库不改。没有授权公开的客户不出现名字。",
        "Puts a deck into the folder of documents and lists it on Documents and Match log; cases stay. Customers who are not public are not named.",
    ),
    group="products",
    order=30,
    icon="FileFind",
    keytip="31",
    run=run,
    arguments=arguments,
    asks={
        "pain": Ask(Text("客户的痛点（用客户的话写一两句）", "The customer's pain point, in his words")),
        "industry": Ask(Text("客户行业（可空）", "The customer's industry (may be blank)")),
    },
    guards=False,
    examples=Text(
        "示例：\n  salesplan match 计划.xlsx --pain 产线节拍慢，仓储拥堵 --industry 锂电 --photo1 现场.jpg",
        'examples:\n  salesplan match plan.xlsx --pain "the line is slow, storage congested" --industry battery --photo1 site.jpg',
    ),
)
