"""Washington's employer incentives: data alone, beside this file."""

from crm.sdk import Manifest

manifest = Manifest(
    title="Washington",
    description="Washington's credit for customized employment training and the State Work Study program.",
)
