"""Ten questions that a director asks, walked through the page in Chromium: how many clicks and turns of the wheel until the answer is in sight.

``python -m tests.questions PAGE.html`` walks them and prints the table of docs/cockpit. What came before are the steps in the workbook alone,
without cockpit and screens, listed by hand: sheets opened, filters set, cells read; seconds are the keystroke-level model's (Card, Moran and Newell
1980: think 1.35 s, point 1.1 s, click 0.2 s; a turn of the wheel 0.5 s), for both.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from udfs.text import Text

THINK, POINT, PRESS, TURN = 1.35, 1.1, 0.2, 0.5
SIZES = {390: 844, 1440: 900}
_MOST = 12  # turns of the wheel


@dataclass(frozen=True)
class Question:
    """``clicks``: what is clicked, one after the other; ``answer``: what must then be in sight; ``before``: steps in the workbook alone."""

    asked: Text
    clicks: tuple[str, ...]
    answer: str
    before: int


def _tab(number: int) -> str:
    return f".tabs a[href='#s{number}']"


QUESTIONS = (
    Question(Text("进度够不够，差多少？", "On plan? By how much?"), (), "h2.message", 4),
    Question(Text("先办哪件，谁负责，哪天到期？", "What first, whose, due when?"), (), "#first table.problems tbody tr", 9),
    Question(Text("哪个区域差得最多？", "Which region is furthest behind?"), (_tab(1),), "#s1 figure >> nth=1", 5),
    Question(Text("利润这个数从哪来？", "Where does the profit come from?"), (_tab(1), "#s1 .tiles a[href='#w-profit.progress']"), "[id='w-profit.progress'] .tree >> nth=0", 8),
    Question(Text("谁的健康度最低，占多少销售？", "Whose health is lowest, at which sales?"), (_tab(2),), "#s2 figure >> nth=1", 5),
    Question(Text("这周谁要帮？", "Who needs help this week?"), (_tab(3),), "#s3 figure >> nth=0", 4),
    Question(Text("年底落在哪里，离保底差多少？", "Where do we land, how far from the floor?"), (_tab(4),), "#s4 figure >> nth=0", 5),
    Question(Text("哪个阶段停住了，多少钱？", "Which stage stands still, how much?"), (_tab(4),), "#s4 figure >> nth=1", 6),
    Question(Text("输给谁，为什么？", "Lost to whom, and why?"), (_tab(5),), "#s5 figure >> nth=1", 6),
    Question(Text("出事的这张订单（客户）怎么回事？", "What about the order or customer named?"), (":is(#first table.problems, #s2 table.problems) a:is([href^='#c-'], [href^='#d-'])",), ".card:target dd >> nth=0", 5),
)  # fmt: skip


def walked(page: Any, question: Question, height: int) -> tuple[int, int, float]:
    """Clicks, turns of the wheel and seconds of the machine until the answer is in sight."""
    begun = time.perf_counter()
    for selector in question.clicks:
        page.locator(selector).first.click()
    turns = 0
    while turns < _MOST:
        box = page.locator(question.answer).first.bounding_box()
        if box is not None and box["y"] >= -1 and box["y"] + min(box["height"], 40) <= height:
            return len(question.clicks), turns, time.perf_counter() - begun
        page.mouse.wheel(0, height * 0.8)
        page.wait_for_timeout(60)
        turns += 1
    raise AssertionError(f"never in sight: {question.asked.en}")


def seconds(steps: int, turns: int = 0) -> float:
    """What a practised person takes: one look, and a thought, a way and a click for each step."""
    return THINK + steps * (THINK + POINT + PRESS) + turns * TURN


def main() -> None:
    """Walk them all and print the rows of the table."""
    from playwright.sync_api import sync_playwright

    from tests.real import require_chromium

    path = Path(sys.argv[1]).absolute()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(require_chromium()), args=["--no-sandbox", "--disable-gpu"])
        for place, question in enumerate(QUESTIONS, 1):
            cells = []
            for width, height in SIZES.items():
                page = browser.new_page(viewport={"width": width, "height": height})
                page.goto(path.as_uri())
                clicks, turns, _ = walked(page, question, height)
                cells.append(f"{clicks} + {turns} | {seconds(clicks, turns):.1f}")
                page.close()
            print(
                f"| {place} | {question.asked.zh} | {question.asked.en} | {question.before} | {seconds(question.before):.1f} | {' | '.join(cells)} |"
            )
        browser.close()


if __name__ == "__main__":
    main()
