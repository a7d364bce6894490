"""West Virginia's employer incentives: data alone, beside this file."""

from crm.sdk import Manifest

manifest = Manifest(
    title="West Virginia",
    description="West Virginia's apprenticeship training tax credit.",
)
