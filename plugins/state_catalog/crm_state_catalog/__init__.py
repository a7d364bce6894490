"""Employer incentives of the states: data alone, beside this file."""

from crm.sdk import Manifest

manifest = Manifest(
    title="State catalog",
    description="Employer incentives of twenty-eight states for apprentices, interns and new hires, each with its legal status by date.",
)
