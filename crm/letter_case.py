"""Names and addresses typed in capitals, made readable. The caller keeps what was typed."""

import re
from collections.abc import Set as AbstractSet

from crm.folding import set_of, squeeze

_LEGAL = {
    "INC": "Inc", "INCORPORATED": "Incorporated", "CO": "Co", "CORP": "Corp", "LTD": "Ltd", "BROS": "Bros",
    "DBA": "dba", "FKA": "fka", "AKA": "aka", "CHTD": "Chtd", "PHD": "PhD",
}  # fmt: skip
_ROMAN = set_of("II III IV VI VII VIII IX XI XII XIII XIV XV XVI XVII XVIII XIX XX")
_SMALL = set_of("an and as at by de del for from in la of on or the to with")
_KNOWN_INITIALS = set_of("YMCA YWCA HVAC USPS USDA NAPA AARP NASA NAACP ASPCA IHOP LLC LLP PLLC LLLP PSC")
# Words of two and three letters that are words; any other such word is taken for initials.
_SHORT = """
    ace act add age aid aim air ale all and ant any ape apt arc arm art ash ask ave bag ban bar bat bay bed
    bee ben bet bid big bit bob bow box boy bud bug bun bus but buy cab can cap car cat cow cub cup cut
    dad dam dan day dee del den des dew did dig dip doe dog don dot dry due ear eat ebb eco ed egg ego
    elk ell elm els emu end eye fan far fat fir fit fix fly fog for fox fry fun fur gas gem get god got
    gum gun guy gym hal hat hay her hi hip his hit hog hot hub hug hut ice ink inn ion ira ivy jam jan
    jar jay jet jim job joe jon joy jug kay ken key kid kim kit lab lad lam las law lay led lee leg len
    leo les let lid lip liz log los lot low lou lux mac mad man map mar mat max may mel men met mid mix
    mom mop mud mug nap neo net new nor not now nut oak oar off oil old one our out owl own oz pal pan
    pam pat paw pay pea peg pen pet pie pig pin pit pod pop pot pro pub pug put ram ran rat raw ray red
    rex rib rim rio rob rod ron row roy rub rug run rye saw sam san sax say sea see set sew she shy sir
    sit six ski sky son soy spa sub sue sum sun tab tag tan tap tar tax tea ted tee tel ten the tie tim
    tin tip toe tom ton top toy tri try tub two tux use val van vat vet via vic von war was wax way web
    wet why wig win wok won yak yam yes you zen zip zoe zoo dr mr ms mrs jr sr st mt ft mtn al bo cy el
    jo le lo lu my ty we do go he if is it me no so up us am be bi"""
_SHORT_WORDS = set_of(_SHORT) - {"us", "oz"}
_DIRECTIONS = set_of("NE NW SE SW US PO RR HC PMB SR CR")
_STREET_WORDS = set_of("LN RD STE HWY BLVD CT CTR CIR PL SQ BLDG FL RM PKWY TRL TER PLZ FRNT FWY")
_ORDINAL = re.compile(r"\d+(?:ST|ND|RD|TH)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ENTITY = re.compile(r"\s*&amp;\s*", re.IGNORECASE)


def tidy_name(text: str) -> str:
    """BETTER BUSINESS SYSTEMS INC → Better Business Systems Inc. Mixed case is left as it is."""
    return _tidy(_ENTITY.sub(" & ", text) if "&" in text else text, frozenset(), frozenset())


def tidy_address_line(text: str) -> str:
    """401 W PENNSYLVANIA AVE NE → 401 W Pennsylvania Ave NE."""
    return _tidy(text, _DIRECTIONS, _STREET_WORDS)


def _tidy(text: str, upper: AbstractSet[str], capitalised: AbstractSet[str]) -> str:
    text = squeeze(text)
    if not text or not (text.isupper() or text.islower()):
        return text
    found = list(_WORD.finditer(text))
    pieces, end = [], 0
    for position, match in enumerate(found):
        word = match[0].upper()
        edge = position in (0, len(found) - 1)
        pieces.append(text[end : match.start()])
        pieces.append(word.capitalize() if word in capitalised else _tidy_word(word, edge, upper))
        end = match.end()
    return "".join(pieces) + text[end:]


def _tidy_word(word: str, edge: bool, upper: AbstractSet[str]) -> str:
    """edge: the first or the last word, where a small word is written large."""
    if word in _LEGAL:
        return _LEGAL[word]
    if "'" in word or "’" in word:
        return _with_apostrophe(word)
    if word[0].isdigit():
        return word.lower() if _ORDINAL.fullmatch(word) else word
    if word in _ROMAN or word in _KNOWN_INITIALS or word in upper:
        return word
    lower = word.lower()
    if lower in _SMALL:
        return lower.capitalize() if edge else lower
    return word if _is_initials(lower) else _capitalise(lower)


def _capitalise(lower: str) -> str:
    return "Mc" + lower[2:].capitalize() if lower.startswith("mc") and len(lower) > 4 else lower.capitalize()


def _is_initials(lower: str) -> bool:
    if len(lower) <= 3:
        return lower not in _SHORT_WORDS
    return len(lower) <= 5 and lower.isascii() and not any(vowel in lower for vowel in "aeiouy")


def _with_apostrophe(word: str) -> str:
    """O'BRIEN → O'Brien, JOE'S → Joe's, D'ANGELO'S → D'Angelo's."""
    first, mark, rest = re.split(r"(['’])", word, maxsplit=1)
    if len(first) == 1 and len(rest) > 2:
        inner = _with_apostrophe(rest) if re.search(r"['’]", rest) else _capitalise(rest.lower())
        return first + mark + inner
    return _capitalise(first.lower()) + mark + rest.lower()
