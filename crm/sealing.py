"""Fields and files kept encrypted: AES-256-GCM, bound to their place, so that a value moved elsewhere does not open.

A sealed value names its key. The installation's secret key seals; earlier ones (CRM_OLD_SECRET_KEYS) still open what they
sealed, until `crm keys rotate` has sealed it anew. `keyed_hash` finds equal values without opening them.
"""

import hashlib
import hmac
import os
from collections.abc import Iterable
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from crm.errors import UserError

UNNAMED, NAMED = b"\x01", b"\x02"  # the first byte: values of the first version do not name their key
NAME = 4  # bytes
HEAD = 1 + NAME  # bytes by which a value tells its key
_NONCE = 12


class SealBroken(UserError):
    status = 500
    code = "sealed"


class Key(Struct, frozen=True):
    """What is made from one secret key. The name tells it apart and tells nothing of it."""

    name: bytes
    seal: bytes
    hash: bytes


_ring: list[Key] = []


def use_keys(secret_key: str, *earlier: str) -> None:
    """Derive the keys of this installation; the first seals, all open. Called at start."""
    _ring[:] = [key_of(each) for each in dict.fromkeys((secret_key, *earlier))]


def key_of(secret_key: str) -> Key:
    def derived(purpose: str, length: int) -> bytes:
        made = HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=f"crm field {purpose} 1".encode())
        return made.derive(secret_key.encode())

    return Key(derived("name", NAME), derived("seal", 32), derived("hash", 32))


def ring() -> tuple[Key, ...]:
    """The keys in use; the first one seals."""
    return tuple(_ring)


def head() -> bytes:
    """What values start with that are sealed now."""
    return NAMED + _ring[0].name


def seal(text: str, table: str, column: str, row_id: UUID) -> bytes:
    return seal_bytes(text.encode(), f"{table}.{column}:{row_id}")


def open_sealed(value: bytes, table: str, column: str, row_id: UUID) -> str:
    """The text. Raises `SealBroken` for a value of another row, an unknown key, or one that was changed."""
    return open_bytes(value, f"{table}.{column}:{row_id}").decode()


def seal_bytes(content: bytes, bound_to: str) -> bytes:
    """The content, sealed for one place: it opens under the same `bound_to` alone."""
    nonce = os.urandom(_NONCE)
    return head() + nonce + AESGCM(_ring[0].seal).encrypt(nonce, content, bound_to.encode())


def open_bytes(value: bytes, bound_to: str) -> bytes:
    """Raises `SealBroken` as `open_sealed` does."""
    at = len(UNNAMED) if value[:1] == UNNAMED else HEAD
    for key in _fitting(value):
        try:
            return AESGCM(key.seal).decrypt(value[at : at + _NONCE], value[at + _NONCE :], bound_to.encode())
        except (InvalidTag, ValueError):
            continue
    raise SealBroken("A sealed value does not open: it was changed or moved, or the key it was sealed with is not among "
                     "CRM_SECRET_KEY and CRM_OLD_SECRET_KEYS.")  # fmt: skip


def _fitting(value: bytes) -> Iterable[Key]:
    if value[:1] == UNNAMED:
        return _ring
    name = value[len(NAMED) : HEAD]
    if value[:1] == NAMED and (found := [key for key in _ring if key.name == name]):
        return found
    raise SealBroken(
        f"This value was sealed with the key {name.hex()}, which this program does not have: add it to CRM_OLD_SECRET_KEYS. "
        "`crm keys list` names the keys it has."
    )


def keyed_hash(text: str, purpose: str) -> bytes:
    return _hashed(_ring[0], text, purpose)


def keyed_hashes(text: str, purpose: str) -> list[bytes]:
    """The same under each key in use, for finding what an earlier one hashed."""
    return [_hashed(key, text, purpose) for key in _ring]


def _hashed(key: Key, text: str, purpose: str) -> bytes:
    return hmac.new(key.hash, f"{purpose}:{text}".encode(), hashlib.sha256).digest()
