"""What a password must be, and how long a wrong one must wait. No clock, no database."""

import unicodedata
from datetime import timedelta

# NIST SP 800-63B-4: 15 characters where a password can stand alone, no composition rules, no expiry
SHORTEST = 15
LONGEST = 128
FREE_TRIES = 5
LONGEST_WAIT = timedelta(minutes=15)
# 800-63B: no more than 100 misses on one account before another way is needed
MOST_MISSES = 100
_SEQUENCES = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm")
_COMMON = ("password", "contraseña", "letmein", "welcome", "iloveyou", "qwerty", "administrator", "changeme")

# every run of four or more along a row of keys or the alphabet, either way, the longest first
_RUNS = sorted(
    {
        row[start:end]
        for keys in _SEQUENCES for row in (keys, keys[::-1])
        for start in range(len(row)) for end in range(start + 4, len(row) + 1)
    },
    key=lambda run: (-len(run), run),
)  # fmt: skip


def normalised(password: str) -> str:
    """NFC, so that one password typed on two keyboards is one password."""
    return unicodedata.normalize("NFC", password)


def password_problem(password: str, own_words: list[str]) -> str | None:
    """A code for what is wrong with a new password: short, long, common, own; None when it will do."""
    text = normalised(password)
    if len(text) < SHORTEST:
        return "short"
    if len(text) > LONGEST:
        return "long"
    left = text.casefold()
    for word in own_words:
        if len(word) >= 4:
            left = left.replace(word.casefold(), "")
    if len(left) < SHORTEST // 2:
        return "own"
    return "common" if _is_common(text.casefold()) else None


def _is_common(text: str) -> bool:
    if len(set(text)) < 5:
        return True
    for word in (*_RUNS, *_COMMON):
        text = text.replace(word, "")
    return len(text.strip("0123456789!@#$%^&*?.-_ ")) < 4


def wait_after(misses: int) -> timedelta:
    """How long the next try must wait after so many misses in a row from one network."""
    if misses < FREE_TRIES:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(misses - FREE_TRIES, 20)), LONGEST_WAIT)
