"""Curves as SVG, embedded into Markdown: both of Prefect's pages show an image that comes as a data URI.

Nothing from outside gets into a picture but numbers.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from batchcert.verdict.words import lasting

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 20, 30, 44
_STEPS = 4  # of each axis
_INK, _GRID, _CURVE, _MARK = "#1f2937", "#e5e7eb", "#2563eb", "#b45309"
_ROUND = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)  # seconds


@dataclass(frozen=True)
class Axis:
    """From 0 to *end*, in steps."""

    end: float
    labels: tuple[str, ...]


def arrivals_svg(lags: Sequence[timedelta], total: int, marks: Sequence[tuple[str, timedelta]]) -> str:
    """How many of *total* had it after which time, as a staircase; *marks*: a name and a lag each, as upright lines."""
    ordered = sorted(lag.total_seconds() for lag in lags)
    across, up = _time_axis(ordered[-1] if ordered else 0), _count_axis(total)
    corners, count = [(0.0, 0.0)], 0
    for lag in ordered:
        corners += [(lag, float(count)), (lag, float(count + 1))]
        count += 1
    corners.append((across.end, float(count)))
    lines = [_upright(lag.total_seconds(), across) for _, lag in marks]
    names = [
        _beside(lag.total_seconds(), f"{name} {lasting(lag)}", across, row) for row, (name, lag) in enumerate(marks)
    ]
    return _picture(across, up, "time since the version was issued", [_line(corners, across, up), *lines, *names])


def history_svg(p95s: Sequence[timedelta]) -> str:
    """A lag for each drill, the oldest first, as a line with dots."""
    across = Axis(max(1, len(p95s) - 1), ())
    seconds = [lag.total_seconds() for lag in p95s]
    up = _time_axis(max(seconds, default=0))
    corners = list(zip(map(float, range(len(seconds))), seconds, strict=True))
    dots = [f'<circle cx="{_x(x, across):.1f}" cy="{_y(y, up):.1f}" r="4" fill="{_CURVE}"/>' for x, y in corners]
    return _picture(across, up, "drills, the latest on the right", [_line(corners, across, up), *dots])


def embedded(svg: str, words: str) -> str:
    """The picture as Markdown; *words* stand for it where it is not shown: plain letters, no brackets."""
    data = base64.b64encode(svg.encode()).decode()
    return f"![{words}](data:image/svg+xml;base64,{data})"


def _picture(across: Axis, up: Axis, caption: str, curves: Sequence[str]) -> str:
    body = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *(_rung(step, up) for step in range(len(up.labels))),
        *(_tick(step, across) for step in range(len(across.labels))),
        f'<text x="{LEFT}" y="{HEIGHT - 8}" fill="{_INK}">{caption}</text>',
        *curves,
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">'
    )
    return f"{head}{''.join(body)}</svg>"


def _time_axis(longest: float) -> Axis:
    """Steps that a person counts in; at least as far as *longest* seconds."""
    step = next((step for step in _ROUND if step * _STEPS >= longest), longest / _STEPS)
    return Axis(step * _STEPS, tuple(lasting(timedelta(seconds=step * at)) for at in range(_STEPS + 1)))


def _count_axis(total: int) -> Axis:
    step = max(1, -(-total // _STEPS))
    return Axis(step * _STEPS, tuple(str(step * at) for at in range(_STEPS + 1)))


def _x(value: float, axis: Axis) -> float:
    return LEFT + value / axis.end * (WIDTH - LEFT - RIGHT)


def _y(value: float, axis: Axis) -> float:
    return HEIGHT - BOTTOM - value / axis.end * (HEIGHT - TOP - BOTTOM)


def _line(corners: Sequence[tuple[float, float]], across: Axis, up: Axis) -> str:
    points = " ".join(f"{_x(x, across):.1f},{_y(y, up):.1f}" for x, y in corners)
    return f'<polyline points="{points}" fill="none" stroke="{_CURVE}" stroke-width="2.5"/>'


def _rung(step: int, up: Axis) -> str:
    y = _y(up.end * step / (len(up.labels) - 1), up)
    return (
        f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="{_GRID}"/>'
        f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="{_INK}">{up.labels[step]}</text>'
    )


def _tick(step: int, across: Axis) -> str:
    x = _x(across.end * step / (len(across.labels) - 1), across)
    y = HEIGHT - BOTTOM + 16
    return f'<text x="{x:.1f}" y="{y}" text-anchor="middle" fill="{_INK}">{across.labels[step]}</text>'


def _upright(value: float, across: Axis) -> str:
    x = _x(value, across)
    return (
        f'<line x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{HEIGHT - BOTTOM}" stroke="{_MARK}" '
        'stroke-dasharray="4 3"/>'
    )


def _beside(value: float, name: str, across: Axis, row: int) -> str:
    """The name of an upright line, at a height of its own below the curve, on the side where there is room."""
    x, y = _x(value, across), HEIGHT - BOTTOM - 8 - 15 * row
    side, at = ("end", x - 4) if x > WIDTH * 3 / 4 else ("start", x + 4)
    return (
        f'<text x="{at:.1f}" y="{y}" text-anchor="{side}" fill="{_MARK}" stroke="#ffffff" stroke-width="4" '
        f'paint-order="stroke">{name}</text>'
    )
