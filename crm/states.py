"""States, the District of Columbia and the territories: the code for what a person wrote."""

from functools import cache

from crm.folding import fold


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
        return text if text in _names() else ""
    return _codes().get(_plain(text), "")


def state_name(code: str) -> str:
    """MA → Massachusetts; empty for a code that is none."""
    return _names().get(code, "")


def state_codes() -> list[str]:
    """All 56 codes, sorted."""
    return sorted(_names())
