"""What there is on paper: the estimate for the employer, the packet of a case for the board, the days to keep, and a year."""

import json
from functools import partial
from typing import Any

from crm.documents import Document
from crm.translation import lazy_


def _sample(name: str) -> dict[str, Any]:
    from crm.templating import templates_folder

    text = (templates_folder() / "documents" / f"{name}.sample.json").read_text(encoding="utf-8")
    sample: dict[str, Any] = json.loads(text)
    return sample


ESTIMATE = Document(
    name="estimate", title=lazy_("Incentive estimate"), template="documents/estimate.html", css="documents/estimate.css",
    sample=partial(_sample, "estimate"),
)  # fmt: skip
PACKET = Document(
    name="packet", title=lazy_("Claim packet"), template="documents/packet.html", css="documents/packet.css", sample=partial(_sample, "packet"),
)  # fmt: skip
CALENDAR = Document(
    name="calendar", title=lazy_("Days to keep"), template="documents/calendar.html", css="documents/overview.css", sample=partial(_sample, "calendar"),
)  # fmt: skip
YEAR = Document(
    name="year", title=lazy_("Incentives of the year"), template="documents/year.html", css="documents/overview.css", sample=partial(_sample, "year"),
)  # fmt: skip
