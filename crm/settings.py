"""Settings: one frozen struct, read once from the environment and an optional file."""

import difflib
import os
import secrets
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import msgspec
from msgspec import Meta, Struct, field

from crm.errors import UserError
from crm.setting_kinds import is_list, meta_of, wanted

SECRET = {"secret_key", "old_secret_keys", "database_url", "database_app_url", "database_portal_url", "database_record_url", "redis_url",
          "smtp_url", "imap_urls"}  # fmt: skip

UNSET: tuple[object, ...] = ("", Path())
HERE = frozenset({"127.0.0.1", "::1"})
DATABASE = ({"postgresql", "postgres"}, "postgresql://user:password@host:5432/database, special characters as %XX")
ADDRESSES = {
    "database_url": DATABASE, "database_app_url": DATABASE, "database_portal_url": DATABASE, "database_record_url": DATABASE,
    "redis_url": ({"redis", "rediss", "unix"}, "redis://:password@host:6379/0 or unix://:password@/path/of/socket"),
}  # fmt: skip


class SettingsError(UserError):
    status = 503
    code = "settings"


class Settings(Struct, frozen=True, kw_only=True):
    """Every name is read from the environment as CRM_ and the name in capitals."""

    data: Annotated[Path, Meta(description="Folder of the embedded servers, stored files and keys")] = Path("var")
    mode: Annotated[
        Literal["development", "production"], Meta(description="Production refuses what is not safe")
    ] = "development"
    host: Annotated[str, Meta(description="Address to listen on")] = "127.0.0.1"
    port: Annotated[int, Meta(description="Port to listen on", ge=1, le=65535)] = 8000
    url: Annotated[str, Meta(description="Address that people use; default http://localhost:port")] = ""
    allowed_hosts: Annotated[list[str], Meta(description="Host names that requests may name; default that of url")] = []
    trusted_proxies: Annotated[list[str], Meta(description="Addresses of proxies whose forwarded headers count")] = []
    database_url: Annotated[str, Meta(description="PostgreSQL 15 or later, as the owner; default the embedded server")] = ""
    database_app_url: Annotated[str, Meta(description="The same, as the app's login; default made from the owner's")] = ""
    database_portal_url: Annotated[str, Meta(description="The same, as the portal's login")] = ""
    database_record_url: Annotated[str, Meta(description="The same, as the record's login")] = ""
    pool_size: Annotated[int, Meta(description="Most database connections for each login", ge=2, le=100)] = 10
    redis_url: Annotated[str, Meta(description="Valkey or Redis 7; default the embedded server")] = ""
    secret_key: Annotated[str, Meta(description="At least 32 characters; default made once and kept in the data folder")] = ""
    old_secret_keys: Annotated[
        list[str], Meta(description="Earlier secret keys, and one that is about to come: what they sealed opens")
    ] = []
    files_url: Annotated[str, Meta(description="Where stored files lie; default a folder in the data folder")] = ""
    smtp_url: Annotated[str, Meta(description="smtp://user:password@host:port?tls=starttls, tls or none; default the outbox page")] = ""
    mail_from: Annotated[str, Meta(description="Sender of mails")] = "no-reply@localhost"
    mail_in_listen: Annotated[
        str, Meta(description="lmtp://host:port or smtp://host:port: where `crm serve` and `crm mail-in` take mail for the dropbox; default nowhere")
    ] = ""
    mail_in_address: Annotated[str, Meta(description="The dropbox address; each person's own is made from it, as log+secret@example.org")] = ""
    mail_in_certificate: Annotated[Path, Meta(description="PEM file of a certificate and its key: mail is taken by STARTTLS alone then")] = Path()
    mail_in_limit_mb: Annotated[int, Meta(description="Largest message taken in, in MB", ge=1, le=100)] = 25
    mail_authority: Annotated[
        str, Meta(description="Name by which your mail server signs Authentication-Results: what it says of senders is believed")
    ] = ""
    imap_urls: Annotated[
        list[str], Meta(description="Mailboxes that are read, each as imaps://user:password@host/INBOX, special characters as %XX")
    ] = []
    imap_every: Annotated[int, Meta(description="Seconds between looks into each mailbox", ge=15, le=86400)] = 120
    imap_delete: Annotated[bool, Meta(description="Delete from the mailboxes what was kept; else they are only read")] = False
    agency_name: Annotated[str, Meta(description="Name in the header", min_length=1, max_length=80)] = "Employer Desk"
    agency_logo: Annotated[str, Meta(description="Path of an SVG or PNG for the header")] = ""
    accent_color: Annotated[
        str, Meta(description="Accent of pages, as #rrggbb; must stand out on white", pattern="^#[0-9a-fA-F]{6}$")
    ] = "#1a5e63"
    time_zone: Annotated[str, Meta(description="The agency's zone")] = "America/New_York"
    languages: Annotated[list[Literal["en", "es"]], Meta(description="Languages offered")] = field(default_factory=lambda: ["en", "es"])
    state: Annotated[str, Meta(description="The state, two letters", pattern="^[A-Z]{2}$")] = "MA"
    plugins_off: Annotated[list[str], Meta(description="Plugins that stay off whatever the page says")] = []
    no_plugins: Annotated[bool, Meta(description="Start without plugins")] = False
    log_format: Annotated[Literal["text", "json"], Meta(description="Form of the log")] = "text"
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Meta(description="Least weight of what is logged")] = "info"
    workers: Annotated[int, Meta(description="Jobs at once", ge=1, le=100)] = 10
    renderers: Annotated[int, Meta(description="Document processes", ge=1, le=16)] = 1
    request_timeout: Annotated[float, Meta(description="Seconds until a request is given up", gt=0, le=300)] = 15.0
    client_patience: Annotated[
        float, Meta(description="Seconds in which a client must send a request's head, or move 10 kB", gt=0, le=300)
    ] = 10.0
    api_rate: Annotated[int, Meta(description="API requests a minute for each token or person", ge=1, le=1_000_000)] = 600
    sign_in_rate: Annotated[int, Meta(description="Sign-in tries a minute from each address", ge=1, le=1_000_000)] = 120
    backup_folder: Annotated[Path, Meta(description="Where backups go; default a folder in the data folder")] = Path()
    backup_at: Annotated[
        str, Meta(description="Hour and minute of the nightly backup in the agency's zone, as 02:30; empty for none",
                  pattern=r"^(|([01]\d|2[0-3]):[0-5]\d)$")
    ] = ""  # fmt: skip
    backup_keep: Annotated[
        list[int], Meta(description="How many days, weeks and months of backups stay", min_length=3, max_length=3)
    ] = field(default_factory=lambda: [7, 5, 12])
    contact_budget: Annotated[
        int, Meta(description="First approaches of other boards to one employer in a month, after which mailings leave it out", ge=1, le=100)
    ] = 2
    claim_days: Annotated[int, Meta(description="Days for which a board leads the conversation with an employer", ge=1, le=90)] = 14
    visit_days: Annotated[
        int, Meta(description="Days for which a phone keeps names of employers and people for its visit form; 0 for no offline form", ge=0, le=30)
    ] = 7
    answer_days: Annotated[
        int,
        Meta(description="Days after anything was last done for a hire for which sealed answers and papers of ended cases stay; see [housekeeping](housekeeping.md)",
             ge=90, le=3650),
    ] = 1095  # fmt: skip
    closed_days: Annotated[list[date], Meta(description="Days on which the agency is closed besides weekends and federal holidays, as 2026-12-24: no mailing, step or report leaves")] = []
    report_days: Annotated[int, Meta(description="Days for which a report as PDF stays; see [housekeeping](housekeeping.md)", ge=30, le=3650)] = 400
    trial_days: Annotated[int, Meta(description="Days for which a trial of rules stays, with the hires uploaded for it", ge=30, le=3650)] = 365
    digest_at: Annotated[
        str, Meta(description="Hour and minute of the morning mails in the agency's zone", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    ] = "07:00"
    journal_folder: Annotated[
        Path, Meta(description="Where `crm serve` ships the embedded database's journal every 15 seconds; default nowhere")
    ] = Path()
    upload_limit_mb: Annotated[int, Meta(description="Largest upload, in MB", ge=1, le=2000)] = 50

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The key that seals and signs, then those that only open and are only believed."""
        return (self.secret_key, *self.old_secret_keys)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in force. Raises `SettingsError` naming what is wrong, what was found and what is allowed."""
    given = os.environ if environ is None else environ
    file = Path(given.get("CRM_SETTINGS") or Path(given.get("CRM_DATA", "var")) / "settings.toml")
    return settings_from(given, file if file.exists() or "CRM_SETTINGS" in given else None)


def settings_from(environ: Mapping[str, str], file: Path | None = None) -> Settings:
    """Raises one `SettingsError` with a line for each problem."""
    given = _Given()
    for key, value in (_from_file(file) if file else {}).items():
        given.add(key, f"{key} in {file}", value)
    for name, text in environ.items():
        if name.startswith("CRM_") and not name.startswith("CRM_TEST_") and name != "CRM_SETTINGS":
            given.add(name[4:].lower(), name, text)
    settings = msgspec.convert(given.values, Settings, strict=False, dec_hook=_path)
    problems = [*given.problems, *_problems(settings)]
    if problems:
        raise SettingsError("\n".join(problems))
    return _completed(settings)


class _Given:
    """The values that can be used, and what is wrong with the others."""

    def __init__(self) -> None:
        self.kinds = {each.name: each.type for each in msgspec.structs.fields(Settings)}
        self.values: dict[str, Any] = {}
        self.problems: list[str] = []

    def add(self, key: str, told: str, value: Any) -> None:
        if key not in self.kinds:
            self.problems.append(_unknown(key, told, self.kinds))
            return
        kind = self.kinds[key]
        shown = "(hidden)" if key in SECRET else repr(value)
        if is_list(kind) and isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        try:
            msgspec.convert({key: value}, Settings, strict=False, dec_hook=_path)
        except (msgspec.ValidationError, TypeError):
            self.problems.append(f"{told} is {shown}: {wanted(kind)}.")
        else:
            self.values[key] = value


def _from_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise SettingsError(f"{file}: the settings file cannot be read: {problem}. Mend it or remove it.") from problem


def _unknown(key: str, told: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(key.lower(), list(known), n=1)
    hint = (near[0] if " in " in told else f"CRM_{near[0].upper()}") if near else ""
    return f"{told}: there is no such setting. " + (f"Did you mean {hint}?" if hint else "`crm settings` lists all.")


def _path(kind: type, value: Any) -> Any:
    return kind(value)


@cache
def _zones() -> set[str]:
    """The names of all zones, for which the machine's whole folder of them is read."""
    return available_timezones()


def _problems(settings: Settings) -> Iterator[str]:
    """What cannot be said by type alone."""
    if settings.time_zone not in _zones():
        yield f"CRM_TIME_ZONE is '{settings.time_zone}': no such zone. Write a name such as America/New_York."
    if contrast_with_white(settings.accent_color) < 4.5:
        yield (
            f"CRM_ACCENT_COLOR is {settings.accent_color}: it does not stand out enough on white "
            f"({contrast_with_white(settings.accent_color):.1f} to 1; 4.5 is needed). Choose a darker one."
        )
    if settings.secret_key and len(settings.secret_key) < 32:
        yield "CRM_SECRET_KEY is too short: at least 32 characters, for example from `openssl rand -hex 32`."
    if any(len(key) < 32 for key in settings.old_secret_keys):
        yield "CRM_OLD_SECRET_KEYS holds a key of less than 32 characters. Write each whole, with commas between them."
    if settings.database_url and settings.journal_folder.name:
        yield (f"CRM_JOURNAL_FOLDER is '{settings.journal_folder}', and CRM_DATABASE_URL is set: only the embedded database's "
               "journal is shipped. Have your server archive its own (see its manual), and leave CRM_JOURNAL_FOLDER out.")
    if settings.agency_logo and not Path(settings.agency_logo).is_file():
        yield f"CRM_AGENCY_LOGO is '{settings.agency_logo}': there is no such file."
    for name, (schemes, example) in ADDRESSES.items():
        if (address := getattr(settings, name)) and not _is_address(address, schemes):
            yield f"CRM_{name.upper()} (hidden) is no address that can be read. Write it as {example}."
    yield from _mail_in_problems(settings)
    if settings.mode == "production":
        yield from _careless(settings)


def _mail_in_problems(settings: Settings) -> Iterator[str]:
    if settings.mail_in_listen and not _is_address(settings.mail_in_listen, {"lmtp", "smtp"}, port=True):
        yield f"CRM_MAIL_IN_LISTEN is '{settings.mail_in_listen}': write it as lmtp://127.0.0.1:8024 or smtp://host:port."
    if bool(settings.mail_in_listen) > bool(settings.mail_in_address):
        yield "CRM_MAIL_IN_LISTEN is set without CRM_MAIL_IN_ADDRESS: say which address mail is taken for, such as log@crm.example.org."
    name, _at, domain = settings.mail_in_address.partition("@")
    if settings.mail_in_address and (not name or not domain or "+" in name or len(name) > 40):
        yield f"CRM_MAIL_IN_ADDRESS is '{settings.mail_in_address}': write a bare address without +, such as log@crm.example.org."
    if settings.mail_in_certificate.name and not settings.mail_in_certificate.is_file():
        yield f"CRM_MAIL_IN_CERTIFICATE is '{settings.mail_in_certificate}': there is no such file."
    if not all(_is_address(each, {"imaps", "imap"}) and urlsplit(each).hostname and urlsplit(each).username for each in settings.imap_urls):
        yield "CRM_IMAP_URLS (hidden) holds an address that cannot be read. Write each as imaps://user:password@host/INBOX."


def _is_address(address: str, schemes: set[str], *, port: bool = False) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in schemes and (parts.port is None and not port or parts.port is not None and parts.port > 0)
    except ValueError:
        return False


def _careless(settings: Settings) -> Iterator[str]:
    """A careless set-up does not start in production; each problem is named with its cure."""
    problems = {
        "CRM_URL": not settings.url.startswith("https://") and "it must be the https:// address that people use",
        "CRM_SECRET_KEY": not settings.secret_key and "it must be set, for example from `openssl rand -hex 32`",
        "CRM_ALLOWED_HOSTS": "*" in settings.allowed_hosts and "name the hosts; '*' would take any",
        "CRM_SMTP_URL": not settings.smtp_url and "mail must leave the house; the outbox page is for development",
        "CRM_LOG_LEVEL": settings.log_level == "debug" and "debug is not for production",
        "CRM_MAIL_IN_CERTIFICATE": bool(settings.mail_in_listen) and not _is_here(settings.mail_in_listen)
        and not settings.mail_in_certificate.name and "mail from another machine is taken by TLS alone; give a certificate, or listen on 127.0.0.1",
        "CRM_IMAP_URLS": any(each.startswith("imap://") and "tls=starttls" not in each and not _is_here(each) for each in settings.imap_urls)
        and "a password does not travel in the open; write imaps://, or imap:// with ?tls=starttls",
    }
    for name, problem in problems.items():
        if problem:
            yield f"{name} does not fit production: {problem}. Or set CRM_MODE=development to try things out."


def _is_here(address: str) -> bool:
    try:
        return urlsplit(address).hostname in HERE | {"localhost"}
    except ValueError:
        return False


def contrast_with_white(color: str) -> float:
    """WCAG contrast ratio of #rrggbb with white."""

    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(int(color[i : i + 2], 16)) for i in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _completed(settings: Settings) -> Settings:
    """Fill in what follows from the rest."""
    # passkeys want a name, so this machine is called by its own
    host = "localhost" if settings.host in HERE | {"0.0.0.0", "::"} else settings.host  # noqa: S104
    netloc = f"[{host}]" if ":" in host else host
    url = (settings.url or f"http://{netloc}:{settings.port}").rstrip("/")
    data = settings.data.absolute()
    return msgspec.structs.replace(
        settings, url=url, data=data, files_url=settings.files_url or f"file://{data / 'files'}",
        secret_key=settings.secret_key or _kept_secret(data),
        backup_folder=(settings.backup_folder if settings.backup_folder.name else data / "backups").absolute(),
        journal_folder=settings.journal_folder.absolute() if settings.journal_folder.name else Path(),
    )  # fmt: skip


def _kept_secret(data: Path) -> str:
    """The secret of this data folder: made once, readable by its owner alone."""
    file = data / "secret_key"
    try:
        data.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return file.read_text(encoding="ascii").strip()
        with os.fdopen(handle, "w") as out:
            out.write(made := secrets.token_hex(32))
        return made
    except OSError as problem:
        raise SettingsError(
            f"The data folder {data} cannot be used: {problem.strerror}. Give CRM_DATA a folder that you may write."
        ) from problem


def in_force(settings: Settings) -> list[tuple[str, str, str]]:
    """Each setting's name, its value with secrets hidden, and what it means."""
    told = []
    for each in msgspec.structs.fields(Settings):
        value = getattr(settings, each.name)
        shown = "(set, hidden)" if each.name in SECRET and value else value
        text = ", ".join(map(str, shown)) if isinstance(shown, list) else "" if shown in UNSET else str(shown)
        told.append((f"CRM_{each.name.upper()}", text, meta_of(each.type).description or ""))
    return told


def printed(settings: Settings) -> str:
    """The settings as lines, secrets hidden."""
    return "\n".join(f"{name:26} {value}".rstrip() for name, value, _meaning in in_force(settings))


def settings_table() -> str:
    """The settings as a Markdown table, for the manual."""
    lines = ["| setting | meaning | default |", "|---|---|---|"]
    for each in msgspec.structs.fields(Settings):
        made = each.default_factory is not msgspec.NODEFAULT
        default = ", ".join(map(str, each.default_factory())) if made else each.default
        lines.append(f"| `CRM_{each.name.upper()}` | {meta_of(each.type).description} | {f'`{default}`' if default not in (*UNSET, False) else ''} |")
    return "\n".join(lines) + "\n"
