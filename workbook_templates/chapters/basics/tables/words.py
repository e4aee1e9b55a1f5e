"""The company's own words: what it calls its lines, product lines, levels, kinds of customers and statements."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables import own_words
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs, Word
from workbook_templates.tables.words import RANKS

_APPLY = Text("应用用词", "Apply words")
_LISTS = tuple(Word(own.key, own.title) for own in own_words.OWN.values())

_WORDS = TableSpec(
    own_words.TABLE,
    Text("用词", "Words"),
    (
        Column("list", Text("列表", "List"), "word", words=_LISTS),
        Column("name", Text("本公司叫法", "Our word"), note=Text("改这里，如 行业 → 大客户；要加一项就加一行", "rename here; a new row is a new word")),
        Column(
            "aliases",
            Text("也读作", "Also read"),
            required=False,
            note=Text("导入时还认的写法，用、隔开", "other ways that imports read, with commas between"),
        ),
        Column(
            "like",
            Text("相当于", "Counts as"),
            "word",
            words=RANKS,
            required=False,
            note=Text("只对新加的层级：按哪一级计上级提成、利润分享", "new levels only: as which level overrides and the pool count it"),
        ),
        Column("in_force", Text("现行叫法", "In force"), required=False, by_program=True, by=_APPLY),
        Column("code", Text("编号", "Code"), "id", required=False, by_program=True, by=_APPLY),
    ),
    ("list", "name"),
    page=PageSpec(
        1.5,
        Text(
            "公司自己的用词：条线、产品线、层级等",
            "What the company calls its lines, product lines, levels and others",
        ),
        Text("改名或加行后用“应用用词”，下拉、公式、检查随之更新", "After renaming or adding use Apply words: lists, formulas, checks follow"),
        widths={"list": 16, "name": 20, "aliases": 30, "like": 14, "in_force": 26, "code": 16},
    ),
)  # fmt: skip

TABLES = TableSpecs(2, (_WORDS,))
