"""A kept result → a chart: ``python -m bench.report bench/results/DATE-SIZE.json > chart.svg``.

One SVG without scripts, fonts or pictures of its own. Above how fast each engine indexes, below
what each kind of query takes: a full bar to p50, a pale one on to p95, on a logarithmic axis. It
carries a background for light and for dark, so it is legible wherever it is shown.
"""

import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from bench.queries import HOWS, WHATS

Result = dict[str, Any]

WIDTH, MARGIN, GAP = 980, 20, 40
BAR, BAR_STEP, TITLE, GROUP_GAP = 9, 12, 17, 12
# Beside a column's axis: room for the figures of the longest bar.
FIGURES = 96
COLORS = {
    "ours": "#1f6feb",
    "tantivy-words": "#d9730d",
    "tantivy-terms": "#f0a860",
    "fts5-words": "#5f8a6b",
    "fts5-trigram": "#9dbfa5",
    "stock": "#8b8f98",
}
WHAT_TITLES = {
    "and": "Two words, both",
    "or": "Two words, either",
    "string": "Exact string, 2 to 8 characters",
    "char": "One character",
}
HOW_TITLES = {
    "plain": "",
    "30 days": " · within 30 days",
    "newest": " · newest first",
    "facets": " · both facets",
}
STYLE = """
  text { font: 11px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 15px; font-weight: 600 } .group { font-weight: 600 } .faint { fill: #59636e }
  .ground { fill: #ffffff } .grid { stroke: #d8dee4 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .faint { fill: #9198a1 } .ground { fill: #0d1117 } .grid { stroke: #2d333b }
  }
"""


@dataclass(frozen=True, slots=True)
class Axis:
    """A logarithmic axis: values to x."""

    left: float
    right: float
    low: int
    high: int

    def x(self, value: float) -> float:
        share = (math.log10(max(value, 10.0**self.low)) - self.low) / (self.high - self.low)
        return self.left + share * (self.right - self.left)

    def grid(self, top: float, bottom: float, unit: str) -> Iterator[str]:
        for power in range(self.low, self.high + 1):
            x = self.x(10.0**power)
            yield f'<line class="grid" x1="{x:.1f}" y1="{top:.1f}" x2="{x:.1f}" y2="{bottom:.1f}"/>'
            yield _text(
                x, bottom + 13, f"{10.0**power:g}{unit}", "faint", "start" if power == self.low else "middle"
            )


def draw(result: Result) -> str:
    """The chart of one result."""
    height, parts = 0.0, []
    for piece in (_head, _indexing, _queries):
        drawn, height = piece(result, height)
        parts += drawn
    height += MARGIN
    size = f'width="{WIDTH}" height="{height:.0f}" viewBox="0 0 {WIDTH} {height:.0f}"'
    name = escape(_title(result))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{name}">',
            f"<title>{name}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="ground" width="{WIDTH}" height="{height:.0f}" rx="8"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _title(result: Result) -> str:
    return f"{result['size']:,} Chinese news articles, {result['characters'] / 1e6:,.1f} million characters"


def _head(result: Result, top: float) -> tuple[list[str], float]:
    machine = result["machine"]
    facts = f"{machine['cpu']}, {machine['cores']} cores · {result['date']} · "
    facts += "shorter is better; queries: full to p50, pale to p95, exact totals and 20 hits"
    parts = [_text(MARGIN, top + 30, _title(result), "title"), _text(MARGIN, top + 48, facts, "faint")]
    x, y = float(MARGIN), top + 68
    for name in _engines(result):
        label = result["peers"][name]["label"]
        parts.append(
            f'<rect x="{x:.0f}" y="{y - 9:.0f}" width="10" height="10" rx="2" fill="{COLORS[name]}"/>'
        )
        parts.append(_text(x + 15, y, label))
        x += 15 + 6.6 * len(label) + 18
    return parts, y + 10


def _engines(result: Result) -> list[str]:
    return [name for name in COLORS if name in result["peers"]]


