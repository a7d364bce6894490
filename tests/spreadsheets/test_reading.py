import csv
import io
import os
import tracemalloc
import zipfile

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.spreadsheets.limits import LIMITS, Unreadable, readable_size
from crm.spreadsheets.reading import open_spreadsheet

HEADER = "Name,City,Zip\n"


@pytest.fixture
def save(tmp_path):
    def save(content, name="file.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return save


@pytest.fixture
def workbook(tmp_path):
    def workbook(rows, name="file.xlsx", sheet="Sheet1"):
        path = tmp_path / name
        with xlsxwriter.Workbook(path) as book:
            page = book.add_worksheet(sheet)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
        return path

    return workbook


def cells(spreadsheet):
    return [row.cells for row in spreadsheet.rows()]


def outcome(path):
    """The numbers of the rows, or "refused"; any other error is a fault."""
    try:
        return [row.number for row in open_spreadsheet(path).rows()]
    except Unreadable:
        return "refused"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"\xef\xbb\xbfName,City\nPe\xc3\xb1a,X\n", "UTF-8"),
        ("Name,City\nPeña,X\n".encode(), "UTF-8"),
        ("Name,City\nPeña,X\n".encode("windows-1252"), "Windows-1252"),
        ("Name,City\nPeña,X\n".encode("utf-16"), "UTF-16"),
        ("Name,City\nPeña,Xxxxx\n".encode("utf-16-le") * 3, "UTF-16LE"),
    ],
)
def test_the_character_set_is_found(save, content, encoding):
    found = open_spreadsheet(save(content))

    assert found.encoding == encoding
    assert found.headers == ["Name", "City"]
    assert cells(found)[0][0] == "Peña"


def test_a_person_can_switch_the_character_set(save):
    path = save("Name,City\nPeña,X\n".encode("mac-roman"))

    assert cells(open_spreadsheet(path, encoding="Mac Roman")) == [["Peña", "X"]]


def test_a_broken_letter_far_down_makes_the_whole_file_windows_1252(save):
    path = save(HEADER.encode() + b"A,B,01234\n" * 20_000 + b"Pe\xf1a,B,01234\n")

    assert open_spreadsheet(path).encoding == "Windows-1252"


def test_refuses_a_wrong_character_set_and_names_the_row(save):
    path = save(HEADER.encode() + b"A,B,1\n" * 20_000 + b"Pe\xf1a,B,1\n")

    with pytest.raises(Unreadable, match="UTF-8"):
        cells(open_spreadsheet(path, encoding="UTF-8"))


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found(save, delimiter):
    lines = [["Name", "Note"], ["Acme", "one, two; three"], ["Zeta", "a\nb"], ["Last", "x"]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(lines)

    found = open_spreadsheet(save(text.getvalue()))

    assert found.delimiter == delimiter
    assert cells(found) == lines[1:]


def test_one_column_is_a_table_too(save):
    assert cells(open_spreadsheet(save("Name\nAcme\nZeta\n"))) == [["Acme"], ["Zeta"]]


def test_titles_above_the_header_and_empty_rows_are_passed_over_and_counted(save):
    found = open_spreadsheet(save("Employers 2026\n\nName,City\nAcme,Boston\n\n,\nZeta,Salem\n"))

    assert found.headers == ["Name", "City"]
    assert [(row.number, row.cells[0]) for row in found.rows()] == [(4, "Acme"), (7, "Zeta")]


def test_unnamed_and_doubled_columns_get_names_and_notes(save):
    found = open_spreadsheet(save("Phone,,Phone,Phone,,\n1,2,3,4,,\n"))

    assert found.headers == ["Phone", "Column 2", "Phone (2)", "Phone (3)"]
    assert len(found.notes) == 3


def test_a_long_row_is_kept_whole_with_its_problem(save):
    short, long, blank_tail = open_spreadsheet(save(HEADER + "A\nB,C,D,E\nF,G,H,,\n")).rows()

    assert (short.cells, short.problem) == (["A", "", ""], "")
    assert (long.cells, bool(long.problem)) == (["B", "C", "D", "E"], True)
    assert (blank_tail.cells, blank_tail.problem) == (["F", "G", "H"], "")


def test_control_characters_go_and_letters_are_composed(save):
    found = open_spreadsheet(save(HEADER + 'A\x00cme\x07,Pen\u0303a,"two\r\nlines"\n'))

    assert cells(found) == [["Acme", "Peña", "two\nlines"]]


def test_a_very_long_cell_is_a_problem_of_its_row_only(save):
    good, bad = open_spreadsheet(save(HEADER + f"A,B,1\n{'x' * 40_000},B,1\n")).rows()

    assert good.problem == ""
    assert "32,767" in bad.problem


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "0 bytes"),
        (b"\n\n , \n", "no text"),
        (b"Name,City\n", "no rows"),
        (os.urandom(5_000), "another kind of file"),
        (bytes(5_000), "another kind of file"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "xls"),
        (b"<html><table><tr><td>1</td></tr></table>", "HTML"),
        (b"PK\x03\x04 not really a zip", "damaged"),
        (HEADER.encode() + b'A,"' + b"x\n" * 80_000, "quotation mark"),
        (",".join(f"c{n}" for n in range(200)).encode() + b"\n" + b"1," * 199 + b"1\n", "200 columns"),
    ],
)
def test_refuses_bad_files_with_what_to_do(save, content, says):
    with pytest.raises(Unreadable, match=says):
        cells(open_spreadsheet(save(content)))


