"""Connecting Activities: the Commonwealth's sixteen workforce boards and the places that each serves, as dated data."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from crm.sdk import Network, NetworkBoard, Territory, rows

MARKS = ("verified", "second_hand", "recalled")
COUNTIES = ("Barnstable", "Berkshire", "Bristol", "Dukes", "Essex", "Franklin", "Hampden", "Hampshire", "Middlesex", "Nantucket",
            "Norfolk", "Plymouth", "Suffolk", "Worcester")  # fmt: skip
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
    """The whole network. Read once. Raises `RuleFileError` for a slip in one of its tables."""
    return read_network(FOLDER)


def read_network(folder: Path) -> Network:
    """The network whose three tables lie in the folder."""
    sources = {
        row["key"]: f"{row['source']} ({row['url']})"
        for row in rows(folder / "sources.csv", dict.fromkeys(("key", "source", "url")), once="key")
    }
    about: Mapping[str, Collection[str] | None] = {
        "board": None, "public_name": None, "region": None, "review_status": MARKS, "source": None, "url": None,
    }  # fmt: skip
    boards = [_board(row) for row in rows(folder / "boards.csv", about, once="board")]
    places: Mapping[str, Collection[str] | None] = {
        "municipality": None, "county": COUNTIES, "board": [board.name for board in boards],
        "planning_region": {board.region for board in boards}, "mark": MARKS, "source": None,
    }  # fmt: skip
    return Network(
        id="ma-connecting-activities", name="Connecting Activities", state="MA", valid_from=COMPILED,
        description="State-funded school-to-career network of the Department of Elementary and Secondary Education, "
        "carried by the sixteen local workforce boards (state budget line item 7027-0019).",
        source="Massachusetts Department of Elementary and Secondary Education, Connecting Activities (doe.mass.edu/connect)",
        boards=boards, aliases=ALIASES,
        territories=[_territory(row, sources) for row in rows(folder / "municipalities.csv", places, once="municipality")],
    )  # fmt: skip


def _board(row: dict[str, Any]) -> NetworkBoard:
    return NetworkBoard(
        code=code(row["board"]), name=row["board"], public_name=row["public_name"], region=row["region"], url=row["url"],
        source=row["source"], review_status=row["review_status"],
    )  # fmt: skip


def _territory(row: dict[str, Any], sources: dict[str, str]) -> Territory:
    """A municipality. A key that ends in -n tells only how many places the board has, not which."""
    _names, _plus, board_key = row["source"].partition("+")
    told = sources.get(board_key.removesuffix("-n"), "")
    if board_key.endswith("-n"):
        told = f"Recalled; the source gives the number of communities only: {told}"
    return Territory(
        kind="municipality", name=row["municipality"], county=row["county"], board=code(row["board"]), valid_from=COMPILED,
        source=told or "Recalled; no source seen for the board", review_status=row["mark"],
    )  # fmt: skip
