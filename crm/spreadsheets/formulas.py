"""Cells that a spreadsheet program would run as a formula: prefixed on the way out, bared on the way in."""

import re

# Also full-width forms, which some programs fold into the plain signs.
_RUNS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile(r"''*[=+\-@\t\r\n＝＋－＠]")


def guard(text: str) -> str:
    """=1+1 → '=1+1. bare(guard(text)) is text for every text."""
    return "'" + text if _RUNS.match(text) else text


def bare(text: str) -> str:
    """Takes back what guard() added."""
    return text[1:] if _GUARDED.match(text) else text
