"""A small fillable form as an agency might make one. No official form is shipped."""

from io import BytesIO

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

COMB, MULTILINE, RADIO = 1 << 24, 1 << 12, 1 << 15


def name(text):
    return NameObject(f"/{text}")


def text(title, says="", most=0, flags=0, height=18):
    return {"T": title, "TU": says, "FT": "Tx", "MaxLen": most, "Ff": flags, "height": height}


def box(title, says="", on="Yes"):
    return {"T": title, "TU": says, "FT": "Btn", "on": on, "height": 14}


FIELDS = (
    text("employer.name", "Employer name"), text("name", "Name of the applicant"), text("ssn", "Your social security number", most=9),
    text("fein", "Employer identification number", most=9, flags=COMB), text("zip5", "ZIP, first five", most=5), text("starts", "Starting date"),
    text("wage", "Hourly wage"), box("group_a", "Member of a family on TANF"), box("group_b", "Veteran", on="On"), text("note", "Remarks", flags=MULTILINE, height=40),
)  # fmt: skip


def made(fields=FIELDS, *, radios=("veteran", ("yes", "no")), more=None):
    """The PDF: fields below each other on one page, a group of radio buttons last. `more` changes the writer before it writes."""
    writer = PdfWriter()
    page = writer.add_blank_page(612, 792)
    font = writer._add_object(DictionaryObject({name("Type"): name("Font"), name("Subtype"): name("Type1"), name("BaseFont"): name("Helvetica"),
                                                name("Encoding"): name("WinAnsiEncoding")}))  # fmt: skip
    drawn, kids, top = [], ArrayObject(), 740
    for each in fields:
        title = each["T"].split(".")
        widget = _widget(top, each["height"], 300 if each["FT"] == "Tx" else 14)
        widget.update({name("FT"): name(each["FT"]), name("T"): TextStringObject(title[-1]), name("TU"): TextStringObject(each["TU"])})
        if each["FT"] == "Tx":
            widget.update({name("DA"): TextStringObject("/Helv 0 Tf 0 g"), name("Ff"): NumberObject(each["Ff"])})
            if each["MaxLen"]:
                widget[name("MaxLen")] = NumberObject(each["MaxLen"])
        else:
            _ticks(writer, widget, each["on"])
        kids.append(_under(writer, title[:-1], writer._add_object(widget), page))
        drawn.append(f"BT /Helv 9 Tf 60 {top + 4} Td ({each['TU']}) Tj ET 250 {top} {300 if each['FT'] == 'Tx' else 14} {each['height']} re S")
        top -= each["height"] + 16
    if radios:
        kids.append(_radios(writer, page, *radios, top))
    stream = DecodedStreamObject()
    stream.set_data("\n".join(drawn).encode())
    page[name("Contents")] = writer._add_object(stream)
    page[name("Resources")] = DictionaryObject({name("Font"): DictionaryObject({name("Helv"): font})})
    writer.root_object[name("AcroForm")] = DictionaryObject({name("Fields"): kids, name("NeedAppearances"): BooleanObject(False),
        name("DR"): DictionaryObject({name("Font"): DictionaryObject({name("Helv"): font})}), name("DA"): TextStringObject("/Helv 0 Tf 0 g")})  # fmt: skip
    if more:
        more(writer, page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _widget(top, height, width, left=250):
    return DictionaryObject({name("Type"): name("Annot"), name("Subtype"): name("Widget"), name("F"): NumberObject(4),
                             name("Rect"): ArrayObject([FloatObject(each) for each in (left, top, left + width, top + height)])})  # fmt: skip


def _ticks(writer, widget, on):
    looks = DictionaryObject()
    for state, data in ((on, b"0.15 w 2 2 10 10 re f"), ("Off", b"")):
        stream = DecodedStreamObject()
        stream.set_data(data)
        stream.update({name("Type"): name("XObject"), name("Subtype"): name("Form"), name("BBox"): ArrayObject([NumberObject(n) for n in (0, 0, 14, 14)])})
        looks[name(state)] = writer._add_object(stream)
    widget.update({name("AP"): DictionaryObject({name("N"): looks}), name("AS"): name("Off")})


def _under(writer, parents, kid, page):
    """The field below those that its name names; it is on the page, they hold it."""
    page.setdefault(name("Annots"), ArrayObject()).append(kid)
    for title in reversed(parents):
        parent = writer._add_object(DictionaryObject({name("T"): TextStringObject(title), name("Kids"): ArrayObject([kid])}))
        kid.get_object()[name("Parent")] = parent
        kid = parent
    return kid


def _radios(writer, page, title, choices, top):
    group = writer._add_object(DictionaryObject({name("FT"): name("Btn"), name("Ff"): NumberObject(RADIO), name("T"): TextStringObject(title), name("Kids"): ArrayObject()}))
    for place, on in enumerate(choices):
        widget = _widget(top, 14, 14, 250 + 40 * place)
        _ticks(writer, widget, on)
        widget[name("Parent")] = group
        kid = writer._add_object(widget)
        group.get_object()[name("Kids")].append(kid)
        page[name("Annots")].append(kid)
    return group
