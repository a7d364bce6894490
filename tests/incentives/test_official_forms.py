"""Agencies' fillable forms: taken in, mapped, filled in for a case; what must stay empty does."""

from io import BytesIO

import pypdfium2
import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, TextStringObject

from crm import files, pdf_forms
from crm.database import execute, fetch, fetch_value, transaction
from crm.errors import Conflict, Denied, Invalid, NotFound
from crm.incentives import hires, installed
from crm.incentives.official_forms import blank_forms, filled_forms, form_filling
from crm.incentives.official_forms.form_filling import Line
from crm.pdf_forms import Unfit
from crm.translation import speaking
from tests.incentives.official_form import FIELDS, made, name, text
from tests.incentives.test_cases import TODAY

TITLE = "IRS Form 8850"
LINES = (
    Line("employer.name", "", "employer.name"), Line("fein", "", "employer.fein", "signs"), Line("zip5", "", "employer.zip", part="1-5"),
    Line("starts", "", "work_start", "mdy"), Line("wage", "", "first_year_wages", "plain"), Line("group_a", "Yes", "wotc_group", equals="A"),
    Line("group_b", "On", "wotc_group", equals="B-a"), Line("note", "", "hire.job_title"),
)  # fmt: skip


async def taken_in(who, fields=FIELDS, edition="Rev. 3-2016", **more):
    blank_id, _earlier = await blank_forms.take_in(who, "us-wotc", TITLE, edition, "f8850.pdf", made(fields, **more))
    return blank_id


async def one(who, blank_id):
    async with transaction(read_only=True):
        return await blank_forms.one(who, blank_id)


@pytest.fixture
async def blank(people, case):
    found = await taken_in(people.sam)
    await blank_forms.map_fields(people.sam, found, 1, LINES)
    return found


async def papers(who, case, blank, program):
    await filled_forms.ask_for(who, case, blank, TODAY)
    await program.worker().run_until_idle()
    async with transaction(read_only=True):
        return await fetch("select s.*, f.id as case_file, f.added_by from stored_file s join case_file f on f.file_id = s.id where s.kind like 'case_form:%' order by s.created_at")


async def values(paper):
    return {key: str(field.get("/V", "")) for key, field in PdfReader(BytesIO(await files.read(paper["storage_key"]))).get_fields().items()}


async def test_facts_and_records_go_where_the_state_office_says(case, blank, people, program):
    [paper] = await papers(people.bob, case, blank, program)
    found = await values(paper)
    assert found["starts"] == "10/01/2025" and found["wage"] == "9000.00" and found["note"] == "Baker"
    assert found["employer.name"].startswith("Erin") and found["name"] == ""
    assert found["group_a"] == "/Yes" and found["group_b"] != "/On" and found["ssn"] == ""
    assert paper["name"] == f"irs-form-8850-{TODAY}.pdf" and paper["added_by"] == people.bob.account_id and paper["employer_id"] is None


async def test_it_can_still_be_changed_by_hand_and_viewers_show_it(case, blank, people, program):
    [paper] = await papers(people.bob, case, blank, program)
    body = await files.read(paper["storage_key"])
    form = PdfReader(BytesIO(body)).root_object["/AcroForm"]
    assert form["/NeedAppearances"] and len(form["/Fields"]) > 5
    document = pypdfium2.PdfDocument(body)
    document.init_forms()
    before = pypdfium2.PdfDocument(made())
    before.init_forms()
    assert document[0].render().to_pil().tobytes() != before[0].render().to_pil().tobytes()


async def test_a_job_that_runs_twice_keeps_one_file(case, blank, people, program):
    await papers(people.alice, case, blank, program)
    await execute_as_owner("update job set state = 'queued', finished_at = null where name = 'incentives.fill_form'")
    await program.worker().run_until_idle()
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from stored_file where kind like 'case_form:%'") == 1


async def execute_as_owner(sql):
    async with transaction():
        await execute(sql)


