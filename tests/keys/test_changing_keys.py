"""A secret key can be changed while everyone works: what an earlier one sealed opens, until it is sealed anew."""

import asyncio
import json
import os
import subprocess
import sys
from uuid import UUID

import asyncpg
import pytest

from crm import files, key_rotation, sealing
from crm.access import SYSTEM
from crm.actions import acting
from crm.csrf import fits, token
from crm.database import Login, connected, execute, execute_many, fetch, fetch_value, transaction
from crm.employers.fein import fein_hash, open_fein, seal_fein
from crm.employers.importing import actions as importing
from crm.employers.searching import Filters, list_employers
from crm.key_rotation import holdings, rotate, unopened
from crm.sealed_columns import SEALED
from crm.sealing import SealBroken

OLD, NEW = "o" * 64, "n" * 64
HEAD = "Company,City,State,Zip,FEIN\n"


@pytest.fixture
async def sealed(program, employers, people, tmp_path):
    """Something in each sealed column, and a file, all by the old key; the ids."""
    sealing.use_keys(OLD)
    digits = "123456789"
    stored = await files.put(b"name\nAcme\n", "csv")
    sheet = tmp_path / "list.csv"
    sheet.write_text(f"{HEAD}Acme LLC,Worcester,MA,01608,98-7654321\n", encoding="utf-8")
    async with acting(SYSTEM, "test.sealed") as act:
        await execute(
            "update employer set fein_sealed = $2, fein_hash = $3, fein_last4 = '6789' where id = $1",
            employers.erins, seal_fein(digits, employers.erins), fein_hash(digits),
        )  # fmt: skip
        account = people.alice.account_id
        await execute("update account set totp_sealed = $2 where id = $1", account,
                      sealing.seal("JBSWY3DPEHPK3PXP", "account", "totp_sealed", account))  # fmt: skip
        mail = UUID(int=7)
        await execute(
            "insert into mail_message (id, to_address, subject, text_body, html_body, sealed, language, template, message_id, state) "
            "values ($1, 'a@example.org', '', '', '', $2, 'en', 'invitation', 'x', 'queued')",
            mail, sealing.seal("{}", "mail_message", "sealed", mail),
        )  # fmt: skip
        box = UUID(int=8)
        await execute("insert into dropbox (id, account_id, secret_sealed, secret_hash) values ($1, $2, $3, 'x')", box, account,
                      sealing.seal("secret", "dropbox", "secret", box))  # fmt: skip
        asked = await fetch_value("insert into custom_field (subject, key, kind, label_en, label_es, purpose_en, purpose_es, sensitivity) "
                                  "values ('employer', 'account', 'text', 'x', 'x', 'x', 'x', 'sealed') returning id")  # fmt: skip
        value = UUID(int=9)
        await execute("insert into custom_value (id, field_id, employer_id, sealed) values ($1, $2, $3, $4)", value, asked, employers.erins,
                      sealing.seal('"Tulip 77"', "custom_value", "sealed", value))  # fmt: skip
        board = await fetch_value("select board_id from role_grant where account_id = $1", account)
        hire = await fetch_value("insert into hire (employer_id, board_id, label) values ($1, $2, 'x') returning id", employers.erins, board)
        fact, kept = UUID(int=10), UUID(int=11)
        await execute("insert into hire_fact (id, hire_id, board_id, key, source, value_sealed) values ($1, $2, $3, 'birth_date', 'learner', $4)",
                      fact, hire, board, sealing.seal("2001-02-03", "hire_fact", "value", fact))  # fmt: skip
        await execute("insert into estimate (id, employer_id, hire_id, board_id, as_of, content_sealed) values ($1, $2, $3, $4, now(), $5)",
                      kept, employers.erins, hire, board, sealing.seal("{}", "estimate", "content", kept))  # fmt: skip
        trial = UUID(int=12)
        await execute("insert into rule_trial (id, kind, drafts, detail_sealed) values ($1, 'shadow', '[]', $2)", trial,
                      sealing.seal("[]", "rule_trial", "detail", trial))  # fmt: skip
        act.record("stored_file", await files.keep(stored, "list.csv", "import"))
    import_id = await importing.start(SYSTEM, sheet, "list.csv")
    await importing.check(SYSTEM, import_id, sheet)
    return {"employer": employers.erins, "import": import_id, "file": stored.key, "files": 1, "values": 9}


