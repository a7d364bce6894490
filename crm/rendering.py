"""The process behind `renderers.py`: reads an order, fills the template, lays it out, answers with a PDF.

It has limits on memory and processor time, knows its templates and assets by name alone, and no secret of the
program. Run as `python -m crm.rendering FOLDER`, with a folder for what it puts aside, which it takes away when the
other side has gone; msgpack with an eight-byte length on both pipes.
"""

import functools
import logging
import mimetypes
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import jinja2
import msgspec
from jinja2.sandbox import SandboxedEnvironment
from weasyprint import CSS, HTML
from weasyprint.logger import LOGGER
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from crm import printed_words, translation
from crm.renderers import Answer, Limits, Order, Setup, read_message, write_message


class TooLarge(Exception):
    """The document passes a limit: its name in `Limits`, and what was found."""

    def __init__(self, limit: str, found: int) -> None:
        super().__init__(limit, found)
        self.limit = limit
        self.found = found


def environment(setup: Setup, zone: str) -> SandboxedEnvironment:
    """Templates escape everything, stop at an unknown name, and cannot reach into Python."""
    added = {name: jinja2.FileSystemLoader(folder) for name, folder in setup.plugin_folders.items()}
    made = SandboxedEnvironment(
        loader=jinja2.ChoiceLoader([jinja2.FileSystemLoader(setup.folders), jinja2.PrefixLoader(added)]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    del made.filters["safe"]
    made.filters |= {
        "day": translation.long_day, "moment": printed_words.moment_in(zone),
        "fingerprint": printed_words.fingerprint, "money": translation.money, "number": translation.number,
    }  # fmt: skip
    made.install_gettext_callables(  # type: ignore[attr-defined]
        translation._, translation.ngettext, newstyle=True
    )
    return made


def fill(templates: SandboxedEnvironment, order: Order, limits: Limits) -> str:
    pieces, size = [], 0
    for piece in templates.get_template(order.template).generate(order.context):
        size += len(piece)
        if size > limits.markup:
            raise TooLarge("markup", size)
        pieces.append(piece)
    return "".join(pieces)


def source(templates: SandboxedEnvironment, name: str) -> str:
    assert templates.loader is not None
    return templates.loader.get_source(templates, name)[0]


def check_size(root: Any, limits: Limits) -> None:
    """Count before laying out: time and memory grow faster than the table, and depth overflows the stack."""
    elements, waiting = 0, [(root, 1)]
    while waiting:
        element, depth = waiting.pop()
        elements += 1
        if depth > limits.depth:
            raise TooLarge("depth", depth)
        if elements > limits.elements:
            raise TooLarge("elements", elements)
        if element.tag == "table":
            rows = len(list(element.iter("tr")))
            if rows > limits.rows:
                raise TooLarge("rows", rows)
        waiting.extend((child, depth + 1) for child in element)


class AssetFetcher(URLFetcher):  # type: ignore[misc]
    """Knows `asset:NAME` and nothing else: no file, no network, no data address."""

    def __init__(self, assets: dict[str, bytes]) -> None:
        super().__init__()
        self.assets = assets
        self.refused = ""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        content = self.assets.get(url.removeprefix("asset:")) if url.startswith("asset:") else None
        if content is None:
            # the fatal kind: WeasyPrint would swallow any other and go on
            self.refused = url[:200]
            raise FatalURLFetchingError(self.refused)
        kind = mimetypes.guess_type(url)[0] or "application/octet-stream"
        return URLFetcherResponse(url, content, {"Content-Type": kind})


class Maker:
    """Makes documents, one after another."""

    def __init__(self, setup: Setup) -> None:
        self.limits = setup.limits
        self.templates = functools.cache(functools.partial(environment, setup))
        self.assets = {name: Path(path).read_bytes() for name, path in setup.assets.items()}

    def make(self, order: Order) -> Answer:
        templates = self.templates(order.zone)
        with translation.speaking(order.language):
            markup = fill(templates, order, self.limits)
        fetcher = AssetFetcher(self.assets | order.images)
        with gathered_warnings() as warnings:
            page = HTML(string=markup, base_url="asset:", url_fetcher=fetcher)
            check_size(page.etree_element, self.limits)
            fonts = FontConfiguration()
            sheets = [
                CSS(string=source(templates, name), base_url="asset:", url_fetcher=fetcher, font_config=fonts)
                for name in order.styles
            ]
            laid_out = page.render(stylesheets=sheets, font_config=fonts, pdf_variant="pdf/ua-1")
            if len(laid_out.pages) > self.limits.pages:
                raise TooLarge("pages", len(laid_out.pages))
            pdf = laid_out.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=bytes.fromhex(order.identifier))
        if fetcher.refused:
            # inside an SVG even the fatal kind is swallowed
            raise FatalURLFetchingError(fetcher.refused)
        return Answer("done", pdf=pdf, pages=len(laid_out.pages), warnings=warnings)

    def answer(self, order: Order) -> Answer:
        """Never raises for what a document did."""
        try:
            return self.make(order)
        except TooLarge as problem:
            return Answer("too_large", limit=problem.limit, found=problem.found)
        except (MemoryError, RecursionError):
            return Answer("too_large", limit="memory")
        except FatalURLFetchingError as problem:
            return Answer("refused", reason=str(problem))
        except jinja2.TemplateError as problem:
            return Answer("faulty", reason=f"{order.template}: {problem}")
        except Exception as problem:
            return Answer("faulty", reason=f"{order.template}: {type(problem).__name__}: {problem}")


@contextmanager
def gathered_warnings() -> Iterator[list[str]]:
    """What WeasyPrint complains about, as text."""
    gathered: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: gathered.append(record.getMessage())  # type: ignore[method-assign]
    LOGGER.addHandler(handler)
    try:
        yield gathered
    finally:
        LOGGER.removeHandler(handler)


def limit_process(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def allow_processor_time(seconds: int) -> None:
    """Give this many seconds from now; past them the kernel ends the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(usage.ru_utime + usage.ru_stime)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds + 1, hard))


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Answer orders until the other side goes."""
    first = read_message(incoming)
    if first is None:
        return
    setup = msgspec.msgpack.decode(first, type=Setup)
    limit_process(setup.limits)
    translation.use_folders([Path(folder) for folder in setup.catalogues])
    maker = Maker(setup)
    write_message(outgoing, msgspec.msgpack.encode(Answer("ready")))
    while (body := read_message(incoming)) is not None:
        allow_processor_time(setup.limits.processor_seconds)
        answer = maker.answer(msgspec.msgpack.decode(body, type=Order))
        write_message(outgoing, msgspec.msgpack.encode(answer))


def main() -> None:
    # libraries may print: keep the answers' pipe to ourselves
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    tempfile.tempdir = sys.argv[1]
    try:
        serve(sys.stdin.buffer, answers)
    finally:
        shutil.rmtree(sys.argv[1], ignore_errors=True)


if __name__ == "__main__":
    main()
