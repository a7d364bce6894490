"""The estimate on paper."""

import json
from typing import Any

from crm.documents import Document
from crm.translation import lazy_


def _sample() -> dict[str, Any]:
    from crm.templating import templates_folder

    text = (templates_folder() / "documents" / "estimate.sample.json").read_text(encoding="utf-8")
    sample: dict[str, Any] = json.loads(text)
    return sample


ESTIMATE = Document(
    name="estimate", title=lazy_("Incentive estimate"), template="documents/estimate.html", css="documents/estimate.css",
    sample=_sample,
)  # fmt: skip
