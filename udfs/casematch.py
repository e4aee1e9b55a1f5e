"""Cases like a customer's pain points: words weighed by how rare they are, compared by their angle."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from udfs.formula import TABLE, formula, many, one, refuse, share, text
from udfs.phasing import refuse_unlike
from udfs.policy import plan
from udfs.text import Text
from udfs.values import NA, NUM, Objects

SHOWN = 5
NO_CASE = Text("没有相似案例", "No similar case")
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_RUN = re.compile(rf"[{_HAN}]+|[a-z0-9]+")


def terms_of(words: str) -> list[str]:
    """The terms of a text: pairs of neighbouring Han characters (one alone is a term), and words of letters and digits.

    >>> terms_of("AGV 调度慢"), terms_of("堵")
    (['agv', '调度', '度慢'], ['堵'])
    """
    out: list[str] = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", words).casefold()):
        latin = run[0].isascii()
        out.extend([run] if latin or len(run) == 1 else [run[k : k + 2] for k in range(len(run) - 1)])
    return out


class SimilarCase(NamedTuple):
    """A case that was found: ``row`` counts from 1; ``terms`` are the shared ones, heaviest first."""

    row: int
    score: float
    terms: list[str]


def matches(pain: str, cases: Sequence[str], same: Sequence[bool], bonus: float) -> list[SimilarCase]:
    """Every case with a score above 0, best first, ties by row. ``same``: the case is of the customer's industry."""
    read = [Counter(terms_of(case)) for case in cases]
    found_in = Counter(term for case in read for term in case)
    rarity = {term: math.log((1 + len(cases)) / (1 + found_in[term])) + 1 for term in {*found_in, *terms_of(pain)}}
    query = _weights(Counter(terms_of(pain)), rarity)
    out = []
    for row, (case, equal) in enumerate(zip(read, same, strict=True), 1):
        other = _weights(case, rarity)
        parts = {term: weight * other[term] for term, weight in query.items() if term in other}
        score = math.fsum(parts.values()) + (bonus if equal else 0.0)
        if score > 0:
            out.append(SimilarCase(row, score, sorted(parts, key=lambda term: -parts[term])))
    return sorted(out, key=lambda match: -match.score)


def _weights(terms: Mapping[str, int], rarity: Mapping[str, float]) -> dict[str, float]:
    """Each term's part of a text's direction."""
    raw = {term: count * rarity[term] for term, count in terms.items()}
    length = math.sqrt(math.fsum(weight**2 for weight in raw.values()))
    return {term: weight / length for term, weight in raw.items()}


@formula(
    3,
    "按痛点匹配相似案例，并给出理由",
    "Cases like a customer's pain points, with the reason for each",
    gives=TABLE,
    columns=[("名次", "rank"), ("案例行号", "row of the case"), ("得分", "score"), ("共同词", "shared terms")],
)
def casematch(
    pain: Annotated[str, one("客户痛点（原话）", "the customer's pain points in words", text)],
    cases: Annotated[Objects, many("各案例的文字", "the cases' texts", text)],
    industry: Annotated[str | None, one("客户行业", "the customer's industry", text)] = None,
    industries: Annotated[Objects | None, many("各案例的行业", "the cases' industries", text)] = None,
    top: Annotated[float, one("取前几个", "how many")] = plan("match.top"),
    bonus: Annotated[float, one("行业相同加分", "added for the same industry", share)] = plan("match.bonus"),
) -> list[list[Any]]:
    """Cases whose words are like those of the customer. It compares words, not meaning: other words for the same are not found.

    Terms are pairs of neighbouring Han characters and words of letters and digits, weighed by count × rarity among the cases
    (tf·idf), compared by their cosine; a case of the same industry gets 0.10 more.

    Returns: a row for each case: rank, row among ``cases``, score, the five shared terms that weigh most; best first, ties by row. No
        score above 0: one row that says so.
    Errors: #N/A no pain point given; #NUM! top below 1; #VALUE! as many industries as cases are needed.
    Source: rules, chapter 3, case matching; weights: the plan's chapters, section 3 (Salton and Buckley 1988).
    Example:
        >>> casematch("仓储拥堵", [["产线停机"], ["仓储物流拥堵"]])
        [[1.0, 2.0, 0.4349..., '仓储、拥堵']]
    """
    refuse_unlike(cases=cases, industries=industries)
    refuse(top < 1, NUM, "参数 top 为 {n}：请填 1 以上", "argument top is {n}: enter 1 or more", n=top)
    refuse(
        not terms_of(pain),
        NA,
        "没有痛点文字：请用客户的话写一两句",
        "no pain point: write a sentence or two in the customer's words",
    )
    wanted = _plain(industry or "")
    same = [bool(wanted) and _plain(name) == wanted for name in (industries if industries is not None else [""] * len(cases))]
    found = matches(pain, cases.tolist(), same, bonus)[: int(min(top, len(cases)))]
    if not found:
        return [[None, None, None, NO_CASE]]
    return [[rank, m.row, m.score, "、".join(m.terms[:SHOWN])] for rank, m in enumerate(found, 1)]


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).strip().casefold()