async def found_by_fein(people, typed="12-3456789"):
    async with transaction(read_only=True):
        return [row["id"] for row in (await list_employers(people.sam, Filters(q=typed))).rows]


def test_a_value_names_its_key_and_opens_with_that_alone():
    sealing.use_keys(OLD)
    value = sealing.seal_bytes(b"text", "here")

    sealing.use_keys(NEW, OLD)
    assert sealing.open_bytes(value, "here") == b"text"
    sealing.use_keys(NEW)
    with pytest.raises(SealBroken, match=sealing.key_of(OLD).name.hex()):
        sealing.open_bytes(value, "here")


def test_a_value_of_the_first_version_which_names_no_key_opens_with_any():
    sealing.use_keys(OLD)
    value = b"\x01" + sealing.seal_bytes(b"text", "here")[sealing.HEAD :]

    sealing.use_keys(NEW, OLD)
    assert sealing.open_bytes(value, "here") == b"text"
    sealing.use_keys(NEW)
    with pytest.raises(SealBroken, match="CRM_OLD_SECRET_KEYS"):
        sealing.open_bytes(value, "here")


def test_the_name_of_a_key_is_the_same_everywhere_and_is_no_part_of_it():
    key = sealing.key_of(OLD)
    assert key.name == sealing.key_of(OLD).name != sealing.key_of(NEW).name
    assert key.name not in key.seal + key.hash


def test_a_form_opened_before_the_change_can_be_sent_after_it():
    assert fits([NEW, OLD], "session", token(OLD, "session"))
    assert not fits([NEW], "session", token(OLD, "session"))
    assert not fits([NEW, OLD], "another", token(OLD, "session"))


async def test_every_column_that_holds_a_sealed_value_is_known(database):
    """Bytes in the database are a hash, a key that may be public, or sealed and declared."""
    async with transaction(read_only=True):
        rows = await fetch(
            "select table_name, column_name from information_schema.columns where table_schema = 'public' "
            "and data_type = 'bytea' and column_name !~ '(hash|sha256|credential_id|public_key)$'"
        )
    assert {tuple(row) for row in rows} == {(column.table, column.column) for column in SEALED}


async def test_everything_is_found_and_opens_before_it_is_sealed_anew(sealed, people):
    sealing.use_keys(NEW, OLD)

    assert await unopened() == []
    assert await found_by_fein(people) == [sealed["employer"]]
    assert [(each.use, each.values, each.files) for each in await holdings()] == [
        ("seals", 0, 0), ("opens", sealed["values"], sealed["files"]),
    ]  # fmt: skip


async def test_everything_is_sealed_anew_and_the_old_key_can_go(sealed, people, program):
    sealing.use_keys(NEW, OLD)
    done = await rotate(program.settings)

    assert done.sealed == {**{f"{column.table}.{column.column}": 1 for column in SEALED}, "files": 1}
    assert (done.broken, done.left) == ([], 0)
    sealing.use_keys(NEW)
    assert await unopened() == []
    assert [each.use for each in await holdings()] == ["seals"]
    assert await found_by_fein(people) == [sealed["employer"]]
    assert await files.read(sealed["file"]) == b"name\nAcme\n"
    async with transaction(read_only=True):
        value = await fetch_value("select fein_sealed from employer where id = $1", sealed["employer"])
    assert open_fein(value, sealed["employer"]) == "12-3456789"


