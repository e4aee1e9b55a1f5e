"""Draw the ribbon from its own definition: ``docs/images/ribbon.zh.png`` and ``ribbon.en.png``.

A drawing and no photograph: texts, groups, order and sizes are those of the add-in's customUI14.xml; Excel's icons are Excel's
own, so line drawings stand in for them. Run ``python docs/make_ribbon_picture.py``; it needs Chromium.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from html import escape
from pathlib import Path

from lxml import etree

from addin import ribbon
from udfs.text import LANGUAGES, Text

IMAGES = Path(__file__).with_name("images")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
WIDTH, HEIGHT = 2120, 188
# Excel draws its own icons by name; these line drawings stand in for them (24 × 24).
SIGNS = {
    "FileNew": "M6 3h8l4 4v14H6z M14 3v4h4",
    "TextFromFileInsert": "M12 3v11 M8 10l4 4 4-4 M4 16v5h16v-5",
    "FileSaveAs": "M12 14V3 M8 7l4-4 4 4 M4 16v5h16v-5",
    "DataValidation": "M3 4h18v16H3z M3 9h18 M9 4v16 M12 14l2 2 4-4",
    "DigitallySignMessage": "M3 20h18 M5 15c3-9 5-9 4-3s3 5 4 1 2 3 6 1",
    "PivotTableFieldSettings": "M12 3a9 9 0 1 0 .01 0 M12 8a4 4 0 1 0 .01 0 M12 12h.01",
    "AccountingFormat": "M3 6h18v12H3z M12 9v6 M9 11h6 M9 13h6",
    "InternationalCurrency": "M12 3v18 M16 7c-2-2-8-2-8 1.5S16 12 16 15.5s-6 3.5-8 1.5",
    "Chart3DPieChart": "M12 12V3a9 9 0 1 1-9 9h9z M9 3a9 9 0 0 0-6 6h6z",
    "ChartInsert": "M4 3v17h17 M7 16l4-5 3 3 6-8",
    "Undo": "M4 9h10a6 6 0 0 1 0 12h-3 M8 5L4 9l4 4",
    "RefreshAll": "M20 11a8 8 0 0 0-15-3 M5 3v5h5 M4 13a8 8 0 0 0 15 3 M19 21v-5h-5",
    "ReviewTrackChanges": "M5 3h14v18H5z M8 8h8 M8 12h8 M8 16h5",
    "PropertySheet": "M4 7h9 M17 7h3 M15 5v4 M4 16h3 M11 16h9 M9 14v4",
    "SortDialogClassic": "M4 6h10 M4 12h7 M4 18h4 M18 4v16 M15 17l3 3 3-3",
    "ReviewAcceptChange": "M5 3h14v18H5z M8 13l3 3 5-7",
    "ReviewNewComment": "M4 4h16v12h-9l-4 4v-4H4z M8 8h8 M8 12h5",
    "Lock": "M6 11h12v10H6z M8 11V8a4 4 0 0 1 8 0v3",
    "DollarSign": "M4 13a7 6 0 0 1 14-2l2 1v3h-2l-2 2v2h-3v-2H9v2H6v-3a6 6 0 0 1-2-3z M10 8h4",
    "NewMailMessage": "M3 6h18v12H3z M3 7l9 7 9-7",
    "SendDefault": "M3 12l18-8-6 17-4-7z M11 14l10-10",
    "SheetInsert": "M4 3h11l5 5v13H4z M15 3v5h5 M12 11v6 M9 14h6",
    "UpArrow2": "M12 21V4 M5 11l7-7 7 7",
    "TableInsert": "M3 4h18v16H3z M3 10h18 M9 4v16 M15 13v5 M12.5 15.5h5",
    "Help": "M12 3a9 9 0 1 0 .01 0 M9.5 9.5a2.5 2.5 0 1 1 2.5 3v1.5 M12 17h.01",
    "Info": "M12 3a9 9 0 1 0 .01 0 M12 11v6 M12 7.5h.01",
}
OTHER = "M4 4h16v16H4z"
STYLE = """
body{margin:0;font:12px "Segoe UI","Noto Sans CJK SC",sans-serif;color:#262626;background:#fff}
.tabs{background:#f3f2f1;padding:6px 14px 0;color:#444}.tabs span{display:inline-block;padding:5px 12px}
.tabs .on{background:#fff;color:#217346;font-weight:600;border-bottom:3px solid #217346}
.ribbon{display:flex;height:122px;border-bottom:1px solid #d2d0ce;padding:4px 6px 0}
.group{display:flex;flex-direction:column;border-right:1px solid #e1dfdd;padding:0 8px}
.buttons{flex:1;display:flex;gap:4px;align-items:flex-start}.name{text-align:center;color:#605e5c;font-size:11px;padding-bottom:5px}
.large{width:86px;text-align:center;line-height:1.25;padding-top:6px}.large svg{display:block;width:32px;height:32px;margin:2px auto 6px}
.small{display:grid;grid-template-rows:repeat(3,28px);grid-auto-flow:column;column-gap:14px;align-items:center}
.small div{white-space:nowrap}.small svg{width:16px;height:16px;vertical-align:-3px;margin-right:6px}
svg{fill:none;stroke:#217346;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}
.foot{color:#8a8886;font-size:11px;padding:3px 14px}
"""
TABS = Text("文件 开始 插入 页面布局 公式 数据 审阅 视图", "File Home Insert Layout Formulas Data Review View")
FOOT = Text(
    "由加载项的功能区定义绘制；图标在 Excel 中为内置图标",
    "Drawn from the add-in's ribbon definition; in Excel the icons are Excel's own",
)


def page(lang: str) -> str:
    """The ribbon as HTML, from the XML that Excel gets and the texts it asks for."""
    shown = ribbon.buttons()
    texts = {key: getattr(text, lang) for key, text in ribbon.texts(shown).items()}
    root = etree.fromstring(ribbon.custom_ui(shown))
    groups = "".join(_group(group, texts) for group in root.iter(f"{{{ribbon.NAMESPACE}}}group"))
    tabs = "".join(f"<span>{name}</span>" for name in getattr(TABS, lang).split())
    return (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><style>{STYLE}</style>'
        f'<div class="tabs">{tabs}<span class="on">{escape(texts[ribbon.TAB + ".label"])}</span></div>'
        f'<div class="ribbon">{groups}</div><div class="foot">{escape(getattr(FOOT, lang))}</div></html>'
    )


def _group(group: etree._Element, texts: dict[str, str]) -> str:
    large = "".join(_button(b, texts) for b in group if b.get("size") == "large")
    small = "".join(_button(b, texts) for b in group if b.get("size") != "large")
    buttons = large + (f'<div class="small">{small}</div>' if small else "")
    return f'<div class="group"><div class="buttons">{buttons}</div><div class="name">{_text(group, texts)}</div></div>'


def _button(button: etree._Element, texts: dict[str, str]) -> str:
    sign = f'<svg viewBox="0 0 24 24"><path d="{SIGNS.get(button.get("imageMso"), OTHER)}"/></svg>'
    kind = ' class="large"' if button.get("size") == "large" else ""
    return f'<div{kind} title="{escape(texts[button.get("id") + ".tip"], True)}">{sign}{_text(button, texts)}</div>'


def _text(control: etree._Element, texts: dict[str, str]) -> str:
    return escape(texts[f"{control.get('id')}.label"])


def photograph(html: str, target: Path) -> None:
    """Chromium's picture of the page, twice as fine as the screen."""
    browser = next(
        (found for name in (os.environ.get("CHROMIUM", ""), *CHROMIUM) if name and (found := shutil.which(name))), None
    )
    if browser is None:
        raise SystemExit("Chromium is not installed")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "ribbon.html"
        source.write_text(html, encoding="utf-8")
        options = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=2")
        size = (f"--window-size={WIDTH},{HEIGHT}", f"--user-data-dir={folder}/profile", f"--screenshot={target}")
        subprocess.run([browser, *options, *size, source.as_uri()], check=True, capture_output=True, timeout=120)


def main() -> None:
    """Both languages."""
    IMAGES.mkdir(exist_ok=True)
    for lang in LANGUAGES:
        photograph(page(lang), IMAGES / f"ribbon.{lang}.png")


if __name__ == "__main__":
    main()
