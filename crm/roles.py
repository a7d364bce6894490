"""The database's logins: owner, app, portal, record. On every machine, each with its own password, no superuser."""

import hashlib
import hmac
from urllib.parse import parse_qs, quote, unquote, urlsplit, urlunsplit

import asyncpg

from crm.database import Login, connected
from crm.errors import UserError
from crm.settings import Settings

EXTENSIONS = ("pg_trgm", "unaccent", "btree_gin", "citext")
# Everything has an end. The worker's long statements say so themselves (set local).
LIMITS = {"statement_timeout": "10s", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "15s"}
_LIMITED = (Login.APP, Login.PORTAL, Login.RECORD)


class RoleProblem(UserError):
    status = 503
    code = "roles"
    exit_code = 1


def name_of(login: Login) -> str:
    return f"crm_{login}"


def password_of(url: str) -> str:
    return unquote(urlsplit(url).password or "")


def addresses(settings: Settings, owner_url: str) -> dict[Login, str]:
    """An address for each login. What is not set is made from the owner's, with a password made from the secret key."""
    made = {login: _given(settings, login) or _made(settings.secret_key, owner_url, login) for login in _LIMITED}
    return {Login.OWNER: owner_url, **made}


def others(settings: Settings, owner_url: str) -> dict[Login, list[str]]:
    """The same with the passwords made from the other keys: which one a server knows depends on how far the keys have changed."""
    return {
        login: [_made(key, owner_url, login) for key in settings.old_secret_keys]
        for login in _LIMITED if not _given(settings, login)
    }  # fmt: skip


def _given(settings: Settings, login: Login) -> str:
    return str(getattr(settings, f"database_{login}_url"))


def _made(secret_key: str, owner_url: str, login: Login) -> str:
    password = hmac.new(secret_key.encode(), f"database login {login}".encode(), hashlib.sha256).hexdigest()
    parts = urlsplit(owner_url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{name_of(login)}:{quote(password)}@{host}"))


async def create_all(superuser_url: str, passwords: dict[Login, str], *, database: str = "crm") -> None:
    """Make or mend the logins and the database, as a superuser."""
    connection = await asyncpg.connect(superuser_url)
    try:
        for login, password in passwords.items():
            await _ensure_login(connection, login, password)
        if not await connection.fetchval("select exists (select from pg_database where datname = $1)", database):
            await connection.execute(f'create database "{database}" owner {name_of(Login.OWNER)}')
    finally:
        await connection.close()
    parts = urlsplit(superuser_url)
    connection = await asyncpg.connect(urlunsplit(parts._replace(path=f"/{database}")))
    try:
        for extension in EXTENSIONS:
            await connection.execute(f"create extension if not exists {extension}")
    finally:
        await connection.close()


async def _ensure_login(connection: asyncpg.Connection, login: Login, password: str) -> None:
    name = name_of(login)
    exists = await connection.fetchval("select exists (select from pg_roles where rolname = $1)", name)
    quoted = password.replace("'", "''")
    await connection.execute(f"{'alter' if exists else 'create'} role {name} login password '{quoted}'")
    if login in _LIMITED:
        for limit, value in LIMITS.items():
            await connection.execute(f"alter role {name} set {limit} = '{value}'")
        if int(await connection.fetchval("select current_setting('server_version_num')")) >= 170000:
            await connection.execute(f"alter role {name} set transaction_timeout = '30s'")


async def ensure(settings: Settings) -> dict[Login, str]:
    """The addresses on a server that was set, its logins made where the owner may."""
    found = addresses(settings, settings.database_url)
    try:
        connection = await asyncpg.connect(settings.database_url, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError) as problem:
        raise RoleProblem(
            f"The database at {_shown(settings.database_url)} does not answer: {problem}. "
            "Start it, or mend CRM_DATABASE_URL, or leave it unset to use the embedded server."
        ) from problem
    try:
        await _check_owner(connection)
        await _ensure_logins(connection, found, settings)
    finally:
        await connection.close()
    other = others(settings, settings.database_url)
    for login in _LIMITED:
        await check_login(login, found[login], *other.get(login, ()))
    return found


async def renew_passwords(settings: Settings) -> list[Login]:
    """Make the passwords from the key that seals now, for logins whose addresses are not set; which these are.

    Raises `RoleProblem` where the owner may not.
    """
    made = [login for login in _LIMITED if not _given(settings, login)]
    if not settings.database_url:
        return []  # the embedded server's are renewed at each start
    found = addresses(settings, settings.database_url)
    connection = await asyncpg.connect(settings.database_url, timeout=10)
    try:
        for login in made:
            await connection.execute(f"alter role {name_of(login)} password '{password_of(found[login])}'")
    except asyncpg.InsufficientPrivilegeError as problem:
        raise RoleProblem(
            f"The owner's login may not change passwords ({problem}). Set CRM_DATABASE_APP_URL, CRM_DATABASE_PORTAL_URL and "
            "CRM_DATABASE_RECORD_URL to addresses with passwords of your own before the old key goes."
        ) from problem
    finally:
        await connection.close()
    return made


async def _check_owner(connection) -> None:  # type: ignore[no-untyped-def]
    name, superuser = await connection.fetchrow("select current_user, rolsuper from pg_roles where rolname = current_user")
    if name != name_of(Login.OWNER) or superuser:
        found = f"{name}, a superuser" if superuser else name
        raise RoleProblem(
            f"CRM_DATABASE_URL signs in as {found}. It must be {name_of(Login.OWNER)}, which owns the database and is no "
            f"superuser. Let the administrator run, once: create role {name_of(Login.OWNER)} login createrole password '…'; "
            f"create database crm owner {name_of(Login.OWNER)};"
        )


async def check_login(login: Login, url: str, *others: str) -> None:
    """A login that is there already may have a password that we do not know. Raises `RoleProblem`."""
    try:
        connection = await connected([url, *others], timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError) as problem:
        raise RoleProblem(
            f"The login {name_of(login)} at {_shown(url)} cannot be used: {problem}. Its password is made from CRM_SECRET_KEY: "
            f"set the key with which it was made (an earlier one in CRM_OLD_SECRET_KEYS), or set CRM_DATABASE_{login.upper()}_URL to an address with its password."
        ) from problem
    await connection.close()


async def _ensure_logins(connection, found: dict[Login, str], settings: Settings) -> None:  # type: ignore[no-untyped-def]
    missing = [
        login
        for login in _LIMITED
        if not await connection.fetchval("select exists (select from pg_roles where rolname = $1)", name_of(login))
    ]
    try:
        for login in missing:
            await _ensure_login(connection, login, password_of(found[login]))
        for extension in EXTENSIONS:
            await connection.execute(f"create extension if not exists {extension}")
    except asyncpg.InsufficientPrivilegeError as problem:
        raise RoleProblem(
            f"The owner's login may not prepare the database ({problem}). Let its administrator run, once, as a superuser: "
            + " ".join(f"create role {name_of(login)} login password '…';" for login in missing)
            + " ".join(f" create extension if not exists {extension};" for extension in EXTENSIONS)
            + " Then set CRM_DATABASE_APP_URL, CRM_DATABASE_PORTAL_URL and CRM_DATABASE_RECORD_URL."
        ) from problem


def _shown(url: str) -> str:
    parts = urlsplit(url)
    if parts.hostname:
        return f"{parts.hostname}:{parts.port or 5432}{parts.path}"
    return f"{parse_qs(parts.query).get('host', ['a socket'])[0]}, database {parts.path.lstrip('/')}"
