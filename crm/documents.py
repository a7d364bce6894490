"""Documents on paper: a template and its data become a tagged PDF (PDF/UA-1) with the agency's name on it.

The footer carries a fingerprint of the content, so that a paper can be compared with what is stored.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from crm.errors import Invalid, Unavailable, UserError
from crm.renderers import Answer, Limits, Order, Renderers, Setup
from crm.translation import _, speaking

STATIC = Path(__file__).parent / "static"
# one size of type in three cuts; fewer cuts, smaller files
FONTS = {"text": "PublicSans-Regular", "italic": "PublicSans-Italic", "bold": "PublicSans-Bold"}


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of document. `sample` gives invented data for the preview and the tests."""

    name: str
    title: Any  # text, or text translated when it is read
    template: str
    css: str
    sample: Callable[[], dict[str, Any]]


class Agency(msgspec.Struct, frozen=True, kw_only=True):
    """Whose paper it is."""

    name: str
    zone: str
    accent: str = "#005ea2"


class Rendered(msgspec.Struct, frozen=True):
    """The PDF, the fingerprint of what it says (SHA-256, hexadecimal), and its number of pages."""

    bytes: bytes
    sha256: str
    pages: int
    warnings: list[str] = []


class DocumentTooLarge(Invalid):
    code = "document_too_large"


class DocumentFaulty(UserError):
    """The template is at fault, not the person."""

    status = 500
    code = "document_faulty"


class _Workshop:
    """What the running program makes documents with."""

    agency: Agency | None = None
    renderers: Renderers | None = None


def start(
    agency: Agency,
    folders: Sequence[Path],
    *,
    plugin_folders: Iterable[tuple[str, Path]] = (),
    catalogues: Iterable[tuple[str, Path]] = (),
    size: int = 1,
    limits: Limits | None = None,
) -> None:
    """Make ready to render. `folders` hold templates, the first that has a name wins; a plugin's go by its name."""
    stop()
    setup = Setup(
        [str(folder) for folder in folders],
        find_fonts(STATIC),
        {name: str(folder) for name, folder in plugin_folders},
        [str(folder) for _name, folder in catalogues],
        limits or Limits(),
    )
    _Workshop.agency = agency
    _Workshop.renderers = Renderers(setup, size=size)


def stop() -> None:
    """End the processes, also one at work."""
    if _Workshop.renderers is not None:
        _Workshop.renderers.close()
    _Workshop.renderers = None


def warm() -> None:
    """Start a process before the first document asks for one."""
    if _Workshop.renderers is not None:
        _Workshop.renderers.warm()


def find_fonts(folder: Path) -> dict[str, str]:
    """The name in `asset:NAME` -> its file. Raises `Unavailable` where the assets are not built."""
    found = {}
    for name, cut in FONTS.items():
        files = sorted(path for path in folder.rglob(f"{cut}*") if path.suffix in {".ttf", ".woff2"})
        if not files:
            raise Unavailable(_("The fonts for documents are missing. Run “make install” to build them."))
        found[f"font-{name}"] = str(files[0])
    return found


async def render(
    document: Document,
    context: Mapping[str, Any],
    language: str = "en",
    *,
    made_at: datetime | None = None,
    images: Mapping[str, bytes] | None = None,
) -> Rendered:
    """Make the document. Raises `DocumentTooLarge`, and `DocumentFaulty` for a mistake in its template."""
    if _Workshop.renderers is None or _Workshop.agency is None:
        raise Unavailable(_("Documents cannot be made right now. Try again in a moment."))
    content = msgspec.to_builtins(context, str_keys=True, enc_hook=str)
    sha256 = fingerprint(document, content, language)
    with speaking(language):
        title = _(str(document.title))
    about = {
        "title": title, "language": language, "fingerprint": sha256,
        "made_at": (made_at or datetime.now(UTC)).isoformat(), "agency": _Workshop.agency,
    }  # fmt: skip
    order = Order(
        template=document.template, styles=["documents/base.css", document.css], language=language,
        zone=_Workshop.agency.zone, identifier=sha256[:32], images=dict(images or {}),
        context={**content, "document": msgspec.to_builtins(about)},
    )  # fmt: skip
    answer = await _Workshop.renderers.make(order)
    if answer.outcome != "done":
        raise _problem(answer)
    return Rendered(answer.pdf, sha256, answer.pages, answer.warnings)


def fingerprint(document: Document, content: Mapping[str, Any], language: str) -> str:
    """SHA-256 over canonical JSON: the same content gives the same fingerprint, whenever it is printed."""
    canonical = {"document": document.name, "language": language, "content": content}
    return hashlib.sha256(msgspec.json.encode(canonical, order="deterministic")).hexdigest()


def _problem(answer: Answer) -> UserError:
    if answer.outcome == "too_large":
        return DocumentTooLarge(_("This document is too large. %(why)s") % {"why": _too_large(answer)})
    if answer.outcome == "stopped":
        return Unavailable(_("The program is stopping. Make the document again in a moment."))
    if answer.outcome == "refused":
        return DocumentFaulty(
            _("This document asks for “%(address)s”, which it may not load. Its template must be mended.")
            % {"address": answer.reason}
        )
    return DocumentFaulty(_("This document's template has a mistake: %(reason)s") % {"reason": answer.reason})


def _too_large(answer: Answer) -> str:
    found = {"found": f"{answer.found:,}"}
    if answer.limit == "rows":
        return _("One of its tables has %(found)s rows, and 300 fit. Choose fewer rows, or export CSV.") % found
    if answer.limit == "pages":
        return _("It has %(found)s pages, and 100 fit. Choose less, or export CSV.") % found
    if answer.limit == "wall_seconds":
        return _("It takes longer than a document may. Choose less, or export CSV.")
    if answer.limit == "memory":
        return _("It takes more of the machine than a document may. Choose less, or export CSV.")
    return _("It has too many parts, or parts too deep inside each other. Choose less, or export CSV.")
