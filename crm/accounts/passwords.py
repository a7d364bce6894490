"""Password hashes: Argon2id, in threads, never more at once than the machine can bear."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from crm.accounts.rules import normalised

_hasher = PasswordHasher()
AT_ONCE = 2
_slots: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}
# Unknown addresses cost the same hash as known ones. A hash of nothing that anyone typed; to make one takes 50 ms of each start.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$nq0iFmNjOWobs7ye1jGPNg$1AmFpZyCJDzGwBS9RyLLpC5+FNwHN4ggu6aAZVI2ur8"


def _slot() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    if loop not in _slots:
        _slots.clear()
        _slots[loop] = asyncio.Semaphore(AT_ONCE)
    return _slots[loop]


async def hash_password(password: str) -> str:
    async with _slot():
        return await asyncio.to_thread(_hasher.hash, normalised(password))


async def password_fits(password: str, password_hash: str | None) -> bool:
    """One hash, whether the account exists or not."""
    async with _slot():
        fits = await asyncio.to_thread(_verify, normalised(password), password_hash or _NOBODY)
    return fits and password_hash is not None


def _verify(password: str, password_hash: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
