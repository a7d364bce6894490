"""May someone join the directory? Asked inside the action that adds them, so that two who add one employer at once add one."""

from uuid import UUID

from crm.actions import Act
from crm.database import execute_many, fetch_value
from crm.employers.matching.candidates import Candidate, Found, candidates, facts_of_all
from crm.employers.matching.keys import Facts
from crm.employers.matching.policy import Policy, Source, policy_of, stricter
from crm.employers.matching.scoring import LIKELY
from crm.errors import Conflict
from crm.translation import _


class LikelyDuplicate(Conflict):
    """Someone like this is here already. `final`: saying that it is another employer does not help."""

    def __init__(self, found: Found, *, final: bool) -> None:
        super().__init__(" ".join([*_told(found), _final() if final else _("Say that this is another employer, and why, to add it all the same.")]))
        self.found = found
        self.final = final
        self.more = {
            "candidates": [{"id": str(each.employer["id"]), "name": each.employer["name"], "score": each.score, "reasons": each.reasons}
                           for each in found.candidates],
            "elsewhere": bool(found.hidden),
        }  # fmt: skip


def _told(found: Found) -> list[str]:
    names = "; ".join(f"{each.employer['name']} ({each.employer['id']})" for each in found.candidates)
    said = [_("Someone like this is here already: %(names)s.") % {"names": names}] if names else []
    return [*said, elsewhere()] if found.hidden else said


def elsewhere() -> str:
    return _("A match exists in another board: ask.")


def _final() -> str:
    return _("The state office lets no one add a likely duplicate this way.")


async def admit(act: Act, facts: Facts, source: Source, *, reason: str = "", asked: Policy = "queue") -> Found:
    """Whom it may be as well. Raises `LikelyDuplicate` where the policy of the way in, or a stricter one that was asked for, says so."""
    await fetch_value("select pg_advisory_xact_lock(hashtext('employer:' || $1))", facts.names[0])
    found = await candidates(act.actor, facts)
    policy = stricter(await policy_of(source), asked)
    if found and (policy == "block" or (policy == "warn" and not reason)):
        raise LikelyDuplicate(found, final=policy == "block")
    return found


async def keep(act: Act, employer_id: UUID, found: Found, *, reason: str) -> None:
    """What was found beside a new employer: decided by whoever saw it and gave a reason, or for the queue."""
    if reason and found.candidates:
        await _keep_pairs(employer_id, found.candidates, "apart", act.actor.account_id)
        act.record("employer", employer_id, verb="duplicate.apart", employer_id=employer_id,
                   after={"reason": reason, "beside": [each.employer["id"] for each in found.candidates]})  # fmt: skip
    open_ones = found.hidden if reason else found.all
    await _keep_pairs(employer_id, tuple(each for each in open_ones if each.score >= LIKELY), "open", None)


async def _keep_pairs(employer_id: UUID, found: tuple[Candidate, ...], state: str, decided_by: UUID | None) -> None:
    await execute_many(
        "insert into duplicate_pair (left_id, right_id, score, why, state, decided_by, decided_at) values (least($1::uuid, $2::uuid), "
        "greatest($1::uuid, $2::uuid), $3, $4, $5, $6, case when $5 = 'apart' then now() end) on conflict (left_id, right_id) do nothing",
        [(employer_id, each.employer["id"], each.score, each.why, state, decided_by) for each in found],
    )  # fmt: skip


async def queue_beside(act: Act, employer_id: UUID) -> None:
    """For one that is here and whose names changed: whom it looks like now goes into the queue."""
    facts = await facts_of_all([employer_id])
    await keep(act, employer_id, await candidates(act.actor, facts[employer_id], but=employer_id), reason="")
