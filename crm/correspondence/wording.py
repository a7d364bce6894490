"""What was decided of a message and why, in sentences."""

from collections.abc import Mapping
from typing import Any

from crm.translation import _, lazy_

REASONS = {
    "": lazy_("It is kept, and is about to be read."),
    "unreadable": lazy_("It cannot be read (%(problem)s). Its bytes are kept: download it, or have it read again."),
    "seen": lazy_("It says the same as one that came before."),
    "ours": lazy_("It is a mail of ours that came back."),
    "mass": lazy_("It comes from a mailing list, or was sent to many."),
    "automatic": lazy_("It is an automatic answer, such as “I am away”. No one wrote it, so it stops nothing."),
    "perhaps_you": lazy_("It says it is from a colleague, and came to the address that everyone may use. Whoever wrote it says so by filing it."),
    "no_one_known": lazy_("The directory knows none of the addresses."),
    "several_places": lazy_("%(address)s is known at several employers."),
    "no_place": lazy_("%(address)s is known, but at no employer now."),
    "which_board": lazy_("%(address)s is known, but not which board works with them."),
    "several_people": lazy_("%(address)s belongs to several people."),
    "to_known": lazy_("A colleague wrote to %(address)s."),
    "forwarded": lazy_("A colleague forwarded it; its text names %(address)s as its writer."),
    "from_known": lazy_("It says it is from %(address)s."),
    "from_moved": lazy_("It says it is from %(address)s, who left %(left)s and works here now."),
    "answers_moved": lazy_("It answers our mail to %(address)s, who has left %(left)s since and works here now."),
    "answers": lazy_("It answers our mail to %(address)s."),
    "answers_from_elsewhere": lazy_("It answers our mail to %(address)s, from another address."),
    "report_unknown": lazy_("A mail system reports on a mail that is none of ours, so nothing was marked."),
    "report_delayed": lazy_("Our mail to %(address)s is late; it is still being tried."),
    "bounced": lazy_("Our mail to %(address)s came back for good: %(said)s. The address is marked."),
    "bounced_for_now": lazy_("Our mail to %(address)s came back, and may arrive another time: %(said)s."),
    "complained": lazy_("%(address)s reported our mail as unwanted. They get none from now on."),
    "too_large": lazy_("It is larger than the program takes in. It is still in the mailbox."),
    "empty": lazy_("It is empty."),
    "by_hand": lazy_("Filed by a person."),
    "put_aside": lazy_("Put aside by a person."),
    "brought_back": lazy_("Brought back by a person."),
}  # fmt: skip

PROBLEMS = {
    "headers": lazy_("it has no head"), "nested": lazy_("it is nested too deep"), "slow": lazy_("reading it took too long"),
    "fell": lazy_("reading it took too much, and was ended"),
}  # fmt: skip

PROOFS = {
    "dmarc": lazy_("Sender proved by their domain (DMARC)"), "dkim": lazy_("Sender proved by a signature (DKIM)"),
    "spf": lazy_("Sender proved by their server (SPF)"), "": lazy_("Sender not proved"),
}  # fmt: skip

NOTES = {
    "kind": lazy_("of a kind that is not kept as a file; it is in the whole message"),
    "content": lazy_("not what its name says, or too large; it is in the whole message"),
}  # fmt: skip


def sentence(reason: str, values: Mapping[str, Any]) -> str:
    problem = values.get("problem", "")
    said = {"address": values.get("address", ""), "said": values.get("said", ""), "left": values.get("left", ""), "problem": _(PROBLEMS[problem]) if problem in PROBLEMS else problem}
    return _(REASONS.get(reason, REASONS[""])) % said
