"""Recorded hires, to try rules over: part by part, with all that is known of each, or as rows of labels and facts like those of a file.

They are read for sums, on behalf of the state office, and so beside the gate: who may see no hire may learn how many there are. Sealed answers are opened only
for those who may read them; for others they count as not known, since a draft could be written so that its sums tell of one person.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from uuid import UUID

from crm.database import Record, fetch, fetch_value, transaction
from crm.incentives import told
from crm.incentives.simulator.hire_files import HireFile, Row
from crm.incentives.told import Known

PART = 500
FEDERAL = "US"
Part = Sequence[tuple[Record, Mapping[str, Known]]]


async def years() -> list[int]:
    """In which anyone began to work, the last first."""
    return [row["year"] for row in await fetch("select distinct extract(year from starts_on)::int as year from hire "
                                               "where archived_at is null and starts_on is not null order by 1 desc")]  # fmt: skip


async def count(year: int | None) -> int:
    async with transaction(read_only=True):
        return int(await fetch_value("select count(*) from hire h where h.archived_at is null and ($1::int is null or extract(year from h.starts_on) = $1)", year))


async def parts(year: int | None, states: Collection[str], *, but_sealed: bool) -> AsyncIterator[tuple[int, Part]]:
    """How many were looked at, and those of them who work in these states, or wherever it is not known. `FEDERAL` stands for all states."""
    after = UUID(int=0)
    while True:
        async with transaction(read_only=True):
            rows = await fetch(f"{told.HIRES} where h.archived_at is null and ($1::int is null or extract(year from h.starts_on) = $1) and h.id > $2 "
                               f"order by h.id limit {PART}", year, after)  # fmt: skip
            here = [row for row in rows if FEDERAL in states or told.place_of(row) in {"", *states}]
            known = await told.of_many(here, but_sealed=but_sealed)
        if not rows:
            return
        yield len(rows), [(row, known[row["id"]]) for row in here]
        after = rows[-1]["id"]


def as_file(found: Iterable[tuple[Mapping[str, object], Mapping[str, Known]]], group: str) -> HireFile:
    """Rows as a file has them. `group`: the key of the fact that says to which group of learners one belongs; empty for none."""
    listed = [(row, told.texts_of(known)) for row, known in found]
    keys = tuple(sorted({key for _row, texts in listed for key in texts}))
    rows = [Row(number, _labels(row, texts.get(group, "")), tuple(texts.get(key, "") for key in keys)) for number, (row, texts) in enumerate(listed, start=1)]
    return HireFile(keys, tuple(rows), ())


def _labels(row: Mapping[str, object], group: str) -> tuple[str, ...]:
    return str(row["employer_id"]), str(row["size_band"] or ""), str(row["board"]), str(row["sector"] or ""), group
