"""A draft of the post-incident review in the document's own template: what is known filled in, the rest asked for."""

import re
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import msgspec

from tocsin.review import telling
from tocsin.review.outline import Entry, Section, sections_of
from tocsin.review.story import Event, Line, Story
from tocsin.runbook.names import normal, slug, unique
from tocsin.runbook.policy import Review

__all__ = ["Draft", "Event", "Line", "Part", "Story", "draft", "to_markdown"]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A heading of the template and what stands under it, or one labelled line ("Duration") of it.

    `id` is the slug of the heading; a labelled line's is that of its heading, a dot and its own. `level` is that of
    the heading; 0 for a labelled line, which begins with `lead`. What only a person can say has a `prompt`; `example`
    is what the template's author wrote there, to look at, never to keep; for action items it is their form alone.
    `filled` when nothing is left to write. `listed` when each line is an item of a list.
    """

    id: str
    heading: str
    level: int
    lines: tuple[Line, ...] = ()
    filled: bool
    prompt: str | None = None
    example: str | None = None
    lead: str = ""
    listed: bool = False


class Draft(msgspec.Struct, frozen=True):
    """A review as far as the record can write it, its parts in the document's order. `zone` is that of its times."""

    parts: tuple[Part, ...]
    zone: str


class _Words(NamedTuple):
    """What a heading or a label gets: lines from the story, or a prompt for a person."""

    lines: tuple[Line, ...] = ()
    prompt: str | None = None
    listed: bool = False


_NUMBER = re.compile(
    r"\{\{\s*incident(?:[ _.]?(?:id|number))?\s*\}\}|[\[<{](?:incident|inc)[ _-]?(?:id|number|no\.?|#)[\]>}]"
    r"|\b(?:INC|INCIDENT)-[\dX][\w-]*",
    re.IGNORECASE,
)
_TITLE = re.compile(r"\{\{\s*(?:incident[ _.])?title\s*\}\}|[\[<{](?:incident )?(?:title|name)[\]>}]", re.IGNORECASE)
_DAY = re.compile(r"\{\{\s*date\s*\}\}|[\[<{]date[\]>}]|\bYYYY-MM-DD\b|\b\d{4}-\d\d-\d\d\b", re.IGNORECASE | re.ASCII)
_TIMELINE = re.compile(r"\b(?:timeline|chronology|sequence of events)\b")
_ACTIONS = re.compile(r"\b(?:action items?|actions|follow ups?|to ?dos?|next steps)\b")
_RESOLUTION = re.compile(r"\b(?:resolution|resolved|mitigation|remediation|recovery|fix(?:ed)?)\b")
_AT_ONCE = re.compile(r"\b(?:immediate(?:ly)?|short term|at once)\b")
_KNOWN = (
    ("date", re.compile(r"(?:incident )?date(?: of (?:the )?incident)?")),
    ("duration", re.compile(r"(?:total |incident |outage )?(?:duration|downtime)|(?:time to|lasted).*")),
    ("severity", re.compile(r"(?:incident )?(?:severity|priority)(?: level)?")),
    ("title", re.compile(r"(?:incident )?(?:title|name)|incident")),
    ("number", re.compile(r"(?:incident )?(?:id|number|no|reference)")),
    ("started", re.compile(r"(?:incident )?(?:start(?:ed)?|began|detected|opened)(?: (?:at|time))?|start time")),
    ("ended", re.compile(r"(?:incident )?(?:end(?:ed)?|resolved|closed|restored)(?: (?:at|time))?|end time")),
)
_PROMPTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\bcause[sd]?\b|\bwhy\b"), "Why did it happen, and what let it through?"),
    (re.compile(r"\bimpact\b|\baffected\b"), "Who noticed what, how many of them, for how long?"),
    (re.compile(r"\blong term\b|\bprevent\w*"), "What will keep it from coming back?"),
    (re.compile(r"\blessons?\b|\blearn\w*|\bwell\b|\bwrong\b|\blucky?\b"),
     "What surprised us? What went well? What was luck?"),
    (re.compile(r"\bdetect\w*"), "How did we notice, and how could we have noticed sooner?"),
    (re.compile(r"\bduration\b|\bended?\b"), "How long did it last?"),
    (re.compile(r"\bsummary\b|\boverview\b|\bhappened\b"), "What happened, to whom, in two sentences?"),
)  # fmt: skip
_IN_LIST = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")
_OWNER = re.compile(r"@[\w.-]*\w")
_DUE = re.compile(r"\d{4}-\d\d-\d\d|YYYY-MM-DD", re.ASCII)
_ITEM = re.compile(r"^\s*(?P<lead>[-*+] (?:\[[ xX]\] )?|\d+[.)] )(?P<text>.*?)(?P<aside>\([^()]*\))?\s*$")


def draft(template: Review, story: Story) -> Draft:
    """Give the review of a story under the document's own headings, in its order.

    Source: "Post-Incident Review".
    """
    parts: list[Part] = []
    for section in sections_of(template.body):
        part_id = unique(slug(section.heading) or "review", [part.id for part in parts])
        parts.extend(_parts(section, part_id, story))
    return Draft(tuple(parts), str(telling.zone_of(story)))


def is_for_actions(part: Part) -> bool:
    """Tell whether a part is the place of the action items."""
    return bool(_ACTIONS.search(normal(part.heading))) and bool(part.prompt)


def is_timeline(part: Part) -> bool:
    """Tell whether a part tells what happened, line by line with its time."""
    return bool(part.level and _TIMELINE.search(normal(part.heading)))


