"""Folding: the Python twin of the database's fold(): lower case, no accents, plain punctuation."""

import re
import unicodedata

# Characters that Unicode does not take apart and that unaccent writes in plain letters and signs.
_SPELLED = {
    "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "Ø": "O", "ø": "o", "Đ": "D", "đ": "d", "Ð": "D", "ð": "d",
    "Þ": "TH", "þ": "th", "ß": "ss", "ẞ": "SS", "Ł": "L", "ł": "l", "Ħ": "H", "ħ": "h", "ı": "i", "ĸ": "q",
    "Ŋ": "N", "ŋ": "n", "Ŧ": "T", "ŧ": "t", "Ŀ": "L", "ŀ": "l", "ŉ": "'n",
    "‘": "'", "’": "'", "‚": ",", "‛": "'", "“": '"', "”": '"', "„": ",,", "‟": '"', "′": "'", "″": '"',
    "ʻ": "'", "ʼ": "'", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "\xad": "-",
    "«": "<<", "»": ">>", "‹": "<", "›": ">", "¡": "!", "¿": "?", "©": "(C)", "®": "(R)", "±": "+/-",
    "×": "*", "÷": "/", "⁄": "/", "˜": "~", "¼": " 1/4", "½": " 1/2", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3",
    "⅛": " 1/8", "⅜": " 3/8", "⅝": " 5/8", "⅞": " 7/8",
}  # fmt: skip


class _Plain(dict[int, str]):
    def __missing__(self, code: int) -> str:
        parts = unicodedata.normalize("NFKD", chr(code))
        plain = "".join(_SPELLED.get(c, c) for c in parts if not unicodedata.combining(c))
        self[code] = plain
        return plain


_PLAIN = _Plain({ord(character): spelled for character, spelled in _SPELLED.items()})
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_INITIALS = re.compile(r"(?<=\b\w)\.\s?(?=\w\b)")
_WORD = re.compile(r"\w+")


def fold(text: str) -> str:
    """Lower case without accents. Equal in SQL: fold(text)."""
    return text.lower() if text.isascii() else text.translate(_PLAIN).lower()


def words(text: str) -> list[str]:
    """The folded words: Joe's A.B.C. Diner & Grill → joes, abc, diner, and, grill."""
    text = fold(text)
    if "'" in text:
        text = _APOSTROPHE.sub("", text)
    if "." in text:
        text = _INITIALS.sub("", text)
    if "&" in text or "+" in text:
        text = text.replace("&amp;", "&").replace("&", " and ").replace("+", " and ")
    return _join_single_letters(_WORD.findall(text.replace("_", " ")))


def _join_single_letters(found: list[str]) -> list[str]:
    joined: list[str] = []
    open_run = False
    for word in found:
        single = len(word) == 1 and word.isalpha()
        if single and open_run:
            joined[-1] += word
        else:
            joined.append(word)
        open_run = single
    return joined


def squeeze(text: str) -> str:
    """One line, single spaces, no control characters, composed letters (NFC)."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = "".join(c if c.isprintable() or c.isspace() else "" for c in text)
    return " ".join(text.split())


def set_of(text: str) -> frozenset[str]:
    """The words of a list written as one text."""
    return frozenset(text.split())
