"""Tennessee's employer incentives: data alone, beside this file."""

from crm.sdk import Manifest

manifest = Manifest(
    title="Tennessee",
    description="Tennessee's tax credit for jobs of persons with disabilities, the Youth Employment Program, and the grants for apprenticeship and work-based learning.",
)