async def test_a_second_time_finds_nothing_to_do_and_says_nothing_to_the_record(sealed, program):
    sealing.use_keys(NEW, OLD)
    await rotate(program.settings)
    entries = "select count(*) from audit_entry where verb = 'keys.rotated'"
    async with transaction(read_only=True):
        before = await fetch_value(entries)

    assert sum((await rotate(program.settings)).sealed.values()) == 0
    async with transaction(read_only=True):
        assert await fetch_value(entries) == before == len(SEALED) + 1


async def test_an_import_checked_before_the_change_is_written_after_it(sealed, people, program):
    sealing.use_keys(NEW, OLD)
    await rotate(program.settings)
    sealing.use_keys(NEW)

    assert (await importing.apply(SYSTEM, sealed["import"]))["created"] == 1
    assert len(await found_by_fein(people, "98-7654321")) == 1


@pytest.mark.parametrize("anew", [False, True])
async def test_a_list_meets_an_employer_whose_number_was_hashed_by_the_old_key(sealed, program, tmp_path, anew):
    """Also where the employer is sealed anew between the check and the writing."""
    sealing.use_keys(NEW, OLD)
    sheet = tmp_path / "again.csv"
    sheet.write_text(f"{HEAD}Erin and Daughters,Lowell,MA,01852,12-3456789\n", encoding="utf-8")
    import_id = await importing.start(SYSTEM, sheet, "again.csv")
    if anew:
        await rotate(program.settings)

    assert (await importing.check(SYSTEM, import_id, sheet))["created"] == 0


async def test_what_does_not_open_is_named_and_stays_as_it_is(sealed, program):
    async with acting(SYSTEM, "test.broken") as act:
        await execute("update employer set fein_sealed = set_byte(fein_sealed, 30, get_byte(fein_sealed, 30) # 1)")
        act.record("employer", sealed["employer"])
    stored = await files.put(b"name\nBee\n", "csv")
    async with acting(SYSTEM, "file.kept") as act:
        act.record("stored_file", await files.keep(stored, "list.csv", "import"))
    await files.delete(sealed["file"])
    sealing.use_keys(NEW, OLD)

    done = await rotate(program.settings)

    assert [str(sealed["employer"]) in done.broken[0], sealed["file"] in done.broken[1], len(done.broken)] == [True, True, 2]
    assert (done.sealed["files"], done.sealed["employer.fein_sealed"], done.left) == (1, 0, 0)


async def test_a_key_that_is_not_at_hand_is_named(sealed):
    sealing.use_keys(NEW)

    unknown = [each for each in await holdings() if each.use == "unknown"]
    assert [(each.key, each.values, each.files) for each in unknown] == [(sealing.key_of(OLD).name.hex(), sealed["values"], 1)]
    assert sealing.key_of(OLD).name.hex() in (await unopened())[0]


async def test_people_go_on_working_meanwhile(program, employers, monkeypatch):
    """Numbers are read, changed and looked for while everything is sealed anew; none is lost, none is taken back."""
    sealing.use_keys(OLD)
    monkeypatch.setattr(key_rotation, "BATCH", 10)
    numbers = {UUID(int=each): f"{each:09d}" for each in range(100, 300)}
    async with acting(SYSTEM, "test.sealed") as act:
        await execute_many(
            "insert into employer (id, name, match_key, fein_sealed, fein_hash) values ($1, $2, $2, $3, $4)",
            [(key, str(key), seal_fein(digits, key), fein_hash(digits)) for key, digits in numbers.items()],
        )  # fmt: skip
        act.record("employer", None)
    sealing.use_keys(NEW, OLD)

    async def people_at_work():
        for key in list(numbers)[::4]:
            async with acting(SYSTEM, "employer.changed") as act:
                numbers[key] = f"{int(numbers[key]) + 500:09d}"
                await execute("update employer set fein_sealed = $2, fein_hash = $3 where id = $1",
                              key, seal_fein(numbers[key], key), fein_hash(numbers[key]))  # fmt: skip
                act.record("employer", key)

    done, _none = await asyncio.gather(rotate(program.settings), people_at_work())

    assert (done.broken, done.left) == ([], 0)
    sealing.use_keys(NEW)
    async with transaction(read_only=True):
        found = await fetch("select id, fein_sealed, fein_hash from employer where fein_sealed is not null")
    assert {row["id"]: open_fein(row["fein_sealed"], row["id"]).replace("-", "") for row in found} == numbers
    assert {row["id"]: row["fein_hash"] for row in found} == {key: fein_hash(digits) for key, digits in numbers.items()}


