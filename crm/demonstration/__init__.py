"""An invented but plausible Massachusetts: real towns and board names, invented people and companies."""

from crm.demonstration.loading import load_demonstration
from crm.demonstration.people import PASSWORD, PERSONAS, sign_ins

__all__ = ["PASSWORD", "PERSONAS", "load_demonstration", "sign_ins"]
