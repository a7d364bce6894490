"""A plugin's fields are marked and locked, come in with it, hide while it is off, and keep their values."""


import pytest

from crm import plugins
from crm.custom_fields import Choice, CustomField
from crm.database import fetch, fetch_value, transaction
from crm.errors import Denied
from crm.fields import actions, declaring, definitions
from crm.fields.own import own
from tests.editing import EditForm
from tests.fields.test_defining import changed, row

PERMIT = CustomField(
    subject="employer", key="ohio_permit", kind="choice", label_en="Work permit", label_es="Permiso", purpose_en="So that minors may work",
    purpose_es="Para que trabajen menores", choices=(Choice("held", "Held", "Lo tiene"), Choice("asked", "Asked for", "Solicitado")),
)  # fmt: skip


@pytest.fixture
def declares(program, monkeypatch):
    """`declares(field, …)`: the plugin ohio is on and declares these; without any, it is off."""

    def now(*fields):
        monkeypatch.setattr(plugins.PluginManager, "fields", lambda self: [("ohio", field) for field in fields])

    return now


async def test_a_plugins_field_is_asked_marked_and_locked(browse, people, employers, declares):
    declares(PERMIT)
    assert await declaring.declare() == 1
    alice = browse(people.alice)
    await (await EditForm(alice, f"/employers/{employers.erins}/edit").open()).save(x_ohio_permit="held")
    assert "Work permit" in (await alice.get(f"/employers/{employers.erins}")).text
    async with transaction(read_only=True):
        field_id = await fetch_value("select id from custom_field")
    page = (await browse(people.sam).get(f"/fields/{field_id}")).text
    assert "The plugin ohio brings this field and alone changes it." in page and 'name="label_en"' not in page
    assert "From the plugin ohio, locked" in (await browse(people.sam).get("/fields")).text
    with pytest.raises(Denied, match="belongs to a plugin"):
        await actions.change(people.sam, field_id, changed(await row(field_id), label_en="Mine"))
    with pytest.raises(Denied):
        await actions.put_away(people.sam, field_id)
    await actions.shift(people.sam, field_id, "up")


async def test_it_hides_while_the_plugin_is_off_and_its_values_stay(browse, people, employers, declares):
    declares(PERMIT)
    await declaring.declare()
    async with transaction():
        await (await own(people.sam, "employer", employers.erins)).keep(people.sam, employers.erins, {"x_ohio_permit": "held"})
    declares()
    assert await declaring.declare() == 0
    alice = browse(people.alice)
    assert "Work permit" not in (await alice.get(f"/employers/{employers.erins}")).text + (await alice.get(f"/employers/{employers.erins}/edit")).text
    assert "Hidden while the plugin is off" in (await browse(people.sam).get("/fields")).text
    declares(PERMIT)
    async with transaction(read_only=True):
        assert (await own(people.alice, "employer", employers.erins)).now == {"x_ohio_permit": "held"}


async def test_a_new_version_of_a_plugin_changes_what_it_may(people, employers, declares):
    declares(PERMIT)
    await declaring.declare()
    assert await declaring.declare() == 0  # any number of starts
    declares(CustomField(**{name: getattr(PERMIT, name) for name in PERMIT.__struct_fields__} | {"label_en": "Permit"}))
    assert await declaring.declare() == 1
    declares(CustomField(**{name: getattr(PERMIT, name) for name in PERMIT.__struct_fields__} | {"kind": "text", "choices": ()}))
    assert await declaring.declare() == 0  # values of one kind are never read as another
    async with transaction(read_only=True):
        assert [(found["label_en"], found["kind"]) for found in await fetch("select * from custom_field")] == [("Permit", "choice")]


async def test_a_key_that_the_state_has_stays_the_states(people, declares, make):
    await make("text", "ohio_permit")
    declares(PERMIT)
    assert await declaring.declare() == 0
    async with transaction(read_only=True):
        [field] = await definitions.fields(people.sam)
    assert (field.owner, field.kind) == ("", "text")


async def test_what_connecting_activities_asks_is_asked_in_forms_lists_and_the_portal(browse, people, employers):
    """A real plugin's, from its hook to the list."""
    assert await declaring.declare() == 2
    alice, page = browse(people.alice), f"/employers/{employers.erins}"
    form = await EditForm(alice, f"{page}/edit").open()
    assert "Recruited by Connecting Activities staff" in form.text and "Staff alone see it." in form.text
    await form.save(x_massachusetts_ca_recruited="yes", x_massachusetts_ca_roles=["career_days"])
    portal = await EditForm(browse(people.erin), f"/portal/employers/{employers.erins}").open()
    assert "Guest speakers" in portal.text and "Recruited" not in portal.text
    assert (await portal.save(x_massachusetts_ca_roles=["career_days", "company_tours"])).status_code == 303
    found = (await alice.get("/employers?added=massachusetts_ca_roles:company_tours&columns=x_massachusetts_ca_roles")).text.partition("<table")[2]
    assert "Career days, Company tours" in found and "Frank&#39;s" not in found
