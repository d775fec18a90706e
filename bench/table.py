"""A result → a plain text table. ``python -m bench.table RESULT.json…`` prints kept ones again.

Ratios (×) are always the other engine's figure against ours in the same run, turned so that more
than 1 means that this project is better.
"""

import json
import sys
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

from bench.queries import KINDS

Result = dict[str, Any]
MB = 1_000_000


def render(result: Result) -> str:
    """All of a result."""
    parts = (_head, _building, _opening, _queries, _checks, _goals)
    return "\n\n".join(part(result) for part in parts) + "\n"


def _head(result: Result) -> str:
    machine, text = result["machine"], f"{result['utf8_bytes'] / MB:,.1f} MB of UTF-8"
    about = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    lines = [
        f"{result['size']:,} articles ({result['different_articles']:,} different ones), "
        f"{result['characters'] / 1e6:,.1f} M characters, {text}; {result['date']}",
        f"{machine['cpu']}, {machine['cores']} cores, {machine['ram_bytes'] / 2**30:.1f} GiB RAM, "
        f"{machine['system']}; one core reads {machine['read_bytes_per_second'] / 1e9:.1f} GB/s; "
        f"load before {machine['load_before']}",
        about,
        "",
        *(f"{one['label']}: {one['note']}" for one in result["peers"].values()),
        "",
        "× is the other engine against this project in this run; more than 1: this project is better.",
    ]
    return "\n".join(lines)


def _building(result: Result) -> str:
    first = ["Building", "articles", "cores", "s", "M char/s", "×", "index/text", "×"]
    rows = [[*first, "segments", "peak MB", "of it articles"]]
    ours = result["build"].get("ours", {})
    for name, builds in result["build"].items():
        for processes, one in builds.items():
            mine = ours.get(processes) or ours.get("1")
            speed = mine and mine["characters_per_second"] / one["characters_per_second"]
            size = mine and one["bytes_over_text"] / mine["bytes_over_text"]
            rows.append(
                [
                    result["peers"][name]["label"],
                    f"{one['articles']:,}",
                    processes,
                    f"{one['seconds']:.1f}",
                    f"{one['characters_per_second'] / 1e6:.3f}",
                    _times(speed),
                    f"{one['bytes_over_text']:.2f}",
                    _times(size),
                    str(one["segments"]),
                    f"{one['peak_bytes'] / MB:,.0f}",
                    f"{one['articles_bytes'] / MB:,.0f}",
                ]
            )
    return _aligned(rows)


def _opening(result: Result) -> str:
    first = ["First query; worker", "ms, from disk", "×", "ms, from cache", "×"]
    rows = [[*first, "private MB", "×", "of it imports"]]
    cold, workers = result["cold"], result["workers"]
    for name in workers:
        first = cold.get(name, {})
        rows.append(
            [
                result["peers"][name]["label"],
                _ms(first.get("disk")),
                _ratio(first, cold.get("ours"), "disk"),
                _ms(first.get("cache")),
                _ratio(first, cold.get("ours"), "cache"),
                f"{workers[name]['served'] / MB:.0f}",
                _ratio(workers[name], workers.get("ours"), "served"),
                f"{workers[name]['imported'] / MB:.0f}",
            ]
        )
    return _aligned(rows)


def _queries(result: Result) -> str:
    rows = [["Queries, ms", "engine", "n", "p50", "p95", "p99", "× p50", "× p95", "found", "errors"]]
    for kind in KINDS:
        row = result["queries"].get(kind, {})
        for position, (name, one) in enumerate(row.items()):
            mine = one.get("ours", row.get("ours"))
            found = result["found"].get(kind, {}).get(name)
            rows.append(
                [
                    kind if position == 0 else "",
                    result["peers"][name]["label"],
                    str(one["n"]),
                    *(_ms(one.get(name)) for name in ("p50", "p95", "p99")),
                    _ratio(one, mine, "p50"),
                    _ratio(one, mine, "p95"),
                    "" if found is None else f"{found:.2f}",
                    str(one.get("errors", "")),
                ]
            )
    first = "found: articles found over articles there are, by a plain scan, on the questions checked."
    return _aligned(rows) + "\n" + first + _floors(result)


def _floors(result: Result) -> str:
    if not result["floor"]:
        return ""
    speed = result["machine"]["read_bytes_per_second"] / 1e3
    floors = (
        f"{kind} {bytes_['p50'] / speed:.3f}/{bytes_['p95'] / speed:.3f}"
        for kind, bytes_ in result["floor"].items()
        if kind.endswith("plain")
    )
    return "\nReading all postings of a query's terms once, at 3 bytes, p50/p95 ms: " + "; ".join(floors)


