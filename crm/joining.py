"""Make one row of two, field by field, and two of one again: what the merges of employers and of people share.

What belongs to the row that goes moves to the one that is kept. The row that goes stays and leads there, so that old links
and the record still say whom they meant.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct

from crm.database import execute, fetch
from crm.errors import Invalid
from crm.translation import _, ngettext

NONE = ("", None)


class Undone(Struct, frozen=True):
    """What stays as it is, because someone changed it since the merge."""

    fields: list[str]
    rows: int


def asked(typed: Mapping[str, Any], names: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Which of two side by side stays ("left" or "right"), and of each field whose value is right ("kept" or "gone"). Raises `Invalid`."""
    keep = typed.get("keep")
    if keep not in ("left", "right"):
        raise Invalid(_("Choose which of the two stays."))
    return keep, {name: "kept" if side == keep else "gone" for name in names if (side := typed.get(name)) in ("left", "right")}


def told(undone: Undone, labels: Mapping[str, str]) -> str:
    """What is said after undoing: also what stays as it is."""
    said = _("They are two again.")
    if undone.fields:
        said += " " + _("Changed since, and left as it is: %(fields)s.") % {"fields": ", ".join(labels.get(name, name) for name in undone.fields)}
    if undone.rows:
        lines = ngettext("%(num)s line belongs elsewhere by now and stays.", "%(num)s lines belong elsewhere by now and stay.", undone.rows)
        said += " " + lines % {"num": undone.rows}
    return said


def taken(kept: Mapping[str, Any], gone: Mapping[str, Any], choices: Iterable[str], take: Mapping[str, str]) -> dict[str, Any]:
    """The fields that come from the one that goes: those that someone chose ("gone"), and those that the kept one lacks."""
    return {name: gone[name] for name in choices if take.get(name) == "gone" or (not take.get(name) and kept[name] in NONE)}


def taken_back(kept: Mapping[str, Any], made: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are as the merge left them, as they were before."""
    return {name: value for name, value in made["before"].items() if kept[name] == made["after"][name]}


async def move(tables: Iterable[str], column: str, kept_id: UUID, gone_id: UUID, *, but: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    """Move the rows; their ids by table. `but`: by table, which rows `t` stay behind, as SQL ($1 the one kept)."""
    moved = {}
    for table in tables:
        stays = f" and not ({but[table]})" if but and table in but else ""
        found = await fetch(f"update {table} t set {column} = $1 where t.{column} = $2{stays} returning t.id", kept_id, gone_id)
        moved[table] = [str(row["id"]) for row in found]
    return moved


async def move_back(tables: Iterable[str], column: str, made: Mapping[str, Any]) -> int:
    """The rows that moved and belong to the kept one still; how many belong to another by now."""
    stayed = 0
    for table in tables:
        moved = [UUID(key) for key in made["moved"].get(table, [])]
        stayed += len(moved) - await execute(f"update {table} set {column} = $1 where id = any($3) and {column} = $2", made["gone_id"], made["kept_id"], moved)
    return stayed