async def test_what_someone_works_on_is_left_and_told(sealed, program, superuser, template, database):
    servers, _ = template
    busy = await asyncpg.connect(servers.superuser_url(database.name))
    await busy.execute("begin")
    await busy.execute("select from employer for update")
    sealing.use_keys(NEW, OLD)
    try:
        assert (await rotate(program.settings)).left == 1
    finally:
        await busy.close()
    assert (await rotate(program.settings)).left == 0


async def test_the_login_is_found_whichever_key_made_its_password(database):
    right = database.addresses[Login.APP]
    wrong = right.replace(":throwaway@", ":another@")
    candidates = [wrong, right]

    for _time in range(2):
        await (await connected(candidates)).close()
    assert candidates == [right, wrong]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await connected([wrong, right.replace(":throwaway@", ":third@")])


# ── as whoever runs the program does it ──

STRUCK = """
import os, signal
from crm import cli, key_rotation

seal, values = key_rotation._seal_row, iter(range(700))

async def struck(*given):
    if next(values, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)
    return await seal(*given)

key_rotation._seal_row = struck
cli.main()
"""


@pytest.fixture
def crm(walkable_folder):
    """Run `crm` on an installation of its own, with these keys: the one that seals first."""

    def run(*words, keys, program=("-m", "crm.cli"), ends=0):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
        own = {"CRM_DATA": str(walkable_folder / "data"), "CRM_SECRET_KEY": keys[0], "CRM_OLD_SECRET_KEYS": ",".join(keys[1:])}
        done = subprocess.run([sys.executable, *program, *map(str, words)], capture_output=True, text=True, check=False,
                              timeout=120, env={**kept, **own})  # fmt: skip
        assert done.returncode == ends, done.stderr
        return done

    return run


def test_a_change_that_is_cut_short_is_finished_by_the_next(crm, walkable_folder, tmp_path):
    """kill -9 in the middle: what was sealed anew stays so, the rest is done by the next, and the old key can go."""
    sheet = tmp_path / "list.csv"
    lines = (f"Employer {each},Worcester,MA,01608,{each:09d}\n" for each in range(100_000_001, 100_001_001))
    sheet.write_text(HEAD + "".join(lines), encoding="utf-8")
    crm("import", "employers", sheet, keys=[OLD])
    backup = json.loads(crm("backup", "--to", walkable_folder / "backups", "--json", keys=[OLD]).stdout)["file"]

    assert "CRM_OLD_SECRET_KEYS" in crm("keys", "list", keys=[NEW], ends=1).stderr
    crm("keys", "rotate", keys=[NEW, OLD], program=("-c", STRUCK), ends=-9)
    listed = {each["use"]: each["values"] for each in json.loads(crm("keys", "list", "--json", keys=[NEW, OLD]).stdout)}
    assert listed == {"seals": 600, "opens": 1400}  # whole batches alone, of an employer's and the list's own value for each

    done = json.loads(crm("keys", "rotate", "--json", keys=[NEW, OLD]).stdout)
    assert (done["broken"], done["left"], done["sealed"]["employer.fein_sealed"]) == ([], 0, 400)
    assert [each["use"] for each in json.loads(crm("keys", "list", "--json", keys=[NEW]).stdout)] == ["seals"]
    crm("audit", "verify", keys=[NEW])

    # a backup of before is as it was: it opens as long as someone has its key
    assert "another key" in crm("restore", "--drill", backup, keys=[NEW], ends=1).stderr
    assert "The backup is good" in crm("restore", "--drill", backup, keys=[NEW, OLD]).stdout