def _parts(section: Section, part_id: str, story: Story) -> list[Part]:
    """Give the part of a heading and those of its labelled lines."""
    heading = _known_in(section.heading, story)
    part = partial(Part, id=part_id, heading=heading, level=section.level)
    told = _told(heading, story)
    if _TIMELINE.search(normal(heading)):
        return [part(lines=told.lines, filled=bool(told.lines), prompt=told.prompt, listed=True)]
    if _ACTIONS.search(normal(heading)):
        return [part(filled=False, prompt=told.prompt, example=_form(section))]
    if section.entries:
        entries: list[Part] = []
        for entry in section.entries:
            entry_id = unique(f"{part_id}.{slug(entry.label) or 'line'}", [other.id for other in entries])
            entries.append(_entry(entry, entry_id, story))
        return [part(filled=all(entry.filled for entry in entries)), *entries]
    if section.holds_more and not section.example:
        return [part(filled=True)]
    example = None if told.lines else section.example or None
    return [part(lines=told.lines, filled=bool(told.lines), prompt=told.prompt, example=example, listed=told.listed)]


def _entry(entry: Entry, part_id: str, story: Story) -> Part:
    words = normal(entry.label)
    known = next((_value(name, story) for name, pattern in _KNOWN if pattern.fullmatch(words)), None)
    told = _Words((known,)) if known else _told(entry.label, story, at_once=True)
    listed = told.listed and not _IN_LIST.match(entry.lead)
    example = None if told.lines or _ACTIONS.search(words) else entry.example or None
    return Part(
        id=part_id, heading=entry.label, level=0, lines=told.lines, filled=bool(told.lines), prompt=told.prompt,
        example=example, lead=entry.lead, listed=listed,
    )  # fmt: skip


def _told(heading: str, story: Story, *, at_once: bool = False) -> _Words:
    """Give what the story says under a heading or label, else what to ask a person."""
    words = normal(heading)
    if _TIMELINE.search(words):
        lines = telling.timeline(story)
        return _Words(lines, None if lines else "What happened, and when?", listed=True)
    if _ACTIONS.search(words):
        return _Words(prompt="What will be changed, by whom, until when?")
    lines = telling.tried(story)
    if lines and (_RESOLUTION.search(words) or (at_once and _AT_ONCE.search(words))) and "cause" not in words:
        return _Words(lines, listed=True)
    asked = next((prompt for pattern, prompt in _PROMPTS if pattern.search(words)), None)
    return _Words(prompt=asked or (f"What is there to say on {heading.strip('?. ')}?" if heading else "What happened?"))


def _value(name: str, story: Story) -> Line | None:
    """Give a known value of the story; None while there is none (the end of what is not over)."""
    if name == "title":
        return Line(story.title)
    if name == "number":
        return Line(story.number)
    if name == "started":
        return telling.moment(story, story.started_at, "opened")
    if name == "ended":
        return telling.moment(story, story.resolved_at, "resolved")
    return {"date": telling.date, "duration": telling.duration, "severity": telling.severity}[name](story)


def _known_in(heading: str, story: Story) -> str:
    """Give a heading with the incident's own number, title and day where the author left room for them."""
    heading = _NUMBER.sub(lambda _: story.number, heading)
    heading = _TITLE.sub(lambda _: story.title, heading)
    parts = heading.split(story.number)
    return story.number.join(_DAY.sub(lambda _: telling.date(story).text, part) for part in parts)


def _form(section: Section) -> str:
    """Give the form of an action item as the template writes it, without what it says."""
    written = section.example.split("\n")
    first = next((found for line in written if (found := _ITEM.match(line)) and found["text"]), None)
    if first is None:
        return "- [ ] what (@who, YYYY-MM-DD)"
    aside = _DUE.sub("YYYY-MM-DD", _OWNER.sub("@who", first["aside"] or ""))
    # An aside that names nobody and no day is part of what the item says.
    known = re.fullmatch(r"\((?:owner|due|by|until|@who|YYYY-MM-DD|[\s,:;-])+\)", aside, re.IGNORECASE)
    lead = re.sub(r"\[[xX]\]", "[ ]", first["lead"])
    return f"{lead}what {aside if known else '(@who, YYYY-MM-DD)'}"


def to_markdown(draft: Draft, edits: Mapping[str, str]) -> str:
    """Give the review as Markdown. What people wrote, by part id, wins; what nobody wrote stands as `<ask: ...>`."""
    text, in_list = "", False
    for part in draft.parts:
        goes_on, in_list = in_list, bool(_IN_LIST.match(part.lead))
        block = _block(part, edits.get(part.id, "").strip(), draft.zone)
        if block:
            text += ("\n" if goes_on and in_list else "\n\n") if text else ""
            text += block
    return text + "\n"


def _block(part: Part, edit: str, zone: str) -> str:
    """Give a part with its heading or lead."""
    if edit:
        body = edit
    elif part.lines:
        texts = [line.text for line in part.lines]
        body = (
            "\n".join(f"- {text}" for text in texts)
            if part.listed
            else "; ".join([*(text.rstrip(".") for text in texts[:-1]), *texts[-1:]])
        )
        body = f"Times are {zone}.\n\n{body}" if part.listed and _TIMELINE.search(normal(part.heading)) else body
    else:
        body = f"<ask: {part.prompt}>" if part.prompt else ""
    if part.lead:
        gap = "\n\n" if part.listed or (edit and edit.lstrip()[:2] in {"- ", "* "}) else " "
        return f"{part.lead}{gap}{body}".rstrip()
    head = f"{'#' * part.level} {part.heading}" if part.level else ""
    return "\n\n".join(block for block in (head, body) if block)
