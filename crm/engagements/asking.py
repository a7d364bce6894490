"""Ask the board that has an employer one may not see: it hears who asks and for whom, and whoever asks hears no more than that."""

from crm.access import Actor, Permission, require
from crm.actions import acting
from crm.database import execute, fetch_one
from crm.employers.actions import facts_of
from crm.employers.forms import NewEmployerForm
from crm.employers.matching.candidates import candidates
from crm.errors import NotFound
from crm.translation import _


async def ask_elsewhere(actor: Actor, form: NewEmployerForm) -> None:
    """A task for each board that has a match: for whoever leads its conversation, else for whoever takes it first.

    Raises `NotFound` where no board has one. Asked again while that is open, nothing is added.
    """
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "match.asked") as act:
        found = (await candidates(actor, facts_of(form))).hidden
        if not found:
            raise NotFound(_("No other board has a match for this any more."))
        asker = await fetch_one("select a.name, a.email, b.name as board from account a left join board b on b.id = $2 where a.id = $1",
                                actor.account_id, actor.home_board)  # fmt: skip
        assert asker is not None
        title = _("Another board asks about this employer")
        note = _("%(name)s (%(board)s) was about to add “%(typed)s”, %(city)s. Write to them: %(email)s") % {
            "name": asker["name"], "board": asker["board"] or _("state office"), "typed": form.name, "city": form.city or _("no town"), "email": asker["email"],
        }  # fmt: skip
        for each in found:
            await execute(
                "insert into task (board_id, employer_id, title, note, assignee_id, created_by) select $1, $2, $3, $4, (select account_id "
                "from outreach_claim where employer_id = $2 and board_id = $1 and released_at is null and expires_at > now()), $5 "
                "where $1::uuid is not null and not exists (select from task where employer_id = $2 and created_by = $5 and title = $3 "
                "and done_at is null and dropped_at is null)",
                each.employer["board_id"], each.employer["id"], title, note, actor.account_id,
            )  # fmt: skip
            act.record("employer", each.employer["id"], board_id=each.employer["board_id"], employer_id=each.employer["id"],
                       after={"asked_about": form.name})  # fmt: skip
