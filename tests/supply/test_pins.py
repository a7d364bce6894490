"""What we build from is what was reviewed: pinned, hashed, from no named place, under licences that we may use."""

import re

import pytest
from parts import READ, ROOT, assets, licence, needed, pins

# of every package that an installation runs; tools of development may have others
LICENCES = re.compile(
    r"0BSD|BSD|\bMIT\b|MIT-0|MIT-CMU|Apache|ISC|PSF|Python Software Foundation|Unlicense|MPL-2\.0|Mozilla Public License 2\.0|PostgreSQL"
)
UNUSUAL = {"node_modules/@uswds/uswds": "public domain and CC0; icons Apache-2.0, fonts OFL-1.1"}


def test_every_pin_has_its_hashes_and_no_place_is_named():
    assert [name for name, (_version, hashes) in pins().items() if not hashes] == []
    for file in ("constraints.txt", "pyproject.toml", "package.json", "package-lock.json"):
        text = re.sub(r"\[project\.urls\].*?(?=\n\[)", "", (ROOT / file).read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(r"https?://|--index-url |--find-links ", text), file


@pytest.fixture(scope="module")
def installed():
    return {name: package for name, (package, _wants) in needed().items() if name != "crm"}


def test_what_runs_is_what_was_pinned(installed):
    pinned = pins()
    assert {name: package.version for name, package in installed.items() if pinned.get(name, ("",))[0] != package.version} == {}
    assert len(installed) > 40


def test_every_licence_is_one_that_we_may_use(installed):
    unknown = {name: licence(package) for name, package in installed.items() if name not in READ and not LICENCES.search(licence(package))}
    assert unknown == {}


@pytest.mark.parametrize("name", READ)
def test_no_licence_is_excused_for_nothing(installed, name):
    assert not LICENCES.search(licence(installed[name]))


def test_what_pages_are_built_from_has_its_hashes_and_licences():
    assert [name for name, each in assets().items() if not each["integrity"].startswith("sha512-") or "resolved" in each] == []
    assert {name for name, each in assets().items() if not LICENCES.search(each.get("license", ""))} == set(UNUSUAL)
