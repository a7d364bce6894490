"""No other site can act for a person: a token bound to the session, and the browser's word on where a request is from."""

import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit

HEADER = "x-csrf-token"
FIELD = "_token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def token(secret_key: str, holder: str) -> str:
    """The form token of a session's secret, or of a visitor's cookie."""
    return hmac.new(secret_key.encode(), f"form {holder}".encode(), hashlib.sha256).hexdigest()


def fits(secret_keys: Iterable[str], holder: str, given: str) -> bool:
    """Whether the token was made for this holder with one of the keys: a page stays good while the keys change."""
    return bool(holder) and any(hmac.compare_digest(token(key, holder).encode(), given.encode()) for key in secret_keys)


def is_foreign(headers: dict[str, str], own: str) -> bool:
    """True when the browser says that another site sent this."""
    site = headers.get("sec-fetch-site", "")
    if site and site not in {"same-origin", "none"}:
        return True
    origin = headers.get("origin", "")
    if not origin:
        return False
    if origin == "null":
        # a page without a referrer sends this; the browser's own word on the site decides
        return not site
    try:
        given, ours = urlsplit(origin), urlsplit(own)
    except ValueError:
        return True
    # a page that came unencrypted may be anyone's
    return given.netloc not in {ours.netloc, headers.get("host", "")} or (ours.scheme == "https" and given.scheme != "https")
