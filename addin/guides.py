"""The guides for people: where they lie, in a copy of the repository or wherever the program was installed, and how they
are shown.

They are written once, in ``docs``; a wheel carries them as its data files. A browser shows no Markdown, so a guide is shown
as a page of HTML, with the guides it links to beside it.
"""

from __future__ import annotations

import html
import re
import tempfile
import webbrowser
from importlib import metadata
from pathlib import Path

from markdown_it import MarkdownIt

from udfs.text import language

_PAGE = (
    '<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{title}</title><style>'
    "body{{max-width:60em;margin:2em auto;padding:0 1em;line-height:1.6;font-family:'Microsoft YaHei','PingFang SC','Segoe "
    "UI',sans-serif}}"
    "table{{border-collapse:collapse}}td,th{{border:1px solid #ccc;padding:.3em .6em;text-align:left}}img{{max-width:100%}}"
    "pre,code{{background:#f4f4f4}}pre{{padding:.6em;overflow:auto}}</style>{body}</html>"
)


def folder() -> Path | None:
    """Where the guides are; None where somebody took them away."""
    beside = Path(__file__).resolve().parents[1] / "docs"
    if (beside / "guide.zh.md").exists():
        return beside
    try:
        files = metadata.files("salesplan") or []
    except metadata.PackageNotFoundError:
        return None
    found = (Path(str(f.locate())).resolve() for f in files if f.parts[-2:] == ("salesplan", "guide.zh.md"))
    return next((path.parent for path in found if path.exists()), None)


def guide(name: str = "guide") -> Path | None:
    """The file of a guide in the language in force."""
    where = folder()
    path = where / f"{name}.{language()}.md" if where is not None else None
    return path if path is not None and path.exists() else None


def opened(path: Path) -> bool:
    """Show a guide in the browser."""
    return webbrowser.open(_pages(path).as_uri())


def _pages(path: Path) -> Path:
    """All guides of the folder as HTML, in a folder of their own that the system clears away; the page of this one."""
    made = Path(tempfile.mkdtemp(prefix="salesplan-guides-"))
    writer = MarkdownIt("commonmark").enable("table")
    for source in path.parent.glob("*.md"):
        text = source.read_text(encoding="utf-8")
        body = re.sub(r'(href="[^":]+)\.md(?=[#"])', r"\1.html", writer.render(text))
        body = re.sub(r'(src|href)="(images/[^"]+)"', lambda m: f'{m[1]}="{(path.parent / m[2]).as_uri()}"', body)
        title = html.escape(text.partition("\n")[0].lstrip("# "))
        lang = "en" if ".en." in source.name else "zh"
        (made / f"{source.stem}.html").write_text(_PAGE.format(lang=lang, title=title, body=body), encoding="utf-8")
    return made / f"{path.stem}.html"
