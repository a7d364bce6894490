"""What happened with an employer, newest first, and who else is in touch."""

from datetime import date, datetime
from uuid import UUID

from crm.access import Actor, visible
from crm.database import Record, fetch
from crm.sql import TRUE, Sql, both

PAGE = 30


async def timeline(
    actor: Actor, employer_id: UUID, *, before: datetime | None = None, before_id: UUID | None = None, kind: str = ""
) -> list[Record]:
    """The activities of the boards whose notes the actor may see, and the program's own lines."""
    where = both(
        [
            Sql("y.employer_id = {} and y.removed_at is null", employer_id),
            Sql("({} or y.board_id is null)", visible(actor, "activity", "y")),
            Sql("(y.at, y.id) < ({}, {})", before, before_id) if before and before_id else TRUE,
            Sql("y.kind = {}", kind) if kind else TRUE,
        ]
    )
    return await fetch(
        Sql(
            "select y.*, a.name as by_name, b.name as board_name, c.given_name, c.family_name, f.name as file_name, "
            "s.name_en as stage_en, s.name_es as stage_es from activity y left join account a on a.id = y.logged_by "
            "left join board b on b.id = y.board_id left join contact c on c.id = y.contact_id "
            "left join stored_file f on f.id = y.file_id "
            "left join stage s on y.kind = 'stage_move' and s.code = y.summary and s.pipeline_id = "
            "(select g.pipeline_id from engagement g where g.id = y.engagement_id) "
            f"where {{}} order by y.at desc, y.id desc limit {PAGE}",
            where,
        )
    )


async def in_touch(actor: Actor, employer_id: UUID, today: date) -> list[Record]:
    """Each board that is in touch: its stage and counts, and the facts that it shares. What was said stays with the board."""
    boards = sorted(actor.board_ids, key=str)
    return await fetch(
        Sql(
            "select b.name as board_name, s.name_en as stage_en, s.name_es as stage_es, s.kind, g.id, g.board_id, g.stage_id, g.stage_since, "
            "case when k.next_step then g.next_step end as next_step, case when k.next_step then g.next_step_due end as next_step_due, "
            "case when k.slots then g.slots end as slots, case when k.owner then g.owner_id end as owner_id, "
            "case when k.owner then (select a.name from account a where a.id = g.owner_id) end as owner_name, "
            "case when k.tasks then (select count(*) from task t where t.employer_id = g.employer_id and t.board_id = g.board_id "
            "and t.done_at is null and t.dropped_at is null) end as open_tasks, case when k.own then g.reason end as reason, "
            "g.version, g.updated_at, g.pipeline_id, p.code as pipeline_code, p.name_en as pipeline_en, p.name_es as pipeline_es, "
            "(select count(*) from activity y where y.employer_id = g.employer_id and y.board_id = b.id and y.removed_at is null "
            "and y.kind in ('call', 'email', 'visit', 'meeting', 'event', 'letter') "
            "and y.at > now() - interval '90 days') as contacts "
            "from engagement g join board b on b.id = g.board_id join stage s on s.id = g.stage_id join pipeline p on p.id = g.pipeline_id "
            "left join lateral (select array_agg(part) as parts from shared_part h, unnest(h.parts) part where h.employer_id = g.employer_id "
            "and h.from_board_id = g.board_id and h.to_board_id = any({}) and h.revoked_at is null and h.until >= {}) h on true "
            "cross join lateral (select own, own or 'next_step' = any(h.parts) as next_step, own or 'slots' = any(h.parts) as slots, "
            "own or 'owner' = any(h.parts) as owner, own or 'tasks' = any(h.parts) as tasks from (select {} as own) o) k "
            "where g.employer_id = {} and g.archived_at is null order by p.position, g.updated_at desc limit 40",
            boards, today, visible(actor, "engagement", "g"), employer_id,
        )
    )


async def open_tasks(actor: Actor, employer_id: UUID) -> list[Record]:
    return await fetch(
        Sql(
            "select t.*, a.name as assignee from task t left join account a on a.id = t.assignee_id "
            "where t.employer_id = {} and t.done_at is null and t.dropped_at is null and {} order by t.due nulls last, t.created_at limit 20",
            employer_id, visible(actor, "task", "t"),
        )  # fmt: skip
    )
