"""What a person can be told: what is wrong, where, what was found, what to do."""

import errno
from typing import Any

DISK_FULL = "53100"  # as PostgreSQL says it
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class UserError(Exception):
    """A problem in words for a person. `fields` says what is wrong beside each field of a form."""

    status = 400
    code = "problem"
    exit_code = 2  # of a command that ends with it: 2 when what was asked is wrong, 1 when the circumstances are

    def __init__(self, message: str, *, detail: str = "", fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.fields = fields or {}
        self.more: dict[str, Any] = {}  # what a program is told besides


class SignInNeeded(UserError):
    status = 401
    code = "sign_in"


class Denied(UserError):
    status = 403
    code = "denied"


class NotFound(UserError):
    status = 404
    code = "not_found"


class Conflict(UserError):
    """Someone else changed the same thing meanwhile."""

    status = 409
    code = "conflict"


class Outdated(UserError):
    """The request was made for an earlier version of the thing."""

    status = 412
    code = "outdated"


class VersionNeeded(UserError):
    """A change must say which version it was made for."""

    status = 428
    code = "version_needed"


class Invalid(UserError):
    status = 422
    code = "invalid"


class TooMany(UserError):
    """Too often. `wait` is how many seconds until trying again helps."""

    status = 429
    code = "too_many"

    def __init__(self, message: str, *, wait: int = 5) -> None:
        super().__init__(message)
        self.wait = wait


class Unavailable(UserError):
    """A part that we need does not answer; trying again may help."""

    status = 503
    code = "unavailable"


def is_full(problem: BaseException) -> bool:
    """Whether it says that a disk, ours or the database's, has no room."""
    return getattr(problem, "sqlstate", "") == DISK_FULL or (isinstance(problem, OSError) and problem.errno in NO_ROOM)
