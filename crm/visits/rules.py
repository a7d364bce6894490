"""What to look at on a site visit, where each point comes from, and what a visit can lead to."""

from collections.abc import Mapping

from msgspec import Struct

from crm.engagements.forms import Outcome
from crm.translation import lazy_

OUTCOMES = {
    "agreed": lazy_("We agreed what comes next"), "open": lazy_("They will think about it"), "refused": lazy_("Not now"),
    "fine": lazy_("All is going well"), "problem": lazy_("Something must be put right"), "missed": lazy_("No one was there"),
}  # fmt: skip

# what the line on the timeline says came of it, in the words of all activities
LINE_OUTCOMES: dict[str, Outcome] = {"agreed": "interested", "open": "reached", "refused": "declined", "fine": "reached", "problem": "reached", "missed": "no_answer"}


class Point(Struct, frozen=True):
    """A point of the checklist: what is looked at, in words, and who asks for it."""

    text: str
    source: str
    url: str


# The code of a point is kept with the visits for ever; one that is asked no more moves to a list of the past, it is not taken away.
CHECKLIST = {
    "seen_tasks": Point(lazy_("The tasks are meaningful"), "JFF, Work-Based Learning Principles, 2",
                        "https://center4apprenticeship.jff.org/work-based-learning/key-prinicples/"),
    "seen_mentor": Point(lazy_("The learner has a mentor"), "JFF, Work-Based Learning Principles, 2",
                         "https://center4apprenticeship.jff.org/work-based-learning/key-prinicples/"),
    "seen_supervisor": Point(lazy_("Someone supervises who is neither teacher nor relative"), "NAFTrack, internship",
                             "https://www.burbankusd.org/domain/1709"),
    "seen_safe": Point(lazy_("The place is safe and supportive"), "NAF, Internship Gold Standards",
                       "http://www.acteonline.org/ctepolicywatch.post.aspx?id=3977&blogid=2289"),
    "seen_objectives": Point(lazy_("Learning objectives are set and assessed"), "NAF, Internship Gold Standards",
                             "http://www.acteonline.org/ctepolicywatch.post.aspx?id=3977&blogid=2289"),
    "seen_complaints": Point(lazy_("The complaint policy is posted, with more than one person to go to"), "EEOC advice, in a summary",
                             "https://healthcarecompliancepros.com/blog/hiring-teens-conduct-extra-harassment-training-first"),
    "seen_access": Point(lazy_("Learners with disabilities can take part"), "University of Washington, DO-IT, universal design",
                         "https://doit-prod.s.uw.edu/doit/equal-access-universal-design-career-services"),
}  # fmt: skip


def combined_version(*versions: int | None) -> int:
    """One number that grows with every change of the visit, its line or a task of it, and with nothing else."""
    return sum(version or 0 for version in versions)


def task_state(done: bool, dropped: bool) -> bool | None:
    """Whether the task is done; None when someone dropped it."""
    return None if dropped else done


def answered(values: Mapping[str, object]) -> dict[str, str]:
    """The points that were looked at."""
    return {code: str(values[code]) for code in CHECKLIST if values.get(code)}
