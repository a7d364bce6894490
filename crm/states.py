"""States, the District of Columbia and the territories: the code for what a person wrote."""

from functools import cache

from crm.folding import fold

# Here too, since a start asks for codes alone: to read the names takes 10 ms of the processor.
CODES = frozenset({
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA", "ME",
    "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA",
    "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "DC", "AS", "GU", "MP", "PR", "VI",
})  # fmt: skip


@cache
def _codes() -> dict[str, str]:
    import us

    known = [*us.STATES_AND_TERRITORIES, us.states.DC]
    codes = {
        _plain(name): str(state.abbr)
        for state in known
        for name in (state.abbr, state.name, state.ap_abbr)
        if name
    }
    return codes | {"washington dc": "DC", "us virgin islands": "VI", "commonwealth of massachusetts": "MA"}


@cache
def _names() -> dict[str, str]:
    import us

    return {str(state.abbr): str(state.name) for state in (*us.STATES_AND_TERRITORIES, us.states.DC)}


def _plain(text: str) -> str:
    return " ".join(fold(text).replace(".", "").replace(",", " ").split())


def state_code(text: str) -> str:
    """Mass., massachusetts and MA → MA; empty when no state, D.C. or territory is meant."""
    if len(text) == 2 and text.isascii() and text.isupper():
        return text if text in CODES else ""
    return _codes().get(_plain(text), "")


def state_name(code: str) -> str:
    """MA → Massachusetts; empty for a code that is none."""
    return _names().get(code, "")


def state_codes() -> list[str]:
    """All 56 codes, sorted."""
    return sorted(CODES)