def test_refuses_two_gigabytes_without_reading_them(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(2 * 2**30)

    with pytest.raises(Unreadable, match=r"2\.0 GB.*256\.0 MB"):
        open_spreadsheet(path)


def test_refuses_more_rows_than_allowed_while_reading(save):
    found = open_spreadsheet(save(HEADER + "A,B,1\n" * 151), limits=LIMITS._replace(rows=150))

    with pytest.raises(Unreadable, match="more than 150 rows"):
        cells(found)


def test_a_file_of_any_length_needs_the_same_memory(save):
    path = save(HEADER + "Acme Widgets,Boston,02139\n" * 60_000)
    tracemalloc.start()

    count = sum(1 for _row in open_spreadsheet(path).rows())

    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 60_000
    assert peak < 4 * 2**20


def test_a_workbook_gives_what_its_cells_show(workbook):
    found = open_spreadsheet(
        workbook([["Name", "Zip", "Size", "Active"], ["Peña", "02139", 12.0, True], ["", "", 1.5, ""]])
    )

    assert found.sheet == "Sheet1"
    assert cells(found) == [["Peña", "02139", "12", "TRUE"], ["", "", "1.5", ""]]
    assert [row.number for row in found.rows()] == [2, 3]


def test_the_first_sheet_that_holds_something_is_read_and_another_can_be_chosen(tmp_path):
    path = tmp_path / "sheets.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Empty")
        for name in ("First", "Second", "Secret"):
            book.add_worksheet(name).write_column(0, 0, ["Name", name])
        book.get_worksheet_by_name("Secret").hide()

    assert open_spreadsheet(path).sheet == "First"
    assert open_spreadsheet(path).sheets == ("Empty", "First", "Second")
    assert cells(open_spreadsheet(path, sheet="Second")) == [["Second"]]
    with pytest.raises(Unreadable, match="First, Second"):
        open_spreadsheet(path, sheet="Secret")


def rewritten(path, target, change):
    """The same workbook with one part changed."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, change(part.filename, old.read(part)))
    return target


def in_sheet(found, replacement):
    return lambda name, content: (
        content.replace(found, replacement) if "worksheets/sheet1" in name else content
    )


def test_refuses_a_zip_bomb_by_its_directory(workbook, tmp_path):
    change = in_sheet(b"</sheetData>", b" " * 60_000_000 + b"</sheetData>")
    bomb = rewritten(workbook([["Name"], ["A"]]), tmp_path / "bomb.xlsx", change)

    assert bomb.stat().st_size < 500_000
    with pytest.raises(Unreadable, match="unpacks to 57.2 MB"):
        open_spreadsheet(bomb)


def test_refuses_a_sheet_that_claims_to_be_huge(workbook, tmp_path):
    change = in_sheet(b'ref="A1:B2"', b'ref="A1:XFD1048576"')
    claim = rewritten(workbook([["Name", "City"], ["A", "B"]]), tmp_path / "claim.xlsx", change)

    with pytest.raises(Unreadable, match="1,048,576 rows and 16,384 columns"):
        open_spreadsheet(claim)


@pytest.mark.parametrize("far", [b"XFD300000", b"A300000"])
def test_a_cell_far_away_costs_no_memory_here(workbook, tmp_path, far):
    """calamine keeps the whole rectangle: the process that opens it is limited, not we."""
    cell = b'<row r="300000"><c r="' + far + b'" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    path = rewritten(
        workbook([["Name", "City"], ["A", "B"]]), tmp_path / "far.xlsx", in_sheet(b"</sheetData>", cell)
    )

    assert outcome(path) in ([2, 300_000], "refused")


@pytest.mark.parametrize("name", ["word/document.xml", "../../etc/passwd"])
def test_refuses_an_archive_that_is_no_workbook(tmp_path, name):
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "x")

    with pytest.raises(Unreadable, match="not a workbook"):
        open_spreadsheet(path)


def test_refuses_a_workbook_with_broken_xml(workbook, tmp_path):
    path = rewritten(
        workbook([["Name", "City"], ["A", "B"]]), tmp_path / "bad.xlsx", in_sheet(b"</c>", b"</d>")
    )
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(path.read_bytes()[:-200])

    for damaged in (path, cut):
        with pytest.raises(Unreadable):
            open_spreadsheet(damaged)


TEXT = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=12)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=40), delimiter=st.sampled_from(",\t;|"))
def test_every_row_is_read_exactly_once(tmp_path_factory, rows, delimiter):
    path = tmp_path_factory.mktemp("rows") / "file.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([["Number", "One", "Two", "Three"], *([at, *row] for at, row in enumerate(rows))])
        writer.writerow(["end", "", "", ""])

    found = list(open_spreadsheet(path, delimiter=delimiter).rows())

    assert [row.cells[0] for row in found] == [*map(str, range(len(rows))), "end"]
    assert [row.number for row in found] == list(range(2, len(rows) + 3))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2_000))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "bytes.csv"
    path.write_bytes(content)

    assert outcome(path)


@pytest.mark.parametrize(
    ("size", "shown"), [(0, "0 bytes"), (2**31, "2.0 GB"), (1_536_000, "1.5 MB"), (4_608, "4.5 kB")]
)
def test_sizes_are_written_in_words(size, shown):
    assert readable_size(size) == shown
