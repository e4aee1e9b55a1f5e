"""The white space of a market: the place among competitors that is farthest from all of them."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from udfs.formula import TABLE, formula, many, note, one, positive, refuse, share
from udfs.phasing import refuse_unlike
from udfs.policy import plan
from udfs.values import NA, NUM, Flags, Floats

_FINEST = 1e-9  # half the diagonal of the last squares, on axes of length 1
_DIGITS = 8
_TIE = 1e-8
_APART = 1e-6  # places nearer than this are one
_MOST = 100  # competitors; a map of more shows nothing


@formula(
    1,
    "空白区间：竞品围成的区域里，离各家气泡最远的点",
    "White space: the point farthest from every competitor's bubble, inside the region they span",
    gives=TABLE,
    columns=[("横坐标", "x"), ("纵坐标", "y"), ("距离（各轴化为 0–1）", "distance on axes of 0–1")],
)
def whitespace(
    x: Annotated[Floats, many("各竞品的横坐标", "x of each competitor", blanks=np.nan)],
    y: Annotated[Floats, many("各竞品的纵坐标", "y of each competitor", blanks=np.nan)],
    size: Annotated[
        Floats | None,
        many("气泡大小，如份额；省略：只看圆心", "size of the bubble, such as share; omitted: centres only", positive),
    ] = None,
    margin: Annotated[float, one("最大气泡的半径（轴长的）", "radius of the largest bubble, share of an axis", share)] = plan(
        "whitespace.margin"
    ),
) -> list[list[Any]]:
    """The point inside the convex hull of the competitors whose nearest bubble is farthest; both axes scaled to 0–1.

    A bubble's radius is margin × √(size ÷ largest size). Of points equally far the one with the smaller x, then the smaller y.

    Returns: one row: x and y in the units given, and the distance to the nearest bubble on the scaled axes.
    Errors: #N/A fewer than three competitors that don't stand on one line, an axis that never changes; #NUM! a negative size, more than 100 competitors; #VALUE!
        ranges of different size, text.
    Source: rules, chapter 1, WHITESPACE (the largest empty circle with its centre in the hull; Toussaint 1983).
    Example:
        >>> whitespace([[0], [10], [10], [0]], [[0], [0], [10], [10]])
        [[5.0, 5.0, 0.7071...]]
    """
    refuse_unlike(x=x, y=y, size=size)
    filled = ~np.isnan(x) & ~np.isnan(y)
    if (~filled & ~(np.isnan(x) & np.isnan(y))).any():
        note("坐标不全的竞品未计入", "competitors without both coordinates were left out")
    raw = np.column_stack([x, y])[filled]
    low, width = raw.min(axis=0, initial=np.inf), np.ptp(raw, axis=0) if len(raw) else np.zeros(2)
    refuse(
        not (len(raw) and (width > 0).all() and np.isfinite(width).all()), NA,
        "竞品在某一轴上没有差别：至少需要三个不在一条直线上的竞品",
        "an axis never changes: three competitors not on one line are needed",
    )  # fmt: skip
    refuse(
        len(raw) > _MOST, NUM, "竞品有 {n} 家：请只列主要的，至多 {most} 家",
        "there are {n} competitors: list the main ones, at most {most}", n=len(raw), most=_MOST,
    )  # fmt: skip
    centres = (raw - low) / width
    hull = _hull(centres)
    refuse(len(hull) < 3, NA, "至少需要三个不在一条直线上的竞品", "three competitors not on one line are needed")
    best, distance = _farthest(centres, _radii(size, filled, margin), hull)
    return [[*(low + best.round(_DIGITS) * width).tolist(), round(distance, _DIGITS)]]


def _radii(size: Floats | None, filled: Flags, margin: float) -> Floats:
    if size is None or not size[filled].max() > 0:
        return np.zeros(int(filled.sum()))
    return np.asarray(margin * np.sqrt(size[filled] / size[filled].max()), dtype=np.float64)


def _hull(points: Floats) -> Floats:
    """The corners of the convex hull, counter-clockwise (Andrew's monotone chain); fewer than three for points on a line."""
    ordered = sorted(set(map(tuple, points.tolist())))

    def chain(sequence: list[tuple[float, float]]) -> list[tuple[float, float]]:
        out: list[tuple[float, float]] = []
        for p in sequence:
            while len(out) > 1 and _turn(out[-2], out[-1], p) <= 1e-12:
                out.pop()
            out.append(p)
        return out[:-1]

    return np.array(chain(ordered) + chain(ordered[::-1]))


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _first(ties: Floats, value: Floats) -> Floats:
    """Of places equally far the one with the smaller x, then the smaller y; of squares around one place the best."""
    for axis in (0, 1):
        kept = ties[:, axis] <= ties[:, axis].min() + _APART
        ties, value = ties[kept], value[kept]
    best: Floats = ties[value.argmax()]
    return best


def _farthest(centres: Floats, radii: Floats, hull: Floats) -> tuple[Floats, float]:
    """Branch and bound over squares: a distance grows by no more than one walks, so most squares can't hold the best point."""
    half = 0.25
    squares = np.array([[a, b] for a in (0.25, 0.75) for b in (0.25, 0.75)])
    best = -np.inf
    while True:
        reach = half * np.sqrt(2)
        inside = _onto(hull, squares)
        value = _nearest(centres, radii, inside)
        best = max(best, float(value.max()))
        if reach < _FINEST:
            return _first(inside[value >= best - _TIE], value[value >= best - _TIE]), best
        near = np.linalg.norm(squares - inside, axis=1) <= reach
        keep = near & (_nearest(centres, radii, squares) + reach >= best - _TIE)
        half /= 2
        steps = half * np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
        squares = (squares[keep][:, None, :] + steps).reshape(-1, 2)


def _nearest(centres: Floats, radii: Floats, points: Floats) -> Floats:
    """How far each point is from the nearest bubble."""
    apart = points[:, None, :] - centres
    nearest: Floats = (np.hypot(apart[..., 0], apart[..., 1]) - radii).min(axis=1)
    return nearest


def _onto(hull: Floats, points: Floats) -> Floats:
    """The points themselves where they lie in the hull, else the nearest point of its border."""
    start, along = hull, np.roll(hull, -1, axis=0) - hull
    apart = points[:, None, :] - start
    cross = along[:, 0] * apart[:, :, 1] - along[:, 1] * apart[:, :, 0]
    outside = (cross < 0).any(axis=1)
    if not outside.any():
        return points
    at = np.clip((apart[outside] * along).sum(axis=2) / (along**2).sum(axis=1), 0, 1)
    border = start + at[:, :, None] * along
    nearest = np.linalg.norm(border - points[outside][:, None, :], axis=2).argmin(axis=1)
    out = points.copy()
    out[outside] = border[np.arange(len(border)), nearest]
    return out
