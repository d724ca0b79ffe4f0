"""Any JSON at all, read as the configuration says: an expression in JMESPath for each field of an alert.

Source: jmespath.org; `[sources.NAME.mapping]`.
"""

from collections.abc import Mapping
from datetime import datetime

from tocsin.detection.alert import Action, Alert
from tocsin.detection.body import WHOLE, Checked, flattened, shortened
from tocsin.detection.delivery import Delivery, Malformed, decoded, refuse_if_wrong
from tocsin.detection.prometheus import web_links
from tocsin.detection.urgency import severity_of

REQUIRED = ("dedup_key", "summary")
_MOST_ALERTS = 1000


def read(delivery: Delivery, _: datetime) -> tuple[Alert, ...]:
    """Give the alerts of a body. Raises Malformed where an expression gives nothing that can be used."""
    mapping, body = delivery.source.mapping, decoded(delivery.raw)
    items = _asked(mapping, "alerts", body) if "alerts" in mapping else [body]
    if not isinstance(items, list):
        raise Malformed(["'alerts' of the mapping gave no list"])
    if len(items) > _MOST_ALERTS:
        raise Malformed([f"the body holds {len(items)} alerts; at most {_MOST_ALERTS} are taken at once"])
    errors: list[str] = []
    wanted = [item for item in items if "when" not in mapping or _asked(mapping, "when", item) is True]
    found = [_alert(delivery.source.id, mapping, item, errors) for item in wanted]
    refuse_if_wrong(errors)
    return tuple(found)


def _alert(source: str, mapping: Mapping[str, str], item: object, errors: list[str]) -> Alert:
    said = {name: _asked(mapping, name, item) for name in mapping if name not in {"alerts", "when"}}
    key, summary = (_required(said, name, errors) for name in REQUIRED)
    links = said.get("links")
    return Alert(
        source=source,
        dedup_key=shortened(key, 255),
        action=_action(said),
        summary=shortened(summary, 1024),
        origin=_text(said.get("origin")) or "",
        severity=severity_of(_text(said.get("severity"))),
        component=_text(said.get("component")),
        group=_text(said.get("group")),
        alert_class=_text(said.get("class")),
        started_at=_instant(said.get("started_at"), errors),
        details=_details(said.get("details")),
        links=web_links([link for link in (links if isinstance(links, list) else [links]) if isinstance(link, str)]),
    )


def _asked(mapping: Mapping[str, str], name: str, of: object) -> object:
    """Give what an expression gives; one that this value does not fit is a fault of the body."""
    import jmespath  # noqa: PLC0415  only sources of kind custom need it
    from jmespath.exceptions import JMESPathError  # noqa: PLC0415  as above

    try:
        found: object = jmespath.compile(mapping[name]).search(of)
    except (JMESPathError, TypeError, ValueError, RecursionError) as error:
        raise Malformed([f"'{name}' of the mapping does not fit this body"]) from error
    return found


def _required(said: Mapping[str, object], name: str, errors: list[str]) -> str:
    text = _text(said.get(name))
    if text is None:
        errors.append(f"'{name}' of the mapping gave no text")
    return text or ""


def _action(said: Mapping[str, object]) -> Action:
    if said.get("resolved") is True:
        return "resolve"
    return "acknowledge" if said.get("acknowledged") is True else "trigger"


def _text(value: object) -> str | None:
    """Give a text, or a number as one; None for anything else, and for nothing but blanks."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return shortened(str(value)) if str(value).strip() else None


def _instant(value: object, errors: list[str]) -> datetime | None:
    if value is None:
        return None
    return Checked({"started_at": value}, errors).instant("started_at")


def _details(value: object) -> dict[str, str]:
    if isinstance(value, dict):
        return flattened(value)
    text = _text(value)
    return {WHOLE: text} if text else {}
