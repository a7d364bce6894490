"""Known holes in what is inside, from a folder of advisories in OSV format (a snapshot that someone brings; nothing is fetched)."""

import json
from datetime import UTC, datetime, timedelta

from packageurl import PackageURL
from packaging.version import InvalidVersion, Version
from ruamel.yaml import YAML

DAYS = {"CRITICAL": 7, "HIGH": 14}  # as SECURITY.md promises; the rest:
OTHERWISE = 60
ANSWERED = {  # what the list of an advisory says of our version, and its text does not
    "PYSEC-2023-241": "Savepoint names in piccolo before 1.1.1, says its text; its range has no end.",
}
ECOSYSTEMS = {"pypi": "PyPI", "npm": "npm"}


def read(folder):
    """Each advisory of the folder, those taken back left out.

    Raises:
        SystemExit: a file is not OSV, or there is none.
    """
    found, files = [], sorted(path for path in folder.rglob("*") if path.suffix in {".json", ".yaml", ".yml"})
    for path in files:
        text = path.read_text(encoding="utf-8")
        each = json.loads(text) if path.suffix == ".json" else YAML(typ="safe").load(text)
        if not isinstance(each, dict) or "id" not in each:
            raise SystemExit(f"{path}: not an advisory in OSV format: it has no “id”. Give the folder of advisories alone.")
        if not each.get("withdrawn"):
            found.append(each)
    if not found:
        raise SystemExit(f"{folder}: no advisory. Give a folder with files in OSV format (.json, .yaml).")
    return found


def newest(advisories):
    """The day of the newest advisory: a snapshot knows nothing of later ones."""
    return max(_moment(each.get("modified") or each["published"]) for each in advisories).date()


def holes(bill, advisories):
    """What the bill holds that an advisory names: dictionaries with id, package, version, fixed, severity and close_by.

    Args:
        bill: a bill of materials, as read from its JSON.
    """
    inside = {}
    for part in _parts(bill):
        purl = PackageURL.from_string(part["purl"])
        name = f"{purl.namespace}/{purl.name}" if purl.namespace else purl.name
        inside[ECOSYSTEMS.get(purl.type, purl.type), name.lower()] = purl.version
    found = []
    for advisory in advisories:
        for affected in advisory.get("affected", []):
            package = affected.get("package", {})
            version = inside.get((package.get("ecosystem"), package.get("name", "").lower()))
            if version and _hits(version, affected):
                severity = str((advisory.get("database_specific") or {}).get("severity", "")).upper()
                known = _moment(advisory.get("published") or advisory["modified"]).date()
                found.append({
                    "id": advisory["id"], "package": package["name"], "version": version, "fixed": _fixed(affected),
                    "severity": severity.lower() or "not said", "close_by": known + timedelta(days=DAYS.get(severity, OTHERWISE)),
                })  # fmt: skip
    return sorted(found, key=lambda hole: (hole["close_by"], hole["id"]))


def _parts(bill):
    waiting = list(bill["components"])
    while waiting:
        part = waiting.pop()
        waiting += part.get("components", [])
        if "purl" in part:
            yield part


def _hits(version, affected):
    if version in affected.get("versions", []):
        return True
    return any(_within(version, each["events"]) for each in affected.get("ranges", []) if each["type"] in {"ECOSYSTEM", "SEMVER"})


def _within(version, events):
    """Events in order switch on (introduced) and off (fixed, or after the last affected)."""
    at, hit = Version(version), False
    for event in sorted(events, key=lambda each: _version(next(iter(each.values())))):
        (kind, edge), = event.items()
        if kind == "introduced" and at >= _version(edge):
            hit = True
        elif (kind == "fixed" and at >= _version(edge)) or (kind == "last_affected" and at > _version(edge)):
            hit = False
    return hit


def _version(text):
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")  # unreadable: better one alarm too many


def _fixed(affected):
    edges = {event["fixed"] for each in affected.get("ranges", []) if each["type"] != "GIT" for event in each["events"] if "fixed" in event}
    return sorted(edges, key=_version)


def _moment(text):
    moment = text if isinstance(text, datetime) else datetime.fromisoformat(str(text))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
