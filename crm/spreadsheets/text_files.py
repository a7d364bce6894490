"""Delimited text: its character set, its delimiter, its records."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from crm.spreadsheets.limits import Unreadable
from crm.translation import _


class TextFormat(NamedTuple):
    encoding: str  # "UTF-8", "Windows-1252", … as shown to people
    delimiter: str


_CODECS = {
    "UTF-8": "utf-8-sig",
    "UTF-16": "utf-16",
    "UTF-16LE": "utf-16-le",
    "UTF-16BE": "utf-16-be",
    "Windows-1252": "windows-1252",
    "ISO-8859-15": "iso-8859-15",
    "Mac Roman": "mac-roman",
    "IBM 437": "cp437",
}
ENCODINGS = tuple(_CODECS)  # what a person can switch to
DELIMITERS = (",", "\t", ";", "|")
_SAMPLE = 65_536
_CHUNK = 1 << 20


def detect_text_format(path: Path, encoding: str = "", delimiter: str = "") -> TextFormat:
    """What is given is kept. Else: byte-order mark, strict UTF-8, or Windows-1252; a sniffed delimiter."""
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    if encoding and encoding not in _CODECS:
        raise Unreadable(_("There is no character set %(name)s here.") % {"name": encoding})
    encoding = encoding or _by_mark(head) or _by_content(path, head)
    return TextFormat(encoding, delimiter or _detect_delimiter(_sample(head, encoding)))


def _by_mark(head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "UTF-8"
    return "UTF-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ""


def _by_content(path: Path, head: bytes) -> str:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) // 8 > 4 * min(even, odd):
        return "UTF-16LE" if odd > even else "UTF-16BE"
    if _looks_binary(head):
        message = _("This is not a table of text: it looks like another kind of file, or a damaged one.")
        raise Unreadable(message + " " + _("Save it as CSV (UTF-8) or XLSX and try again."))
    return "UTF-8" if _is_utf8(path) else "Windows-1252"


def _looks_binary(head: bytes) -> bool:
    controls = sum(head.count(code) for code in range(32) if code not in b"\t\n\r\f\x1a")
    return controls > max(3, len(head) // 200)


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _sample(head: bytes, encoding: str) -> str:
    text = head.decode(_CODECS[encoding], errors="ignore")
    return text[: text.rfind("\n") + 1] if len(head) == _SAMPLE and "\n" in text else text


def _detect_delimiter(sample: str) -> str:
    fitting = [
        (width, delimiter) for delimiter in DELIMITERS if (width := _steady_width(sample, delimiter)) > 1
    ]
    if len(fitting) == 1:
        return fitting[0][1]
    return _sniffed(sample) or (max(fitting)[1] if fitting else ",")


def _steady_width(sample: str, delimiter: str) -> int:
    """The width of nearly every record, or 0."""
    records = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        widths = Counter(len(record) for record in records if record)
    except csv.Error:
        return 0
    width, count = max(widths.items(), key=lambda item: item[1], default=(0, 0))
    return width if count >= 0.9 * sum(widths.values()) else 0


def _sniffed(sample: str) -> str:
    import clevercsv

    try:
        dialect = clevercsv.Sniffer().sniff(sample[:16_384])
    except clevercsv.Error:
        return ""
    return dialect.delimiter if dialect and dialect.delimiter in DELIMITERS else ""


def text_records(path: Path, form: TextFormat) -> Iterator[list[str]]:
    """Every record as it stands, empty lines too, so that the n-th is row n of the spreadsheet."""
    with path.open(encoding=_CODECS[form.encoding], newline="") as file:
        number = 0
        try:
            for record in csv.reader(file, delimiter=form.delimiter):
                number += 1
                yield record
        except csv.Error as error:
            message = _(
                "Row %(row)s has a cell that does not end: is a quotation mark missing in it or above?"
            )
            raise Unreadable(message % {"row": f"{number + 1:,}"}, detail=str(error)) from error
        except UnicodeError as error:
            message = _(
                "After row %(row)s there are characters that are not %(encoding)s: choose another set."
            )
            raise Unreadable(message % {"row": f"{number:,}", "encoding": form.encoding}) from error
