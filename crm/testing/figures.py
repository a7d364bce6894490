"""Figures of a long run: each proof notes what it counted, `make soak` prints them on a page."""

import json
import os
from pathlib import Path

SOAK = "SOAK"
FIGURES = "FIGURES"


def soaking() -> bool:
    """Whether proofs run long."""
    return SOAK in os.environ


def note(name: str, value: float, unit: str = "") -> None:
    """Keep a figure, where a long run wants them."""
    if file := os.environ.get(FIGURES):
        with Path(file).open("a", encoding="utf-8") as out:
            out.write(json.dumps({"name": name, "value": value, "unit": unit}) + "\n")
