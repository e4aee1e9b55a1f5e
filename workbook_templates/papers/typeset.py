"""A page set by Typst (the extra ``print``): the data go in beside the text, never into it, so no name can become markup.

Its PDF has the fonts embedded that it uses; Chinese needs one on this machine, and without any nothing is written.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.installing import how_to_install

# Fonts with Chinese that come with Windows, macOS and Linux, the first that is there.
CHINESE = (
    "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "Hiragino Sans GB", "SimHei", "SimSun",
    "Songti SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback",
)  # fmt: skip


def typeset(template: str, data: Mapping[str, Any], made: dt.date) -> bytes:
    """A template of this package with its data, as PDF; the same data give the same bytes."""
    try:
        import typst
    except ImportError as lacking:
        how = how_to_install("print", "typst")
        raise Refused(Text(f"生成 PDF 需要 typst：{how}", f"PDF needs typst: {how}")) from lacking
    text = resources.files(__package__).joinpath(template).read_text("utf-8")
    inputs = {"data": json.dumps({**data, "font": font()}, ensure_ascii=False)}
    moment = dt.datetime.combine(made, dt.time(12), dt.UTC)
    made_: bytes = typst.compile(text.encode("utf-8"), sys_inputs=inputs, timestamp=int(moment.timestamp()))
    return made_


@cache
def font() -> str:
    """The Chinese font of this machine."""
    import typst

    there = {name.casefold(): name for name in typst.Fonts().families()}
    found = next((there[name.casefold()] for name in CHINESE if name.casefold() in there), None)
    if found is None:
        raise Refused(
            Text(
                "这台机器没有中文字体，没有写入：请安装 Noto Sans CJK SC",
                "there is no Chinese font on this machine, nothing was written: install Noto Sans CJK SC",
            )
        )
    return found