def _checks(result: Result) -> str:
    lines = ["Answers (total, page, order by date and both counts against a plain scan)"]
    for name, one in result["answers"].items():
        lines.append(f"  {result['peers'][name]['label']}: {one['exact']} of {one['asked']} exact")
        lines += [
            f"    {wrong['kind']} {' '.join(wrong['words'])}: {wrong['total']}, scan {wrong['scan']}"
            for wrong in one["wrong"]
        ]
    failed = {"first query": result["cold"], "worker": result["workers"], **result["queries"]}
    for kind, row in failed.items():
        lines += [f"  {kind}, {name}: {one['error']}" for name, one in row.items() if "error" in one]
    return "\n".join(lines)


def _goals(result: Result) -> str:
    rows = [["Goals", "goal", "is", ""]]
    for label, goal, value, good in _measured_goals(result):
        rows.append([label, goal, f"{value:.3g}", "reached" if good else "not reached"])
    return _aligned(rows)


def _measured_goals(result: Result) -> list[tuple[str, str, float, bool]]:
    found: list[tuple[str, str, float, bool]] = []

    def at_least(label: str, goal: float, value: float | None) -> None:
        if value is not None:
            found.append((label, f"≥ {goal:g}", value, value >= goal))

    def at_most(label: str, goal: float, value: float | None) -> None:
        if value is not None:
            found.append((label, f"≤ {goal:g}", value, value <= goal))

    for processes in ("1", "2"):
        at_least(f"index speed against stock, cores: {processes}", 30, _speed(result, "stock", processes))
        label = f"index speed against tantivy words, cores: {processes}"
        at_least(label, 1, _speed(result, "tantivy-words", processes))
    for name, goal in (("tantivy-words", 1), ("tantivy-terms", 1), ("fts5-words", 20), ("fts5-trigram", 20)):
        for figure in ("p50", "p95"):
            at_least(f"{figure} against {name}, worst kind", goal, _worst(result, name, figure))
    mine = [row["ours"]["p95"] for row in result["queries"].values() if "p95" in row.get("ours", {})]
    at_most("p95 of the slowest kind, ms", 50 if result["size"] > 200_000 else 10, max(mine, default=None))
    at_most("first query in a fresh process, ms", 100, result["cold"].get("ours", {}).get("disk"))
    builds = list(result["build"].get("ours", {}).values())
    if builds:
        at_most("index over text", 2.0, builds[-1]["bytes_over_text"])
        at_most("peak memory of a build, MB", 4_000, builds[-1]["peak_bytes"] / MB)
        at_most("minutes of a build", 20, builds[-1]["seconds"] / 60)
        at_most("private memory of a worker, MB", 150, result["workers"]["ours"]["served"] / MB)
    return found


def _speed(result: Result, name: str, processes: str) -> float | None:
    mine, theirs = (result["build"].get(one, {}).get(processes) for one in ("ours", name))
    return mine["characters_per_second"] / theirs["characters_per_second"] if mine and theirs else None


def _worst(result: Result, name: str, figure: str) -> float | None:
    ratios = []
    for row in result["queries"].values():
        theirs = row.get(name, {})
        ours = theirs.get("ours", row.get("ours", {}))
        if theirs.get(figure) and ours.get(figure):
            ratios.append(theirs[figure] / ours[figure])
    return min(ratios, default=None)


def growth(results: Sequence[Result]) -> str:
    """How p95 grew from one size to the next; empty for a single size."""
    lines = []
    for small, large in pairwise(results):
        more = large["size"] / small["size"]
        lines.append(f"p95 of this project from {small['size']:,} to {large['size']:,} articles (× {more:g})")
        for kind, row in large["queries"].items():
            before, after = (one.get("ours", {}).get("p95") for one in (small["queries"].get(kind, {}), row))
            if before and after:
                lines.append(f"  {kind:<16} × {after / before:.1f}")
    return "\n".join(lines)


def _ratio(theirs: Result, ours: Result | None, figure: str) -> str:
    if not ours or not ours.get(figure) or figure not in theirs:
        return ""
    return _times(theirs[figure] / ours[figure])


def _times(ratio: float | None) -> str:
    return "" if not ratio else f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}" if value < 10 else f"{value:,.1f}"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    """Columns of equal width, words to the left and figures to the right."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    left = [not any(map(_is_figure, column[1:])) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = (_padded(*cell) for cell in zip(row, widths, left, strict=True))
        lines.append("  ".join(cells).rstrip())
    return "\n".join([lines[0], "-" * max(map(_width, lines)), *lines[1:]])


def _is_figure(cell: str) -> bool:
    return cell[:1].isdigit()


def _padded(cell: str, width: int, left: bool) -> str:
    space = " " * (width - _width(cell))
    return cell + space if left else space + cell


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


if __name__ == "__main__":
    kept = sorted((json.loads(Path(name).read_text()) for name in sys.argv[1:]), key=itemgetter("size"))
    print("\n".join(map(render, kept)) + growth(kept))
