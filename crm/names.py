"""Names of employers: taken apart, folded into a key that matches, and compared."""

import re
from functools import cache
from typing import NamedTuple

from crm.folding import squeeze, words
from crm.translation import _


class EmployerName(NamedTuple):
    legal: str
    dbas: tuple[str, ...]
    former: tuple[str, ...]


class Score(NamedTuple):
    value: float  # 0 to 100
    why: str


# The countries whose firms trade here; cleanco's other lists hold everyday words (AG, ET, SEM).
_COUNTRIES = ("United States of America", "United Kingdom", "Germany", "Mexico", "Australia", "Singapore")
_EVERYDAY = frozenset({"ag", "eg", "ev", "nl"})
_OWN_FORMS = """
    pc|pa|psc|apc|lc|l3c|lllp|pbc|na|chartered|chtd|gp|nonprofit|professional corporation
    a professional corporation|professional association|professional limited liability company
    limited liability company|a limited liability company|limited liability partnership
    limited partnership|ltd partnership|general partnership|public benefit corporation
    nonprofit corporation|non profit corporation|national association|sole proprietor
    sole proprietorship|s corp|s corporation|c corporation|ltd co|limited company"""
_SAME_WORD = {
    "assn": "association", "assoc": "associates", "assocs": "associates", "bldg": "building",
    "bros": "brothers", "centre": "center", "cntr": "center", "ctr": "center", "cnty": "county",
    "const": "construction", "constr": "construction", "dept": "department", "dist": "district",
    "elec": "electric", "ent": "enterprises", "ents": "enterprises", "equip": "equipment",
    "grp": "group", "hosp": "hospital", "ins": "insurance", "intl": "international",
    "inst": "institute", "mfg": "manufacturing", "mgmt": "management", "mgt": "management",
    "mkt": "market", "mtn": "mountain", "natl": "national", "saint": "st", "sch": "school",
    "street": "st", "svc": "services", "svcs": "services", "service": "services", "sys": "systems",
    "tech": "technology", "theatre": "theater", "transp": "transportation", "univ": "university",
}  # fmt: skip
_ALIAS = re.compile(
    r"[\s(,;]+(?:(?P<also>d[./ ]b[./ ]a\.?|dba|doing business as|t/a|trading as|a/?k/?a|also known as)"
    r"|(?P<former>f/?k/?a|f/d/b/a|formerly(?: known as)?)|(?P<now>n/k/a|now known as))[\s:]+",
    re.IGNORECASE,
)


def split_name(text: str) -> EmployerName:
    """ABC HOLDINGS LLC dba Joe's Diner → ABC HOLDINGS LLC, (Joe's Diner,), ()."""
    text = squeeze(text)
    marks = list(_ALIAS.finditer(text))
    if not marks:
        return EmployerName(text, (), ())
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    legal = _trim(text[: marks[0].start()])
    dbas: list[str] = []
    former: list[str] = []
    for mark, end in zip(marks, ends, strict=True):
        if not (name := _trim(text[mark.end() : end])):
            continue
        if mark["now"]:
            former.append(legal)
            legal = name
        else:
            (dbas if mark["also"] else former).append(name)
    return EmployerName(legal, tuple(dbas), tuple(former)) if legal else EmployerName(text, (), ())


def _trim(part: str) -> str:
    part = part.strip(" ,;:-")
    if part.endswith(")") and "(" not in part:
        part = part[:-1]
    return part[1:] if part.startswith("(") and ")" not in part else part


@cache
def _legal_forms() -> tuple[frozenset[tuple[str, ...]], frozenset[str]]:
    """The forms as words, and the last word of each: a quick first look."""
    from cleanco.termdata import terms_by_country

    texts = [term for country in _COUNTRIES for term in terms_by_country[country]]
    texts += [form.strip() for line in _OWN_FORMS.split("\n") for form in line.split("|")]
    forms = {tuple(words(text)) for text in texts if text}
    forms -= {(word,) for word in _EVERYDAY}
    return frozenset(forms), frozenset(form[-1] for form in forms)


def _without_legal_form(found: list[str]) -> list[str]:
    forms, last_words = _legal_forms()
    kept = found
    while len(kept) > 1 and kept[-1] in last_words:
        length = next((n for n in range(min(5, len(kept) - 1), 0, -1) if tuple(kept[-n:]) in forms), 0)
        if not length:
            break
        kept = kept[:-length]
        if len(kept) > 1 and kept[-1] == "and":
            kept = kept[:-1]
    return found if kept == ["the"] else kept


def match_key(name: str) -> str:
    """Equal for spellings of one name: The Boeing Company, BOEING CO. → boeing."""
    if (legal := split_name(name).legal) == "":
        return ""
    found = words(legal)
    if len(found) > 1 and found[-1] == "the":
        found.pop()
    found = _without_legal_form(found)
    if len(found) > 1 and found[0] == "the":
        found = found[1:]
    return " ".join([_SAME_WORD.get(word, word) for word in found])


def similarity(first: str, second: str) -> Score:
    """How alike two employer names are, and why, in words for the person who decides."""
    return compare_keys(match_key(first), match_key(second))


def compare_keys(first: str, second: str) -> Score:
    """similarity() of names whose match keys are known already."""
    from rapidfuzz import fuzz

    if not first or not second:
        return Score(0.0, _("One of the names is empty."))
    if first == second:
        return Score(100.0, _("Same name apart from capitals, punctuation and legal form."))
    if first.replace(" ", "") == second.replace(" ", ""):
        return Score(98.0, _("Same letters, spaced differently."))
    value = 0.65 * fuzz.token_sort_ratio(first, second) + 0.35 * fuzz.token_set_ratio(first, second)
    ours, theirs = set(first.split()), set(second.split())
    if _numbers(ours) != _numbers(theirs):
        return Score(min(round(value, 1), 60.0), _("The numbers in the names differ."))
    only_ours, only_theirs = sorted(ours - theirs), sorted(theirs - ours)
    if only_ours and only_theirs and fuzz.ratio(" ".join(only_ours), " ".join(only_theirs)) < 75:
        value = min(value, 80.0)  # CLC Restaurants and CE Restaurants share only the common word
    return Score(round(value, 1), _difference(ours, theirs))


def _numbers(found: set[str]) -> set[str]:
    return {word for word in found if any(character.isdigit() for character in word)}


def _difference(ours: set[str], theirs: set[str]) -> str:
    if ours == theirs:
        return _("Same words in another order.")
    parts = [_("Words in common: %(words)s.") % {"words": ", ".join(sorted(ours & theirs)) or "–"}]
    for only in (ours - theirs, theirs - ours):
        if only:
            parts.append(_("In one name only: %(words)s.") % {"words": ", ".join(sorted(only))})
    return " ".join(parts)
