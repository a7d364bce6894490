"""Security headers of every response: pages, errors, files, redirects."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "object-src 'none'"
)
ALWAYS = {
    b"content-security-policy": CONTENT_SECURITY_POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    # our own pages may tell each other where a person came from; addresses with a secret in them tell no one
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=(), payment=()",
}
HTTPS_ONLY = {b"strict-transport-security": b"max-age=63072000; includeSubDomains"}
NEVER_KEPT = {b"cache-control": b"no-store"}


SECRET_ADDRESSES = {b"referrer-policy": b"no-referrer"}


def complete(given: list[tuple[bytes, bytes]], *, https: bool, secret: bool = False) -> list[tuple[bytes, bytes]]:
    """The response's headers with ours; a page that says nothing of caching is kept nowhere."""
    names = {name.lower() for name, _ in given}
    ours = ALWAYS | NEVER_KEPT | (HTTPS_ONLY if https else {}) | (SECRET_ADDRESSES if secret else {})
    kept = [(name, value) for name, value in given if name.lower() not in ALWAYS]
    return kept + [(name, value) for name, value in ours.items() if name in ALWAYS or name not in names]
