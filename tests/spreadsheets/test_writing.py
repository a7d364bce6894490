import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from crm.spreadsheets.formulas import bare, guard
from crm.spreadsheets.reading import open_spreadsheet
from crm.spreadsheets.writing import MEND_COLUMN, write_csv, write_rejects, write_xlsx

RUNS = "=+-@\t\r\n＝＋－＠"


@given(st.text(alphabet=st.one_of(st.sampled_from(RUNS + "'1A ,\""), st.characters(codec="utf-8"))))
def test_no_text_starts_a_formula_and_none_is_lost(text):
    assert guard(text)[:1] not in set(RUNS)
    assert bare(guard(text)) == text


def test_csv_cells_do_not_run():
    output = io.BytesIO()

    write_csv(
        output,
        ["=Name", "Sum"],
        [["=HYPERLINK(1)", -5], ["＠x", Decimal("1.50")], [None, date(2026, 11, 23)]],
    )

    rows = list(csv.reader(io.StringIO(output.getvalue().decode("utf-8-sig"), newline="")))
    assert output.getvalue().startswith(b"\xef\xbb\xbf")
    assert rows == [["'=Name", "Sum"], ["'=HYPERLINK(1)", "-5"], ["'＠x", "1.50"], ["", "2026-11-23"]]


CELL = st.text(
    alphabet=st.one_of(st.sampled_from(RUNS + "'"), st.characters(codec="utf-8", exclude_categories=["C"]))
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=20))
def test_what_is_written_is_read_again(tmp_path_factory, pairs):
    path = tmp_path_factory.getbasetemp() / "round.csv"
    kept = [["x", *(" ".join(cell.split()) for cell in pair)] for pair in pairs]
    with path.open("wb") as output:
        write_csv(output, ["Key", "One", "Two"], kept)

    found = [row.cells for row in open_spreadsheet(path, delimiter=",").rows()]

    assert found == [[normal(cell) for cell in row] for row in kept]


def normal(text):
    import unicodedata

    return unicodedata.normalize("NFC", text)


def test_workbook_cells_do_not_run(tmp_path):
    path = tmp_path / "out.xlsx"
    cells = ["=1+1", "+1", "@x", "-1", "https://acme.com", "{=1}"]
    values = [12, Decimal("1.5"), date(2026, 11, 23), datetime(2026, 11, 23, 12, tzinfo=UTC), True, None]

    with path.open("wb") as output:
        count = write_xlsx(output, [f"c{n}" for n in range(6)], [cells, values], "Jobs: [2026]")

    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert count == 2
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet
    found = open_spreadsheet(path)
    assert [row.cells for row in found.rows()] == [
        ["=1+1", "+1", "@x", "-1", "https://acme.com", "{=1}"],
        ["12", "1.5", "2026-11-23", "2026-11-23 12:00:00", "TRUE", ""],
    ]


def rejected(path: Path, headers, rejects):
    with path.open("wb") as output:
        write_rejects(output, headers, rejects)
    return open_spreadsheet(path)


def test_a_file_of_rejected_rows_can_be_mended_and_read_again(tmp_path):
    headers = ["Name", "Phone"]
    rejects = [
        (["=Acme", "+1 413 555 0123"], "NAICS is wrong."),
        (["Zeta"], "No city."),
        (["A", "B", "C"], "3 cells."),
    ]

    once = rejected(tmp_path / "once.csv", headers, rejects)
    rows = list(once.rows())
    twice = rejected(tmp_path / "twice.csv", once.headers, [(row.cells, "Again.") for row in rows])

    assert MEND_COLUMN in (tmp_path / "once.csv").read_text(encoding="utf-8-sig")
    assert once.headers == twice.headers == headers
    assert [row.cells for row in rows] == [["=Acme", "+1 413 555 0123"], ["Zeta", ""], ["A", "B", "C"]]
    assert [row.cells for row in twice.rows()] == [row.cells for row in rows]
    assert [bool(row.problem) for row in rows] == [False, False, True]