def _indexing(result: Result, top: float) -> tuple[list[str], float]:
    """Seconds per million characters, so that here too shorter is better."""
    builds = {name: result["build"][name] for name in _engines(result)}
    times = {name: 1e6 / _most(one)["characters_per_second"] for name, one in builds.items()}
    axis = Axis(MARGIN, WIDTH - MARGIN - FIGURES, *_powers(list(times.values())))
    y = top + TITLE
    parts = [_text(MARGIN, y, "Indexing a million characters on two cores", "group")]
    y += 6
    parts += axis.grid(y, y + BAR_STEP * len(times), " s")
    for name, seconds in times.items():
        parts += _bar(axis, y, name, (seconds,), f"{seconds:.3g} s{_sample(result, name)}")
        y += BAR_STEP
    return parts, y + 26


def _sample(result: Result, name: str) -> str:
    articles = _most(result["build"][name])["articles"]
    return "" if articles == result["size"] else f" ({articles:,} articles)"


def _most(builds: dict[str, Any]) -> dict[str, Any]:
    one: dict[str, Any] = builds[max(builds)]
    return one


def _queries(result: Result, top: float) -> tuple[list[str], float]:
    """Two columns, and in each a group of bars for every kind."""
    values = [
        one[name]
        for row in result["queries"].values()
        for one in _shown(row).values()
        for name in ("p50", "p95")
    ]
    if not values:
        return [], top
    width = (WIDTH - 2 * MARGIN - GAP) / 2
    parts, bottom = [], top
    for column, whats in enumerate((WHATS[:2], WHATS[2:])):
        left = MARGIN + column * (width + GAP)
        axis = Axis(left, left + width - FIGURES, *_powers(values))
        drawn, end = _column(result, axis, [f"{what}, {how}" for what in whats for how in HOWS], top)
        parts += [*axis.grid(top + 6, end, " ms"), *drawn]
        bottom = max(bottom, end + 14)
    return parts, bottom


def _column(result: Result, axis: Axis, kinds: list[str], top: float) -> tuple[list[str], float]:
    parts, y = [], top
    for kind in kinds:
        row = _shown(result["queries"].get(kind, {}))
        if not row:
            continue
        what, how = kind.split(", ")
        y += TITLE
        parts.append(_text(axis.left, y, WHAT_TITLES[what] + HOW_TITLES[how], "group"))
        y += 5
        for name, one in row.items():
            parts += _bar(
                axis, y, name, (one["p50"], one["p95"]), f"{_short(one['p50'])} · {_short(one['p95'])} ms"
            )
            y += BAR_STEP
        y += GROUP_GAP - 5
    return parts, y


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """The engines that had all articles; stock Whoosh had a sample, which would look like speed."""
    return {name: row[name] for name in COLORS if name != "stock" and "p50" in row.get(name, {})}


def _bar(axis: Axis, y: float, name: str, values: tuple[float, ...], figures: str) -> Iterator[str]:
    """A full bar to the first value and a pale one from there to the last."""
    start, middle, end = axis.left, axis.x(values[0]), axis.x(values[-1])
    color, shape = COLORS[name], f'y="{y:.1f}" height="{BAR}"'
    yield f'<rect x="{start:.1f}" {shape} width="{max(middle - start, 1):.1f}" fill="{color}"/>'
    if end > middle:
        yield f'<rect x="{middle:.1f}" {shape} width="{end - middle:.1f}" fill="{color}" opacity=".45"/>'
    yield _text(end + 5, y + BAR - 0.5, figures, "faint" if name != "ours" else "")


def _powers(values: list[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _short(value: float) -> str:
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    shape = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return (
        f'<text {shape} class="{kind}">{escape(text)}</text>'
        if kind
        else f"<text {shape}>{escape(text)}</text>"
    )


if __name__ == "__main__":
    sys.stdout.write(draw(json.loads(Path(sys.argv[1]).read_text())))
