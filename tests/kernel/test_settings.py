"""Settings: read once, and what is wrong is said with its name, its value and what is allowed."""

import stat

import pytest

from crm.settings import SECRET, Settings, SettingsError, in_force, load_settings, printed

SAFE = {
    "CRM_MODE": "production", "CRM_URL": "https://crm.example.org", "CRM_SECRET_KEY": "k" * 32,
    "CRM_SMTP_URL": "smtp://mail.example.org:587?tls=starttls",
}  # fmt: skip


@pytest.fixture
def read(tmp_path):
    """Settings on an empty data folder, from these names."""
    return lambda **given: load_settings({"CRM_DATA": str(tmp_path / "data"), **given})


@pytest.fixture
def told(read):
    """What is said of these names."""

    def told(**given):
        with pytest.raises(SettingsError) as caught:
            read(**given)
        return str(caught.value)

    return told


def test_a_new_folder_needs_no_setting(tmp_path):
    settings = load_settings({"CRM_DATA": str(tmp_path / "new")})
    assert settings.url == "http://localhost:8000"
    assert settings.files_url == f"file://{tmp_path}/new/files"


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("CRM_PORT", "eighty", "a whole number from 1 to 65535"),
        ("CRM_PORT", "0", "from 1"),
        ("CRM_PORT", "65536", "to 65535"),
        ("CRM_MODE", "staging", "development, production"),
        ("CRM_LANGUAGES", "en,fr", "en, es"),
        ("CRM_NO_PLUGINS", "perhaps", "true or false"),
        ("CRM_STATE", "Mass", "two letters"),
        ("CRM_BACKUP_AT", "25:00", "as 02:30"),
        ("CRM_ACCENT_COLOR", "teal", "as #rrggbb"),
        ("CRM_ACCENT_COLOR", "#ffffff", "4.5"),
        ("CRM_TIME_ZONE", "Boston", "America/New_York"),
        ("CRM_AGENCY_LOGO", "/no/such.svg", "no such file"),
        ("CRM_AGENCY_NAME", "", "1 to 80 characters"),
        ("CRM_REQUEST_TIMEOUT", "0", "a number above 0"),
        ("CRM_BACKUP_KEEP", "1,2", "3 values with commas between, each a whole number"),
    ],
)
def test_a_wrong_value_is_told_with_its_name_and_what_is_allowed(told, name, value, allowed):
    said = told(**{name: value})
    assert name in said
    assert value.rpartition(",")[2] in said
    assert allowed in said


def test_an_unknown_name_is_told_with_the_nearest(told):
    assert "CRM_PROT: there is no such setting. Did you mean CRM_PORT?" in told(CRM_PROT="8000")


def test_an_unknown_name_like_no_other_is_told_where_all_are_listed(told):
    assert "`crm settings`" in told(CRM_XYZZY="1")


def test_several_problems_are_told_at_once(told):
    said = told(CRM_PORT="eighty", CRM_MODE="staging", CRM_PROT="1", CRM_TIME_ZONE="Boston")
    assert [name for name in ("CRM_PORT", "CRM_MODE", "CRM_PROT", "CRM_TIME_ZONE") if name not in said] == []


def test_a_secret_that_is_wrong_is_not_shown(told):
    said = told(CRM_SECRET_KEY="hunter2")
    assert "CRM_SECRET_KEY" in said
    assert "32 characters" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("CRM_DATABASE_URL", "localhost:5432/geheim", "postgresql://"),
        ("CRM_DATABASE_URL", "mysql://a:geheim@localhost/crm", "postgresql://"),
        ("CRM_DATABASE_PORTAL_URL", "postgresql://a:geheim@localhost:abc/crm", "postgresql://"),
        ("CRM_REDIS_URL", "127.0.0.1:geheim", "redis://"),
    ],
)
def test_an_address_that_cannot_be_read_is_told_without_its_password(told, name, value, allowed):
    said = told(**{name: value})
    assert name in said
    assert allowed in said
    assert "geheim" not in said