async def test_what_is_not_known_or_not_yours_stays_empty_and_is_listed(case, hire, blank, people, program, browse):
    await hires.forget(people.alice, hire, "first_year_wages")
    async with transaction(read_only=True):
        case_row = await fetch("select * from incentive_case where id = $1", case)
        found = await filled_forms.for_case(people.alice, case_row[0], await blank_forms.one(people.alice, blank), TODAY)
    assert {(each.field, each.why) for each in found.left} >= {("Hourly wage", "not known"), ("Employer identification number", "not yours to see")}
    shown = (await browse(people.alice).get(f"/cases/{case}")).text
    assert "Fill in IRS Form 8850" in shown and "Hourly wage: How much does the person earn in the first year? (not known)" in shown
    [paper] = await papers(people.alice, case, blank, program)
    assert (await values(paper))["fein"] == ""


async def test_that_sealed_answers_are_read_is_on_record_before_they_leave(case, hire, blank, people):
    await filled_forms.ask_for(people.bob, case, blank, TODAY)
    async with transaction(read_only=True):
        verbs = {row["verb"] for row in await fetch("select verb from audit_entry where outcome = 'disclosed' and actor_name = 'Bob'")}
    assert verbs == {"hire.secrets_read", "employer.fein_shown"}


async def test_it_is_for_the_board_alone(case, blank, people, program, browse):
    for who, refusal in ((people.charlie, NotFound), (people.walter, Denied), (people.ana, Denied)):
        with pytest.raises(refusal):
            await filled_forms.ask_for(who, case, blank, TODAY)
    [paper] = await papers(people.alice, case, blank, program)
    for who in (people.charlie, people.walter, people.ana):
        for path in (f"/files/{paper['id']}", f"/case-files/{paper['case_file']}"):
            assert (await browse(who).get(path)).status_code in {403, 404}


async def test_only_the_state_office_sets_forms_up(people, case):
    with pytest.raises(Denied):
        await taken_in(people.bob)
    blank = await taken_in(people.sam)
    with pytest.raises(Denied):
        await blank_forms.map_fields(people.bob, blank, 1, LINES)


@pytest.mark.parametrize(("line", "field"), [
    (Line("ssn", "", "employer.zip"), 2), (Line("starts", "", "employer.name", "mdy"), 5), (Line("starts", "", "moon"), 5), (Line("zip5", "", "employer.zip", part="0-4"), 4),
    (Line("group_a", "Yes", "wotc_group", equals="Z"), 7), (Line("wage", "", "first_year_wages", "roman"), 6),
])  # fmt: skip
async def test_what_cannot_be_filled_in_is_refused_where_it_stands(people, case, line, field):
    blank = await taken_in(people.sam)
    with pytest.raises(Invalid) as refused:
        await blank_forms.map_fields(people.sam, blank, 1, [line])
    assert list(refused.value.fields) == [f"source-{field}"]


async def test_a_later_edition_keeps_the_lines_and_says_which_fields_are_gone(people, case, blank, browse):
    later = await taken_in(people.sam, [each for each in FIELDS if each["T"] != "wage"], "Rev. 2027")
    found = await one(people.sam, later)
    assert [each.field for each in found.gone] == ["wage"] and len(found.lines) == len(LINES)
    assert "1 field of the earlier edition is gone." in (await browse(people.sam).get(f"/official-forms/{later}")).text
    with pytest.raises(Conflict):
        await filled_forms.ask_for(people.alice, case, blank, TODAY)
    await blank_forms.put_back(people.sam, blank)
    assert not (await one(people.sam, blank)).removed and (await one(people.sam, later)).removed


async def test_what_can_be_filled_in_is_said_in_spanish_too(program):
    with speaking("es"):
        assert form_filling.sources(installed.library().programs["us-wotc"])["employer.name"].label == "Empleador: nombre"


