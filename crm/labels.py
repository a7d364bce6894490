"""Values of choices in words. The keys are stored; the words are translated where they are shown."""

from crm.translation import lazy_

LABELS = {
    "en": lazy_("English"), "es": lazy_("Spanish"),
    "call": lazy_("Call"), "email": lazy_("Email"), "visit": lazy_("Visit"), "meeting": lazy_("Meeting"),
    "event": lazy_("Event"), "note": lazy_("Note"), "letter": lazy_("Letter"), "stage_move": lazy_("Stage move"),
    "document": lazy_("Document"), "import": lazy_("Import"), "system": lazy_("Program"),
    "in": lazy_("They did"), "out": lazy_("We did"),
    "phone": lazy_("Phone"), "text": lazy_("Text message"),
    "private": lazy_("Private company"), "nonprofit": lazy_("Nonprofit"), "public": lazy_("Public body"),
    "tribal": lazy_("Tribal body"), "self_employed": lazy_("Self-employed"),
    "prospect": lazy_("Prospect"), "active": lazy_("Active"), "inactive": lazy_("Inactive"), "closed": lazy_("Closed"),
    "school": lazy_("School"), "district": lazy_("District"), "intermediary": lazy_("Intermediary"),
    "chamber": lazy_("Chamber of commerce"),
    "no_staff_time": lazy_("No staff time"), "insurance_or_minors": lazy_("Insurance or minors"),
    "no_suitable_tasks": lazy_("No suitable tasks"), "pay": lazy_("Pay"), "remote": lazy_("Remote work"),
    "bad_experience": lazy_("Bad past experience"), "timing": lazy_("Timing"), "other": lazy_("Another reason"),
    "state_admin": lazy_("State administrator"), "state_analyst": lazy_("State analyst"),
    "board_manager": lazy_("Board manager"), "board_staff": lazy_("Board staff"), "partner": lazy_("Partner"),
    "auditor": lazy_("Auditor"), "employer_owner": lazy_("Employer, owner"), "employer_member": lazy_("Employer, member"),
    "verified": lazy_("Verified"), "second_hand": lazy_("Second-hand, needs review"),
    "recalled": lazy_("Needs review"), "entered": lazy_("Corrected by staff"),
    "queued": lazy_("Waiting"), "running": lazy_("Running"), "done": lazy_("Done"), "failed": lazy_("Failed"),
    "stopped": lazy_("Stopped"), "on": lazy_("On"), "off": lazy_("Off"), "quarantined": lazy_("Quarantined"),
    "created": lazy_("New"), "updated": lazy_("Updated"), "unchanged": lazy_("Unchanged"), "merged": lazy_("Merged"),
    "rejected": lazy_("Rejected"), "met": lazy_("Met"), "not_met": lazy_("Not met"), "unknown": lazy_("Not known"),
    "hiatus": lazy_("Lapsed, waiting for renewal"), "sunset": lazy_("Ended"), "capped": lazy_("Funds used up"),
    "proposed": lazy_("Proposed, not law"),
    "yes": lazy_("Yes"), "no": lazy_("No"),
}  # fmt: skip
