"""The bill of materials of a release, in CycloneDX 1.6: one for the core, one for each plugin. The same source gives the same bytes."""

import base64
import tomllib
import uuid
from datetime import UTC, datetime

from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from parts import READ, ROOT, SHIPPED, assets, fonts, licence, needed, pins, servers


def core(made_at):
    """The program with everything that an installation on one machine runs.

    Args:
        made_at: when the source was committed, in seconds since 1970.
    """
    packages, pinned = needed(), pins()
    own, _wants = packages["crm"]
    program = _package("crm", own.version, licence(own), kind=ComponentType.APPLICATION)
    made = {name: _package(name, package.version, READ.get(name) or licence(package), files=pinned[name][1]) for name, (package, _wants) in packages.items() if name != "crm"}
    for package, name, version, digest in servers():
        made[package].components.add(
            Component(name=name, version=version, type=ComponentType.APPLICATION, bom_ref=name, purl=PackageURL("generic", name=name, version=version), hashes=[_sha256(digest)])
        )
    bill = _bill(program, made_at)
    for name, (_package_found, wants) in packages.items():
        bill.components.update({made[name]} if name in made else set())
        bill.register_dependency(made.get(name, program), [made[each] for each in wants])
    for path, each in sorted(assets().items()):
        bill.components.add(_asset(path, each))
    for name, digest in fonts().items():
        bill.components.add(Component(name=name, type=ComponentType.FILE, bom_ref=f"font:{name}", hashes=[_sha256(digest)], licenses=[_licence("OFL-1.1")]))
    return bill


def plugin(folder, made_at):
    """A plugin in a folder of source, with what it asks for beside the core."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages = needed(project["name"], ())
    own = _package(project["name"], project["version"], project["license"])
    bill, beside = _bill(own, made_at), {name: packages[name] for name in packages[project["name"]][1]}
    made = [_package(name, package.version, READ.get(name) or licence(package)) for name, (package, _wants) in beside.items()]
    bill.components.update(made)
    bill.register_dependency(own, made)
    return bill


def written(bill):
    """As JSON text, equal for equal content."""
    bill.serial_number = uuid.UUID(int=0)
    bill.serial_number = uuid.uuid5(uuid.NAMESPACE_OID, JsonV1Dot6(bill).output_as_string())
    return JsonV1Dot6(bill).output_as_string(indent=1) + "\n"


def bills(made_at):
    """Every bill of a release by the name of its file."""
    folders = sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml"))
    found = [core(made_at), *(plugin(folder, made_at) for folder in folders)]
    return {f"{each.metadata.component.name}-{each.metadata.component.version}.cdx.json": written(each) for each in found}


def _bill(about, made_at):
    bill = Bom()
    bill.metadata.component = about
    bill.metadata.timestamp = datetime.fromtimestamp(made_at, UTC)
    return bill


def _package(name, version, terms, *, files=(), kind=ComponentType.LIBRARY):
    purl = PackageURL("pypi", name=name, version=version)
    origin = ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(str(purl)), hashes=map(_sha256, files))
    return Component(
        name=name, version=version, type=kind, bom_ref=str(purl), purl=purl, licenses=[_licence(terms)] if terms else [],
        external_references=[origin] if files else [],
    )  # fmt: skip


def _asset(path, each):
    group, _, name = path.removeprefix("node_modules/").rpartition("/")
    purl = PackageURL("npm", group or None, name, each["version"])
    return Component(
        name=name, group=group or None, version=each["version"], type=ComponentType.LIBRARY, bom_ref=str(purl), purl=purl,
        scope=ComponentScope.REQUIRED if path in SHIPPED else ComponentScope.EXCLUDED,
        licenses=[_licence(each["license"])], external_references=[ExternalReference(
            type=ExternalReferenceType.DISTRIBUTION, url=XsUri(str(purl)), hashes=[HashType.from_hashlib_alg("sha512", _hexadecimal(each["integrity"]))]
        )],
    )  # fmt: skip


def _hexadecimal(integrity):
    return base64.b64decode(integrity.removeprefix("sha512-")).hex()


def _licence(terms):
    return LicenseFactory().make_from_string(terms)


def _sha256(digest):
    return HashType(alg=HashAlgorithm.SHA_256, content=digest)
