"""What we build from is what was reviewed: pinned, hashed, from no named place, under licences that we may use."""

import importlib.metadata
import json
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
# of every package that an installation runs; tools of development may have others
LICENCES = re.compile(
    r"0BSD|BSD|\bMIT\b|MIT-0|MIT-CMU|Apache|ISC|PSF|Python Software Foundation|Unlicense|MPL-2\.0|Mozilla Public License 2\.0|PostgreSQL"
)
READ = {  # licences that the metadata does not name, as their files do
    "us": "BSD-3-Clause",
    "pyphen": "MPL-1.1, chosen of three; hyphenation is switched off",
    "zip2info": "MIT",
}
ASSETS = {"node_modules/@uswds/uswds": "public domain and CC0; icons Apache-2.0, fonts OFL-1.1"}


def tidy(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pins():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    found = re.findall(r"^([\w.-]+)==([^ \\;]+)[^\n]*\n((?: +--hash=\S+[ \\]*\n)*)", text, re.MULTILINE)
    return {tidy(name): (version, hashes) for name, version, hashes in found}


def needed():
    """The packages of an installation, those for one machine included, with what they need in turn."""
    found, waiting = {}, [("crm", {"embedded"})]
    while waiting:
        name, extras = waiting.pop()
        try:
            package = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another platform
        found[tidy(name)] = package
        for text in package.requires or []:
            wanted = Requirement(text)
            wants = [{"extra": extra} for extra in extras] or [{"extra": ""}]
            if tidy(wanted.name) not in found and (wanted.marker is None or any(wanted.marker.evaluate(each) for each in wants)):
                waiting.append((wanted.name, wanted.extras))
    del found["crm"]
    return found


def licence(package):
    given = package.metadata
    kinds = [kind for kind in given.get_all("Classifier") or [] if kind.startswith("License ::")]
    return given.get("License-Expression") or "; ".join(kinds) or (given.get("License") or "").partition("\n")[0]


def test_every_pin_has_its_hashes_and_no_place_is_named():
    assert [name for name, (_version, hashes) in pins().items() if "--hash=sha256:" not in hashes] == []
    for file in ("constraints.txt", "pyproject.toml", "package.json"):
        text = re.sub(r"\[project\.urls\].*?(?=\n\[)", "", (ROOT / file).read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(r"https?://|--index-url |--find-links ", text), file


def test_what_runs_is_what_was_pinned():
    pinned = pins()
    assert {name: package.version for name, package in needed().items() if pinned.get(name, ("",))[0] != package.version} == {}
    assert len(needed()) > 40


def test_every_licence_is_one_that_we_may_use():
    unknown = {name: licence(package) for name, package in needed().items() if name not in READ and not LICENCES.search(licence(package))}
    assert unknown == {}


@pytest.mark.parametrize("name", READ)
def test_no_licence_is_excused_for_nothing(name):
    assert not LICENCES.search(licence(needed()[name]))


def test_what_pages_are_built_from_has_its_hashes_and_licences():
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    packages.pop("")
    assert packages
    assert [name for name, each in packages.items() if not each["integrity"].startswith("sha512-") or "resolved" in each] == []
    assert {name for name, each in packages.items() if not LICENCES.search(each.get("license", ""))} == set(ASSETS)
