"""Our templates say what Jinja's own would, only sooner."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import ChoiceLoader, DictLoader, Environment
from markupsafe import Markup
from msgspec.structs import replace

from crm.settings import settings_from
from crm.templating import make_environment
from crm.translation import speaking

OURS = make_environment(settings_from({}))
PLAIN = Environment(autoescape=True)
ODD = [None, 0, -3, 1.5, True, UUID(int=7), Markup("<b>kept</b>"), ["<i>"], ("'",), {"<": '"'}]


@given(st.text() | st.sampled_from(ODD))
def test_a_value_is_escaped_as_by_markupsafe(value):
    for template in ("{{ value }}", "<p title='{{ value }}'>{{ value ~ '<' }}</p>", "{% set kept %}{{ value }}{% endset %}{{ kept }}"):
        assert OURS.from_string(template).render(value=value) == PLAIN.from_string(template).render(value=value)


@pytest.mark.parametrize(("language", "expected"), [("en", "Employers &amp; Employers"), ("es", "Empleadores &amp; Empleadores")])
def test_a_text_of_ours_is_said_in_the_readers_language(language, expected):
    with speaking(language):
        assert OURS.from_string("{{ _('Employers') }} {{ '&' }} {{ _(name) }}").render(name="Employers") == expected


@pytest.mark.parametrize(("language", "zone", "share"), [("en", "Eastern Time", "40%"), ("es", "hora oriental", "40%")])
def test_a_zone_and_a_share_are_said_as_people_say_them(language, zone, share):
    there = make_environment(replace(OURS.globals["settings"], time_zone="America/New_York"))
    with speaking(language):
        assert there.from_string("{{ zone_name() }}, {{ 0.4|percent }}, {{ 0.3333|percent }}").render() == f"{zone}, {share}, 33.33%"


def test_a_value_within_a_text_of_ours_is_escaped():
    assert OURS.from_string("{{ _('of %(name)s', name=value) }}").render(value="<b>") == "of &lt;b&gt;"


def test_a_count_is_told_in_its_number():
    told = OURS.from_string("{{ ngettext('%(num)s of %(whom)s', '%(num)s things of %(whom)s', n, whom=whom) }}, {{ ngettext('%(num)s slot', '%(num)s slots', n) }}")
    assert told.render(n=1, whom="<b>") == "1 of &lt;b&gt;, 1 slot"
    assert told.render(n=2, whom="us") == "2 things of us, 2 slots"


def test_a_page_and_its_parts_are_put_together_in_order():
    environment = make_environment(settings_from({}))
    environment.loader = ChoiceLoader([DictLoader({
        "frame": "({% block outer %}[{% block inner %}frame{% endblock %}]{% endblock %})",
        "page": "{% extends 'frame' %}{% block inner %}{% for each in rows %}{% block row scoped %}<{{ each }}>{% endblock %}{% endfor %} {{ super() }}{% endblock %}",
    })])  # fmt: skip
    page = environment.get_template("page")
    assert page.render(rows=["a", "&"]) == "([<a><&amp;> frame])"
    assert "".join(page.blocks["row"](page.new_context({"each": 1}))) == "<1>"


def test_a_file_of_plain_text_is_not_escaped():
    environment = make_environment(settings_from({}))
    environment.loader = DictLoader({"mail.txt": "{{ name }}: {{ _('Employers') }}"})
    assert environment.get_template("mail.txt").render(name="A & B") == "A & B: Employers"
