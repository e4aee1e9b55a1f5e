"""What comes before what: an order in which everything follows what it needs, or the circle that forbids one."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def ordered(needs: Mapping[Node, Sequence[Node]]) -> tuple[list[Node], list[Node]]:
    """The nodes, each after those it needs, and a circle among the rest (its first node again at the end); one of them is empty or short.

    >>> ordered({"b": ["a"], "a": []}), ordered({"a": ["b"], "b": ["a"]})[1]
    ((['a', 'b'], []), ['a', 'b', 'a'])
    """
    waiting = {node: len(set(before)) for node, before in needs.items()}
    after: dict[Node, list[Node]] = {node: [] for node in needs}
    for node, before in needs.items():
        for other in set(before):
            after[other].append(node)
    ready, done = deque(node for node, count in waiting.items() if not count), []
    while ready:
        node = ready.popleft()
        done.append(node)
        for other in after[node]:
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return done, _circle(needs, {node for node, count in waiting.items() if count})


def _circle(needs: Mapping[Node, Sequence[Node]], left: set[Node]) -> list[Node]:
    """A circle among nodes of which each needs another of them."""
    if not left:
        return []
    node, path = next(n for n in needs if n in left), []
    while node not in path:
        path.append(node)
        node = next(other for other in needs[node] if other in left)
    return [*path[path.index(node) :], node]
