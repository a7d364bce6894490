"""Reads and fills one PDF form. Run as a limited process of its own, since what came from outside may be made to break its reader.

In: a message, by msgpack, with the PDF and what goes into its fields; without any, its fields are asked for. Out: `fields`, `pdf`, or why it is `refused`.

pypdf's own way to fill takes a field of another parent that has the same last name, draws over an appearance that fields share, and sets the digits of
a comb without a size of type side by side; so here each widget is filled by its whole name.
"""

import resource
import sys
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import msgspec

MOST_OBJECTS = 200_000
READ_ONLY, PASSWORD, RADIO, PUSH, COMB = 1, 1 << 13, 1 << 15, 1 << 16, 1 << 24  # flags of fields, ISO 32000-2, tables 227, 228 and 230
RUNS = {"/JavaScript", "/Launch"}
LARGEST_TYPE = 12.0  # points, for the digits of a comb


class Refused(Exception):
    """Why the PDF is not taken, by its code."""


def main() -> None:
    given = msgspec.msgpack.decode(sys.stdin.buffer.read())
    resource.setrlimit(resource.RLIMIT_AS, (given["memory"], given["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (given["seconds"], given["seconds"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer(given)))


def answer(given: Mapping[str, Any]) -> dict[str, Any]:
    import logging

    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it quotes what it reads
    try:
        reader = PdfReader(BytesIO(given["pdf"]), strict=False)
        if reader.is_encrypted:
            raise Refused("encrypted")
        root = reader.root_object
        look_through(root)
        found = fields(reader, root)
        return {"pdf": filled(reader, given["texts"], given["marks"])} if given["texts"] is not None else {"fields": found}
    except Refused as problem:
        return {"refused": str(problem)}
    except (MemoryError, RecursionError):
        return {"refused": "too_much"}
    except Exception:  # whatever pypdf stumbles over
        return {"refused": "damaged"}


def look_through(root: Any) -> None:
    """Raises `Refused` for what runs when the file is opened or a field is left, wherever it stands."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

    todo, seen = [root], set()
    while todo:
        each = todo.pop()
        if isinstance(each, IndirectObject):
            if (each.idnum, each.generation) in seen:
                continue
            seen.add((each.idnum, each.generation))
            each = each.get_object()
        if isinstance(each, DictionaryObject):
            if "/JS" in each or each.get("/S") in RUNS or "/JavaScript" in each:
                raise Refused("script")
            todo += each.values()
        elif isinstance(each, ArrayObject):
            todo += each
        if len(todo) > MOST_OBJECTS or len(seen) > MOST_OBJECTS:
            raise Refused("too_much")


def fields(reader: Any, root: Any) -> list[dict[str, Any]]:
    """What can be filled in, in the order of the pages: texts, choices, and each box by itself."""
    form = root.get("/AcroForm")
    form = form.get_object() if form is not None else {}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for number, page in enumerate(reader.pages, start=1):
        for widget in widgets(page):
            kind, flags, name = inherited(widget, "/FT"), int(inherited(widget, "/Ff") or 0), whole_name(widget)
            if not name or flags & (READ_ONLY | PASSWORD) or kind not in ("/Tx", "/Ch", "/Btn") or (kind == "/Btn" and flags & PUSH):
                continue
            on = next(iter(states(widget)), "") if kind == "/Btn" else ""
            if kind == "/Btn" and not on:
                continue
            each = {"name": name, "on": on, "kind": {"/Tx": "text", "/Ch": "choice", "/Btn": "box"}[kind], "page": number,
                    "says": str(inherited(widget, "/TU") or ""), "most": int(inherited(widget, "/MaxLen") or 0),
                    "comb": bool(kind == "/Tx" and flags & COMB), "one_of": bool(flags & RADIO), "options": options(widget) if kind == "/Ch" else []}  # fmt: skip
            found.setdefault((name, on), each)
    if not found:
        raise Refused("xfa" if "/XFA" in form else "no_fields")
    return list(found.values())


def widgets(page: Any) -> Iterator[Any]:
    annotations = page.get("/Annots")
    for each in annotations.get_object() if annotations is not None else ():
        widget = each.get_object()
        if widget.get("/Subtype") == "/Widget":
            yield widget


def lineage(widget: Any) -> list[Any]:
    """The widget and its parents, which hold what all of them share."""
    found = [widget]
    while "/Parent" in found[-1] and len(found) < 50:
        found.append(found[-1]["/Parent"].get_object())
    return found


def inherited(widget: Any, key: str) -> Any:
    return next((each[key] for each in lineage(widget) if key in each), None)


def whole_name(widget: Any) -> str:
    return ".".join(str(each["/T"]) for each in reversed(lineage(widget)) if "/T" in each)


def states(widget: Any) -> list[str]:
    """The values of a box that tick it, without the slash."""
    looks = widget.get("/AP", {}).get("/N")
    return [str(name)[1:] for name in (looks.get_object() if looks is not None else ()) if name != "/Off"]


def options(widget: Any) -> list[str]:
    """What a choice may hold; of a pair the value that is kept."""
    return [str(each[0] if isinstance(each, list) else each) for each in inherited(widget, "/Opt") or ()]


def filled(reader: Any, texts: Mapping[str, str], marks: Mapping[str, str]) -> bytes:
    """A copy in which these fields hold these texts and these boxes are ticked, drawn and still to be changed by hand."""
    from pypdf import PdfWriter
    from pypdf.generic import NameObject

    writer = PdfWriter(clone_from=reader)
    form: Any = writer.root_object["/AcroForm"]
    form.pop("/XFA", None)  # a viewer that knows it would show that form instead, still empty
    writer.root_object.pop("/Perms", None)  # the maker's seal on the empty form holds no more
    for page in writer.pages:
        for widget in widgets(page):
            name = whole_name(widget)
            if name in marks and (found := states(widget)):
                on = NameObject(f"/{marks[name]}")
                widget[NameObject("/AS")] = on if marks[name] in found else NameObject("/Off")
                holder(widget)[NameObject("/V")] = on
            elif name in texts:
                write(writer, page, widget, texts[name])
    writer.set_need_appearances_writer(True)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def holder(widget: Any) -> Any:
    """Where the value of a field stands: on it, or on the parent that its widgets share."""
    return next(each for each in lineage(widget) if "/T" in each)


def write(writer: Any, page: Any, widget: Any, text: str) -> None:
    from pypdf.generic import DictionaryObject, NameObject, TextStringObject
    from pypdf.generic._appearance_stream import TextStreamAppearance

    field = holder(widget)
    field[NameObject("/V")] = TextStringObject(text)
    field.pop("/I", None)
    shared = DictionaryObject({NameObject("/V"): TextStringObject(text)})  # what the drawing asks for, from whichever of the parents has it
    for key in ("/FT", "/Ff", "/Opt", "/Q", "/MK", "/BS"):
        if (value := inherited(widget, key)) is not None:
            shared[NameObject(key)] = value
    size = -1.0
    if int(shared.get("/Ff", 0)) & COMB:
        widget[NameObject("/MaxLen")] = inherited(widget, "/MaxLen")
        size = min(LARGEST_TYPE, 0.75 * abs(float(widget["/Rect"][3]) - float(widget["/Rect"][1])))
    form = writer.root_object["/AcroForm"]
    drawn = TextStreamAppearance.from_text_annotation(writer, page, False, form, shared, widget, user_font_size=size)
    widget[NameObject("/AP")] = DictionaryObject({NameObject("/N"): writer._add_object(drawn)})


if __name__ == "__main__":
    main()
