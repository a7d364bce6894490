"""Federal employer incentives: data alone, beside this file."""

from crm.sdk import Manifest

manifest = Manifest(
    title="Federal programs",
    description="The Work Opportunity Tax Credit, for all target groups and for exempt employers, with its legal status by date.",
)
