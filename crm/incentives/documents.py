"""The estimate on paper."""

from typing import Any

from crm.documents import Document
from crm.translation import lazy_


def _sample() -> dict[str, Any]:
    return {
        "employer": {"name": "Peña & Daughters Machine Shop"}, "establishment": None, "as_of": "2026-11-23", "about": [],
        "prepared_by": None,
        "estimates": [
            {
                "program": "sample", "title": "Sample credit", "agency": "Sample agency", "version": "2025-01-01",
                "status": "active", "status_sentence": "", "eligible": "yes", "amount": "2400.00", "potential_amount": None,
                "trace": [{"what": "Credit", "formula": "40 % × $6,000", "numbers": {}, "result": "$2,400", "citation": "IRC §51"}],
                "conditions": [{"state": "met", "text": "A condition that is met.", "citation": "IRC §51"}], "missing": [],
                "deadlines": [], "warnings": [], "citations": ["IRC §51"],
            }
        ],
    }  # fmt: skip


ESTIMATE = Document(
    name="estimate", title=lazy_("Incentive estimate"), template="documents/estimate.html", css="documents/estimate.css",
    sample=_sample,
)  # fmt: skip
