"""Connecting Activities: the Commonwealth's sixteen workforce boards and the places that each serves, as dated data."""

import csv
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

from crm.sdk import Network, NetworkBoard, Territory

FOLDER = Path(__file__).parent / "networks"
# The day on which the list of municipalities was put together; membership is set by the state and can change.
COMPILED = date(2026, 11, 23)
# Spellings that people type: the state's own name stands on the right.
ALIASES = {
    "Manchester": "Manchester-by-the-Sea", "Gay Head": "Aquinnah", "Foxboro": "Foxborough", "Tyngsboro": "Tyngsborough",
    "Middleboro": "Middleborough", "Marlboro": "Marlborough", "Southboro": "Southborough", "Westboro": "Westborough",
    "Northboro": "Northborough", "Boxboro": "Boxborough", "North Attleboro": "North Attleborough",
    "Lanesboro": "Lanesborough", "Mt. Washington": "Mount Washington", "Mt Washington": "Mount Washington",
}  # fmt: skip


def code(board: str) -> str:
    """Our stable code of a board: its short name in letters and hyphens."""
    kept = "".join(c.lower() if c.isalnum() else "-" for c in board)
    return "ma-" + "-".join(part for part in kept.split("-") if part)


@cache
def network() -> Network:
    """The whole network. Read once."""
    sources = {row["key"]: f"{row['source']} ({row['url']})" for row in _rows("sources")}
    boards = [
        NetworkBoard(
            code=code(row["board"]), name=row["board"], public_name=row["public_name"], region=row["region"], url=row["url"],
            source=row["source"], review_status=row["review_status"],
        )
        for row in _rows("boards")
    ]  # fmt: skip
    return Network(
        id="ma-connecting-activities", name="Connecting Activities", state="MA", valid_from=COMPILED,
        description="State-funded school-to-career network of the Department of Elementary and Secondary Education, "
        "carried by the sixteen local workforce boards (state budget line item 7027-0019).",
        source="Massachusetts Department of Elementary and Secondary Education, Connecting Activities (doe.mass.edu/connect)",
        boards=boards, territories=[_territory(row, sources) for row in _rows("municipalities")], aliases=ALIASES,
    )  # fmt: skip


def _territory(row: dict[str, str], sources: dict[str, str]) -> Territory:
    """A municipality. A key that ends in -n tells only how many places the board has, not which."""
    _names, _plus, board_key = row["source"].partition("+")
    told = sources.get(board_key.removesuffix("-n"), "")
    if board_key.endswith("-n"):
        told = f"Recalled; the source gives the number of communities only: {told}"
    return Territory(
        kind="municipality", name=row["municipality"], county=row["county"], board=code(row["board"]), valid_from=COMPILED,
        source=told or "Recalled; no source seen for the board", review_status=row["mark"],  # type: ignore[arg-type]
    )  # fmt: skip


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
