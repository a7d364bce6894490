"""What the tests of the directory use."""

import pytest

from crm import sealing


@pytest.fixture(autouse=True)
def key():
    sealing.use_keys("0" * 64)
