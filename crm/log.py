"""Structured logs that hold ids, never values; and the id of the request that we are answering."""

import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import structlog

from crm.settings import Settings

_request_id: ContextVar[str] = ContextVar("crm_request_id", default="")


def request_id() -> str:
    """The id of the current request or job; empty outside one."""
    return _request_id.get()


def set_request_id(value: str) -> None:
    _request_id.set(value)


ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "logger", "request", "method", "route", "path", "status", "ms", "job", "attempt",
        "problem", "plugin", "hook", "worker", "exception", "exc_info", "count", "seconds",
    }
)  # fmt: skip


_VALUES = re.compile(r"\n(?:DETAIL|CONTEXT|HINT|QUERY): .*?(?=\n\n|\Z)", re.DOTALL)


def _only_allowed(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Logs hold ids, never values: a key that is not on the list does not pass."""
    event["request"] = event.get("request") or request_id()
    return {key: value for key, value in event.items() if key in ALLOWED}


def _without_values(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """PostgreSQL tells the values of a row it refused below its message; whoever looks after the log may not know them."""
    if isinstance(text := event.get("exception"), str):
        event["exception"] = _VALUES.sub("", text)
    return event


class Lines(structlog.PrintLogger):
    """A line that cannot be written, as on a full disk, is lost; the work it tells of goes on."""

    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def _lines(*_names: Any) -> Lines:
    return Lines(sys.stderr)


def start_logging(settings: Settings) -> None:
    """Structured lines on the standard error stream."""
    render: Any = (
        structlog.processors.JSONRenderer() if settings.log_format == "json" else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True), _only_allowed,
            structlog.processors.format_exc_info, _without_values, render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level.upper()]),
        logger_factory=_lines,
        cache_logger_on_first_use=True,
    )  # fmt: skip
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
