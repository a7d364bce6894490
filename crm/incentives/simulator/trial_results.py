"""What may be told of a simulation: sums and counts, and of fewer than ten hires none. As plain values, to be kept.

Of recorded hires all is held back that would tell of fewer than ten: a draft can be written so that it reaches one person. Of a file that the office brought
itself, sums are told and only small groups held back.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crm.incentives.simulator.simulation import Pool, Simulated, Simulation, difference
from crm.incentives.simulator.small_groups import LEAST, hidden
from crm.rulebook.amounts import rounded

MOST_FINDINGS = 200  # that are kept with their words
ALL = 1  # a count from which nothing is held back


def told(found: Simulation, *, recorded: bool) -> dict[str, Any]:
    """None stands for what is held back."""
    least = LEAST if recorded else ALL
    shown: dict[str, Any] = {
        "rows": found.rows, "found_wrong": len(found.findings), "findings": [list(each) for each in found.findings[:MOST_FINDINGS]],
        "programs": [_program(each, found.rows, least) for each in found.programs],
    }  # fmt: skip
    if len(found.programs) == 2:
        one, other = found.programs
        apart = difference(one, other)
        if 0 < apart.more + apart.less < least:  # the difference of the two would tell of these few
            shown["programs"].pop()
            return shown | {"too_alike": True}
        counts = {"more": apart.more, "less": apart.less, "same": found.rows - apart.more - apart.less}
        small = hidden(counts, least)
        shown["difference"] = {name: None if name in small else count for name, count in counts.items()}
    return shown


def _program(each: Simulated, rows: int, least: int) -> dict[str, Any]:
    parts = {"shut_out": each.shut_out, "not_eligible": each.not_eligible, "unknown": each.unknown}
    held_back = bool(hidden({"reached": each.reached, "rest": rows - each.reached}, least))
    small = frozenset(parts) if held_back else hidden(parts, least)
    sums: dict[str, Any] = {
        "reached": each.reached, "employers": each.employers, "cost": str(each.cost), "before_limits": str(each.before_limits),
        "average": str(rounded(each.cost / each.reached)) if each.reached else "0",
    }  # fmt: skip
    return {
        "program": each.program.id, "title": dict(each.program.name), **(dict.fromkeys(sums) if held_back else sums),
        **{name: None if name in small else count for name, count in parts.items()},
        "missing": [[key, count if count >= least else None] for key, count in each.missing],
        "pools": [] if held_back else _pools(each.pools, least),
        "groups": {label: [] if held_back else [[group.name, group.hires, None if group.cost is None else str(group.cost)] for group in groups]
                   for label, groups in each.groups.items()},
    }  # fmt: skip


def _pools(pools: tuple[Pool, ...], least: int) -> list[dict[str, Any]]:
    small = hidden({str(pool.year): pool.hires for pool in pools}, least)
    return [{"year": pool.year, "most": str(pool.most), "claimed": None if str(pool.year) in small else str(pool.claimed),
             "text": dict(pool.limit.what), "citation": pool.limit.citation} for pool in pools]  # fmt: skip


def decimal(found: Mapping[str, Any], name: str) -> Decimal | None:
    return None if found[name] is None else Decimal(found[name])