def test_the_environment_wins_over_the_file(tmp_path, read):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "settings.toml").write_text('port = 9000\nagency_name = "MassHire"\nlanguages = ["es"]\n')
    settings = read(CRM_PORT="9001")
    assert (settings.port, settings.agency_name, settings.languages) == (9001, "MassHire", ["es"])


def test_a_file_may_be_named(tmp_path, read):
    (tmp_path / "ours.toml").write_text('state = "CT"\n')
    assert read(CRM_SETTINGS=str(tmp_path / "ours.toml")).state == "CT"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'prot = 1\n', ("prot", "Did you mean port?")),
        (b'port = "eighty"\n', ("port", "eighty", "a whole number")),
        (b"port = \n", ("cannot be read", "line 1")),
        (b'agency_name = "\xff"\n', ("cannot be read",)),
    ],
    ids=["unknown", "wrong", "syntax", "encoding"],
)  # fmt: skip
def test_what_is_wrong_in_the_file_is_told_with_the_file(tmp_path, told, text, said):
    file = tmp_path / "ours.toml"
    file.write_bytes(text)
    found = told(CRM_SETTINGS=str(file))
    assert str(file) in found
    assert [each for each in said if each.lower() not in found.lower()] == []


def test_a_named_file_that_is_missing_is_told(tmp_path, told):
    assert str(tmp_path / "none.toml") in told(CRM_SETTINGS=str(tmp_path / "none.toml"))


def test_lists_are_written_with_commas(read):
    assert read(CRM_PLUGINS_OFF="federal, massachusetts,").plugins_off == ["federal", "massachusetts"]
    assert read(CRM_BACKUP_KEEP="1,2,3").backup_keep == [1, 2, 3]


def test_what_a_test_run_sets_is_no_setting(read):
    assert read(CRM_TEST_DATABASE_URL="postgresql:///x").database_url == ""


def test_secrets_are_hidden_when_printed(read):
    schemes = {"redis_url": "redis://", "secret_key": "", "smtp_url": "smtp://", "imap_urls": "imaps://user:"}
    text = {name: schemes.get(name, "postgresql://") + "s3cret-" * 6 + ("@host" if name == "imap_urls" else "") for name in SECRET}
    shown = printed(read(**{f"CRM_{name.upper()}": value for name, value in text.items()}))
    assert "s3cret" not in shown
    assert shown.count("(set, hidden)") == len(SECRET)


def test_every_setting_is_printed_with_its_meaning(read):
    told = in_force(read())
    assert {name for name, _value, _meaning in told} == {f"CRM_{name.upper()}" for name in Settings.__struct_fields__}
    assert all(meaning for _name, _value, meaning in told)


def test_settings_cannot_be_changed(read):
    with pytest.raises(AttributeError):
        read().port = 1


def test_the_secret_key_is_made_once_for_its_owner_alone(tmp_path, read):
    first = read().secret_key
    assert len(first) >= 32
    assert read().secret_key == first
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600


def test_production_starts_when_it_is_safe(read):
    assert read(**SAFE).mode == "production"


@pytest.mark.parametrize(
    ("name", "value"),
    [("CRM_URL", "http://crm.example.org"), ("CRM_SECRET_KEY", ""), ("CRM_ALLOWED_HOSTS", "*"), ("CRM_SMTP_URL", ""),
     ("CRM_LOG_LEVEL", "debug")],
)  # fmt: skip
def test_production_refuses_what_is_not_safe(told, name, value):
    said = told(**{**SAFE, name: value})
    assert name in said
    assert "CRM_MODE=development" in said


def test_every_problem_of_production_is_told_at_once(told):
    said = told(CRM_MODE="production")
    assert [name for name in ("CRM_URL", "CRM_SECRET_KEY", "CRM_SMTP_URL") if name not in said] == []


def test_a_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="CRM_DATA"):
        load_settings({"CRM_DATA": str(tmp_path / "file")})
