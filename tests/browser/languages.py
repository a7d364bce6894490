"""Pages on a phone in Spanish and at a desk in English."""

from contextlib import contextmanager

import pytest

on_a_phone_and_at_a_desk = pytest.mark.parametrize(("width", "language"), [(360, "es"), (1280, "en")])


@contextmanager
def reading(page, language):
    """Whoever is signed in reads Spanish (`es`) inside, and English again afterwards: the person is others' too."""
    if language == "es":
        _press(page, "Español", "English")
    try:
        yield
    finally:
        if language == "es":
            page.goto("/help/keys")
            _press(page, "English", "Español")


def _press(page, language, other):
    page.get_by_role("button", name=language).click()
    page.get_by_role("button", name=other).wait_for()
