"""Fields and files kept encrypted: AES-256-GCM, bound to their place, so that a value moved elsewhere does not open.

A sealed value starts with the id of its key, for rotation. `keyed_hash` finds equal values without opening them.
"""

import hashlib
import hmac
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crm.errors import UserError

KEY_ID = b"\x01"
_keys: dict[str, bytes] = {}


class SealBroken(UserError):
    status = 500
    code = "sealed"


def use_key(secret_key: str) -> None:
    """Derive the keys of this installation. Called at start."""
    for purpose in ("seal", "hash"):
        made = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"crm field {purpose} 1".encode())
        _keys[purpose] = made.derive(secret_key.encode())


def seal(text: str, table: str, column: str, row_id: UUID) -> bytes:
    return seal_bytes(text.encode(), f"{table}.{column}:{row_id}")


def open_sealed(value: bytes, table: str, column: str, row_id: UUID) -> str:
    """The text. Raises `SealBroken` for a value of another row, another key, or one that was changed."""
    return open_bytes(value, f"{table}.{column}:{row_id}").decode()


def seal_bytes(content: bytes, bound_to: str) -> bytes:
    """The content, sealed for one place: it opens under the same `bound_to` alone."""
    nonce = os.urandom(12)
    return KEY_ID + nonce + AESGCM(_keys["seal"]).encrypt(nonce, content, bound_to.encode())


def open_bytes(value: bytes, bound_to: str) -> bytes:
    """Raises `SealBroken` as `open_sealed` does."""
    if value[:1] != KEY_ID:
        raise SealBroken("This value was sealed with a key that this program does not have. Restore the key it was made with.")
    try:
        return AESGCM(_keys["seal"]).decrypt(value[1:13], value[13:], bound_to.encode())
    except InvalidTag as problem:
        raise SealBroken(
            "A sealed value does not open: it was changed, moved, or CRM_SECRET_KEY is not the one it was sealed with."
        ) from problem


def keyed_hash(text: str, purpose: str) -> bytes:
    return hmac.new(_keys["hash"], f"{purpose}:{text}".encode(), hashlib.sha256).digest()
