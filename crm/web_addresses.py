"""Websites: an address that can be linked, and the domain that tells employers apart."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from crm.folding import set_of
from crm.translation import _


class Website(NamedTuple):
    url: str  # "https://acme.com/jobs", or ""
    domain: str  # "acme.com"; on a shared host with the page: "facebook.com/acme"
    note: str = ""


_SHARED_HOSTS = set_of(
    """facebook.com m.facebook.com fb.com linkedin.com instagram.com twitter.com x.com youtube.com tiktok.com
    yelp.com google.com sites.google.com maps.google.com linktr.ee indeed.com etsy.com"""
)
_FREE_MAIL = set_of(
    """gmail.com googlemail.com yahoo.com ymail.com hotmail.com outlook.com live.com msn.com aol.com
    icloud.com me.com mac.com comcast.net verizon.net att.net sbcglobal.net bellsouth.net charter.net
    cox.net optonline.net earthlink.net proton.me protonmail.com gmx.com mail.com zoho.com"""
)
_HOST = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def tidy_website(text: str) -> Website:
    """WWW.Acme.com/ → https://www.acme.com, acme.com. Scripts and passwords do not pass."""
    text = text.strip()
    if not text or text.casefold() in ("none", "n/a", "na", "-"):
        return Website("", "")
    return _taken_apart(text) or Website(
        "", "", _("“%(website)s” is not a web address, so it was left out.") % {"website": text[:60]}
    )


def _taken_apart(text: str) -> Website | None:
    if len(text) > 500 or re.search(r"[\s<>\"\\\x00-\x1f]", text):
        return None
    try:
        parts = urlsplit(text if "://" in text else "https://" + text)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode() if parts.hostname else ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # UnicodeError too
        return None
    if parts.scheme not in ("http", "https") or parts.username or not _HOST.fullmatch(host):
        return None
    rest = parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
    return Website(f"{parts.scheme}://{host}{port}{rest}", _domain(host, parts.path))


def _domain(host: str, path: str) -> str:
    host = host.removeprefix("www.")
    if host not in _SHARED_HOSTS:
        return host
    page = path.strip("/").casefold()
    return f"{host}/{page}" if page else ""


def domain_of_email(address: str) -> str:
    """The employer's domain behind a mail address; empty for the free mail providers."""
    domain = address.rpartition("@")[2].casefold()
    return "" if domain in _FREE_MAIL else domain.removeprefix("www.")
