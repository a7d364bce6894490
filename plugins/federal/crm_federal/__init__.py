"""Federal employer incentives: data alone, beside this file."""

from crm.sdk import Manifest

manifest = Manifest(
    title="Federal programs",
    description="The Work Opportunity Tax Credit, training money of workforce boards, bonds, and tax breaks for access, with their status by date.",
)
