"""A runbook's template becomes fields, and a filled template: the author's text with this incident's values in it."""

import re
from collections.abc import Mapping

import msgspec

from tocsin.communication.shapes import Kind, has_date, has_time
from tocsin.communication.slots import Slot, slots_in
from tocsin.runbook.names import normal, slug
from tocsin.runbook.policy import Template


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A place of a template where each incident has its own words.

    `start` and `end` are characters of the body, `line` is the line of the runbook. `example` is what stands there.
    `explicit` when the author marked the place (`{{ started }}`), else it was recognised as an example. Fields with
    the same name take the same value.
    """

    name: str
    label: str
    example: str
    start: int
    end: int
    kind: Kind
    line: int
    explicit: bool = False


class Filled(msgspec.Struct, frozen=True):
    """A template with values in it. `missing` are the fields that still stand as `<ask: ...>`, one of each name."""

    text: str
    missing: tuple[Field, ...] = ()


ASKED = re.compile(r"<ask: ([^>\n]*)>")
"""What a filled template asks for, with its label."""

_ENDED = re.compile(r"(?:incident )?(?:resolved|ended|restored|fixed|closed)(?: (?:at|time))?|end(?: time)?")


def fields_of(template: Template) -> tuple[Field, ...]:
    """Give the fields of a template in their order; they do not overlap.

    Source: "Communication Templates".
    """
    names: dict[str, str] = {}
    return tuple(_field(template, slot, names) for slot in slots_in(template.body))


def _field(template: Template, slot: Slot, names: dict[str, str]) -> Field:
    """Name a slot. Two unlike examples of the same words are two fields."""
    example = template.body[slot.start : slot.end]
    wanted = slot.kind if slot.kind != "text" else slug(slot.label).replace("-", "_") or "text"
    wanted = "resolved_at" if slot.kind == "text" and _ENDED.fullmatch(normal(slot.label)) else wanted
    name, number = wanted, 2
    while slot.kind == "text" and names.get(name, example) != example:
        name, number = f"{wanted}_{number}", number + 1
    names[name] = example
    return Field(
        name=name, label=slot.label, example=example, start=slot.start, end=slot.end, kind=slot.kind,
        line=template.line + template.body.count("\n", 0, slot.start), explicit=slot.explicit,
    )  # fmt: skip


def fill(template: Template, values: Mapping[str, str]) -> Filled:
    """Give the template with values in place of its examples, everything else as its author wrote it.

    A value is looked up by the field's name, which is its kind but for texts. What is not known is never made up:
    it stands as `<ask: Impact>` and is listed as missing. A rhythm in the author's words stays: it is a promise, not
    an example.
    """
    text, at = [], 0
    missing: dict[str, Field] = {}
    for field in fields_of(template):
        value = values.get(field.name, "").strip()
        if field.kind == "update_every" and not field.explicit:
            value = field.example
        if not value:
            missing.setdefault(field.name, field)
        before = template.body[at : field.start]
        gap = " " if field.start == field.end and not template.body[field.start - 1].isspace() else ""
        text += [before, gap, _fitted(field, value) if value else f"<ask: {field.label}>"]
        at = field.end
    return Filled("".join([*text, template.body[at:]]), tuple(missing.values()))


_MOMENT = re.compile(r"(?P<date>\d{4}-\d\d-\d\d) (?P<time>\d\d:\d\d UTC)")


def _fitted(field: Field, value: str) -> str:
    """Give a value in the form of the example: its letter case for a status, only the time where only a time stood."""
    if field.kind == "status":
        bare = field.example.strip("{}[]<> ")
        return value.upper() if bare.isupper() else value.lower() if bare.islower() and not field.explicit else value
    moment = _MOMENT.fullmatch(value)
    if moment and not field.explicit and has_date(field.example) != has_time(field.example):
        return moment["date"] if has_date(field.example) else moment["time"]
    return value
