"""The federal employer number: checked, sealed, and found by its keyed hash."""

import string
from uuid import UUID

from crm import sealing
from crm.errors import Invalid
from crm.translation import _


def tidy_fein(text: str) -> str:
    """Nine digits, or empty. Raises `Invalid` for anything else."""
    digits = "".join(c for c in text if c in string.digits)
    if not digits:
        return ""
    if len(digits) != 9 or len(set(digits)) == 1:
        raise Invalid(
            _("A FEIN has nine digits, as in 12-3456789."),
            fields={"fein": _("A FEIN has nine digits, as in 12-3456789.")},
        )
    return digits


def fein_hash(digits: str) -> bytes:
    return sealing.keyed_hash(digits, "employer.fein")


def fein_hashes(digits: str) -> list[bytes]:
    """Under the key that seals now and under each earlier one: an employer not sealed anew yet is found by these."""
    return sealing.keyed_hashes(digits, "employer.fein")


def seal_fein(digits: str, employer_id: UUID) -> bytes:
    return sealing.seal(digits, "employer", "fein", employer_id)


def open_fein(value: bytes, employer_id: UUID) -> str:
    digits = sealing.open_sealed(value, "employer", "fein", employer_id)
    return f"{digits[:2]}-{digits[2:]}"
