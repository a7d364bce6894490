"""Colorado's employer incentives: data alone, beside this file."""

from crm.sdk import Manifest

manifest = Manifest(
    title="Colorado",
    description="Colorado's apprenticeship tax credit, its grants for work-based learning, and those that ended.",
)