async def test_two_who_change_it_at_once_do_not_overwrite_each_other(people, blank):
    with pytest.raises(Conflict):
        await blank_forms.map_fields(people.sam, blank, 1, LINES[:1])


async def test_the_preview_is_filled_with_invented_data_and_every_box_is_ticked(people, blank):
    async with transaction(read_only=True):
        found = PdfReader(BytesIO(await blank_forms.preview(people.sam, blank))).get_fields()
    assert found["employer.name"]["/V"] == "Peña & Sons Bakery" and found["fein"]["/V"] == "123456789"
    assert (found["group_a"]["/V"], found["group_b"]["/V"]) == ("/Yes", "/On")


# ── PDFs that are no forms ──


def script(writer, page):
    writer.root_object[name("OpenAction")] = DictionaryObject({name("S"): name("JavaScript"), name("JS"): TextStringObject("app.alert(1)")})


def script_of_a_field(writer, page):
    page["/Annots"][0].get_object()[name("AA")] = DictionaryObject({name("K"): DictionaryObject({name("S"): name("JavaScript"), name("JS"): TextStringObject("1")})})


def xfa_alone(writer, page):
    writer.root_object["/AcroForm"].update({name("XFA"): TextStringObject("<xdp/>")})
    del page["/Annots"]


def no_fields(writer, page):
    del page["/Annots"]


@pytest.mark.parametrize(("pdf", "says"), [
    (lambda: made(more=script), "script"), (lambda: made(more=script_of_a_field), "script"), (lambda: made(more=xfa_alone), "XFA alone"),
    (lambda: made(more=no_fields), "no fields"), (lambda: made(more=lambda writer, _page: writer.encrypt("secret")), "locked by a password"),
    (lambda: made()[:700], "damaged"), (lambda: b"%PDF-1.7 nothing", "damaged"), (lambda: b"hello", "no PDF"),
    (lambda: made([text(f"f{n}") for n in range(301)], radios=None), "301 fields"), (lambda: b"%PDF" + b"0" * pdf_forms.MOST_BYTES, "11 MB"),
])  # fmt: skip
async def test_a_pdf_that_cannot_be_filled_in_is_refused_with_what_to_do(pdf, says):
    with pytest.raises(Unfit, match=says):
        await pdf_forms.fields_of(pdf())


async def test_xfa_beside_ordinary_fields_is_left_out_of_what_is_filled_in():
    both = made(more=lambda writer, _page: writer.root_object["/AcroForm"].update({name("XFA"): TextStringObject("<xdp/>")}))
    assert "/XFA" not in PdfReader(BytesIO(await pdf_forms.filled(both, {"starts": "x"}, {}))).root_object["/AcroForm"]


async def test_each_field_is_filled_by_its_whole_name_and_one_button_of_a_group_is_on():
    found = PdfReader(BytesIO(await pdf_forms.filled(made(), {"employer.name": "Ñandú"}, {"veteran": "no"})))
    values = {key: field.get("/V") for key, field in found.get_fields().items()}
    assert values["employer.name"] == "Ñandú" and not values["name"] and values["veteran"] == "/no"
    states = [each.get_object()["/AS"] for each in found.pages[0]["/Annots"] if "/Parent" in each.get_object() and "/AS" in each.get_object()]
    assert sorted(states) == ["/Off", "/no"]


async def test_digits_in_boxes_of_their_own_and_what_is_too_long():
    fields = await pdf_forms.fields_of(made())
    write = form_filling.write
    assert [write("12-3456789", Line("x", "", "y", part=part)) for part in ("1-2", "3-9", "3")] == ["12", "3456789", "3"]
    assert write("12-3456789", Line("x", "", "y", "signs")) == "123456789"
    [left] = form_filling.filled(fields, [Line("zip5", "", "employer.zip")], {"employer.zip": "01608-1234"}, {}).left
    assert left.why == "too long: 10 characters, and 5 fit"
