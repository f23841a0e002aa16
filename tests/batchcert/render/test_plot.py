"""Pictures that are whole SVG, whose points are where they should be."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from batchcert.render.plot import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, arrivals_svg, embedded, history_svg

SVG = "{http://www.w3.org/2000/svg}"


def seconds(*values: float) -> list[timedelta]:
    """So many seconds each."""
    return [timedelta(seconds=value) for value in values]


def parsed(svg: str) -> ET.Element:
    """The picture's root."""
    return ET.fromstring(svg)  # noqa: S314 - of our own making


def points(svg: str) -> list[tuple[float, float]]:
    """The corners of its curve."""
    curve = parsed(svg).find(f"{SVG}polyline")
    assert curve is not None
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in curve.attrib["points"].split())]


def texts(svg: str) -> list[str]:
    """Its words, in their order."""
    return [text.text or "" for text in parsed(svg).iter(f"{SVG}text")]


def test_arrivals_are_a_staircase_from_none_to_all():
    """It rises at each arrival, and ends as high as the share that has it."""
    svg = arrivals_svg(seconds(60, 30, 120), 4, [("median", timedelta(seconds=60))])
    corners = points(svg)
    left, right, floor = LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM
    assert corners[0] == (left, floor)
    assert corners[-1] == (right, pytest.approx(TOP + (floor - TOP) / 4, abs=0.1))
    assert [x for x, _ in corners] == sorted(x for x, _ in corners)
    assert [y for _, y in corners] == sorted((y for _, y in corners), reverse=True)
    assert corners[1][0] == pytest.approx(left + (right - left) * 30 / 120, abs=0.1)
    assert "median 1 min" in texts(svg)


@pytest.mark.parametrize(
    ("longest", "last"),
    [(0, "4 s"), (3, "4 s"), (9, "20 s"), (100, "2 min"), (3000, "1 h"), (80000, "1 d"), (10**7, "115 d 17 h")],
)
def test_a_time_axis_has_round_steps(longest: float, last: str):
    """As a person counts, and far enough for everything."""
    words = texts(arrivals_svg(seconds(longest), 1, []))
    assert last in words
    assert all(x <= WIDTH - RIGHT + 0.1 for x, _ in points(arrivals_svg(seconds(longest), 1, [])))


def test_many_nodes_fit():
    """A thousand have an axis of whole numbers, and the picture stays small."""
    svg = arrivals_svg(seconds(*range(1000)), 1000, [])
    assert {"0", "250", "500", "750", "1000"} <= set(texts(svg))
    assert len(svg) < 40_000


def test_a_history_has_a_dot_for_each_drill():
    """The latest on the right, and higher where it took longer."""
    svg = history_svg(seconds(50, 60, 200))
    dots = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in parsed(svg).iter(f"{SVG}circle")]
    assert [x for x, _ in dots] == sorted(x for x, _ in dots)
    assert (dots[0][0], dots[-1][0]) == (LEFT, WIDTH - RIGHT)
    assert dots[2][1] < dots[1][1] < dots[0][1] < HEIGHT - BOTTOM


@pytest.mark.parametrize("svg", [arrivals_svg([], 0, []), history_svg([])])
def test_nothing_gives_an_empty_picture(svg: str):
    """Which is a picture all the same."""
    assert parsed(svg).tag == f"{SVG}svg"


def test_a_picture_is_one_image_in_markdown():
    """With words for those who do not see it."""
    svg = history_svg(seconds(1, 2))
    markdown = MarkdownIt()
    markdown.validateLink = lambda _: True  # Prefect's pages, too, show an SVG that comes as a data URI
    html = markdown.render(embedded(svg, "p95 of 2 drills"))
    found = re.fullmatch(r'<p><img src="data:image/svg\+xml;base64,([^"]+)" alt="p95 of 2 drills" /></p>\n', html)
    assert found is not None
    assert base64.b64decode(found[1]).decode() == svg
