"""Fillable PDFs (AcroForm) of agencies: which fields they have, and filled. A process with limits reads them; see `crm.pdf_form_process`."""

import asyncio
import sys
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from crm.errors import Invalid
from crm.translation import _

MOST_BYTES = 10 * 2**20
MOST_FIELDS = 300
MEMORY, SECONDS, LONGEST = 1024 * 2**20, 20, 40  # bytes of address space, processor seconds, seconds by the clock


class Field(Struct, frozen=True):
    """What can be filled in: a text, a choice of `options`, or a box with `on`, the value that ticks it. `most` characters fit, 0 for any number.

    A box of a group of which only one is ticked (`one_of`) has the name of the group. `says` is what the form tells people who hear it read.
    """

    name: str
    kind: str
    on: str = ""
    page: int = 1
    says: str = ""
    most: int = 0
    comb: bool = False
    one_of: bool = False
    options: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.on


class Unfit(Invalid):
    """A PDF that is not taken as a form; the message says what to do."""

    code = "unfit_form"


async def fields_of(pdf: bytes) -> tuple[Field, ...]:
    """What can be filled in, in the order of the pages. Raises `Unfit`."""
    if len(pdf) > MOST_BYTES:
        raise Unfit(_("This PDF has %(size)s MB, and a form has at most %(most)s. Ask the agency for a smaller copy.")
                    % {"size": -(-len(pdf) // 2**20), "most": MOST_BYTES // 2**20})  # fmt: skip
    if not pdf.startswith(b"%PDF"):
        raise Unfit(_("This is no PDF. Download the form from the agency again and choose that file."))
    found = msgspec.convert((await _asked(pdf, None, None))["fields"], tuple[Field, ...])
    if len(found) > MOST_FIELDS:
        raise Unfit(_("This form has %(count)s fields, and %(most)s fit. Split it into its parts, each as a PDF of its own.")
                    % {"count": len(found), "most": MOST_FIELDS})  # fmt: skip
    return found


async def filled(pdf: bytes, texts: Mapping[str, str], marks: Mapping[str, str]) -> bytes:
    """A copy with these texts by the names of their fields and these boxes ticked, each by its value; every field can still be changed by hand."""
    body: bytes = (await _asked(pdf, texts, marks))["pdf"]
    return body


async def _asked(pdf: bytes, texts: Mapping[str, str] | None, marks: Mapping[str, str] | None) -> dict[str, Any]:
    order = msgspec.msgpack.encode({"pdf": pdf, "texts": texts, "marks": marks, "memory": MEMORY, "seconds": SECONDS})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "crm.pdf_form_process", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        out, _err = await asyncio.wait_for(process.communicate(order), LONGEST)
    except (TimeoutError, OSError):
        out = b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    answer: dict[str, Any] = msgspec.msgpack.decode(out) if out else {"refused": "too_much"}
    if code := answer.get("refused"):
        raise Unfit(_reason(code))
    return answer


def _reason(code: str) -> str:
    return {
        "encrypted": _("This PDF is locked by a password. Ask the agency for an open copy, or save it again without a password."),
        "script": _("This PDF carries a script or starts a program, and such files are not taken. Ask the agency for a copy without scripts, or remove them in a PDF editor."),
        "xfa": _("This form is made in XFA alone, which only Adobe's programs show. Ask the agency for a fillable PDF with ordinary fields (AcroForm)."),
        "no_fields": _("This PDF has no fields to fill in. Ask the agency for the fillable form, not for a scan or a print of it."),
        "too_much": _("This PDF takes too much to be read safely. Ask the agency for a plain copy of the form."),
    }.get(code, _("This PDF is damaged. Download it from the agency again; if that does not help, open it and save it anew."))
