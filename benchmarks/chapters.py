"""What chapters 7 and 8 compute, beside named peers on the same data, with results compared: ``python benchmarks/chapters.py [--runs N]``.

The peers are not needed by the program: ``pip install lifelines networkx rapidfuzz splink``; one that is missing is left out, said. Each row
times ours and the peer in turn, processor seconds; quote the ratio.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

import udfs
from benchmarks.run import Row, paired
from udfs.pipeline import curve

_PLACES = ["华东", "华南", "苏州", "宁波", "青岛", "成都", "武汉", "长沙", "佛山", "无锡", "常州", "南通"]
_HEADS = [chr(0x4E00 + 41 * k) for k in range(500)]  # as many characters as names are made of, about
_TRADES = ["精密机械", "自动化", "电子科技", "新能源", "智能装备", "物流设备", "光伏材料", "仪器仪表"]


def competing(count: int, runs: int) -> Row:
    """Win rates with losses as competing risks: ours beside lifelines' Aalen and Johansen, the same curve."""
    from lifelines import AalenJohansenFitter

    chance = np.random.default_rng(1)
    days, kinds = chance.integers(1, 400, count).astype(float), chance.choice([0, 1, 2], count, p=[0.2, 0.35, 0.45])

    def theirs() -> float:
        fitted = AalenJohansenFitter(calculate_variance=False, jitter_level=0.0)
        return float(fitted.fit(days, kinds, event_of_interest=1).cumulative_density_.iloc[-1, 0])

    ours = curve(days.tolist(), kinds.tolist())
    # Lifelines moves ties apart by a hair; the shares differ in the fourth digit at most.
    assert abs(ours.all_won - theirs()) < 2e-3, (ours.all_won, theirs())
    return paired(f"competing risks, {count:,} subjects", lambda: curve(days, kinds), "lifelines", theirs, runs)  # type: ignore[arg-type]


def critical(count: int, runs: int) -> Row:
    """The critical path of a network: a whole table of dates and slack, beside the longest path alone."""
    import networkx as nx

    chance = random.Random(2)
    days = [chance.randint(1, 9) for _ in range(count)]
    before = [sorted(chance.sample(range(max(0, k - 40), k), min(k, chance.randint(0, 3)))) for k in range(count)]
    names = [f"T{k}" for k in range(count)]
    call: tuple[Any, ...] = (
        [[n] for n in names], [[d] for d in days], [["、".join(names[j] for j in own) or None] for own in before], 0,
    )  # fmt: skip

    def theirs() -> float:
        graph = nx.DiGraph()
        graph.add_nodes_from(range(-1, count))
        graph.add_edges_from((j, k, {"weight": days[k]}) for k, own in enumerate(before) for j in own or [-1])
        return float(nx.dag_longest_path_length(graph))

    assert max(row[2] for row in udfs.call("BACKSCHEDULE", *call)) == theirs()
    return paired(
        f"critical path, {count:,} tasks, ten times",
        lambda: [udfs.call("BACKSCHEDULE", *call) for _ in range(10)], "networkx", lambda: [theirs() for _ in range(10)], runs,
    )  # fmt: skip


def companies(count: int) -> tuple[list[str], list[str]]:
    """Names and cities, one in ten a second spelling of one before."""
    chance, names, cities = random.Random(3), [], []
    for number in range(count):
        if number > 10 and chance.random() < 0.1:
            at = chance.randrange(number)
            names.append(names[at].replace("有限公司", "股份有限公司"))
            cities.append(cities[at])
            continue
        city = chance.choice(_PLACES)
        names.append(f"{city}{''.join(chance.choices(_HEADS, k=3))}{chance.choice(_TRADES)}有限公司")
        cities.append(city)
    return names, cities


def alike(count: int, runs: int) -> list[Row]:
    """Duplicates among customers: beside the same comparisons by rapidfuzz, and beside splink's linkage by rules of its own."""
    from udfs.duplicates import _pairs, _scores, book_of
    from udfs.policy import value

    names, cities = companies(count)
    column, towns = np.array(names, dtype=object), np.array(cities, dtype=object)
    cells = ([[n] for n in names], None, [[c] for c in cities])
    out = []
    if importlib.util.find_spec("rapidfuzz"):
        from rapidfuzz.fuzz import ratio

        book = book_of(column, None, towns, [str(s) for s in value("duplicates.suffixes")])
        first, second = _pairs(book, 0.8)
        pairs = [(book.cores[a], book.cores[b]) for a, b in zip(first.tolist(), second.tolist(), strict=True)]
        theirs = np.array([ratio(a, b) for a, b in pairs]) / 100
        assert np.allclose(theirs, _scores(book.cores, first, second))
        what = f"{len(pairs):,} pairs of {count:,} names scored"
        out.append(
            paired(what, lambda: _scores(book.cores, first, second), "rapidfuzz", lambda: [ratio(a, b) for a, b in pairs], runs)
        )
    if importlib.util.find_spec("splink"):
        out.append(
            paired(
                f"duplicates of {count:,} names, all of it",
                lambda: udfs.call("DUPLICATES", *cells),
                "splink",
                _splink(names, cities),
                runs,
            )
        )
    return out


def _splink(names: list[str], cities: list[str]) -> Callable[[], Any]:
    """Blocked by the first letters after the place, compared by name and city, without training: its quickest way."""
    import logging

    import pandas as pd
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.CRITICAL)
    frame = pd.DataFrame({"unique_id": range(len(names)), "name": names, "city": cities})
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on("substr(name,3,2)", "city")],
        comparisons=[cl.LevenshteinAtThresholds("name", [1, 2, 3]), cl.ExactMatch("city")],
    )

    def run() -> Any:
        linker = Linker(DuckDBAPI().register(frame), settings)
        return linker.inference.predict(threshold_match_probability=0.5).as_pandas_dataframe()

    return run


def main() -> None:
    """Print a row for each pair."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--names", type=int, default=50_000)
    runs = (given := parser.parse_args()).runs
    works: list[tuple[str, Callable[[], Row | list[Row]]]] = [
        ("lifelines", lambda: competing(500_000, runs)), ("networkx", lambda: critical(2_000, runs)), ("duckdb", lambda: alike(given.names, runs)),
    ]  # fmt: skip
    print("| what | ours, s | peer | peer, s | ours ÷ peer |\n|---|---:|---|---:|---:|")
    for peer, work in works:
        if importlib.util.find_spec(peer) is None:
            print(f"| {peer} is not installed: left out | | | | |")
            continue
        found = work()
        for row in found if isinstance(found, list) else [found]:
            print(f"| {row.what} | {row.ours:.3f} | {row.peer} | {row.theirs:.3f} | {row.ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
